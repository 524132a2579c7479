"""Telling learners of changed verdicts: by mail once, on their pages until they have read it."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.labs.models import Notice

AT_ONCE = 100
"""Mails that one round sends."""
REFUSED_FOR = timedelta(days=1)
"""How long an address that the mail server refused is left alone."""

log = structlog.get_logger("labs")


def mark_read(*, learner: User, notice_id: int) -> None:
    """The learner has seen it; somebody else's notice is left alone."""
    Notice.objects.filter(pk=notice_id, learner=learner, read_at=None).update(read_at=timezone.now())


def mail_notices(*, at_once: int = AT_ONCE) -> int:
    """Send what was not mailed yet, the oldest first; how many went out.

    A mail server that fails ends the round; the next one goes on where it ended. An address that the server refuses
    keeps nobody else waiting, and is tried again a day later.
    """
    sent = 0
    while sent < at_once:
        try:
            notice = _mail_next()
        except (SMTPException, OSError) as error:
            log.warning("notice not mailed", reason=str(error))
            break
        if notice is None:
            break
        sent += notice.mailed_at is not None
    return sent


@transaction.atomic
def _mail_next() -> Notice | None:
    """The oldest notice that is due, mailed, or still unmailed where its address is refused; None when none is due."""
    due = Q(refused_at=None) | Q(refused_at__lt=timezone.now() - REFUSED_FOR)
    notice = (
        Notice.objects.filter(due, mailed_at=None, learner__is_active=True)
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
        notice.refused_at = timezone.now()
        notice.save(update_fields=["refused_at"])
        return notice
    notice.mailed_at = timezone.now()
    notice.save(update_fields=["mailed_at"])
    return notice
