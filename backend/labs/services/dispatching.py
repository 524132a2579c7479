"""Seeing to it that every attempt is graded, whatever became of bells, brokers and workers.

Postgres says what is to be done. The dispatcher compares that with the signs of life on the grading side every
few seconds, so that a lost bell or a dead worker costs seconds. Two dispatchers at once do no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from backend.labs import grading_side
from backend.labs.grading_side import Sign
from backend.labs.models import GradeAttempt, Submission, Verdict
from grader.contract import GRADE_QUEUES, HEARTBEAT_TIMEOUT_SECONDS, MAX_ATTEMPTS, GradeJob

BATCH = 500
"""Attempts that one run looks at, of each state."""
RING_BATCH = 50
"""Bells that one run rings: jobs carry files, so the broker is fed rather than flooded."""
REPORT_PATIENCE = timedelta(seconds=30)
"""How long a report may be under way after its worker said that it is done."""

log = structlog.get_logger("labs")


@dataclass
class Round:
    """What one run of the dispatcher did."""

    rung: int = 0
    started: int = 0
    replaced: int = 0
    given_up: int = 0
    problem: str = ""
    to_ring: list[UUID] = field(default_factory=list)


def ring(attempt: GradeAttempt) -> bool:
    """Tell the grading side of an attempt; False when that was not possible or not necessary.

    Never raises for a broker that is down: the dispatcher rings again.
    """
    return _ring([attempt.pk]) == 1


def dispatch() -> Round:
    """Compare what is to be graded with the signs of life, and put right what differs."""
    outcome = Round()
    try:
        with transaction.atomic():
            _look_after_running(outcome)
            _look_after_queued(outcome)
    except grading_side.Unreachable as error:
        # Without signs of life nobody can be called dead, and nothing can be rung.
        log.warning("grading side unreachable", reason=str(error))
        outcome.problem = str(error)
        return outcome
    outcome.rung = _ring(outcome.to_ring)
    if outcome.rung or outcome.replaced or outcome.given_up:
        log.info("dispatched", rung=outcome.rung, replaced=outcome.replaced, given_up=outcome.given_up)
    return outcome


def _live(state: GradeAttempt.State, *queues: str) -> list[GradeAttempt]:
    """Attempts of a state that no other dispatcher holds, what a learner waits for first, then by age."""
    return list(
        GradeAttempt.objects.filter(state=state, queue__in=queues)
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .defer("report")
        .order_by("rejudge", "queued_at")[:BATCH]
    )


def _look_after_running(outcome: Round) -> None:
    now = timezone.now()
    attempts = _live(GradeAttempt.State.RUNNING, *GRADE_QUEUES)
    signs = grading_side.signs([attempt.pk for attempt in attempts])
    heard, silent = [], []
    for attempt in attempts:
        sign = signs[attempt.pk]
        if sign.silent_for is not None:
            attempt.heard_at = now - sign.silent_for
            heard.append(attempt)
        elif now - _last_sign(attempt) > timedelta(seconds=HEARTBEAT_TIMEOUT_SECONDS):
            silent.append(attempt)
    GradeAttempt.objects.bulk_update(heard, ["heard_at"])
    if silent and not grading_side.is_young():
        _replace([attempt for attempt in silent if not _report_is_coming(attempt, now)], now, outcome)


def _last_sign(attempt: GradeAttempt) -> datetime:
    return attempt.heard_at or attempt.claimed_at or attempt.queued_at


def _report_is_coming(attempt: GradeAttempt, now: datetime) -> bool:
    return now - _last_sign(attempt) < REPORT_PATIENCE and grading_side.has_finished(attempt.pk)


def _look_after_queued(outcome: Round) -> None:
    for queue in GRADE_QUEUES:
        # Each queue by itself: one that no machine takes from must not hide what waits in another.
        _look_after_queue(queue, outcome)


def _look_after_queue(queue: str, outcome: Round) -> None:
    now = timezone.now()
    attempts = _live(GradeAttempt.State.QUEUED, queue)
    signs = grading_side.signs([attempt.pk for attempt in attempts])
    started, waiting = [], []
    for attempt in attempts:
        sign = signs[attempt.pk]
        if sign.claimed_by:
            attempt.state, attempt.worker, attempt.claimed_at = GradeAttempt.State.RUNNING, sign.claimed_by, now
            attempt.heard_at = now - (sign.silent_for or timedelta())
            started.append(attempt)
        else:
            waiting.append(attempt)
    GradeAttempt.objects.bulk_update(started, ["state", "worker", "claimed_at", "heard_at"])
    outcome.started += len(started)
    outcome.to_ring += _unheard(queue, waiting, signs)


def _unheard(queue: str, waiting: Sequence[GradeAttempt], signs: dict[UUID, Sign]) -> list[UUID]:
    """Attempts whose bell was never rung or is gone.

    As long as the queue holds a bell for each of them, none was lost; what seems unheard only waits for its turn.
    """
    silent = [attempt for attempt in waiting if not signs[attempt.pk].rung]
    if not silent:
        return []
    in_queue = grading_side.waiting_in(queue)
    missing = len(waiting) - in_queue
    never_rung = [a.pk for a in silent if a.rung_at is None and (not a.rejudge or in_queue < RING_BATCH)]
    lost = [a.pk for a in silent if a.rung_at is not None] if missing > 0 else []
    return [*never_rung, *lost][:RING_BATCH]


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
            outcome.to_ring.append(successor.pk)


def try_again(ended: GradeAttempt, *, now: datetime) -> GradeAttempt | None:
    """A new attempt with a new token in place of one that ended without a verdict, inside the caller's transaction.

    After `MAX_ATTEMPTS` there is none: the submission ends as our fault, unless it has a verdict from before.
    """
    if ended.tries < MAX_ATTEMPTS:
        return GradeAttempt.objects.create(
            submission_id=ended.submission_id,
            number=ended.number + 1,
            tries=ended.tries + 1,
            queue=ended.queue,
            rejudge=ended.rejudge,
            requested_by_id=ended.requested_by_id,
        )
    log.error("attempts used up", submission=str(ended.submission_id))
    Submission.objects.filter(pk=ended.submission_id, verdict="").update(
        verdict=Verdict.GRADER_ERROR, score=0, graded_at=now
    )
    return None


def _ring(attempt_ids: Sequence[UUID]) -> int:
    """Send the jobs of attempts that are still queued; how many bells went out."""
    if not attempt_ids:
        return 0
    attempts = (
        GradeAttempt.objects.filter(pk__in=attempt_ids, state=GradeAttempt.State.QUEUED)
        .select_related("submission__lab")
        .prefetch_related("submission__files")
        .defer("submission__lab__instructions_html", "submission__lab__contents", "report")
        .order_by("rejudge", "queued_at")
    )
    rung = []
    try:
        for attempt in attempts:
            if grading_side.send(_job(attempt), queue=attempt.queue, rejudge=attempt.rejudge):
                rung.append(attempt.pk)
    except grading_side.Unreachable as error:
        log.warning("bell not rung", reason=str(error))
    GradeAttempt.objects.filter(pk__in=rung).update(rung_at=timezone.now())
    return len(rung)


def _job(attempt: GradeAttempt) -> GradeJob:
    submission = attempt.submission
    return GradeJob.model_construct(
        submission_id=submission.pk,
        attempt_id=attempt.pk,
        attempt_token=attempt.token,
        lab=submission.lab.slug,
        lab_digest=submission.lab_digest,
        files={file.name: bytes(file.content) for file in submission.files.all()},
    )
