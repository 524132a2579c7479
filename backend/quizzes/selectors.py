"""Reads of attempts and results."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Max, Q, QuerySet

from backend.accounts.models import User
from backend.curriculum.models import Module, Question, Status
from backend.quizzes.models import QuizAttempt


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


def drawable_questions(module: Module) -> QuerySet[Question]:
    """The bank an attempt is drawn from: questions that are loaded and not retired, of a module that is open."""
    if module.status == Status.PLANNED:
        return Question.objects.none()
    return Question.objects.filter(module=module, retired=False, current__isnull=False)
