"""Handing in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lab, Status
from backend.labs.models import GradeAttempt, Submission, SubmissionFile, Verdict
from backend.labs.services.queueing import queue_for
from backend.labs.services.reusing import take_over
from backend.labs.services.ringing import ring
from grader.lab import UploadRejected, check_upload

__all__ = ["LabNotOpen", "RateLimited", "UploadRejected", "submit"]

MAX_UNFINISHED = 5
MAX_PER_HOUR = 30
MAX_PER_HOUR_WITH_FAULTS = 60
_HOUR = timedelta(hours=1)
_UNFINISHED_WAIT = timedelta(seconds=10)


class LabNotOpen(Exception):
    """The lab takes no submissions: it is planned, or was retired."""


class RateLimited(Exception):
    """Too many submissions. `wait` is how long until the next one may be accepted; the text says why."""

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait

    @property
    def wait_seconds(self) -> int:
        """The wait in whole seconds, at least one."""
        return max(1, round(self.wait.total_seconds()))


@transaction.atomic
def submit(*, learner: User, lab: Lab, files: Mapping[str, bytes], key: UUID) -> Submission:
    """Store a hand-in and have it graded; the same key twice gives the same submission.

    Raises:
        LabNotOpen: the lab is planned only, or retired.
        UploadRejected: a name, size or count outside the lab's limits; says which and why.
        RateLimited: too many submissions; carries the time to wait.
    """
    # One at a time for each learner: neither parallel posts nor double clicks get past the counts below.
    User.objects.select_for_update(no_key=True).get(pk=learner.pk)
    known = Submission.objects.filter(learner=learner, idempotency_key=key).first()
    if known is not None:
        return known
    if lab.retired or lab.status != Status.READY or not lab.digest:
        raise LabNotOpen(f"“{lab.title}” takes no submissions yet.")
    spec = curriculum.lab_bundle(lab.digest).spec
    check_upload(spec, dict(files))
    _check_rate(learner)
    submission = Submission.objects.create(
        learner=learner, lab=lab, lab_digest=lab.digest, idempotency_key=key, max_score=spec.max_score
    )
    SubmissionFile.objects.bulk_create(
        SubmissionFile(submission=submission, name=name, content=content) for name, content in sorted(files.items())
    )
    queue = queue_for(spec)
    if take_over(submission, files, queue=queue) is not None:
        return submission
    attempt = GradeAttempt.objects.create(submission=submission, number=1, queue=queue, lab_digest=lab.digest)
    transaction.on_commit(lambda: ring(attempt), robust=True)
    return submission


def _check_rate(learner: User) -> None:
    """Submissions that our own fault ended do not count, up to a cap: a program may be made to end that way."""
    mine = Submission.objects.filter(learner=learner)
    unfinished = mine.filter(verdict="").count()
    if unfinished >= MAX_UNFINISHED:
        raise RateLimited(
            f"{unfinished} of your submissions are still being graded. Wait until one of them is done.",
            _UNFINISHED_WAIT,
        )
    now = timezone.now()
    recent = mine.filter(created_at__gt=now - _HOUR)
    _check_hour(recent.exclude(verdict=Verdict.GRADER_ERROR), MAX_PER_HOUR, now)
    _check_hour(recent, MAX_PER_HOUR_WITH_FAULTS, now)


def _check_hour(submissions: QuerySet[Submission], allowed: int, now: datetime) -> None:
    newest = list(submissions.order_by("-created_at").values_list("created_at", flat=True)[:allowed])
    if len(newest) == allowed:
        wait = newest[-1] + _HOUR - now
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        raise RateLimited(
            f"You submitted {allowed} times within an hour. "
            f"The next submission is possible in {minutes} minute{'s' if minutes > 1 else ''}.",
            wait,
        )
