"""A module with one question of every kind, and an open attempt at it."""

from __future__ import annotations

import pytest

from backend.accounts.models import User
from backend.curriculum.models import Module
from backend.quizzes import services
from backend.quizzes.models import QuizAttempt
from tests.backend.quizzes.bank import BANK
from tests.factories import LessonFactory, ModuleFactory, QuestionFactory


@pytest.fixture
def module(db: None) -> Module:
    module = ModuleFactory.create(title="Foundations")
    lesson = LessonFactory.create(module=module, title="Memory")
    for question in BANK:
        QuestionFactory.create(module=module, lesson=lesson, **question)
    return module


@pytest.fixture
def attempt(learner: User, module: Module) -> QuizAttempt:
    return services.start(learner, module)
