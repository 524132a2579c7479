"""Tasks of the web side's worker."""

from __future__ import annotations

from celery import shared_task

from backend.quizzes import services
from backend.quizzes.authors import counting, notices


@shared_task(name="quizzes.follow_up")
def follow_up() -> None:
    """End attempts whose time is over, and mail what learners are told; the beat calls it every few seconds."""
    services.finish_overdue()
    notices.mail_notices()


@shared_task(name="quizzes.count_large_banks")
def count_large_banks() -> None:
    """Keep the statistics of large question banks for their authors; the beat calls it every ten minutes."""
    counting.count_large_banks()
