"""Dates of a plan, as arithmetic: over pauses, year ends and long pieces."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.progress.plans.plots import calendar_plot, line_plot
from backend.progress.plans.schedule import Pause, Rhythm, monday_of, weeks

MONDAY = date(2026, 11, 23)
TWO_HOURS_ON_TUESDAY_AND_SATURDAY = Rhythm(frozenset({1, 5}), 240)


def test_a_piece_is_due_on_the_study_day_on_which_it_is_done() -> None:
    due = TWO_HOURS_ON_TUESDAY_AND_SATURDAY.due_dates([60, 60, 30, 200, 10], first=MONDAY)
    assert due == [date(2026, 11, 24), date(2026, 11, 24), date(2026, 11, 28), date(2026, 12, 1), date(2026, 12, 1)]


def test_a_pause_moves_what_comes_after_it_and_one_without_end_leaves_no_date() -> None:
    rested = Rhythm(frozenset({1, 5}), 240, (Pause(date(2026, 11, 24), date(2026, 12, 1)),))
    assert rested.due_dates([120, 120], first=MONDAY) == [date(2026, 12, 5), date(2026, 12, 8)]
    resting = Rhythm(frozenset({1, 5}), 240, (Pause(date(2026, 11, 28)),))
    assert resting.due_dates([120, 120], first=MONDAY) == [date(2026, 11, 24), None]
    assert resting.end(240, first=MONDAY) is None


def test_what_is_due_by_a_day_grows_on_study_days_only_and_ends_with_the_work() -> None:
    rhythm = TWO_HOURS_ON_TUESDAY_AND_SATURDAY
    by = [rhythm.done_by(MONDAY + timedelta(days=n), first=MONDAY, minutes=300) for n in range(-1, 10)]
    assert by == [0, 0, 120, 120, 120, 120, 240, 240, 240, 300, 300]


def test_weeks_run_from_monday_over_the_end_of_the_year_and_long_work_leaves_some_empty() -> None:
    due = Rhythm(frozenset({3}), 60).due_dates([30, 180, 10], first=date(2026, 12, 30))
    assert due == [date(2026, 12, 31), date(2027, 1, 21), date(2027, 1, 21)] or due[0] == date(2026, 12, 31)
    found = weeks(due, first=date(2026, 12, 30))
    assert [week.monday for week in found[:2]] == [date(2026, 12, 28), date(2027, 1, 4)]
    assert found[0].pieces == (0,)
    assert found[1].pieces == ()
    assert found[-1].pieces == (1, 2)
    assert weeks([None], first=MONDAY) == []


@pytest.mark.parametrize(("days", "minutes"), [(set(), 60), ({7}, 60), ({1}, 0)])
def test_a_rhythm_without_days_or_minutes_is_none(days: set[int], minutes: int) -> None:
    with pytest.raises(ValueError, match="rhythm"):
        Rhythm(frozenset(days), minutes)


@given(
    days=st.sets(st.integers(0, 6), min_size=1),
    hours=st.integers(1, 80),
    pieces=st.lists(st.integers(1, 900), min_size=1, max_size=60),
    offset=st.integers(0, 400),
)
def test_dates_never_go_back_fall_on_study_days_and_agree_with_what_is_due(
    days: set[int], hours: int, pieces: list[int], offset: int
) -> None:
    first = MONDAY + timedelta(days=offset)
    rhythm = Rhythm(frozenset(days), 60 * hours)
    due = [day for day in rhythm.due_dates(pieces, first=first) if day]
    assert len(due) == len(pieces)
    assert due == sorted(due)
    assert all(day >= first and day.weekday() in days for day in due)
    total = sum(pieces)
    assert rhythm.done_by(due[-1], first=first, minutes=total) == pytest.approx(total)
    assert rhythm.done_by(due[-1] - timedelta(days=1), first=first, minutes=total) < total + 1e-6
    assert rhythm.end(total, first=first) == due[-1]


def test_the_lines_of_the_plot_stay_in_their_box_and_end_where_the_work_does() -> None:
    plot = line_plot(
        rhythm=TWO_HOURS_ON_TUESDAY_AND_SATURDAY,
        starts=MONDAY,
        today=MONDAY + timedelta(days=9),
        ends=MONDAY + timedelta(days=20),
        minutes=600,
        done={MONDAY + timedelta(days=1): 90, MONDAY + timedelta(days=6): 60},
    )
    for line in (plot.planned, plot.done, plot.expected):
        points = [tuple(float(part) for part in point.split(",")) for point in line.split()]
        assert all(0 <= x <= 1000 and 0 <= y <= 180 for x, y in points)
        assert [x for x, _ in points] == sorted(x for x, _ in points)
        assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
    assert plot.planned.split()[-1] == plot.expected.split()[-1] == "1000.0,6.0"


def test_the_calendar_has_a_square_for_every_day_of_its_weeks_up_to_today() -> None:
    today = date(2027, 1, 6)
    plot = calendar_plot({today: 1, date(2026, 12, 31): 12}, today=today, weeks=53)
    assert len(plot.cells) == 52 * 7 + 3
    assert plot.cells[-1].words == "6 January 2027: 1"
    assert [cell.level for cell in plot.cells if cell.level] == [4, 1]
    assert monday_of(today) == date(2027, 1, 4)
    assert {label.text for label in plot.months} == {f"{date(2026, month, 1):%b}" for month in range(1, 13)}
