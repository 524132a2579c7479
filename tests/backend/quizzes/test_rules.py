"""Each module's own rules: how many questions of what, how often, and against which clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.curriculum.models import Module
from backend.quizzes import services, tasks
from backend.quizzes.errors import AttemptFinished, AttemptLimitReached, CooldownActive, TimeOver
from backend.quizzes.models import QuizAttempt, QuizRules
from tests.backend.quizzes.bank import answer_rightly, at, right_form
from tests.factories import ModuleFactory, QuestionFactory

Browser = Callable[[User], Client]


def rule(module: Module, **fields: object) -> None:
    QuizRules.objects.create(module=module, **fields)
    module.refresh_from_db()


def ago(attempt: QuizAttempt, **fields: timedelta) -> None:
    """Move times of an attempt into the past."""
    QuizAttempt.objects.filter(pk=attempt.pk).update(**{name: timezone.now() - back for name, back in fields.items()})
    attempt.refresh_from_db()


def test_an_attempt_asks_what_the_table_of_its_quiz_says(learner: User) -> None:
    module = ModuleFactory.create()
    for category in ("concepts", "coding", "debugging"):
        for difficulty in (1, 2, 3):
            QuestionFactory.create_batch(5, module=module, category=category, difficulty=difficulty)
    rule(module, questions=9, table={"concepts": {"3": 4}, "coding": {"1": 2, "2": 3}})
    for seed in range(5):
        attempt = services.start(learner, module, rng=Random(seed))
        drawn = [response.question.question for response in attempt.responses.select_related("question__question")]
        assert Counter((question.category, question.difficulty) for question in drawn) == {
            ("concepts", 3): 4,
            ("coding", 1): 2,
            ("coding", 2): 3,
        }
        attempt.delete()


def test_a_table_that_the_bank_cannot_fill_takes_the_nearest_difficulty_of_the_category(learner: User) -> None:
    module = ModuleFactory.create()
    for difficulty in (1, 2, 2, 3):
        QuestionFactory.create(module=module, category="coding", difficulty=difficulty)
    QuestionFactory.create_batch(9, module=module, category="concepts")
    rule(module, questions=3, table={"coding": {"3": 3}})
    drawn = services.start(learner, module).responses.values_list(
        "question__question__category", "question__question__difficulty"
    )
    assert sorted(drawn) == [("coding", 2), ("coding", 2), ("coding", 3)]


@pytest.mark.parametrize(
    "table", [[1], {"poetry": {"1": 1}}, {"coding": 3}, {"coding": {"x": 1}}, {"coding": {"1": -1}}]
)
def test_a_table_that_is_none_is_refused_with_what_to_write(module: Module, table: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        QuizRules(module=module, table=table).full_clean()
    assert "table" in refusal.value.message_dict


def test_a_table_that_asks_more_than_an_attempt_holds_is_refused_with_both_numbers(module: Module) -> None:
    table = {"concepts": {"1": 4}, "coding": {"2": 3}}
    QuizRules(module=module, questions=7, table=table).full_clean()
    with pytest.raises(ValidationError, match="asks 7 questions, an attempt 6"):
        QuizRules(module=module, questions=6, table=table).full_clean()


def test_no_more_attempts_start_than_the_quiz_allows_and_the_page_says_when_the_next_can(
    learner: User, module: Module, browser_of: Browser
) -> None:
    rule(module, attempt_limit=2, limit_hours=24, cooldown_minutes=0)
    first = services.finish(services.start(learner, module))
    services.finish(services.start(learner, module))
    ago(first, started_at=timedelta(hours=20))
    with pytest.raises(AttemptLimitReached, match="allows 2 attempts within 24 hours") as refusal:
        services.start(learner, module)
    assert timedelta(hours=3, minutes=59) < refusal.value.wait <= timedelta(hours=4)
    page = browser_of(learner).get(reverse("quiz", args=[module.slug])).content.decode()
    assert "You can try again in 4 hours" in page
    assert f"{first.started_at + timedelta(hours=24):%H:%M} (UTC)" in page
    assert reverse("quiz_start", args=[module.slug]) not in page
    ago(first, started_at=timedelta(hours=25))
    assert services.start(learner, module).finished_at is None


def test_one_of_something_is_told_in_the_singular_and_no_wait_not_at_all(
    learner: User, module: Module, browser_of: Browser
) -> None:
    rule(module, attempt_limit=1, limit_hours=1, cooldown_minutes=0, timing="timed", time_limit_minutes=1)
    page = browser_of(learner).get(reverse("quiz", args=[module.slug])).content.decode()
    assert "1 attempt can start within 1 hour." in page
    assert "you have 1 minute, by" in page
    assert "later." not in page
    services.finish(services.start(learner, module))
    with pytest.raises(AttemptLimitReached, match="allows 1 attempt within 1 hour, and"):
        services.start(learner, module)


def test_a_web_machine_whose_clock_is_ahead_ends_nothing_early(
    learner: User, module: Module, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = services.start(learner, module, timed=True)
    browser, ahead = browser_of(learner), timezone.now() + timedelta(minutes=21)
    monkeypatch.setattr(timezone, "now", lambda: ahead)
    page = browser.get(reverse("quiz_attempt", args=[attempt.pk]))
    assert page.status_code == 200
    assert "The time is over" not in page.content.decode()
    left = re.search(r'data-seconds="(\d+)"', page.content.decode())
    assert left is not None
    assert 1190 <= int(left[1]) <= 1200


def test_of_cooldown_and_limit_the_longer_wait_is_told(learner: User, module: Module) -> None:
    rule(module, attempt_limit=1, limit_hours=1, cooldown_minutes=10)
    attempt = services.finish(services.start(learner, module))
    ago(attempt, started_at=timedelta(minutes=55))
    with pytest.raises(CooldownActive, match="10 minutes"):
        services.start(learner, module)


@pytest.mark.parametrize(
    ("timing", "wished", "timed"),
    [("untimed", True, False), ("optional", True, True), ("optional", False, False), ("timed", False, True)],
)
def test_the_clock_runs_where_the_quiz_or_the_learner_says_so(
    learner: User, module: Module, browser_of: Browser, timing: str, wished: bool, timed: bool
) -> None:
    rule(module, timing=timing, time_limit_minutes=15)
    browser = browser_of(learner)
    browser.post(reverse("quiz_start", args=[module.slug]), {"timed": "on"} if wished else {})
    attempt = QuizAttempt.objects.get()
    assert (attempt.ends_at is not None) is timed
    page = browser.get(reverse("quiz_attempt", args=[attempt.pk])).content.decode()
    left = re.search(r'data-seconds="(\d+)"', page)
    assert (left is not None) is timed
    if attempt.ends_at is not None and left is not None:
        assert abs(attempt.ends_at - attempt.started_at - timedelta(minutes=15)) < timedelta(seconds=5)
        assert 890 <= int(left[1]) <= 900


@pytest.fixture
def timed(learner: User, module: Module) -> QuizAttempt:
    return services.start(learner, module, timed=True)


def run_out(attempt: QuizAttempt) -> None:
    ago(attempt, ends_at=timedelta(seconds=1), started_at=timedelta(minutes=21))


def test_an_answer_after_the_time_is_refused_and_what_was_saved_before_is_scored(timed: QuizAttempt) -> None:
    answer_rightly(timed, 4)
    run_out(timed)
    late = timed.responses.get(position=5)
    with pytest.raises(TimeOver):
        services.answer(timed, 5, right_form(late))
    timed.refresh_from_db()
    assert (timed.score, timed.finished_at) == (0.5, timed.ends_at)
    assert timed.responses.get(position=5).answer is None


def test_changing_or_taking_back_an_answer_after_the_time_changes_nothing(timed: QuizAttempt) -> None:
    answer_rightly(timed)
    run_out(timed)
    single = at(timed, "single")
    for form in ({"answer": ["2"]}, {}):
        with pytest.raises(AttemptFinished):
            services.answer(timed, single.position, form)
    timed.refresh_from_db()
    assert timed.score == 1.0


@pytest.mark.parametrize("htmx", [True, False])
def test_a_late_answer_leads_to_the_result_and_says_why(
    learner: User, timed: QuizAttempt, browser_of: Browser, htmx: bool
) -> None:
    run_out(timed)
    browser = browser_of(learner)
    sent = browser.post(
        reverse("quiz_answer", args=[timed.pk, 1]), {"answer": "1"}, headers={"HX-Request": "true"} if htmx else {}
    )
    result = reverse("quiz_result", args=[timed.pk])
    assert sent.headers["HX-Redirect" if htmx else "Location"] == result
    page = browser.get(result).content.decode()
    assert page.count("The time is over") == 1
    assert "can no longer change" not in page


def test_whoever_comes_after_the_time_has_ended_the_attempt_is_told_so(
    learner: User, timed: QuizAttempt, browser_of: Browser
) -> None:
    run_out(timed)
    tasks.follow_up()
    page = browser_of(learner).get(reverse("quiz_attempt", args=[timed.pk]), follow=True).content.decode()
    assert page.count("The time is over") == 1


def test_an_attempt_that_was_finished_in_time_says_nothing_of_the_time(
    learner: User, timed: QuizAttempt, browser_of: Browser
) -> None:
    services.finish(timed)
    assert "The time is over" not in browser_of(learner).get(reverse("quiz_result", args=[timed.pk])).content.decode()


@pytest.mark.parametrize("page", ["quiz_attempt", "quiz_finish", "quiz_result"])
def test_every_page_of_an_attempt_ends_it_when_its_time_is_over(
    learner: User, timed: QuizAttempt, browser_of: Browser, page: str
) -> None:
    run_out(timed)
    answer = browser_of(learner).get(reverse(page, args=[timed.pk]), follow=True)
    assert answer.status_code == 200
    assert "Quiz result" in answer.content.decode()
    timed.refresh_from_db()
    assert timed.finished_at == timed.ends_at


def test_an_attempt_that_nobody_looks_at_ends_by_itself_and_no_other_does(learner: User, timed: QuizAttempt) -> None:
    answer_rightly(timed, 4)
    other = services.start(learner, QuestionFactory.create().module)
    tasks.follow_up()
    assert QuizAttempt.objects.filter(finished_at=None).count() == 2
    run_out(timed)
    tasks.follow_up()
    timed.refresh_from_db()
    other.refresh_from_db()
    assert (timed.score, timed.finished_at, other.finished_at) == (0.5, timed.ends_at, None)


def test_after_the_time_the_cooldown_counts_from_its_end(learner: User, module: Module, timed: QuizAttempt) -> None:
    ago(timed, started_at=timedelta(minutes=40), ends_at=timedelta(minutes=20))
    assert services.start(learner, module) != timed


def test_finishing_before_the_time_counts_as_now(timed: QuizAttempt) -> None:
    done = services.finish(timed)
    assert done.finished_at is not None
    assert timed.ends_at is not None
    assert done.finished_at < timed.ends_at


def test_the_time_on_a_question_runs_from_when_it_was_first_shown_to_its_first_answer(
    learner: User, attempt: QuizAttempt, browser_of: Browser
) -> None:
    browser = browser_of(learner)
    browser.get(reverse("quiz_attempt", args=[attempt.pk]) + "?q=3")
    shown = attempt.responses.get(position=3).shown_at
    browser.get(reverse("quiz_attempt", args=[attempt.pk]) + "?q=3")
    services.answer(attempt, 3, right_form(attempt.responses.get(position=3)))
    first = attempt.responses.get(position=3).first_answered_at
    services.answer(attempt, 3, right_form(attempt.responses.get(position=3)))
    again = attempt.responses.get(position=3)
    assert shown is not None
    assert (again.shown_at, again.first_answered_at) == (shown, first)
    assert attempt.responses.filter(shown_at=None).count() == 7
