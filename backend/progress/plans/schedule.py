"""Dates from work: pure arithmetic of a plan, without a database.

A *study day* is a day of the week on which the learner means to work, outside of pauses. Work is in minutes, the same
number on every study day. A piece is due on the study day on which the work up to and with it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil

MOST_DAYS = 20 * 366
"""No plan reaches further; one that would has an error and not an endless page."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """Days without work, both ends included; one that goes on has no end."""

    starts: date
    ends: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the day is one of them."""
        return self.starts <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When somebody works and how much.

    Attributes:
        weekdays: 0 is Monday; at least one.
        minutes_per_week: spread evenly over the study days of a week.
    """

    weekdays: frozenset[int]
    minutes_per_week: int
    pauses: tuple[Pause, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= set(range(7)) or self.minutes_per_week <= 0:
            raise ValueError("a rhythm needs a day of the week, 0 to 6, and some minutes")

    @property
    def minutes_per_day(self) -> float:
        """Work of one study day."""
        return self.minutes_per_week / len(self.weekdays)

    def works_on(self, day: date) -> bool:
        """Whether it is a study day."""
        return day.weekday() in self.weekdays and not any(pause.holds(day) for pause in self.pauses)

    def study_days(self, first: date) -> Iterator[date]:
        """Study days from `first` on; none after `MOST_DAYS`."""
        for number in range(MOST_DAYS):
            day = first + number * _DAY
            if self.works_on(day):
                yield day

    def done_by(self, day: date, *, first: date, minutes: int) -> float:
        """How much of `minutes` of work, begun on `first`, is to be done at the end of `day`."""
        if day < first:
            return 0.0
        days = sum(self.works_on(first + number * _DAY) for number in range(min((day - first).days + 1, MOST_DAYS)))
        return min(float(minutes), days * self.minutes_per_day)

    def due_dates(self, minutes: Sequence[int], *, first: date) -> list[date | None]:
        """When each of several pieces of work, done one after the other from `first` on, is done.

        None for what no study day is left for, because a pause has no end.
        """
        days, due, total = self.study_days(first), list[date | None](), 0
        passed = 0
        day: date | None = None
        for piece in minutes:
            total += piece
            needed = max(1, ceil(total / self.minutes_per_day - 1e-9))
            while passed < needed:
                day = next(days, None)
                passed += 1
                if day is None:
                    break
            due.append(day)
        return due

    def end(self, minutes: int, *, first: date) -> date | None:
        """When all of the work is done; None while a pause has no end."""
        return self.due_dates([minutes], first=first)[0]


@dataclass(frozen=True, slots=True)
class Week:
    """A calendar week of a plan, Monday to Sunday, with the numbers of the pieces that are due in it."""

    monday: date
    pieces: tuple[int, ...]

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + 6 * _DAY


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - day.weekday() * _DAY


def weeks(due: Iterable[date | None], *, first: date) -> list[Week]:
    """The weeks from the first day's to the last due date's, in which nothing may be due when a piece is long."""
    by_monday: dict[date, list[int]] = {}
    for number, day in enumerate(due):
        if day is not None:
            by_monday.setdefault(monday_of(day), []).append(number)
    if not by_monday:
        return []
    count = (max(by_monday) - monday_of(first)).days // 7 + 1
    mondays = (monday_of(first) + 7 * number * _DAY for number in range(count))
    return [Week(monday, tuple(by_monday.get(monday, ()))) for monday in mondays]
