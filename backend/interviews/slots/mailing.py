"""Telling both people of a booking and of its end."""

from __future__ import annotations

from smtplib import SMTPException, SMTPRecipientsRefused
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from backend.accounts.models import User
from backend.interviews.models import Booking
from backend.interviews.slots.calendar import entry

AT_ONCE = 50
"""Bookings that one round tells of."""
log = structlog.get_logger("interviews")


def mail_bookings(*, at_once: int = AT_ONCE) -> int:
    """Tell of what is new, the oldest first; of how many bookings. A mail server that fails ends the round."""
    told = 0
    while told < at_once:
        try:
            if not _mail_next():
                break
        except (SMTPException, OSError) as error:
            log.warning("booking not mailed", reason=str(error))
            break
        told += 1
    return told


@transaction.atomic
def _mail_next() -> bool:
    due = Q(mailed_sequence__isnull=True) | Q(mailed_sequence__lt=F("sequence"))
    booking = (
        Booking.objects.filter(due)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("slot__reviewer", "learner")
        .order_by("booked_at")
        .first()
    )
    if booking is None:
        return False
    # Of a booking that was cancelled before anybody heard of it there is nothing to tell.
    if booking.cancelled_at is None or booking.mailed_sequence is not None:
        _mail(booking, booking.learner, booking.time_zone, booking.slot.reviewer, booking.slot.time_zone)
        _mail(booking, booking.slot.reviewer, booking.slot.time_zone, booking.learner, booking.time_zone)
    booking.mailed_sequence = booking.sequence
    booking.save(update_fields=["mailed_sequence"])
    return True


def _mail(booking: Booking, to: User, zone: str, other: User, others_zone: str) -> None:
    if not to.is_active:
        return
    slot, cancelled = booking.slot, booking.cancelled_at is not None
    own, theirs = (slot.starts_at.astimezone(ZoneInfo(name)) for name in (zone, others_zone))
    what = "is cancelled" if cancelled else "is booked"
    lines = [
        f"Hello {to.name},",
        f"the mock interview with {other.name} {what}:",
        f"{own:%A, %d %B %Y, %H:%M} ({zone}), {slot.minutes} minutes\n"
        f"for {other.name}: {theirs:%A, %d %B %Y, %H:%M} ({others_zone})",
        *([] if cancelled else [f"The call: {slot.place}", *([f"Wish: {booking.wish}"] if booking.wish else [])]),
        f"Your interviews: {settings.BASE_URL}{reverse('live_interviews')}",
        settings.SITE_NAME,
    ]
    message = EmailMessage(f"Mock interview {own:%d %B, %H:%M} {what}", "\n\n".join(lines) + "\n", to=[to.email])
    message.attach("interview.ics", entry(booking).decode(), "text/calendar")
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        # The other person is told all the same, and both see it on their pages.
        log.warning("booking refused", booking=str(booking.pk), reason=str(error))
