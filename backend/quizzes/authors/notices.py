"""Telling learners of changed scores: by mail once, on the quiz's pages until they have read it."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.curriculum.models import Module
from backend.quizzes.models import ScoreNotice

AT_ONCE = 100
"""Mails that one round sends."""
REFUSED_FOR = timedelta(days=1)
"""How long an address that the mail server refused is left alone."""

log = structlog.get_logger("quizzes")


def unread(learner: User, module: Module) -> list[ScoreNotice]:
    """What the learner was told about a module's quiz and has not put away. One query."""
    notices = ScoreNotice.objects.filter(learner=learner, read_at=None, change__attempt__module=module)
    return list(notices.select_related("change")[:5])


def of(learner: User) -> QuerySet[ScoreNotice]:
    """A person's own notices, and nobody else's."""
    return ScoreNotice.objects.filter(learner=learner).select_related("change__attempt__module")


def mark_read(notice: ScoreNotice) -> None:
    """The learner has seen it; again changes nothing."""
    ScoreNotice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


def mail_notices(*, at_once: int = AT_ONCE) -> int:
    """Send what was not mailed yet, the oldest first; how many went out.

    A mail server that fails ends the round. An address that it refuses keeps nobody else waiting and is tried again a
    day later.
    """
    sent = 0
    while sent < at_once:
        try:
            notice = _mail_next()
        except (SMTPException, OSError) as error:
            log.warning("quiz notice not mailed", reason=str(error))
            break
        if notice is None:
            break
        sent += notice.mailed_at is not None
    return sent


@transaction.atomic
def _mail_next() -> ScoreNotice | None:
    """The oldest notice that is due, mailed, or still unmailed where its address is refused; None when none is due."""
    due = Q(refused_at=None) | Q(refused_at__lt=timezone.now() - REFUSED_FOR)
    notice = (
        ScoreNotice.objects.filter(due, mailed_at=None, learner__is_active=True)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("learner", "change__attempt__module")
        .defer("change__attempt__module__body_html")
        .order_by("created_at")
        .first()
    )
    if notice is None:
        return None
    attempt = notice.change.attempt
    address = settings.BASE_URL + reverse("quiz_result", args=[attempt.pk])
    body = f"Hello {notice.learner.name},\n\n{notice.text}\n\nThe result: {address}\n\n{settings.SITE_NAME}\n"
    subject = f"Your quiz result in Module {attempt.module} changed"
    try:
        send_mail(" ".join(subject.split()), body, None, [notice.learner.email])
    except SMTPRecipientsRefused as error:
        log.warning("quiz notice refused", notice=notice.pk, reason=str(error))
        notice.refused_at = timezone.now()
    else:
        notice.mailed_at = timezone.now()
    notice.save(update_fields=["mailed_at", "refused_at"])
    return notice
