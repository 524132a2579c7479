"""Telling learners of changed verdicts: by mail once, on their pages until they have read it."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from backend.accounts.models import User
from backend.common.outbox import AT_ONCE, Letter, mail_due
from backend.labs.models import Notice


def mark_read(*, learner: User, notice_id: int) -> None:
    """The learner has seen it; somebody else's notice is left alone."""
    Notice.objects.filter(pk=notice_id, learner=learner, read_at=None).update(read_at=timezone.now())


def mail_notices(*, at_once: int = AT_ONCE) -> int:
    """Send what was not mailed yet; how many went out. See `mail_due`."""
    rows = (
        Notice.objects.filter(learner__is_active=True)
        .select_related("learner", "change__submission__lab")
        .defer("change__submission__lab__instructions_html", "change__submission__lab__contents")
    )
    return mail_due(rows, _letter, at_once=at_once)


def _letter(notice: Notice) -> Letter:
    submission = notice.change.submission
    address = settings.BASE_URL + submission.get_absolute_url()
    text = (
        f"Hello {notice.learner.name},\n\n{notice.text}\n\nYour files are as you handed them in. "
        f"The report: {address}\n\nIf you think this is wrong, answer to the people who run this site and name the "
        f"address above.\n\n{settings.SITE_NAME}\n"
    )
    return notice.learner.email, f"Your result in Lab {submission.lab.number} changed: {submission.lab.title}", text
