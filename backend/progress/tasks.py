"""Tasks of the web side's worker."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from backend.progress.plans import reminders


@shared_task(name="progress.remind")
def remind() -> None:
    """See `reminders.send_due`; the beat calls it every minute."""
    reminders.send_due(now=timezone.now())
