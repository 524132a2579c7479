"""Reads of attempts and results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Q, QuerySet
from django.db.models.functions import Now

from backend.accounts.models import User
from backend.curriculum.models import Module
from backend.quizzes.models import QuizAttempt, QuizResponse, percent


@dataclass(frozen=True, slots=True)
class QuizResult:
    """What a learner has reached in the quiz of one module."""

    module_id: int
    best_score: float
    """Share of the points in the best finished attempt, 0 to 1."""
    passed: bool
    """Whether any attempt passed. Once passed stays passed."""
    attempts: int
    """Number of finished attempts."""

    @property
    def percent(self) -> int:
        """Best score in percent, rounded down."""
        return percent(self.best_score)


def best_results(learner: User) -> dict[int, QuizResult]:
    """Module id -> result, for each module whose quiz the learner has finished at least once. One query."""
    rows = (
        QuizAttempt.objects.filter(learner=learner, finished_at__isnull=False)
        .values("module_id")
        .annotate(best=Max("score"), passes=Count("pk", filter=Q(passed=True)), attempts=Count("pk"))
        .order_by("module_id")
    )
    return {
        row["module_id"]: QuizResult(row["module_id"], row["best"], row["passes"] > 0, row["attempts"]) for row in rows
    }


def attempts_visible_to(user: User | AnonymousUser) -> QuerySet[QuizAttempt]:
    """A person's own attempts, and nobody else's."""
    if not isinstance(user, User):
        return QuizAttempt.objects.none()
    return QuizAttempt.objects.filter(learner=user).select_related("module")


def open_attempt(learner: User, module: Module) -> QuizAttempt | None:
    """The attempt that is not finished yet. One query."""
    return QuizAttempt.objects.filter(learner=learner, module=module, finished_at__isnull=True).first()


def finished_attempts(learner: User, module: Module) -> QuerySet[QuizAttempt]:
    """Finished attempts, newest first."""
    return QuizAttempt.objects.filter(learner=learner, module=module, finished_at__isnull=False).order_by(
        "-finished_at"
    )


def cooldown_left(learner: User, module: Module, cooldown: timedelta) -> timedelta | None:
    """How long until the next attempt may start, by the database's clock; None when it may start now."""
    last = (
        finished_attempts(learner, module)
        .annotate(left=ExpressionWrapper(F("finished_at") + cooldown - Now(), output_field=DurationField()))
        .first()
    )
    if last is None or last.passed:
        return None
    left: timedelta = last.left
    return left if left > timedelta(0) else None


def module(slug: str) -> Module:
    """The module whose quiz is meant. One query.

    Raises:
        Module.DoesNotExist: no such module, or retired.
    """
    return Module.objects.defer("body_html").get(slug=slug, retired=False)


def responses(attempt: QuizAttempt) -> list[QuizResponse]:
    """All questions of an attempt in order, each with its revision and lesson. One query."""
    return list(
        QuizResponse.objects.filter(attempt=attempt)
        .select_related("question__question__lesson")
        .defer("question__question__lesson__body_html", "question__question__lesson__contents")
        .order_by("position")
    )
