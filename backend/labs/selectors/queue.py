"""How long a queued attempt still has to wait, and what is in its way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Avg, DurationField, ExpressionWrapper, F
from django.utils import timezone

from backend.labs import grading_side
from backend.labs.models import GradeAttempt
from backend.labs.selectors.fleet import fleet

_RECENT = timedelta(days=7)
_LOOK = 5000
_UNKNOWN_SECONDS = 10.0
"""What an attempt of a lab is taken for that nobody has had graded yet."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """Where a queued attempt stands under the order in which learners take turns."""

    position: int
    """From 1."""
    waiting: int
    """How many wait in the same queue, this one included."""
    machines: int
    """Attempts of this queue that are graded side by side now; 0 while no machine can."""
    expected_seconds: float | None
    """Until it starts, from recent attempts; None while nothing takes from this queue."""
    obstacle: str
    """Why nothing of this queue is graded now, as a sentence; "" when nothing is in the way."""


def queue_state(attempt: GradeAttempt) -> QueueState:
    """Place, expected wait and obstacle of a queued attempt. Never raises for a grading side that is down. Two queries.

    Who was served lately is not looked up for this, so the place may be off by one turn.
    """
    line = _line(attempt.queue)
    ahead = _ahead(attempt, line)
    running = [entry for entry in line if entry.running]
    try:
        machines = grading_side.slots(attempt.queue)
    except grading_side.Unreachable:
        machines = 0
    expected = None
    if machines:
        # What runs is on average half done.
        work = _work([entry.lab_id for entry in ahead], [entry.lab_id for entry in running])
        expected = work / machines if ahead or len(running) >= machines else 0.0
    position, waiting = _place(attempt, line)
    return QueueState(position, waiting, machines, expected, fleet().obstacle(attempt.queue))


def place_of(attempt: GradeAttempt) -> tuple[int, int]:
    """(place in the queue from 1, how many wait in it) of a queued attempt. One query."""
    return _place(attempt, _line(attempt.queue))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One attempt of a queue."""

    pk: UUID
    running: bool
    rung_at: datetime | None
    queued_at: datetime
    rejudge: bool
    learner_id: int
    lab_id: int


def _line(queue: str) -> list[_Entry]:
    rows = (
        GradeAttempt.objects.filter(queue=queue, state__in=[GradeAttempt.State.QUEUED, GradeAttempt.State.RUNNING])
        .order_by("queued_at")
        .values_list("pk", "state", "rung_at", "queued_at", "rejudge", "submission__learner_id", "submission__lab_id")
    )
    return [
        _Entry(pk, state == GradeAttempt.State.RUNNING, rung_at, queued_at, rejudge, learner_id, lab_id)
        for pk, state, rung_at, queued_at, rejudge, learner_id, lab_id in rows[:_LOOK]
    ]


def _place(attempt: GradeAttempt, line: Sequence[_Entry]) -> tuple[int, int]:
    ahead = len(_ahead(attempt, line))
    return ahead + 1, max(sum(not entry.running for entry in line), ahead + 1)


def _ahead(attempt: GradeAttempt, line: Sequence[_Entry]) -> list[_Entry]:
    """The queued attempts that start before this one: what is rung already, then learners in turn, then rejudges."""
    queued = [entry for entry in line if not entry.running]
    taken = Counter(entry.learner_id for entry in line if not entry.rejudge and (entry.running or entry.rung_at))
    order: dict[UUID, tuple[int, int, datetime]] = {}
    for entry in queued:
        if entry.rung_at is not None:
            order[entry.pk] = (0, 0, entry.rung_at)
        elif entry.rejudge:
            order[entry.pk] = (2, 0, entry.queued_at)
        else:
            order[entry.pk] = (1, taken[entry.learner_id], entry.queued_at)
            taken[entry.learner_id] += 1
    mine = order.get(attempt.pk)
    return [entry for entry in queued if mine is None or order[entry.pk] < mine]


def _work(ahead: Sequence[int], running: Sequence[int]) -> float:
    """Seconds of grading until the labs ahead are done, going by recent attempts of the same labs. One query.

    What runs counts half.
    """
    took = ExpressionWrapper(F("finished_at") - F("claimed_at"), output_field=DurationField())
    rows = (
        GradeAttempt.objects.filter(
            submission__lab_id__in={*ahead, *running},
            state=GradeAttempt.State.FINISHED,
            finished_at__gt=timezone.now() - _RECENT,
        )
        .values("submission__lab_id")
        .annotate(took=Avg(took))
        .order_by()
    )
    known: dict[int, float] = {row["submission__lab_id"]: row["took"].total_seconds() for row in rows}
    seconds = [known.get(lab_id, _UNKNOWN_SECONDS) for lab_id in (*ahead, *running)]
    return sum(seconds[: len(ahead)]) + sum(seconds[len(ahead) :]) / 2
