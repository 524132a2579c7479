"""Whose turn it is: which attempts the queues are told of next.

Few bells are out at any time, about one for every attempt that can run side by side, so that who comes next is decided
late. Learners take turns: next is the one who has waited longest since being served, with their oldest attempt. The
last free place goes only to somebody who has nothing running, so that one learner's hundred submissions, or a rejudge
of a whole lab, leave the next person a place to start at once. Rejudges start only while nobody waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from backend.labs.models import GradeAttempt
from backend.labs.selectors.turns import in_turn, under_way, waiting
from grader.contract import GRADE_QUEUES, MAX_ATTEMPTS

AHEAD = 2
"""Bells that may wait in the broker beyond the places, so that no worker is idle while the next is chosen."""
LOOK = 200
"""Attempts from which the next ones are chosen."""
_LOCK = 0x6C6C73


@dataclass
class Places:
    """What is under way in a queue, and what may still be added.

    Attributes:
        slots: attempts that the living workers grade side by side.
    """

    slots: int
    total: int = 0
    bells: int = 0
    live_bells: int = 0
    by_learner: Counter[int] = field(default_factory=Counter)

    def take(self, learner_id: int) -> bool:
        """Take a place for a learner's own attempt, if there is one for them."""
        room = self._all_but_last if self.by_learner[learner_id] else max(1, self.slots) + AHEAD
        if self.total >= room:
            return False
        self.total += 1
        self.live_bells += 1
        self.by_learner[learner_id] += 1
        return True

    def take_for_rejudge(self) -> bool:
        """Take a place for a rejudge, if nobody waits for it."""
        if self.live_bells or self.total >= self._all_but_last:
            return False
        self.total += 1
        return True

    @property
    def _all_but_last(self) -> int:
        return max(1, self.slots - 1)


@transaction.atomic
def choose(queue: str, slots: int) -> list[UUID]:
    """Choose the attempts to ring for now, and mark them as rung. One at a time for each queue.

    Args:
        slots: attempts of this queue that can be graded side by side now.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, sorted(GRADE_QUEUES).index(queue)])
    places = _places(queue, slots)
    chosen = _last_chance(queue)
    places.total += len(chosen)
    if places.total < max(1, slots) + AHEAD:
        chosen += [turn.attempt_id for turn in in_turn(queue, limit=LOOK) if places.take(turn.learner_id)]
    if not waiting(queue).filter(rejudge=False).exclude(pk__in=chosen).exists():
        rejudges = waiting(queue).filter(rejudge=True, tries__lt=MAX_ATTEMPTS).order_by("queued_at")
        oldest = rejudges.values_list("pk", flat=True)[: max(1, slots)]
        chosen += [pk for pk in oldest if places.take_for_rejudge()]
    _mark(chosen)
    return chosen


def _last_chance(queue: str) -> list[UUID]:
    """The oldest attempt that is its submission's last, unless such a one is under way.

    What kills its worker takes others with it, and is tried again together with them. Before anybody is given up,
    each of them gets a try without the others.
    """
    if under_way(queue).filter(tries__gte=MAX_ATTEMPTS).exists():
        return []
    last = waiting(queue).filter(tries__gte=MAX_ATTEMPTS).order_by("rejudge", "queued_at")
    return list(last.values_list("pk", flat=True)[:1])


def _mark(chosen: Sequence[UUID]) -> None:
    """Note when each was rung, each a little later than the one before, so that turns have an order."""
    now = timezone.now()
    attempts = [GradeAttempt(pk=pk, rung_at=now + timedelta(microseconds=n)) for n, pk in enumerate(chosen)]
    if attempts:
        GradeAttempt.objects.bulk_update(attempts, ["rung_at"])


def _places(queue: str, slots: int) -> Places:
    places = Places(slots)
    rows = under_way(queue).values_list("state", "rejudge", "submission__learner_id")
    for state, rejudge, learner_id in rows:
        places.total += 1
        if not rejudge:
            places.by_learner[learner_id] += 1
            places.live_bells += state == GradeAttempt.State.QUEUED
    return places
