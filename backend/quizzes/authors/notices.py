"""Telling learners of changed scores: by mail once, on their pages until they have read it."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.common.outbox import AT_ONCE, Letter, mail_due
from backend.quizzes.models import ScoreNotice


def of(learner: User) -> QuerySet[ScoreNotice]:
    """A person's own notices, and nobody else's."""
    return ScoreNotice.objects.filter(learner=learner)


def mark_read(notice: ScoreNotice) -> None:
    """The learner has seen it; again changes nothing."""
    ScoreNotice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


def mail_notices(*, at_once: int = AT_ONCE) -> int:
    """Send what was not mailed yet; how many went out. See `mail_due`."""
    rows = (
        ScoreNotice.objects.filter(learner__is_active=True)
        .select_related("learner", "change__attempt__module")
        .defer("change__attempt__module__body_html")
    )
    return mail_due(rows, _letter, at_once=at_once)


def _letter(notice: ScoreNotice) -> Letter:
    attempt = notice.change.attempt
    address = settings.BASE_URL + reverse("quiz_result", args=[attempt.pk])
    text = f"Hello {notice.learner.name},\n\n{notice.text}\n\nThe result: {address}\n\n{settings.SITE_NAME}\n"
    return notice.learner.email, f"Your quiz result in Module {attempt.module} changed", text
