"""Seeing to it that every attempt is graded, whatever became of bells, brokers and workers.

Postgres says what is to be done. The dispatcher compares that with the signs of life on the grading side every
few seconds, so that a lost bell, a lost report or a dead worker costs seconds. Two dispatchers at once do no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backend.labs import grading_side
from backend.labs.grading_side import Sign
from backend.labs.models import GradeAttempt
from backend.labs.services.queueing import give_up_on_gpus
from backend.labs.services.receiving import receive_left_reports
from backend.labs.services.ringing import ring_again, ring_all, try_again
from grader.contract import GRADE_QUEUES, HEARTBEAT_TIMEOUT_SECONDS

BATCH = 500
"""Attempts that one run looks at, of each state."""

log = structlog.get_logger("labs")


@dataclass
class Round:
    """What one run of the dispatcher did."""

    rung: int = 0
    started: int = 0
    replaced: int = 0
    given_up: int = 0
    collected: int = 0
    moved: int = 0
    problem: str = ""
    to_ring: list[UUID] = field(default_factory=list)
    successors: list[GradeAttempt] = field(default_factory=list)
    to_collect: list[UUID] = field(default_factory=list)


def dispatch() -> Round:
    """Compare what is to be graded with the signs of life, and put right what differs."""
    outcome = Round()
    outcome.moved = give_up_on_gpus()
    try:
        with transaction.atomic():
            _look_after_running(outcome)
            for queue in GRADE_QUEUES:
                # Each queue by itself: one that no machine takes from must not hide what waits in another.
                _look_after_queue(queue, outcome)
        outcome.collected = receive_left_reports(outcome.to_collect)
        grading_side.forget_silent_workers()
    except grading_side.Unreachable as error:
        # Without signs of life nobody can be called dead, and nothing can be rung.
        log.warning("grading side unreachable", reason=str(error))
        outcome.problem = str(error)
        return outcome
    outcome.rung = ring_all(outcome.to_ring) + ring_again(outcome.successors)
    if outcome.rung or outcome.replaced or outcome.given_up or outcome.collected or outcome.moved:
        log.info(
            "dispatched",
            rung=outcome.rung,
            replaced=outcome.replaced,
            given_up=outcome.given_up,
            collected=outcome.collected,
            moved=outcome.moved,
        )
    return outcome


def _held(attempts: QuerySet[GradeAttempt]) -> list[GradeAttempt]:
    """Attempts that no other dispatcher holds, what a learner waits for first, then by age."""
    return list(
        attempts.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .defer("report")
        .order_by("rejudge", "queued_at")[:BATCH]
    )


def _look_after_running(outcome: Round) -> None:
    now = timezone.now()
    attempts = _held(GradeAttempt.objects.filter(state=GradeAttempt.State.RUNNING, queue__in=GRADE_QUEUES))
    signs = grading_side.signs([attempt.pk for attempt in attempts])
    heard, silent = [], []
    for attempt in attempts:
        sign = signs[attempt.pk]
        if sign.reported:
            outcome.to_collect.append(attempt.pk)
        if sign.silent_for is not None:
            attempt.heard_at = now - sign.silent_for
            heard.append(attempt)
        elif not sign.reported and now - _last_sign(attempt) > timedelta(seconds=HEARTBEAT_TIMEOUT_SECONDS):
            silent.append(attempt)
    GradeAttempt.objects.bulk_update(heard, ["heard_at"])
    if silent and not grading_side.is_young():
        _replace(silent, now, outcome)


def _last_sign(attempt: GradeAttempt) -> datetime:
    return attempt.heard_at or attempt.claimed_at or attempt.queued_at


def _look_after_queue(queue: str, outcome: Round) -> None:
    now = timezone.now()
    rung = GradeAttempt.objects.filter(state=GradeAttempt.State.QUEUED, queue=queue, rung_at__isnull=False)
    attempts = _held(rung)
    signs = grading_side.signs([attempt.pk for attempt in attempts])
    started, waiting = [], []
    for attempt in attempts:
        sign = signs[attempt.pk]
        if sign.reported:
            outcome.to_collect.append(attempt.pk)
        if sign.claimed_by:
            attempt.state, attempt.worker = GradeAttempt.State.RUNNING, sign.claimed_by
            attempt.claimed_at = max(now - sign.claimed_for, attempt.queued_at)
            attempt.heard_at = now - (sign.silent_for or timedelta())
            started.append(attempt)
        else:
            waiting.append(attempt)
    GradeAttempt.objects.bulk_update(started, ["state", "worker", "claimed_at", "heard_at"])
    outcome.started += len(started)
    outcome.to_ring += _unheard(queue, waiting, signs)


def _unheard(queue: str, waiting: Sequence[GradeAttempt], signs: dict[UUID, Sign]) -> list[UUID]:
    """Attempts whose bell is gone.

    As long as the queue holds a bell for each of them, none was lost; what seems unheard only waits for its turn.
    The second bell of one that follows a lost attempt can stand for another's; that ends when a machine takes it.
    """
    silent = [attempt.pk for attempt in waiting if not signs[attempt.pk].rung]
    if not silent or len(waiting) <= grading_side.waiting_in(queue):
        return []
    return silent


def _replace(lost: Iterable[GradeAttempt], now: datetime, outcome: Round) -> None:
    """Take attempts from workers that fell silent; their tokens are worth nothing from here on."""
    for attempt in lost:
        attempt.state, attempt.finished_at = GradeAttempt.State.LOST, now
        attempt.save(update_fields=["state", "finished_at"])
        words = {"submission": str(attempt.submission_id), "attempt": str(attempt.pk), "worker": attempt.worker}
        log.warning("attempt lost", tries=attempt.tries, **words)
        successor = try_again(attempt, now=now)
        if successor is None:
            outcome.given_up += 1
        else:
            outcome.replaced += 1
            outcome.successors.append(successor)
