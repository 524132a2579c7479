"""Telling learners of changed verdicts: by mail once, on their pages until they have read it."""

from __future__ import annotations

from collections.abc import Sequence
from smtplib import SMTPException, SMTPRecipientsRefused

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.labs.models import Notice

AT_ONCE = 100
"""Mails that one round sends."""
MAX_REFUSED = 1000
"""Addresses that the mail server may refuse before a round ends."""

log = structlog.get_logger("labs")


def mark_read(*, learner: User, notice_id: int) -> None:
    """The learner has seen it; somebody else's notice is left alone."""
    Notice.objects.filter(pk=notice_id, learner=learner, read_at=None).update(read_at=timezone.now())


def mail_notices(*, at_once: int = AT_ONCE) -> int:
    """Send what was not mailed yet, the oldest first; how many went out.

    A mail server that fails ends the round; the next one goes on where it ended. An address that the server refuses
    keeps nobody else waiting.
    """
    sent, refused = 0, list[int]()
    while sent < at_once and len(refused) < MAX_REFUSED:
        try:
            notice = _mail_next(refused)
        except (SMTPException, OSError) as error:
            log.warning("notice not mailed", reason=str(error))
            break
        if notice is None:
            break
        if notice.mailed_at is None:
            refused.append(notice.pk)
        else:
            sent += 1
    return sent


@transaction.atomic
def _mail_next(refused: Sequence[int]) -> Notice | None:
    """The oldest notice that is due, mailed, or still unmailed where its address is refused; None when none is due."""
    notice = (
        Notice.objects.filter(mailed_at=None, learner__is_active=True)
        .exclude(pk__in=refused)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("learner", "change__submission__lab")
        .defer("change__submission__lab__instructions_html", "change__submission__lab__contents")
        .order_by("created_at")
        .first()
    )
    if notice is None:
        return None
    submission = notice.change.submission
    address = settings.BASE_URL + submission.get_absolute_url()
    body = (
        f"Hello {notice.learner.name},\n\n{notice.text}\n\nYour files are as you handed them in. "
        f"The report: {address}\n\nIf you think this is wrong, answer to the people who run this site and name the "
        f"address above.\n\n{settings.SITE_NAME}\n"
    )
    subject = f"Your result in Lab {submission.lab.number} changed: {submission.lab.title}"
    try:
        send_mail(" ".join(subject.split()), body, None, [notice.learner.email])
    except SMTPRecipientsRefused as error:
        log.warning("notice refused", notice=notice.pk, reason=str(error))
        return notice
    notice.mailed_at = timezone.now()
    notice.save(update_fields=["mailed_at"])
    return notice
