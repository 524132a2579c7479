"""Changing a verdict that a learner has seen: never without a record, a reason and a notice."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.utils import timezone
from django.utils.formats import date_format

from backend.accounts.models import User
from backend.labs.models import GradeAttempt, Notice, Regrade, Submission, Verdict, VerdictChange

log = structlog.get_logger("labs")


@dataclass(frozen=True, slots=True)
class Result:
    """A verdict with its points."""

    verdict: str
    score: float
    max_score: float

    @property
    def share(self) -> float:
        """Points reached, from 0 to 1."""
        return self.score / self.max_score if self.max_score else 0.0

    @property
    def words(self) -> str:
        """For people: "Partly accepted, 2 of 5 points"."""
        return f"{Verdict(self.verdict).label}, {self.score:g} of {self.max_score:g} points"

    def is_lower_than(self, other: Result) -> bool:
        """Whether it is worth less to the learner: accepted is lost, or points are."""
        if (self.verdict == Verdict.ACCEPTED) != (other.verdict == Verdict.ACCEPTED):
            return other.verdict == Verdict.ACCEPTED
        return self.share < other.share - 1e-9


def result_of(submission: Submission) -> Result:
    """The result that holds."""
    return Result(submission.verdict, submission.score, submission.max_score)


def change_verdict(
    submission: Submission,
    new: Result,
    *,
    cause: VerdictChange.Cause,
    by: User | None,
    reason: str,
    attempt: GradeAttempt | None = None,
    regrade: Regrade | None = None,
) -> VerdictChange | None:
    """Replace the result of a submission that the caller has locked, inside the caller's transaction.

    From here on the result is the submission's own, even if it was taken over from another with the same files.
    Returns the record of the change; None when the result is the same as before, of which nobody is told.
    """
    old = result_of(submission)
    submission.verdict, submission.score, submission.max_score = new.verdict, new.score, new.max_score
    submission.graded_at, submission.same_as = timezone.now(), None
    submission.save(update_fields=["verdict", "score", "max_score", "graded_at", "same_as"])
    if new == old:
        return None
    change = VerdictChange.objects.create(
        submission=submission,
        attempt=attempt,
        regrade=regrade,
        cause=cause,
        by=by,
        old_verdict=old.verdict,
        old_score=old.score,
        old_max_score=old.max_score,
        new_verdict=new.verdict,
        new_score=new.score,
        new_max_score=new.max_score,
        reason=reason,
    )
    if by is None or by.pk != submission.learner_id:
        # Who asked for it follows it on the page and needs no mail.
        Notice.objects.create(learner_id=submission.learner_id, change=change, text=_told(submission, old, new, change))
    log.info(
        "verdict changed",
        submission=str(submission.pk),
        cause=cause.value,
        old=old.verdict,
        new=new.verdict,
        by=by.pk if by else None,
    )
    return change


def _told(submission: Submission, old: Result, new: Result, change: VerdictChange) -> str:
    what = "was looked at by a person" if change.cause == VerdictChange.Cause.DECISION else "was judged again"
    handed_in = date_format(submission.created_at, "j F Y")
    return (
        f"Your submission of {handed_in} to Lab {submission.lab.number}, {submission.lab.title}, {what}. "
        f"Before: {old.words}. Now: {new.words}. Reason: {change.reason.strip()}"
    )
