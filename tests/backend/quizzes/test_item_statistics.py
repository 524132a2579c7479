"""What authors see of their questions: figures that are right, hidden while they mean nothing, and flags by rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from statistics import correlation, mean, median

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import Role, User
from backend.curriculum.models import Module
from backend.quizzes import services
from backend.quizzes.authors import counting, regrading, statistics
from backend.quizzes.authors.flags import Choice, flags
from backend.quizzes.authors.statistics import Item
from backend.quizzes.models import QuizResponse
from tests.backend.quizzes.corrected import correct, take
from tests.factories import ModuleFactory, QuestionFactory, UserFactory

Browser = Callable[[User], Client]


@pytest.fixture
def bank(db: None) -> Module:
    module = ModuleFactory.create()
    for number in range(1, 5):
        QuestionFactory.create(module=module, slug=f"q-{number}")
    return module


@pytest.fixture
def author(db: None) -> User:
    return UserFactory.create(role=Role.AUTHOR)


def item(module: Module, slug: str) -> Item:
    return next(item for item in statistics.items(module) if item.question.slug == slug)


def crowd(module: Module, able: int, unable: int, *, odd: str) -> None:
    """People who know all but take `right` or not in one question by the opposite of what they know."""
    for _ in range(able):
        take(UserFactory.create(), module, {odd: "wrong-1"})
    for _ in range(unable):
        take(UserFactory.create(), module, {"q-2": "wrong-2", "q-3": "wrong-3", "q-4": "wrong-1", odd: "right"})


def test_figures_are_those_that_textbooks_define(bank: Module) -> None:
    points: list[list[float]] = []
    for number in range(24):
        wrong = {f"q-{n}": "wrong-1" for n in range(1, 5) if (number * 7 + n * n) % 5 < n - 1}
        take(UserFactory.create(), bank, dict(wrong))
        points.append([0.0 if f"q-{n}" in wrong else 1.0 for n in range(1, 5)])
    for n in range(2, 5):
        shown = item(bank, f"q-{n}")
        own = [row[n - 1] for row in points]
        rest = [(sum(row) - row[n - 1]) / 3 for row in points]
        assert shown.answers == 24
        assert shown.facility == pytest.approx(mean(own))
        assert shown.discrimination == pytest.approx(correlation(own, rest))
        assert {choice.text: choice.count for choice in shown.choices if choice.count} == {
            text: count for text, count in (("Option t", int(sum(own))), ("Option 1", 24 - int(sum(own)))) if count
        }
    assert item(bank, "q-1").discrimination is None


def test_the_median_time_runs_from_the_first_look_to_the_first_answer(bank: Module) -> None:
    for _ in range(21):
        take(UserFactory.create(), bank, {})
    seconds = [10 + number * number for number in range(21)]
    for response, spent in zip(QuizResponse.objects.filter(question__question__slug="q-2"), seconds, strict=True):
        now = timezone.now()
        response.shown_at, response.first_answered_at = now - timedelta(seconds=spent), now
        response.save()
    shown = item(bank, "q-2")
    assert shown.seconds == pytest.approx(median(seconds))
    assert shown.time == "1:50"


def test_below_twenty_answers_nothing_is_shown_nor_flagged(bank: Module, author: User, browser_of: Browser) -> None:
    crowd(bank, 10, 9, odd="q-1")
    few = item(bank, "q-1")
    assert (few.answers, few.facility, few.discrimination, few.choices, few.flags) == (19, None, None, [], [])
    page = browser_of(author).get(reverse("quiz_item", args=["q-1"])).content.decode()
    assert "19 answers so far" in page
    assert "Option" not in page
    take(UserFactory.create(), bank, {})
    assert item(bank, "q-1").facility is not None


def test_a_question_that_the_able_get_wrong_is_flagged_and_listed_first(
    bank: Module, author: User, browser_of: Browser
) -> None:
    crowd(bank, 15, 10, odd="q-1")
    shown = item(bank, "q-1")
    assert shown.discrimination == pytest.approx(-1)
    assert [flag.name for flag in shown.flags] == ["negative", "wrong-preferred"]
    assert item(bank, "q-2").flags == []
    page = browser_of(author).get(reverse("quiz_items", args=[bank.slug])).content.decode()
    assert "Check the key." in page
    assert page.index("quiz/item/q-1") < page.index("quiz/item/q-2")
    assert page.count("plot-excess") == 1
    assert page.count("plot-learner") == 3
    assert "1 of them flagged" in page


def test_a_question_that_nobody_has_right_is_flagged(bank: Module) -> None:
    for number in range(20):
        take(UserFactory.create(), bank, {"q-3": f"wrong-{number % 3 + 1}"})
    assert [flag.name for flag in item(bank, "q-3").flags] == ["nobody", "wrong-preferred"]


def test_an_option_of_several_right_ones_that_few_take_is_flagged_when_a_wrong_one_is_taken_more() -> None:
    choices = [Choice("a", True, 20, 1.0), Choice("b", True, 4, 0.2), Choice("c", False, 5, 0.25)]
    assert [flag.name for flag in flags(0.4, 3, choices)] == ["wrong-preferred"]
    assert flags(0.4, 3, choices[:2]) == []
    assert flags(None, 3, []) == []


def test_only_the_first_answer_of_a_learner_counts_and_no_unfinished_or_missing_one(bank: Module) -> None:
    learner = UserFactory.create()
    for chosen in ("wrong-1", "wrong-1"):
        take(learner, bank, {"q-1": chosen})
    take(UserFactory.create(), bank, {"q-1": None})
    take(UserFactory.create(), bank, {"q-1": "wrong-1"}, finish=False)
    assert item(bank, "q-1").answers == 1
    assert item(bank, "q-2").answers == 2


def test_a_new_wording_starts_anew_and_says_how_many_answers_are_left_out(bank: Module) -> None:
    for _ in range(3):
        take(UserFactory.create(), bank, {})
    correct(item(bank, "q-1").question, prompt_html="<p>Which one now?</p>")
    take(UserFactory.create(), bank, {})
    shown = item(bank, "q-1")
    assert (shown.answers, shown.earlier) == (1, 3)


def test_what_several_people_typed_is_listed_and_what_one_person_typed_is_not(db: None) -> None:
    module = ModuleFactory.create()
    QuestionFactory.create(
        module=module, slug="typed", kind="short", choices=[], key={"accepted": ["ggml"], "case_sensitive": False}
    )
    for text in ["GGML"] * 4 + ["ggml_h"] * 15 + ["my secret"]:
        attempt = services.start(UserFactory.create(), module)
        services.answer(attempt, 1, {"answer": [text]})
        services.finish(attempt)
    shown = item(module, "typed")
    assert [(choice.text, choice.right, choice.count) for choice in shown.choices] == [
        ("ggml_h", False, 15),
        ("GGML", True, 4),
    ]
    assert [flag.name for flag in shown.flags] == ["wrong-preferred"]


@pytest.mark.parametrize("role", [Role.LEARNER, Role.REVIEWER])
def test_the_pages_do_not_exist_for_others(bank: Module, browser_of: Browser, role: Role) -> None:
    addresses = [reverse("quiz_banks"), reverse("quiz_items", args=[bank.slug]), reverse("quiz_item", args=["q-1"])]
    browser = browser_of(UserFactory.create(role=role))
    for address in addresses:
        assert browser.get(address).status_code == 404
        assert browser.post(address).status_code == 404
        assert Client().get(address).status_code == 302
    for allowed in (Role.AUTHOR, Role.ADMIN):
        assert browser_of(UserFactory.create(role=allowed)).get(addresses[2]).status_code == 200


def test_the_list_of_banks_counts_questions_and_attempts_without_pairing_them(bank: Module) -> None:
    QuestionFactory.create(module=bank, retired=True)
    QuestionFactory.create(module=ModuleFactory.create(), retired=True)
    for number in range(6):
        take(UserFactory.create(), bank, {}, finish=number > 0)
    assert [(module.bank, module.finished) for module in statistics.banks()] == [(4, 5)]  # type: ignore[attr-defined]
    assert " JOIN " not in str(statistics.banks().query)


def test_a_large_bank_is_counted_by_the_worker_and_its_page_says_when(
    bank: Module, author: User, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "SMALL", 2)
    for _ in range(3):
        take(UserFactory.create(), bank, {"q-2": "wrong-1"})
    now_counted = counting.count_answers(bank)
    assert now_counted == dataclasses.replace(counting._count(bank), at=now_counted.at)
    assert now_counted.at is not None
    assert "Counted" in browser_of(author).get(reverse("quiz_items", args=[bank.slug])).content.decode()
    take(UserFactory.create(), bank, {})
    assert (item(bank, "q-2").answers, item(bank, "q-2").right) == (3, 0)
    assert [module.finished for module in statistics.banks()] == [3]  # type: ignore[attr-defined]
    assert counting.count_large_banks() == 1
    assert (item(bank, "q-2").answers, item(bank, "q-2").right) == (4, 1)
    assert [module.finished for module in statistics.banks()] == [4]  # type: ignore[attr-defined]
    assert counting.count_large_banks() == 0


def test_answers_that_were_scored_again_are_counted_again(
    bank: Module, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "SMALL", 2)
    for _ in range(3):
        take(UserFactory.create(), bank, {"q-2": "wrong-1"})
    assert item(bank, "q-2").right == 0
    question = bank.questions.get(slug="q-2")
    corrected = correct(question, key={"correct": ["wrong-1"], "reasons": {}})
    regrading.apply(question=question, revision=corrected.pk, by=author, reason="Wrong.", never_lower=True)
    assert item(bank, "q-2").right == 3


def test_an_address_that_no_question_has_is_a_404(author: User, browser_of: Browser) -> None:
    browser = browser_of(author)
    for slug in ("no-such", "q%00", "%00"):
        assert browser.get(f"/quiz/item/{slug}/").status_code == 404


@pytest.mark.parametrize(("questions", "people"), [(1, 1), (30, 25)])
def test_pages_of_authors_take_a_fixed_number_of_queries(
    author: User,
    browser_of: Browser,
    django_assert_max_num_queries: Callable[..., object],
    questions: int,
    people: int,
) -> None:
    module = ModuleFactory.create()
    for number in range(questions):
        QuestionFactory.create(module=module, slug=f"many-{number}")
    for _ in range(people):
        take(UserFactory.create(), module, {})
    browser = browser_of(author)
    for address in (reverse("quiz_banks"), reverse("quiz_items", args=[module.slug])):
        with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
            assert browser.get(address).status_code == 200
    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]
        assert browser.get(reverse("quiz_item", args=["many-0"])).status_code == 200
