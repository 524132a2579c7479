"""A module with one open question of each category, and two short scripts of mock interviews."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from backend.curriculum.models import Question
from backend.interviews.practice.filters import CATEGORIES
from tests.backend.interviews.cards import open_question
from tests.backend.interviews.scripts_on_disk import CODING, SYSTEM_DESIGN, write
from tests.factories import LessonFactory, ModuleFactory


@pytest.fixture
def questions(db: None) -> dict[str, Question]:
    """Category -> question."""
    module = ModuleFactory.create(title="Foundations")
    lesson = LessonFactory.create(module=module, title="Memory")
    return {category: open_question(module=module, lesson=lesson, category=category) for category in CATEGORIES}


@pytest.fixture
def two_scripts(tmp_path: Path, settings: Settings) -> None:
    """The scripts “small-design” and “small-kernel” instead of the published ones."""
    settings.CONTENT_DIR = write(tmp_path, small_design=SYSTEM_DESIGN, small_kernel=CODING)
