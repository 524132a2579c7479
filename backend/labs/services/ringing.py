"""Telling the grading side of attempts, and making new ones in place of those that ended without a verdict."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from backend.labs import grading_side
from backend.labs.models import GradeAttempt, RegradeItem, Submission, Verdict
from backend.labs.selectors.turns import one_of_several, waiting
from backend.labs.services import turns
from grader.contract import GRADE_QUEUES, MAX_ATTEMPTS, GradeJob

MAX_HANDED_BACK = 12
"""From this number of attempts on, one that is handed back counts as a try: machines must not pass it round forever."""

log = structlog.get_logger("labs")


def ring(attempt: GradeAttempt) -> bool:
    """Tell the grading side of an attempt, if it is its turn; a repeated one is told of at once.

    Never raises for a broker that is down: the dispatcher rings again. False when nothing was rung.
    """
    return (ring_again([attempt]) if attempt.number > 1 and not attempt.rejudge else feed(attempt.queue)) > 0


def ring_again(successors: Iterable[GradeAttempt]) -> int:
    """Ring at once for attempts that follow a lost one: they have waited already. A last try waits for its turn.

    Twice, for a machine that stands still keeps its place among those who listen, and swallows one message.
    """
    return ring_all([attempt.pk for attempt in successors if attempt.tries < MAX_ATTEMPTS], times=2) + feed()


def feed(*queues: str) -> int:
    """Ring for whoever is next in these queues (all, when none is named), as far as there are places; how many bells.

    Never raises: what fails here is put right by the dispatcher.
    """
    rung = 0
    for queue in queues or GRADE_QUEUES:
        try:
            if waiting(queue).exists():
                rung += ring_all(turns.choose(queue, grading_side.slots(queue)))
        except grading_side.Unreachable as error:
            log.warning("nobody told", queue=queue, reason=str(error))
        except DatabaseError as error:
            log.warning("turns not decided", queue=queue, reason=str(error))
    return rung


def ring_all(attempt_ids: Sequence[UUID], *, times: int = 1) -> int:
    """Send the jobs of attempts that are still queued, each as often as `times` says; how many attempts that were."""
    if not attempt_ids:
        return 0
    attempts = (
        GradeAttempt.objects.filter(pk__in=attempt_ids, state=GradeAttempt.State.QUEUED)
        .annotate(one_of_several=one_of_several())
        .select_related("submission__lab")
        .prefetch_related("submission__files")
        .defer("submission__lab__instructions_html", "submission__lab__contents", "report")
    )
    order = {attempt_id: place for place, attempt_id in enumerate(attempt_ids)}
    rung = []
    try:
        for attempt in sorted(attempts, key=lambda attempt: order[attempt.pk]):
            job = _job(attempt, yields=attempt.rejudge or attempt.one_of_several)
            if grading_side.send(job, queue=attempt.queue, rejudge=attempt.rejudge, times=times):
                rung.append(attempt.pk)
    except grading_side.Unreachable as error:
        log.warning("bell not rung", reason=str(error))
    if rung:
        GradeAttempt.objects.filter(pk__in=rung, rung_at__isnull=True).update(rung_at=timezone.now())
    return len(rung)


def _job(attempt: GradeAttempt, *, yields: bool) -> GradeJob:
    submission = attempt.submission
    return GradeJob.model_construct(
        submission_id=submission.pk,
        attempt_id=attempt.pk,
        attempt_token=attempt.token,
        lab=submission.lab.slug,
        lab_digest=attempt.lab_digest,
        files={file.name: bytes(file.content) for file in submission.files.all()},
        yields=yields,
    )


def try_again(ended: GradeAttempt, *, now: datetime, blameless: bool = False) -> GradeAttempt | None:
    """A new attempt with a new token in place of one that ended without a verdict, inside the caller's transaction.

    After `MAX_ATTEMPTS` there is none: the submission ends as our fault, unless it has a verdict from before.

    Args:
        blameless: nothing failed, a machine only gave it back; it does not count as a try.
    """
    free = blameless and ended.number < MAX_HANDED_BACK
    if free or ended.tries < MAX_ATTEMPTS:
        return GradeAttempt.objects.create(
            submission_id=ended.submission_id,
            number=ended.number + 1,
            tries=ended.tries if free else ended.tries + 1,
            queue=ended.queue,
            lab_digest=ended.lab_digest,
            rejudge=ended.rejudge,
            trial=ended.trial,
            regrade_id=ended.regrade_id,
            requested_by_id=ended.requested_by_id,
        )
    log.error("attempts used up", submission=str(ended.submission_id))
    if ended.trial:
        RegradeItem.waiting_for(ended).update(state=RegradeItem.State.FAILED)
        return None
    Submission.objects.filter(pk=ended.submission_id, verdict="").update(
        verdict=Verdict.GRADER_ERROR, score=0, graded_at=now
    )
    return None


def hand_back(attempt_id: str, token: str) -> bool:
    """Take back an attempt from a machine that will not finish it, and offer it to others at once.

    False when the token is not the current one of a live attempt.
    """
    now = timezone.now()
    with transaction.atomic():
        attempt = _held(attempt_id, token)
        if attempt is None:
            log.warning("nothing to hand back", attempt=str(attempt_id)[:64])
            return False
        attempt.state, attempt.finished_at = GradeAttempt.State.LOST, now
        attempt.save(update_fields=["state", "finished_at"])
        successor = try_again(attempt, now=now, blameless=True)
    log.info("attempt handed back", submission=str(attempt.submission_id), attempt=str(attempt.pk))
    if successor is not None:
        ring_again([successor])
    return True


def _held(attempt_id: str, token: str) -> GradeAttempt | None:
    """The live attempt with this id and token, locked."""
    try:
        wanted = UUID(attempt_id)
    except (ValueError, AttributeError, TypeError):
        return None
    alive = GradeAttempt.objects.filter(pk=wanted, state__in=[GradeAttempt.State.QUEUED, GradeAttempt.State.RUNNING])
    attempt = alive.select_for_update(of=("self",), no_key=True).defer("report").first()
    if attempt is None or not hmac.compare_digest(str(token).encode(), attempt.token.encode()):
        return None
    return attempt
