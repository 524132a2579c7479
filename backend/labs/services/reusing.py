"""Files that were judged already: the same verdict at once, and judging them again for whoever wants that.

A verdict is a function of the files, the lab's revision and the grader's revision. Inputs are drawn afresh each time,
so a learner may always have them drawn again.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.labs.models import GradeAttempt, Submission, SubmissionFile, Verdict
from backend.labs.selectors.fleet import fleet
from backend.labs.services.queueing import queue_for
from backend.labs.services.ringing import feed
from grader.contract import GRADE_QUEUES, BenchmarkOutcome

NOT_TAKEN_OVER = (Verdict.HELD, Verdict.GRADER_ERROR, Verdict.TIME_LIMIT)
"""What a person decides, what was our fault, and what a busy machine may have had a part in."""
MAX_LOOKED_AT = 20

log = structlog.get_logger("labs")


class NothingToGrade(Exception):
    """The submission has a verdict of its own, or is being graded."""


class BusyWithRegrade(NothingToGrade):
    """It is being graded for the preview of a regrade; nobody can say for how long. The message is for the learner."""


def take_over(submission: Submission, files: Mapping[str, bytes], *, queue: str) -> GradeAttempt | None:
    """Give a new submission the verdict of the learner's own one with the same files, inside the caller's transaction.

    None where there is none that the lab's revision of now and a grader that is alive now have judged.
    """
    earlier = _same_files(submission, files)
    if not earlier:
        return None
    revisions = {worker.grader_revision for worker in fleet().workers if GRADE_QUEUES[queue] in worker.queues}
    decided = (
        GradeAttempt.objects.filter(
            submission__in=earlier,
            state=GradeAttempt.State.FINISHED,
            trial=False,
            lab_digest=submission.lab_digest,
            grader_revision__in=revisions - {""},
        )
        .select_related("submission")
        .order_by("-finished_at")
    )
    judged = next((attempt for attempt in decided if _holds(attempt)), None)
    return None if judged is None else _copy(judged, submission)


def _same_files(submission: Submission, files: Mapping[str, bytes]) -> set[UUID]:
    judged = Submission.objects.filter(learner=submission.learner, lab=submission.lab, same_as=None)
    judged = judged.exclude(pk=submission.pk).exclude(verdict__in=["", *NOT_TAKEN_OVER]).order_by("-created_at")
    same: set[UUID] = set(judged.values_list("pk", flat=True)[:MAX_LOOKED_AT])
    for name, content in files.items():
        if same:
            same &= set(
                SubmissionFile.objects.filter(submission__in=same, name=name, content=content).values_list(
                    "submission_id", flat=True
                )
            )
    return same


def _holds(attempt: GradeAttempt) -> bool:
    """Whether the verdict of the submission is still the one that this attempt gave, and all was measured."""
    report = attempt.report or {}
    if any(row.get("outcome") == BenchmarkOutcome.WAITING for row in report.get("benchmarks", [])):
        return False
    return report.get("verdict") == attempt.submission.verdict and report.get("score") == attempt.submission.score


def _copy(judged: GradeAttempt, submission: Submission) -> GradeAttempt:
    now = timezone.now()
    attempt = GradeAttempt(
        submission=submission,
        number=1,
        queue=judged.queue,
        lab_digest=judged.lab_digest,
        grader_revision=judged.grader_revision,
        state=GradeAttempt.State.FINISHED,
        claimed_at=now,
        finished_at=now,
        worker=judged.worker,
    )
    assert judged.report is not None, "an attempt without a report does not hold"
    attempt.report = {**judged.report, "submission_id": str(submission.pk), "attempt_id": str(attempt.pk)}
    attempt.save()
    source = judged.submission
    submission.verdict, submission.score, submission.max_score = source.verdict, source.score, source.max_score
    submission.graded_at, submission.same_as = now, source
    submission.save(update_fields=["verdict", "score", "max_score", "graded_at", "same_as"])
    log.info("verdict taken over", submission=str(submission.pk), same_as=str(source.pk))
    return attempt


@transaction.atomic
def grade_again(submission: Submission, *, by: User) -> GradeAttempt:
    """Have a submission judged that took a verdict over; that verdict stays until there is a new one. Once only.

    Raises:
        PermissionError: it is not the learner's own.
        NothingToGrade: it has a verdict of its own, or is being graded.
        BusyWithRegrade: the same, by a regrade that the learner does not see.
    """
    if submission.learner_id != by.pk:
        raise PermissionError("Only your own submissions can be graded again.")
    locked = Submission.objects.select_for_update(no_key=True, of=("self",)).get(pk=submission.pk)
    last = locked.attempts.order_by("-number").first()
    is_busy = last is not None and last.state in {GradeAttempt.State.QUEUED, GradeAttempt.State.RUNNING}
    if is_busy and last is not None and last.trial:
        raise BusyWithRegrade(
            "All submissions of this lab are being graded again at the moment, this one too, so it cannot be graded "
            "twice. Try again later, or submit the files with a change."
        )
    if locked.same_as_id is None or last is None or is_busy:
        raise NothingToGrade("This submission was graded itself, or is being graded.")
    locked.same_as = None
    locked.save(update_fields=["same_as"])
    attempt = GradeAttempt.objects.create(
        submission=locked,
        number=last.number + 1,
        queue=queue_for(curriculum.lab_bundle(locked.lab_digest).spec),
        lab_digest=locked.lab_digest,
        requested_by=by,
    )
    transaction.on_commit(lambda: feed(attempt.queue), robust=True)
    return attempt
