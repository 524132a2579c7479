"""A plan as its page shows it: what is due when, and how what was done compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from backend.accounts.models import User
from backend.interviews.practice.selectors import answers_by_day
from backend.labs import selectors as labs
from backend.progress.models import Completion, Plan
from backend.progress.plans import schedule
from backend.progress.plans.schedule import Pause, Rhythm
from backend.progress.plans.services import today_of
from backend.progress.plans.work import Piece, done_dates, pieces_of
from backend.quizzes import selectors as quizzes

WEEKS_OF_CALENDAR = 53
CLOSE_DAYS = 3
"""So many days more or less are called on plan."""


@dataclass(frozen=True, slots=True)
class PlannedWeek:
    """A calendar week and what is due in it, from what is left today."""

    monday: date
    sunday: date
    current: bool
    pieces: tuple[Piece, ...]
    minutes: int


@dataclass(frozen=True)
class PlanView:
    """A learner's plan today.

    Attributes:
        done_minutes: of pieces that were done since the plan's first day.
        due_minutes: what the plan wanted done by the end of yesterday.
        planned_end: when the plan ends as it was made, its rests taken into account; None while it rests.
        expected_end: when it ends if what is left is done in the same rhythm; None while it rests or nothing is left.
    """

    plan: Plan
    today: date
    pieces: tuple[Piece, ...]
    rhythm: Rhythm
    weeks: tuple[PlannedWeek, ...]
    done_minutes: int
    due_minutes: float
    planned_end: date | None
    expected_end: date | None
    resting_since: date | None

    @property
    def left(self) -> list[Piece]:
        """Pieces that are not done, in order."""
        return [piece for piece in self.pieces if piece.done_on is None]

    @property
    def days_late(self) -> int:
        """How much later than planned it is expected to end; negative when earlier."""
        if self.planned_end is None or self.expected_end is None:
            return 0
        return (self.expected_end - self.planned_end).days

    @property
    def state(self) -> str:
        """done, resting, early (not begun yet), ahead, behind or on_plan."""
        if not self.left:
            return "done"
        if self.resting_since is not None:
            return "resting"
        if self.today < self.plan.starts_on:
            return "early"
        if abs(self.days_late) <= CLOSE_DAYS:
            return "on_plan"
        return "behind" if self.days_late > 0 else "ahead"


def plan_of(learner: User) -> Plan | None:
    """The learner's plan, with its track; None without one. One query."""
    return Plan.objects.select_related("track", "learner").filter(learner=learner).first()


def rhythm_of(plan: Plan) -> Rhythm:
    """When the plan's learner works. One query."""
    pauses = tuple(Pause(row.starts_on, row.ends_on) for row in plan.pauses.all())
    return Rhythm(frozenset(int(day) for day in plan.weekdays), 60 * plan.hours_per_week, pauses)


def view_of(plan: Plan, *, now: datetime) -> PlanView:
    """The plan as it stands. Five queries and, after new content, a few more."""
    today = today_of(plan, now)
    rhythm = rhythm_of(plan)
    pieces = done_dates(plan.learner, pieces_of(plan.track), ZoneInfo(plan.time_zone))
    left = [piece for piece in pieces if piece.done_on is None]
    first = max(today, plan.starts_on)
    due = rhythm.due_dates([piece.minutes for piece in left], first=first)
    resting = next((pause.starts for pause in rhythm.pauses if pause.ends is None), None)
    return PlanView(
        plan=plan,
        today=today,
        pieces=tuple(pieces),
        rhythm=rhythm,
        weeks=tuple(_weeks(left, due, first, today)),
        done_minutes=sum(piece.minutes for piece in pieces if piece.done_on and piece.done_on >= plan.starts_on),
        due_minutes=rhythm.done_by(today - timedelta(days=1), first=plan.starts_on, minutes=plan.minutes),
        planned_end=rhythm.end(plan.minutes, first=plan.starts_on),
        expected_end=due[-1] if due else None,
        resting_since=resting,
    )


def _weeks(left: Sequence[Piece], due: Sequence[date | None], first: date, today: date) -> list[PlannedWeek]:
    found = []
    for week in schedule.weeks(due, first=first):
        pieces = tuple(left[number] for number in week.pieces)
        current = week.monday <= today <= week.sunday
        found.append(PlannedWeek(week.monday, week.sunday, current, pieces, sum(piece.minutes for piece in pieces)))
    return found


@dataclass(frozen=True, slots=True)
class ActiveDay:
    """A day on which a learner did something that the site keeps."""

    day: date
    lessons: int = 0
    hand_ins: int = 0
    quizzes: int = 0
    answers: int = 0

    @property
    def total(self) -> int:
        """All of it, counted alike."""
        return self.lessons + self.hand_ins + self.quizzes + self.answers


def active_days(learner: User, *, zone: ZoneInfo, today: date) -> dict[date, ActiveDay]:
    """Days of the last year with anything finished, handed in, taken or practised. Four queries."""
    first = schedule.monday_of(today) - timedelta(weeks=WEEKS_OF_CALENDAR - 1)
    since = datetime(first.year, first.month, first.day, tzinfo=zone)
    completions = Completion.objects.filter(learner=learner, completed_at__gte=since).values_list("completed_at")
    lessons: dict[date, int] = {}
    for (at,) in completions:
        day = at.astimezone(zone).date()
        lessons[day] = lessons.get(day, 0) + 1
    hand_ins = labs.hand_ins_by_day(learner, since=since, zone=zone)
    taken = quizzes.quizzes_by_day(learner, since=since, zone=zone)
    answers = answers_by_day(learner, since=since, zone=zone)
    return {
        day: ActiveDay(day, lessons.get(day, 0), hand_ins.get(day, 0), taken.get(day, 0), answers.get(day, 0))
        for day in sorted({*lessons, *hand_ins, *taken, *answers})
    }


def weeks_in_a_row(days: dict[date, ActiveDay], *, today: date) -> int:
    """Weeks with any work, up to this one. One week of rest between two of work does not end the row, and this week
    counts once there is something in it."""
    active = {schedule.monday_of(day) for day in days}
    monday = schedule.monday_of(today)
    count = 1 if monday in active else 0
    missed = 0
    while missed <= 1:
        monday -= timedelta(weeks=1)
        if monday in active:
            count, missed = count + 1, 0
        else:
            missed += 1
    return count
