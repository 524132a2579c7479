"""Geometry of the plan's plots: dates and minutes in, places in percent and pixels out. Knows nothing of Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backend.progress.plans.schedule import Rhythm, monday_of

HEIGHT = 180
"""Of the line plot, in pixels."""
_POINTS = 60
CELL = 13
"""A day of the calendar with its gap, in pixels."""
_LEVELS = (1, 3, 6)
"""From how much on a day of the calendar is darker."""


@dataclass(frozen=True, slots=True)
class Label:
    """A word at a place of an axis, in pixels or percent."""

    x: str
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class LinePlot:
    """Planned and done work over time. Lines are points in a box of 1000 by `HEIGHT`, stretched to the page's width."""

    planned: str
    done: str
    expected: str
    today: str
    dates: Sequence[Label]
    hours: Sequence[tuple[str, str]]
    """(y, text)"""


@dataclass(frozen=True, slots=True)
class Span:
    """What the plot covers, and its scale."""

    first: date
    last: date
    most: float

    def x(self, day: date) -> float:
        """0 to 1000."""
        return 1000 * min(1.0, max(0.0, (day - self.first).days / max(1, (self.last - self.first).days)))

    def y(self, minutes: float) -> float:
        """From the top, with a margin."""
        return 6 + (HEIGHT - 12) * (1 - minutes / self.most)

    def point(self, day: date, minutes: float) -> str:
        """As SVG writes it."""
        return f"{self.x(day):.1f},{self.y(minutes):.1f}"


def line_plot(
    *, rhythm: Rhythm, starts: date, today: date, ends: date, minutes: int, done: Mapping[date, int]
) -> LinePlot:
    """Planned against done work.

    Args:
        ends: last day of the plot.
        minutes: work of the plan.
        done: minutes of what was finished on each day since the plan's start.
    """
    total_done = sum(done.values())
    # A day's work is done at its end, which is where the next one begins.
    span = Span(starts, max(ends, starts) + timedelta(days=1), float(max(minutes, total_done, 1)))
    days = (span.last - span.first).days
    samples = sorted({round(days * number / _POINTS) for number in range(_POINTS + 1)})
    yesterday = -timedelta(days=1)
    planned = [
        span.point(day, rhythm.done_by(day + yesterday, first=starts, minutes=minutes))
        for day in (starts + timedelta(days=number) for number in samples)
    ]
    steps, so_far = [span.point(starts, 0)], 0
    for day, amount in sorted(done.items()):
        if starts <= day <= today:
            steps.append(span.point(day, so_far))
            so_far += amount
            steps.append(span.point(day, so_far))
    here = min(max(today, starts), span.last)
    steps.append(span.point(here, so_far))
    expected = f"{span.point(here, so_far)} {span.point(span.last, max(minutes, so_far))}"
    return LinePlot(
        planned=" ".join(planned),
        done=" ".join(steps),
        expected=expected,
        today=f"{span.x(here) / 10:.2f}%",
        dates=_dates(span, here),
        hours=[(f"{span.y(share * span.most):.0f}", f"{share * span.most / 60:.0f} h") for share in (0.5, 1.0)],
    )


def _dates(span: Span, today: date) -> list[Label]:
    last = span.last - timedelta(days=1)
    labels = [Label("0%", f"{span.first:%-d %b}", "start"), Label("100%", f"{last:%-d %b %Y}", "end")]
    place = span.x(today) / 10
    if 22 < place < 72:
        labels.insert(1, Label(f"{place:.2f}%", "today"))
    return labels


@dataclass(frozen=True, slots=True)
class CalendarCell:
    """A day: its place in pixels, how much there was (0 to 4), and its words."""

    x: int
    y: int
    level: int
    words: str


@dataclass(frozen=True, slots=True)
class CalendarPlot:
    """A year of days, a column for each week."""

    cells: Sequence[CalendarCell]
    months: Sequence[Label]
    width: int
    height: int = 7 * CELL


def calendar_plot(counts: Mapping[date, int], *, today: date, weeks: int) -> CalendarPlot:
    """The last `weeks` weeks, with this one."""
    first = monday_of(today) - timedelta(weeks=weeks - 1)
    cells, months = [], list[Label]()
    for number in range((today - first).days + 1):
        day = first + timedelta(days=number)
        x, y = number // 7 * CELL, number % 7 * CELL
        count = counts.get(day, 0)
        words = f"{day:%-d %B %Y}: {count or 'nothing'}"
        cells.append(CalendarCell(x, y, sum(count >= least for least in _LEVELS) + (count > 9), words))
        if day.day <= 7 and day.weekday() == 0:
            months.append(Label(str(x), f"{day:%b}", "start"))
    return CalendarPlot(cells, months, weeks * CELL)
