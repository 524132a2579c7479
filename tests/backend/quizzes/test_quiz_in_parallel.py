"""Whatever arrives at the same moment counts once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from backend.curriculum.models import Module
from backend.quizzes import services
from backend.quizzes.errors import AttemptFinished
from backend.quizzes.models import QuizAttempt
from tests.backend.quizzes.bank import BANK, answer_rightly, at
from tests.factories import ModuleFactory, QuestionFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
_THREADS = 16


def at_once(action: Callable[[int], object], times: int = 50) -> list[object]:
    """What each call gave or raised, all begun together as far as `_THREADS` connections allow."""
    barrier = Barrier(_THREADS)

    def call(number: int) -> object:
        try:
            if number < _THREADS:
                barrier.wait(timeout=30)
            return action(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(call, range(times)))


@pytest.fixture
def bank() -> Module:
    module = ModuleFactory.create()
    for question in BANK:
        QuestionFactory.create(module=module, **question)
    return module


def test_fifty_starts_open_one_attempt(bank: Module) -> None:
    learner = UserFactory.create()
    attempts = at_once(lambda _: services.start(learner, bank))
    assert set(attempts) == {QuizAttempt.objects.get()}
    assert QuizAttempt.objects.get().responses.count() == len(BANK)


def test_fifty_answers_leave_one(bank: Module) -> None:
    attempt = services.start(UserFactory.create(), bank)
    single = at(attempt, "single")
    results = at_once(lambda number: services.answer(attempt, single.position, {"answer": [str(number % 3 + 1)]}))
    assert not [result for result in results if isinstance(result, Exception)]
    assert at(attempt, "single").answer in single.order
    assert attempt.responses.exclude(answer=None).count() == 1


def test_fifty_finishes_score_once(bank: Module) -> None:
    attempt = services.start(UserFactory.create(), bank)
    answer_rightly(attempt, 4)
    results = at_once(lambda _: services.finish(attempt))
    assert {
        (result.score, result.finished_at) if isinstance(result, QuizAttempt) else result for result in results
    } == {(0.5, QuizAttempt.objects.get().finished_at)}


def test_an_answer_beside_the_finish_is_either_scored_or_refused(bank: Module) -> None:
    attempt = services.start(UserFactory.create(), bank)
    single = at(attempt, "single")
    right = {"answer": [str(single.order.index("heap") + 1)]}
    results = at_once(
        lambda number: services.finish(attempt) if number == 7 else services.answer(attempt, single.position, right), 16
    )
    saved = at(attempt, "single")
    assert saved.points == (1.0 if saved.answer == "heap" else 0.0)
    assert all(not isinstance(result, Exception) or isinstance(result, AttemptFinished) for result in results)
