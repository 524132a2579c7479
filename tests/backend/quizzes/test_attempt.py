"""From the first question to the score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.curriculum.models import Module, QuestionRevision
from backend.quizzes import selectors, services
from backend.quizzes.errors import AttemptFinished, CooldownActive, InvalidAnswer, NoQuestions
from backend.quizzes.models import QuizAttempt
from tests.backend.quizzes.bank import answer_rightly, at, right_form
from tests.factories import ModuleFactory, QuestionFactory, UserFactory


def test_an_attempt_draws_twelve_questions_over_all_categories_and_difficulties(learner: User) -> None:
    module = ModuleFactory.create()
    for category in ("concepts", "coding", "debugging"):
        for difficulty in (1, 2, 3):
            for _ in range(8 if category == "concepts" else 3):
                QuestionFactory.create(module=module, category=category, difficulty=difficulty)
    attempt = services.start(learner, module, rng=Random(1))
    drawn = [response.question.question for response in attempt.responses.select_related("question__question")]
    assert len({question.pk for question in drawn}) == 12
    assert Counter(question.category for question in drawn) == {"concepts": 4, "coding": 4, "debugging": 4}
    assert {(question.category, question.difficulty) for question in drawn} >= {
        (category, difficulty) for category in ("concepts", "coding", "debugging") for difficulty in (1, 2, 3)
    }


def test_the_next_attempt_asks_first_what_was_not_asked_before(learner: User) -> None:
    module = ModuleFactory.create()
    QuestionFactory.create_batch(24, module=module)
    first = services.start(learner, module)
    asked = set(first.responses.values_list("question_id", flat=True))
    answer_rightly(first)
    services.finish(first)
    second = services.start(learner, module)
    assert not asked & set(second.responses.values_list("question_id", flat=True))


def test_retired_questions_and_those_of_other_modules_are_never_asked(learner: User, module: Module) -> None:
    QuestionFactory.create(module=module, retired=True, slug="gone")
    QuestionFactory.create(slug="elsewhere")
    attempt = services.start(learner, module)
    slugs = set(attempt.responses.values_list("question__question__slug", flat=True))
    assert len(slugs) == 8
    assert not slugs & {"gone", "elsewhere"}


def test_options_are_shuffled_but_lines_of_a_program_stay_in_order(learner: User, module: Module) -> None:
    orders = {tuple(at(services.start(UserFactory.create(), module), "multiple").order) for _ in range(12)}
    assert len(orders) > 1
    assert at(services.start(learner, module), "bug").order == ["4", "7", "9"]


def test_starting_again_gives_the_open_attempt(learner: User, module: Module) -> None:
    assert services.start(learner, module) == services.start(learner, module)
    assert QuizAttempt.objects.count() == 1


def test_a_module_without_questions_has_no_quiz(learner: User) -> None:
    with pytest.raises(NoQuestions):
        services.start(learner, ModuleFactory.create())


def test_all_right_scores_one_and_passes(learner: User, attempt: QuizAttempt) -> None:
    answer_rightly(attempt)
    finished = services.finish(attempt)
    assert (finished.score, finished.passed) == (1.0, True)
    result = selectors.best_results(learner)[attempt.module_id]
    assert (result.best_score, result.passed, result.attempts) == (1.0, True, 1)


def test_what_is_not_answered_earns_nothing(attempt: QuizAttempt) -> None:
    answer_rightly(attempt, 4)
    finished = services.finish(attempt)
    assert (finished.score, finished.passed) == (0.5, False)


@pytest.mark.parametrize(("right", "passes"), [(6, False), (7, True)])
def test_seventy_percent_passes_exactly(learner: User, right: int, passes: bool) -> None:
    module = ModuleFactory.create()
    QuestionFactory.create_batch(10, module=module)
    attempt = services.start(learner, module)
    answer_rightly(attempt, right)
    assert services.finish(attempt).passed is passes


def test_part_of_an_answer_earns_part_of_the_points(attempt: QuizAttempt) -> None:
    multiple, match = at(attempt, "multiple"), at(attempt, "match")
    services.answer(attempt, multiple.position, {"answer": right_form(multiple)["answer"][:1]})
    services.answer(attempt, match.position, {"pair-1": right_form(match)["pair-1"]})
    services.finish(attempt)
    assert (at(attempt, "multiple").points, at(attempt, "match").points) == (0.5, 0.5)


def test_an_answer_can_be_changed_and_taken_back_until_the_end(attempt: QuizAttempt) -> None:
    single = at(attempt, "single")
    services.answer(attempt, single.position, {"answer": ["2"]})
    services.answer(attempt, single.position, {"answer": ["3"]})
    assert at(attempt, "single").answer == single.order[2]
    services.answer(attempt, single.position, {})
    single = at(attempt, "single")
    assert (single.answer, single.answered_at) == (None, None)


def test_an_answer_that_is_none_leaves_what_was_saved(attempt: QuizAttempt) -> None:
    numeric = at(attempt, "numeric")
    services.answer(attempt, numeric.position, {"answer": ["1500"]})
    with pytest.raises(InvalidAnswer):
        services.answer(attempt, numeric.position, {"answer": ["many"]})
    assert at(attempt, "numeric").answer == "1500"


@pytest.mark.parametrize("place", ["0", "4", "-1", "heap", "1e0", "\u0663", "99999999999999999999"])
def test_an_option_that_was_not_shown_is_refused(attempt: QuizAttempt, place: str) -> None:
    with pytest.raises(InvalidAnswer):
        services.answer(attempt, at(attempt, "single").position, {"answer": [place]})


def test_a_finished_attempt_takes_no_answer_and_no_flag(attempt: QuizAttempt) -> None:
    services.finish(attempt)
    with pytest.raises(AttemptFinished):
        services.answer(attempt, 1, {"answer": ["1"]})
    with pytest.raises(AttemptFinished):
        services.flag(attempt, 1, flagged=True)


def test_finishing_twice_changes_nothing(attempt: QuizAttempt) -> None:
    first = services.finish(attempt)
    second = services.finish(attempt)
    assert (first.score, first.finished_at) == (second.score, second.finished_at)


def test_after_a_failed_attempt_the_next_waits_ten_minutes(learner: User, module: Module) -> None:
    failed = services.finish(services.start(learner, module))
    with pytest.raises(CooldownActive) as refusal:
        services.start(learner, module)
    assert timedelta(minutes=9) < refusal.value.wait <= timedelta(minutes=10)
    assert "10 minutes" in str(refusal.value)
    QuizAttempt.objects.filter(pk=failed.pk).update(finished_at=timezone.now() - timedelta(minutes=10, seconds=1))
    assert services.start(learner, module).finished_at is None


def test_after_a_passed_attempt_the_next_may_start_at_once_and_the_best_counts(learner: User, module: Module) -> None:
    first = services.start(learner, module)
    answer_rightly(first)
    services.finish(first)
    services.finish(services.start(learner, module))
    result = selectors.best_results(learner)[module.pk]
    assert (result.best_score, result.passed, result.attempts) == (1.0, True, 2)


def test_an_attempt_keeps_the_wording_that_was_answered(attempt: QuizAttempt) -> None:
    answer_rightly(attempt)
    question = at(attempt, "short").question.question
    question.current = QuestionRevision.objects.create(
        question=question,
        digest="b" * 64,
        kind="short",
        prompt_html="",
        explanation_html="",
        key={"accepted": ["other"]},
    )
    question.save()
    assert services.finish(attempt).score == 1.0


def test_an_attempt_keeps_the_kind_that_was_asked(attempt: QuizAttempt, browser_of: Callable[[User], Client]) -> None:
    answer_rightly(attempt)
    question, position = at(attempt, "single").question.question, at(attempt, "single").position
    question.kind = "numeric"
    question.current = QuestionRevision.objects.create(
        question=question, digest="b" * 64, kind="numeric", prompt_html="", explanation_html="", key={"answer": 3}
    )
    question.save()
    browser = browser_of(attempt.learner)
    assert 'type="radio"' in browser.get(f"/quiz/{attempt.pk}/?q={position}").content.decode()
    assert services.finish(attempt).score == 1.0
    assert browser.get(f"/quiz/{attempt.pk}/result/").status_code == 200


def test_the_database_refuses_a_second_open_attempt_and_a_pass_without_an_end(
    learner: User, module: Module, attempt: QuizAttempt
) -> None:
    with pytest.raises(IntegrityError, match="one_open_attempt_per_module"), transaction.atomic():
        QuizAttempt.objects.create(learner=learner, module=module)
    with pytest.raises(IntegrityError, match="passed_only_when_finished"), transaction.atomic():
        QuizAttempt.objects.filter(pk=attempt.pk).update(passed=True)
