"""Tasks of the web side's worker."""

from __future__ import annotations

from celery import shared_task

from backend.interviews.slots.mailing import mail_bookings


@shared_task(name="interviews.mail_bookings")
def mail_booked_interviews() -> None:
    """See `mail_bookings`; the beat calls it every few seconds."""
    mail_bookings()
