"""A quiz in a real browser: a lost network loses nothing, the clock ends it, and the keyboard is enough."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from backend.accounts.models import Role, User
from backend.curriculum.models import Module
from backend.quizzes import services
from backend.quizzes.models import QuizAttempt
from tests.backend.quizzes.bank import BANK, at
from tests.backend.quizzes.corrected import correct, take
from tests.e2e.person import PASSWORD, Person
from tests.factories import LessonFactory, ModuleFactory, QuestionFactory, UserFactory
from tests.stack import LiveStack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
WIDTHS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}
PICTURES = os.environ.get("LLSYS_PICTURES", "")
"""A folder for pictures of every page, for people to look at."""


@pytest.fixture
def site(transactional_db: None, tmp_path: Path) -> Iterator[LiveStack]:
    """The web side alone."""
    cache.clear()
    call_command("collectstatic", interactive=False, verbosity=0)
    stack = LiveStack(tmp_path, settings.REDIS_URL)
    stack.start_web()
    yield stack
    stack.stop()


@pytest.fixture
def module(site: LiveStack) -> Module:
    module = ModuleFactory.create(title="Foundations")
    lesson = LessonFactory.create(module=module, title="Memory")
    for question in BANK:
        QuestionFactory.create(module=module, lesson=lesson, **question)
    return module


def account(email: str, **fields: object) -> User:
    user = User.objects.create_user(email, PASSWORD, display_name="Ada", **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@pytest.fixture
def ada(module: Module, person: Callable[..., Person]) -> Person:
    """Somebody who is signed in."""
    account("ada@example.org")
    ada = person("ada@example.org")
    ada.sign_in()
    return ada


def attempt_of(ada: Person) -> QuizAttempt:
    return QuizAttempt.objects.get(learner__email=ada.email)


def assert_only_the_network_failed(ada: Person) -> None:
    """What the console says when the network is away, and nothing else."""
    # What was on its way when the network went is cut short.
    cut = ("ERR_INTERNET_DISCONNECTED", "ERR_CONTENT_LENGTH_MISMATCH")
    expected = (*cut, "htmx:sendError", "htmx:afterRequest")
    assert [fault for fault in ada.faults if not any(words in fault for words in expected)] == []
    ada.faults.clear()


def test_an_answer_given_without_a_network_is_kept_and_saved_when_it_is_back(ada: Person, module: Module) -> None:
    learner = User.objects.get(email=ada.email)
    attempt = services.start(learner, module)
    single = at(attempt, "single")
    ada.open(f"/quiz/{attempt.pk}/?q={single.position}")
    ada.page.context.set_offline(True)
    ada.page.locator("[name=answer][value='2']").check()
    expect(ada.page.locator("#quiz-progress")).to_contain_text("Not saved yet")
    ada.page.locator("#question-form button.button-primary").click()
    expect(ada.page.locator("h1")).to_contain_text(f"Question {single.position}")
    assert at(attempt, "single").answer is None
    ada.page.context.set_offline(False)
    # What was pressed meanwhile is done once the answer is safe.
    expect(ada.page.locator("h1")).not_to_contain_text(f"Question {single.position} ")
    assert at(attempt, "single").answer == single.order[1]
    assert_only_the_network_failed(ada)


def test_an_answer_that_could_not_be_saved_is_there_again_after_the_page_was_closed(
    ada: Person, module: Module
) -> None:
    attempt = services.start(User.objects.get(email=ada.email), module)
    short = at(attempt, "short")
    address = f"/quiz/{attempt.pk}/?q={short.position}"
    ada.open(address)
    ada.page.context.set_offline(True)
    ada.page.locator("#answer").press_sequentially("llama_decode")
    expect(ada.page.locator("#quiz-progress")).to_contain_text("Not saved yet")
    context = ada.page.context
    ada.page.close()
    context.set_offline(False)
    ada.page = context.new_page()
    ada.open(address)
    expect(ada.page.locator("#answer")).to_have_value("llama_decode")
    expect(ada.page.locator("#quiz-progress")).to_contain_text("Saved.")
    assert at(attempt, "short").answer == "llama_decode"
    assert_only_the_network_failed(ada)


@pytest.mark.parametrize("by", ["saving", "sending"])
def test_who_was_signed_out_meanwhile_signs_in_and_finds_the_answer_again(ada: Person, module: Module, by: str) -> None:
    attempt = services.start(User.objects.get(email=ada.email), module)
    short = at(attempt, "short")
    ada.open(f"/quiz/{attempt.pk}/?q={short.position}")
    ada.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    ada.page.locator("#answer").fill("llama_decode")
    if by == "sending":
        ada.page.locator("#question-form button.button-primary").click()
    ada.page.wait_for_url("**/accounts/login/?next=*")
    assert at(attempt, "short").answer is None
    ada.page.locator("[name=login]").fill(ada.email)
    ada.page.locator("[name=password]").fill(PASSWORD)
    ada.page.get_by_role("main").get_by_role("button", name="Sign in").click()
    ada.page.wait_for_url(f"**/quiz/{attempt.pk}/?q={short.position}")
    expect(ada.page.locator("#answer")).to_have_value("llama_decode")
    expect(ada.page.locator("#quiz-progress")).to_contain_text("Saved.")
    assert at(attempt, "short").answer == "llama_decode"
    ada.faults = [fault for fault in ada.faults if "status of 401" not in fault]


def test_a_timed_attempt_shows_its_clock_and_ends_by_itself_with_what_was_typed(ada: Person, module: Module) -> None:
    ada.open(f"/modules/{module.slug}/quiz/")
    ada.page.get_by_label("Against the clock").check()
    ada.press("Start")
    attempt = attempt_of(ada)
    QuizAttempt.objects.filter(pk=attempt.pk).update(ends_at=timezone.now() + timedelta(seconds=8))
    short = at(attempt, "short")
    ada.open(f"/quiz/{attempt.pk}/?q={short.position}")
    expect(ada.page.locator("[data-clock-words]")).to_have_text(re.compile(r"^\d seconds left\.$"))
    ada.page.locator("#answer").fill("llama_decode")
    ada.page.wait_for_url("**/result/", timeout=30_000)
    expect(ada.page.locator("main")).to_contain_text("The time is over")
    attempt.refresh_from_db()
    assert attempt.finished_at == attempt.ends_at
    assert at(attempt, "short").points == 1


def test_the_keyboard_alone_is_enough_from_start_to_result(ada: Person, module: Module) -> None:
    ada.open(f"/modules/{module.slug}/quiz/")
    ada.page.get_by_role("button", name="Start").focus()
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_url("**/quiz/*/")
    attempt = attempt_of(ada)
    bug = at(attempt, "bug")
    ada.open(f"/quiz/{attempt.pk}/?q={bug.position}")
    ada.page.locator("#main").focus()
    for _ in range(12):
        ada.page.keyboard.press("Tab")
        if ada.page.evaluate("document.activeElement.name") == "answer":
            break
    ada.page.keyboard.press("ArrowDown")
    expect(ada.page.locator("#quiz-progress")).to_contain_text("Saved.")
    ada.page.keyboard.press("Tab")
    with ada.page.expect_navigation():
        ada.page.keyboard.press("Enter")
    ada.open(f"/quiz/{attempt.pk}/finish/")
    ada.page.get_by_role("button", name="Finish and see the result").focus()
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_url("**/result/")
    assert at(attempt, "bug").answer in bug.order


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", list(WIDTHS))
def test_no_page_is_wider_than_its_screen(
    module: Module, person: Callable[..., Person], width: str, scheme: str
) -> None:
    author = account("author@example.org", role=Role.AUTHOR)
    question, other = module.questions.get(kind="single"), module.questions.get(kind="bug")
    for number in range(22):
        bug = "7" if (number + number // 7) % 3 else "9"
        take(UserFactory.create(), module, {question.slug: "disk" if number % 3 else "heap", other.slug: bug})
    correct(question, key={"correct": ["disk"], "reasons": {}})
    done = take(author, module, {question.slug: "stack"})
    attempt = services.start(author, module, timed=True)
    ada = person(author.email, viewport=WIDTHS[width], color_scheme=scheme)
    ada.sign_in()
    for name, address in {
        "start": f"/modules/{module.slug}/quiz/",
        "question": f"/quiz/{attempt.pk}/",
        "finish": f"/quiz/{attempt.pk}/finish/",
        "result": f"/quiz/{done.pk}/result/",
        "banks": "/quiz/items/",
        "items": f"/quiz/items/{module.slug}/",
        "item": f"/quiz/item/{question.slug}/",
    }.items():
        ada.open(address)
        expect(ada.page.locator("h1")).to_be_visible()
        overflow = ada.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{name} is {overflow} px too wide"
        if PICTURES:
            ada.page.screenshot(path=Path(PICTURES) / f"quiz-{name}-{width}-{scheme}.png", full_page=True)
