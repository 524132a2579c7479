"""Judging again what was judged."""

from __future__ import annotations

import structlog
from django.db import transaction

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.labs.models import GradeAttempt, Submission
from backend.labs.services.queueing import queue_for
from grader.lab import check_upload

log = structlog.get_logger("labs")


class NothingToRejudge(Exception):
    """The submission is being graded already."""


@transaction.atomic
def rejudge(submission: Submission, *, by: User, corrected: bool = False) -> GradeAttempt:
    """Grade a submission again, with the lab revision it was handed in for or with the `corrected` one of now.

    The verdict stays until there is a new one. The dispatcher rings the bell, in the lane behind live work.

    Raises:
        PermissionError: `by` is no administrator.
        NothingToRejudge: an attempt is queued or running.
        UploadRejected: the corrected lab asks for other files.
    """
    if not by.is_staff:
        raise PermissionError("Only administrators have submissions judged again.")
    locked = Submission.objects.select_for_update(no_key=True).get(pk=submission.pk)
    last = locked.attempts.order_by("-number").first()
    if last is not None and last.state in {GradeAttempt.State.QUEUED, GradeAttempt.State.RUNNING}:
        raise NothingToRejudge("An attempt of this submission is queued or running.")
    digest = submission.lab.digest if corrected and submission.lab.digest else locked.lab_digest
    spec = curriculum.lab_bundle(digest).spec
    if digest != locked.lab_digest:
        check_upload(spec, {file.name: bytes(file.content) for file in locked.files.all()})
    attempt = GradeAttempt.objects.create(
        submission=locked,
        number=last.number + 1 if last else 1,
        queue=queue_for(spec),
        lab_digest=digest,
        rejudge=True,
        requested_by=by,
    )
    log.info("rejudge ordered", submission=str(locked.pk), attempt=str(attempt.pk), by=by.pk)
    return attempt
