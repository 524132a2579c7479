"""Taking in what workers send: reports, and questions for lab bundles."""

from __future__ import annotations

import contextlib
import hmac
import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from backend.curriculum import selectors as curriculum
from backend.curriculum.models import LabRevision
from backend.labs import grading_side
from backend.labs.models import GradeAttempt, Submission, VerdictChange
from backend.labs.services.regrading import note_trial
from backend.labs.services.ringing import ring, try_again
from backend.labs.services.verdicts import Result, change_verdict
from grader.contract import MAX_ATTEMPTS, SCHEMA_VERSION, GradeReport, Verdict

MAX_REPORT_BYTES = 4 * 1024 * 1024
_TOLERANCE = 1e-6
_LARGEST_NUMBER = 2**63

log = structlog.get_logger("labs")


class Refusal(StrEnum):
    """Why a report was not accepted."""

    MALFORMED = "malformed"
    TOO_LARGE = "too large"
    UNKNOWN_ATTEMPT = "unknown attempt"
    NOT_CURRENT = "not the current token"
    OTHER_SUBMISSION = "other submission or lab"
    NOT_LIVE = "attempt has ended"
    IMPOSSIBLE_SCORE = "impossible score"


def record_report(raw: Mapping[str, Any]) -> Refusal | None:
    """Accept the report of a live attempt, once, together with everything that changes by it.

    Returns why a report was refused; refusals are logged and never raised, since raising would bring them back.
    """
    read = _read(raw)
    if isinstance(read, Refusal):
        return _refuse(read, {"attempt": str(raw.get("attempt_id"))[:64]})
    report, document = read
    words = {"submission": str(report.submission_id), "attempt": str(report.attempt_id), "lab": report.lab}
    with transaction.atomic():
        attempt = (
            GradeAttempt.objects.select_for_update(of=("self",), no_key=True)
            .select_related("submission__lab")
            .defer("submission__lab__instructions_html", "submission__lab__contents")
            .filter(pk=report.attempt_id)
            .first()
        )
        if attempt is None:
            return _refuse(Refusal.UNKNOWN_ATTEMPT, words)
        refusal = _fault_of(report, attempt)
        if refusal is not None:
            return _refuse(refusal, words)
        _accept(report, document, attempt)
    log.info("report accepted", verdict=report.verdict.value, score=report.score, **words)
    return None


def _read(raw: Mapping[str, Any]) -> tuple[GradeReport, dict[str, Any]] | Refusal:
    """The report, and what of it is stored: valid JSON for Postgres, without the token."""
    try:
        if len(json.dumps(raw, allow_nan=False)) > MAX_REPORT_BYTES:
            return Refusal.TOO_LARGE
        report = GradeReport.model_validate(raw)
        document = _storable(report.model_dump(mode="json", exclude={"attempt_token"}))
        json.dumps(document, allow_nan=False, ensure_ascii=False).encode()
    except (ValidationError, ValueError, TypeError, RecursionError):
        return Refusal.MALFORMED
    if report.schema_version != SCHEMA_VERSION:
        return Refusal.MALFORMED
    return report, document


def _storable(value: Any) -> Any:
    """The value as Postgres and pages can take it: no NUL inside text, no number beyond 64 bits.

    Raises:
        ValueError: such a number.
    """
    if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        raise ValueError("a number beyond 64 bits")
    if isinstance(value, str):
        return value.replace("\0", "␀")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value


def _fault_of(report: GradeReport, attempt: GradeAttempt) -> Refusal | None:
    submission = attempt.submission
    if not hmac.compare_digest(report.attempt_token.encode(), attempt.token.encode()):
        return Refusal.NOT_CURRENT
    named = (report.submission_id, report.lab, report.lab_digest)
    if named != (submission.pk, submission.lab.slug, attempt.lab_digest):
        return Refusal.OTHER_SUBMISSION
    if attempt.state not in {GradeAttempt.State.QUEUED, GradeAttempt.State.RUNNING}:
        return Refusal.NOT_LIVE
    if not math.isfinite(report.max_score) or report.score > report.max_score + _TOLERANCE:
        return Refusal.IMPOSSIBLE_SCORE
    if report.verdict is Verdict.ACCEPTED and report.score < _TOLERANCE:
        return Refusal.IMPOSSIBLE_SCORE
    return None


def _refuse(refusal: Refusal, words: Mapping[str, str]) -> Refusal:
    log.warning("report refused", reason=refusal.value, **words)
    return refusal


def _accept(report: GradeReport, document: dict[str, Any], attempt: GradeAttempt) -> None:
    now = timezone.now()
    attempt.state, attempt.finished_at, attempt.report = GradeAttempt.State.FINISHED, now, document
    attempt.claimed_at = attempt.claimed_at or now
    attempt.worker = report.environment.worker.replace("\0", "")[:200]
    attempt.grader_revision = report.environment.grader_revision.replace("\0", "")
    attempt.save(update_fields=["state", "finished_at", "report", "claimed_at", "worker", "grader_revision"])
    if report.verdict is Verdict.GRADER_ERROR:
        # Our fault may be a passing one: another machine, or the same one in a moment, may well manage.
        if attempt.tries < MAX_ATTEMPTS:
            successor = try_again(attempt, now=now)
            if successor is not None:
                transaction.on_commit(lambda: ring(successor), robust=True)
        else:
            try_again(attempt, now=now)
        return
    result = Result(report.verdict.value, report.score, report.max_score)
    if attempt.trial:
        note_trial(attempt, result)
        return
    _decide(attempt, result, now)


def _decide(attempt: GradeAttempt, result: Result, now: datetime) -> None:
    """Give the submission its verdict; one that the learner has seen is replaced with a record of it."""
    submission = (
        Submission.objects.select_for_update(no_key=True, of=("self",))
        .select_related("lab")
        .defer("lab__instructions_html", "lab__contents")
        .get(pk=attempt.submission_id)
    )
    if submission.verdict:
        cause, reason = VerdictChange.Cause.REJUDGE, "It was judged again."
        change_verdict(submission, result, cause=cause, by=attempt.requested_by, reason=reason, attempt=attempt)
        return
    submission.verdict, submission.score, submission.max_score = result.verdict, result.score, result.max_score
    submission.graded_at = now
    submission.save(update_fields=["verdict", "score", "max_score", "graded_at"])


def publish_bundle(digest: str) -> bool:
    """Lay the lab revision with this digest where workers look; False when there is none or nobody can be reached."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        log.warning("bundle asked for by something that is no digest")
        return False
    try:
        bundle = curriculum.packed_bundle(digest)
        grading_side.publish(digest, bundle)
    except LabRevision.DoesNotExist:
        log.warning("unknown bundle asked for", digest=digest)
        with contextlib.suppress(grading_side.Unreachable):
            grading_side.publish_absence(digest)
        return False
    except grading_side.Unreachable as error:
        log.warning("bundle not published", digest=digest, reason=str(error))
        return False
    return True
