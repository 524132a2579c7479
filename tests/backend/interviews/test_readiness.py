"""The estimate never says more than is known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.accounts.models import User
from backend.curriculum.models import Question
from backend.interviews.clock import database_time
from backend.interviews.practice.plots import plot
from backend.interviews.practice.queue import standing
from backend.interviews.practice.readiness import FEWEST, LATEST, Readiness, interval, readiness
from tests.backend.interviews.cards import open_question, practise
from tests.factories import ModuleFactory


def estimates(learner: User, days: int = 0) -> dict[str, Readiness]:
    now = database_time() + timedelta(days=days)
    return {one.category: one for one in readiness(learner, standing(learner, now).questions, now)}


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        # Wilson, E. B. (1927), by its closed form for z = 1.959964.
        ([1.0] * 10, (1.0, 0.7225, 1.0)),
        ([0.5] * 10, (0.5, 0.2366, 0.7634)),
        ([1.0, 0.0, 0.0], (1 / 3, 0.0615, 0.7923)),
        ([], (0.0, 0.0, 1.0)),
    ],
)
def test_the_interval_is_wilsons(shares: list[float], expected: tuple[float, float, float]) -> None:
    assert interval(shares) == pytest.approx(expected, abs=5e-4)


def test_three_answers_give_an_interval_and_no_number(learner: User, db: None) -> None:
    module = ModuleFactory.create()
    for _ in range(3):
        practise(learner, open_question(module=module, category="coding"), points=4)
    found = estimates(learner)["coding"]
    assert not found.known
    assert found.words == "somewhere in 44 to 100 %, from 3 answers: too few for a single number"
    assert plot([found]).rows[0].middle == ""


def test_enough_answers_give_a_number_with_its_interval(learner: User, db: None) -> None:
    module = ModuleFactory.create()
    for _ in range(FEWEST):
        practise(learner, open_question(module=module, category="coding"), points=2)
    found = estimates(learner)["coding"]
    assert found.words == f"50 % of the points, 95 % interval 17 to 83 %, from {FEWEST} answers"
    assert plot([found]).rows[0].middle == "50.00%"


def test_what_is_being_forgotten_counts_for_less(learner: User, db: None) -> None:
    module = ModuleFactory.create()
    for _ in range(FEWEST):
        practise(learner, open_question(module=module, category="coding"), points=4)
    assert estimates(learner)["coding"].share == pytest.approx(1.0)
    assert estimates(learner, days=60)["coding"].share < 0.8


def test_only_the_latest_answer_to_a_question_and_the_latest_questions_count(learner: User, db: None) -> None:
    module = ModuleFactory.create()
    first = open_question(module=module, category="coding")
    practise(learner, first, points=4)
    practise(learner, first, points=1)
    assert estimates(learner)["coding"].share == pytest.approx(0.25)
    for _ in range(LATEST):
        practise(learner, open_question(module=module, category="coding"), points=4)
    found = estimates(learner)["coding"]
    assert (found.answers, found.practised) == (LATEST, LATEST + 1)
    assert found.share == pytest.approx(1.0)


def test_every_category_with_questions_has_a_row_and_others_answers_count_nothing(
    learner: User, reviewer: User, questions: dict[str, Question]
) -> None:
    practise(reviewer, questions["coding"])
    found = estimates(learner)
    assert list(found) == ["system-design", "coding", "concepts", "debugging"]
    assert all(one.answers == 0 and one.words == "no rated answers yet" for one in found.values())
