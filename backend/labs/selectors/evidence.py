"""Whether submissions that somebody relies on still say what they said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.labs.models import GradeAttempt, Submission, Verdict, VerdictChange


def changes_since(submissions: Iterable[UUID], moment: datetime) -> list[VerdictChange]:
    """Changes of these submissions' results after a moment, in their order. One query."""
    found = VerdictChange.objects.filter(submission__in=list(submissions), at__gt=moment)
    return list(
        found.select_related("submission__lab")
        .defer("submission__lab__instructions_html", "submission__lab__contents")
        .order_by("at", "pk")
    )


def no_longer_accepted(submissions: Iterable[UUID]) -> list[Submission]:
    """Those that are not accepted now and whose learner has no other accepted one of the same lab. One query."""
    others = Submission.objects.filter(learner=OuterRef("learner"), lab=OuterRef("lab"), verdict=Verdict.ACCEPTED)
    lost = Submission.objects.filter(pk__in=list(submissions)).exclude(verdict=Verdict.ACCEPTED).exclude(Exists(others))
    return list(lost.select_related("lab").defer("lab__instructions_html", "lab__contents").order_by("created_at"))


def deciding_attempts() -> QuerySet[GradeAttempt]:
    """Attempts that gave a verdict: no trials, and none that our own fault ended beside a verdict that stayed."""
    failed = Q(report__verdict=Verdict.GRADER_ERROR) & ~Q(submission__verdict=Verdict.GRADER_ERROR)
    return GradeAttempt.objects.filter(trial=False, state=GradeAttempt.State.FINISHED).exclude(failed)


def judging_revisions(submissions: Iterable[UUID]) -> dict[UUID, str]:
    """Submission -> revision of its lab that gave the result that holds. One query."""
    judged = deciding_attempts().filter(submission__in=list(submissions))
    return dict(judged.order_by("submission", "number").values_list("submission_id", "lab_digest"))
