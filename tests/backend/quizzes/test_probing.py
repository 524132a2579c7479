"""Trying to learn or to gain more than one's answers give: by retries, shortcuts, other addresses and sheer speed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import Role, User
from backend.curriculum.models import Module
from backend.quizzes import limits, services
from backend.quizzes.errors import AttemptLimitReached, TooManyRequests
from backend.quizzes.kinds import KINDS
from backend.quizzes.models import QuizAllowance, QuizAttempt, QuizRules
from tests.backend.quizzes.bank import BANK, answer_rightly, at, right_form
from tests.backend.quizzes.test_quiz_in_parallel import at_once
from tests.factories import ModuleFactory, QuestionFactory, UserFactory

Browser = Callable[[User], Client]


def everything(response: Any) -> tuple[int, int, set[str], str]:
    """What an observer of the line sees: status, exact length, names of headers, and any tag of the content."""
    return (response.status_code, len(response.content), set(response.headers), response.headers.get("ETag", ""))


@pytest.mark.parametrize("kind", ["single", "bug"])
@pytest.mark.parametrize("htmx", [True, False])
def test_no_option_changes_the_length_the_headers_or_a_tag_of_any_response(
    learner: User, attempt: QuizAttempt, browser_of: Browser, kind: str, htmx: bool
) -> None:
    browser, response = browser_of(learner), at(attempt, kind)
    save = reverse("quiz_answer", args=[attempt.pk, response.position])
    pages = [f"{reverse('quiz_attempt', args=[attempt.pk])}?q={n}" for n in range(1, 9)]
    pages += [reverse(name, args=[attempt.pk]) for name in ("quiz_finish", "quiz_result")]
    pages += [reverse("quiz", args=[attempt.module.slug]), reverse("dashboard")]
    seen = set()
    for place in ("1", "2", "3"):
        sent = browser.post(save, {"answer": place}, headers={"HX-Request": "true"} if htmx else {})
        seen.add(str([everything(sent), *(everything(browser.get(address)) for address in pages)]))
    assert len(seen) == 1


def test_the_right_option_stands_everywhere_alike(db: None) -> None:
    choices = BANK[1]["choices"]
    rng = Random(7)
    places = Counter(KINDS["single"].arrange(choices, rng).index("weights") for _ in range(400))
    assert set(places) == {0, 1, 2, 3}
    assert min(places.values()) > 60


def test_the_result_before_the_end_leads_back_and_says_nothing(
    learner: User, attempt: QuizAttempt, browser_of: Browser
) -> None:
    answer = browser_of(learner).get(reverse("quiz_result", args=[attempt.pk]))
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("quiz_attempt", args=[attempt.pk]))
    assert answer.content == b""


def test_going_back_after_the_end_changes_nothing(learner: User, attempt: QuizAttempt, browser_of: Browser) -> None:
    browser = browser_of(learner)
    browser.post(reverse("quiz_finish", args=[attempt.pk]))
    result = reverse("quiz_result", args=[attempt.pk])
    shown = browser.get(f"{reverse('quiz_attempt', args=[attempt.pk])}?q=1")
    assert shown.headers["Location"] == result
    for response in attempt.responses.select_related("question__question"):
        again = browser.post(reverse("quiz_answer", args=[attempt.pk, response.position]), right_form(response))
        assert again.headers["Location"] == result
    browser.post(reverse("quiz_finish", args=[attempt.pk]))
    attempt.refresh_from_db()
    assert (attempt.score, attempt.passed) == (0.0, False)
    assert not attempt.responses.exclude(answer=None).exists()


def test_a_second_browser_works_on_the_same_attempt(learner: User, module: Module, browser_of: Browser) -> None:
    start = reverse("quiz_start", args=[module.slug])
    opened = {browser_of(learner).post(start).headers["Location"] for _ in range(3)}
    assert opened == {reverse("quiz_attempt", args=[QuizAttempt.objects.get().pk])}


def test_finishing_at_once_by_its_address_is_an_attempt_and_starts_the_cooldown(
    learner: User, module: Module, browser_of: Browser
) -> None:
    browser = browser_of(learner)
    start = reverse("quiz_start", args=[module.slug])
    browser.post(start)
    browser.post(reverse("quiz_finish", args=[QuizAttempt.objects.get().pk]))
    for _ in range(5):
        assert browser.post(start).headers["Location"] == reverse("quiz", args=[module.slug])
    assert QuizAttempt.objects.count() == 1


@pytest.mark.parametrize("role", list(Role))
def test_nobody_elses_attempt_exists_whatever_the_role(attempt: QuizAttempt, browser_of: Browser, role: Role) -> None:
    answer_rightly(attempt, 2)
    stranger = browser_of(UserFactory.create(role=role))
    for done in (False, True):
        for name in ("quiz_attempt", "quiz_finish", "quiz_result"):
            assert stranger.get(reverse(name, args=[attempt.pk])).status_code == 404
        assert stranger.post(reverse("quiz_finish", args=[attempt.pk])).status_code == 404
        assert stranger.post(reverse("quiz_answer", args=[attempt.pk, 1]), {"answer": "1"}).status_code == 404
        attempt.refresh_from_db()
        assert (attempt.finished_at is not None) is done
        if not done:
            services.finish(attempt)


@pytest.mark.parametrize("position", [0, 9, 65535, 99999999999])
def test_a_question_that_was_not_asked_cannot_be_answered(
    learner: User, attempt: QuizAttempt, browser_of: Browser, position: int
) -> None:
    sent = browser_of(learner).post(f"/quiz/{attempt.pk}/{position}/", {"answer": "1"})
    assert sent.status_code == 404


def test_a_form_cannot_set_points_the_order_or_the_end(
    learner: User, attempt: QuizAttempt, browser_of: Browser
) -> None:
    single = at(attempt, "single")
    surplus = {"points": "1", "score": "1", "order": "heap", "passed": "on", "ends_at": "2999-01-01", "scored_by": "1"}
    browser_of(learner).post(reverse("quiz_answer", args=[attempt.pk, single.position]), {"answer": "1"} | surplus)
    after = at(attempt, "single")
    attempt.refresh_from_db()
    assert (after.points, after.order, after.scored_by) == (None, single.order, None)
    assert (attempt.score, attempt.passed, attempt.ends_at) == (None, False, None)


def test_whoever_is_too_fast_is_told_how_long_to_wait_and_loses_nothing(
    learner: User, attempt: QuizAttempt, browser_of: Browser
) -> None:
    browser, single = browser_of(learner), at(attempt, "single")
    save = reverse("quiz_answer", args=[attempt.pk, single.position])
    assert browser.post(save, {"answer": "2"}).status_code == 302
    QuizAllowance.objects.update(used=limits.PER_MINUTE, started_at=timezone.now() - timedelta(seconds=20))
    addresses = [save, reverse("quiz_finish", args=[attempt.pk]), reverse("quiz_start", args=[attempt.module.slug])]
    for address in addresses:
        refused = browser.post(address, {"answer": "1"})
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert "too fast" in refused.content.decode()
    assert browser.get(reverse("quiz_attempt", args=[attempt.pk])).status_code == 200
    attempt.refresh_from_db()
    assert (at(attempt, "single").answer, attempt.finished_at) == (single.order[1], None)
    other = UserFactory.create()
    assert browser_of(other).post(addresses[2]).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_parallel_requests_exactly_as_many_pass_as_are_allowed() -> None:
    learner = UserFactory.create()
    results = at_once(lambda _: limits.count_request(learner), limits.PER_MINUTE + 40)
    assert sum(isinstance(result, TooManyRequests) for result in results) == 40
    assert results.count(None) == limits.PER_MINUTE


@pytest.mark.django_db(transaction=True)
def test_fifty_answers_through_the_door_at_once_count_as_one(browser_of: Browser) -> None:
    module, learner = ModuleFactory.create(), UserFactory.create()
    for question in BANK:
        QuestionFactory.create(module=module, **question)
    attempt = services.start(learner, module)
    single = at(attempt, "single")
    save = reverse("quiz_answer", args=[attempt.pk, single.position])
    browsers = [browser_of(learner) for _ in range(50)]
    sent = at_once(lambda number: browsers[number].post(save, {"answer": str(number % 3 + 1)}).status_code)
    assert sent == [302] * 50
    assert attempt.responses.exclude(answer=None).count() == 1
    finished = at_once(lambda n: browsers[n].post(reverse("quiz_finish", args=[attempt.pk])).status_code, 16)
    assert finished == [302] * 16
    done = QuizAttempt.objects.get()
    assert done.score == (0.125 if at(attempt, "single").answer == "heap" else 0.0)


@pytest.mark.django_db(transaction=True)
def test_parallel_starts_and_ends_never_get_past_the_limit() -> None:
    module, learner = ModuleFactory.create(), UserFactory.create()
    QuestionFactory.create_batch(2, module=module)
    QuizRules.objects.create(module=module, cooldown_minutes=0, attempt_limit=5)

    def rush(_: int) -> None:
        services.finish(services.start(learner, module))

    at_once(rush, 64)
    assert QuizAttempt.objects.count() <= 5
    for _ in range(5 - QuizAttempt.objects.count()):
        rush(0)
    with pytest.raises(AttemptLimitReached):
        rush(0)
    assert QuizAttempt.objects.count() == 5
