"""A module with one open question of each category."""

from __future__ import annotations

import pytest

from backend.curriculum.models import Question
from backend.interviews.practice.filters import CATEGORIES
from tests.backend.interviews.cards import open_question
from tests.factories import LessonFactory, ModuleFactory


@pytest.fixture
def questions(db: None) -> dict[str, Question]:
    """Category -> question."""
    module = ModuleFactory.create(title="Foundations")
    lesson = LessonFactory.create(module=module, title="Memory")
    return {category: open_question(module=module, lesson=lesson, category=category) for category in CATEGORIES}
