"""Tasks of the web side's worker."""

from __future__ import annotations

from celery import shared_task

from backend.quizzes import services


@shared_task(name="quizzes.follow_up")
def follow_up() -> None:
    """Finish attempts whose time is over, also where nobody looks at them; the beat calls it every few seconds."""
    services.finish_overdue()
