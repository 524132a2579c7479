"""A plan as a calendar that other programs subscribe to."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from backend.progress.plans.selectors import PlanView

REFRESH = timedelta(hours=6)


def calendar_of(view: PlanView, *, now: datetime) -> bytes:
    """One entry for each coming week of the plan, all of its days long: what is due in it."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//Plan//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{settings.SITE_NAME}: {view.plan.track.title}")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for week in view.weeks:
        if not week.pieces:
            continue
        event = Event()
        event.add("uid", f"plan-{view.plan.pk}-{week.monday.isoformat()}@{urlsplit(settings.BASE_URL).hostname}")
        event.add("dtstamp", now)
        event.add("dtstart", week.monday)
        event.add("dtend", week.sunday + timedelta(days=1))
        count = len(week.pieces)
        event.add("summary", f"{week.pieces[0].title}" + (f" and {count - 1} more" if count > 1 else ""))
        lines = [f"- {piece.title}: {settings.BASE_URL}{piece.url}" for piece in week.pieces]
        event.add("description", "\n".join([*lines, "", f"{settings.BASE_URL}{reverse('plan')}"]))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
