"""What learners handed in and reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Count, F, FloatField, IntegerField, Min, QuerySet, Value, When, Window
from django.db.models.functions import Cast, FirstValue, TruncDate

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs.models import Submission, SubmissionFile, Verdict

_NOT_COUNTED = ("", Verdict.GRADER_ERROR)


@dataclass(frozen=True, slots=True)
class LabResult:
    """What a learner has reached in one lab."""

    lab_id: int
    verdict: str
    """Of the best submission; "" while none has a verdict that counts."""
    score: float
    max_score: float
    submission_id: UUID
    """The last submission, whatever became of it."""
    submissions: int

    @property
    def accepted(self) -> bool:
        """Whether any submission was accepted."""
        return self.verdict == Verdict.ACCEPTED

    @property
    def percent(self) -> int:
        """Score of the best submission in percent, rounded down."""
        return int(100 * self.score / self.max_score) if self.max_score else 0


def accepted_lab_ids(learner: User) -> set[int]:
    """Labs of which the learner has an accepted submission. One query."""
    accepted = Submission.objects.filter(learner=learner, verdict=Verdict.ACCEPTED)
    return set(accepted.values_list("lab_id", flat=True).order_by().distinct())


def lab_results(learner: User, lab_ids: Iterable[int]) -> dict[int, LabResult]:
    """Lab id -> result, for each of these labs that the learner has submitted. One query, one row for each lab."""
    counts = Case(When(verdict__in=_NOT_COUNTED, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = (
        Submission.objects.filter(learner=learner, lab_id__in=list(lab_ids))
        .annotate(
            submissions=Window(Count("pk"), partition_by="lab_id"),
            last=Window(FirstValue("pk"), partition_by="lab_id", order_by="-created_at"),
            accepted=Case(When(verdict=Verdict.ACCEPTED, then=Value(1)), default=Value(0)),
            counts=counts,
            share=Case(When(max_score__gt=0, then=Cast(F("score"), FloatField()) / F("max_score")), default=Value(0.0)),
        )
        .order_by("lab_id", "-accepted", "-counts", "-share", "-created_at")
        .distinct("lab_id")
        .values("lab_id", "verdict", "score", "max_score", "counts", "submissions", "last")
    )
    return {
        row["lab_id"]: LabResult(
            lab_id=row["lab_id"],
            verdict=row["verdict"] if row["counts"] else "",
            score=row["score"] if row["counts"] else 0.0,
            max_score=row["max_score"] if row["counts"] else 0.0,
            submission_id=row["last"],
            submissions=row["submissions"],
        )
        for row in rows
    }


def submissions_visible_to(user: User | AnonymousUser) -> QuerySet[Submission]:
    """A learner's own submissions; reviewers and administrators see all. Nobody else's exist for anybody."""
    submissions = Submission.objects.select_related("lab", "lab__module", "learner").defer(
        "lab__instructions_html", "lab__contents", "lab__module__body_html"
    )
    if not isinstance(user, User) or not user.is_active:
        return submissions.none()
    return submissions if user.can_review else submissions.filter(learner=user)


def submissions_of(learner: User | AnonymousUser, lab: Lab, *, limit: int = 20) -> list[Submission]:
    """The learner's submissions of a lab, newest first. One query."""
    if not isinstance(learner, User):
        return []
    return list(Submission.objects.filter(learner=learner, lab=lab).order_by("-created_at")[:limit])


def files_of(submission: Submission) -> dict[str, bytes]:
    """File name -> content, byte for byte. One query."""
    rows = SubmissionFile.objects.filter(submission=submission).order_by("name")
    return {file.name: bytes(file.content) for file in rows}


def first_accepted(learner: User, lab_ids: Iterable[int]) -> dict[int, datetime]:
    """Lab id -> when the learner handed in what was the first to be accepted, for those with one. One query."""
    accepted = Submission.objects.filter(learner=learner, lab_id__in=list(lab_ids), verdict=Verdict.ACCEPTED)
    return dict(accepted.values_list("lab_id").annotate(first=Min("created_at")).order_by())


def hand_ins_by_day(learner: User, *, since: datetime, zone: tzinfo) -> dict[date, int]:
    """How much a learner handed in on each day of a time zone that had any. One query."""
    submissions = Submission.objects.filter(learner=learner, created_at__gte=since)
    return dict(submissions.values_list(TruncDate("created_at", tzinfo=zone)).annotate(count=Count("pk")).order_by())
