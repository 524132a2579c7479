"""Who waits in a queue, who has been told of, and in which order learners take turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from backend.labs.models import GradeAttempt
from grader.contract import MAX_ATTEMPTS

_SERVED_WITHIN = timedelta(days=1)


def waiting(queue: str) -> QuerySet[GradeAttempt]:
    """Attempts of a queue that nobody was told of yet."""
    return GradeAttempt.objects.filter(queue=queue, state=GradeAttempt.State.QUEUED, rung_at__isnull=True)


def under_way(queue: str) -> QuerySet[GradeAttempt]:
    """Attempts of a queue that run, or whose bell is out."""
    alive = GradeAttempt.objects.filter(queue=queue, state__in=[GradeAttempt.State.QUEUED, GradeAttempt.State.RUNNING])
    return alive.exclude(state=GradeAttempt.State.QUEUED, rung_at__isnull=True)


def one_of_several() -> Exists:
    """Whether the learner of an attempt has another one of their own that is not done, in any queue."""
    others = GradeAttempt.objects.filter(
        submission__learner_id=OuterRef("submission__learner_id"),
        state__in=[GradeAttempt.State.QUEUED, GradeAttempt.State.RUNNING],
        rejudge=False,
    )
    return Exists(others.exclude(pk=OuterRef("pk")))


@dataclass(frozen=True, slots=True)
class Turn:
    """One attempt that may be next."""

    attempt_id: UUID
    learner_id: int
    queued_at: datetime


def in_turn(queue: str, *, limit: int) -> Iterator[Turn]:
    """Learners' own attempts that nobody was told of yet, in the order of their turns."""
    first = Window(RowNumber(), partition_by=F("submission__learner_id"), order_by="queued_at")
    rows = (
        waiting(queue)
        .filter(rejudge=False, tries__lt=MAX_ATTEMPTS)
        .annotate(place=first)
        .order_by("place", "queued_at")
        .values_list("pk", "submission__learner_id", "queued_at")[:limit]
    )
    lines: dict[int, list[Turn]] = {}
    for attempt_id, learner_id, queued_at in rows:
        lines.setdefault(learner_id, []).append(Turn(attempt_id, learner_id, queued_at))
    served = _last_served(lines)
    order = {
        learner_id: max(line[0].queued_at, served.get(learner_id, line[0].queued_at))
        for learner_id, line in lines.items()
    }
    for line in _rounds(lines):
        yield from sorted(line, key=lambda turn: order[turn.learner_id])


def _rounds(lines: dict[int, list[Turn]]) -> Iterator[list[Turn]]:
    """The first attempt of every learner, then every second, and so on."""
    depth = 0
    while found := [line[depth] for line in lines.values() if len(line) > depth]:
        yield found
        depth += 1


def _last_served(learner_ids: dict[int, list[Turn]]) -> dict[int, datetime]:
    """When learners last had an attempt of theirs rung."""
    rows = (
        GradeAttempt.objects.filter(
            rejudge=False,
            submission__learner_id__in=list(learner_ids),
            submission__created_at__gt=timezone.now() - _SERVED_WITHIN,
            rung_at__isnull=False,
        )
        .values_list("submission__learner_id")
        .annotate(last=Max("rung_at"))
        .order_by()
    )
    return {learner_id: last for learner_id, last in rows if last is not None}
