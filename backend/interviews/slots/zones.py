"""Time zones by name."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

COMMON = (
    *("UTC", "America/Los_Angeles", "America/Denver", "America/Chicago", "America/New_York", "America/Toronto"),
    *("America/Sao_Paulo", "Europe/London", "Europe/Lisbon", "Europe/Madrid", "Europe/Paris", "Europe/Berlin"),
    *("Europe/Zurich", "Europe/Rome", "Europe/Warsaw", "Europe/Athens", "Europe/Kyiv", "Europe/Istanbul"),
    *("Africa/Lagos", "Africa/Cairo", "Africa/Nairobi", "Africa/Johannesburg", "Asia/Dubai", "Asia/Karachi"),
    *("Asia/Kolkata", "Asia/Dhaka", "Asia/Jakarta", "Asia/Shanghai", "Asia/Singapore", "Asia/Seoul", "Asia/Tokyo"),
    *("Australia/Sydney", "Pacific/Auckland"),
)
"""Suggested; every other name of the database is taken as well."""


class NoSuchTime(ValueError):
    """A local time that clocks skip."""


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def known(name: str) -> bool:
    """Whether the time-zone database has it."""
    return name in _names()


def instant(local: datetime, zone: str) -> datetime:
    """A local time without zone as a moment; of a time that comes twice, the first.

    Raises:
        NoSuchTime: clocks are put forward over it.
    """
    moment = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local:
        raise NoSuchTime(f"Clocks in {zone} are put forward over {local:%H:%M} on that day. Choose another time.")
    return moment
