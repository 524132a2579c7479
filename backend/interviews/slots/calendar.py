"""A booking as a calendar entry (RFC 5545)."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress

from backend.interviews.models import Booking


def entry(booking: Booking) -> bytes:
    """One file with one event. Its times are UTC, which each calendar shows in its owner's zone."""
    slot, cancelled = booking.slot, booking.cancelled_at is not None
    event = Event()
    event.add("uid", f"{booking.pk}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("sequence", booking.sequence)
    event.add("dtstamp", booking.cancelled_at or booking.booked_at)
    event.add("dtstart", slot.starts_at)
    event.add("dtend", slot.ends_at)
    event.add("summary", f"Mock interview: {slot.reviewer.name} and {booking.learner.name}")
    event.add("description", "\n".join(line for line in (booking.wish, slot.place) if line))
    event.add("location", slot.place)
    event.add("url", slot.place)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('>')}"))
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//Interviews//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
