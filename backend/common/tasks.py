"""Housekeeping that belongs to no app."""

from __future__ import annotations

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore


@shared_task(name="common.forget_ended_sessions")
def forget_ended_sessions() -> None:
    """Delete the rows of sessions that have run out; nothing else ever does."""
    SessionStore.clear_expired()
