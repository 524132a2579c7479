"""Questions whose key turns out wrong."""

from __future__ import annotations

from typing import Any

from backend.accounts.models import User
from backend.curriculum.models import Module, Question, QuestionRevision
from backend.quizzes import services
from backend.quizzes.models import QuizAttempt
from tests.backend.quizzes.bank import right_form


def correct(question: Question, **fields: Any) -> QuestionRevision:
    """Give a question a new wording that differs from its present one in some fields."""
    old = question.current
    assert old is not None
    kept = ("kind", "prompt_html", "explanation_html", "choices", "key")
    wording = {name: getattr(old, name) for name in kept} | fields
    number = question.revisions.count()
    question.current = QuestionRevision.objects.create(question=question, digest=f"{number:064d}", **wording)
    question.save(update_fields=["current"])
    return question.current


def take(learner: User, module: Module, choices: dict[str, str | None], *, finish: bool = True) -> QuizAttempt:
    """An attempt with an option (by id) for each question by slug, None for no answer; all others rightly answered."""
    attempt = services.start(learner, module)
    for response in attempt.responses.select_related("question__question"):
        slug = response.question.question.slug
        if slug not in choices:
            services.answer(attempt, response.position, right_form(response))
        elif (chosen := choices[slug]) is not None:
            services.answer(attempt, response.position, {"answer": [str(response.order.index(chosen) + 1)]})
    return services.finish(attempt) if finish else attempt
