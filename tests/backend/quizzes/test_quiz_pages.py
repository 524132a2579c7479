"""The quiz in a browser, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import Role, User
from backend.curriculum.models import Module, Status
from backend.quizzes import services
from backend.quizzes.models import QuizAttempt
from tests.backend.quizzes.bank import answer_rightly, at, right_form
from tests.factories import ModuleFactory, QuestionFactory, UserFactory

Browser = Callable[[User], Client]


def url(attempt: QuizAttempt, name: str = "quiz_attempt", *args: int) -> str:
    return reverse(name, args=[attempt.pk, *args])


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(response.content.decode())).split())


def test_the_start_page_says_what_is_asked_and_starts(learner: User, module: Module, browser_of: Browser) -> None:
    browser = browser_of(learner)
    page = text_of(browser.get(reverse("quiz", args=[module.slug])))
    assert "8 of 8 questions" in page
    assert "70 % passes" in page
    answer = browser.post(reverse("quiz_start", args=[module.slug]))
    assert answer.url == url(QuizAttempt.objects.get())  # type: ignore[attr-defined]


def test_the_start_page_shows_past_attempts_and_the_best(learner: User, module: Module, browser_of: Browser) -> None:
    first = services.start(learner, module)
    answer_rightly(first)
    services.finish(first)
    services.finish(services.start(learner, module))
    page = browser_of(learner).get(reverse("quiz", args=[module.slug]))
    assert "Best: 100 % in 2 attempts" in text_of(page)
    assert url(first, "quiz_result") in page.content.decode()


def test_after_a_failed_attempt_the_start_page_says_how_long_to_wait(
    learner: User, module: Module, browser_of: Browser
) -> None:
    services.finish(services.start(learner, module))
    browser = browser_of(learner)
    page = browser.get(reverse("quiz", args=[module.slug]))
    assert "You can try again in 10 minutes" in text_of(page)
    assert reverse("quiz_start", args=[module.slug]) not in page.content.decode()
    again = browser.post(reverse("quiz_start", args=[module.slug]), follow=True)
    assert "You can try again in 10 minutes" in text_of(again)
    assert QuizAttempt.objects.count() == 1


def test_a_module_without_questions_says_so(learner: User, browser_of: Browser) -> None:
    module = ModuleFactory.create(status=Status.PLANNED)
    page = text_of(browser_of(learner).get(reverse("quiz", args=[module.slug])))
    assert "still being written" in page


def test_results_stay_when_the_questions_or_the_module_are_withdrawn(
    learner: User, attempt: QuizAttempt, browser_of: Browser
) -> None:
    browser, module = browser_of(learner), attempt.module
    services.finish(attempt)
    module.questions.update(retired=True)
    page = browser.get(reverse("quiz", args=[module.slug])).content.decode()
    assert "No quiz yet" in page
    assert url(attempt, "quiz_result") in page
    module.retired = True
    module.save()
    page = browser.get(url(attempt, "quiz_result")).content.decode()
    assert str(module) in page
    for address in (module.get_absolute_url(), reverse("quiz", args=[module.slug])):
        assert browser.get(address).status_code == 404
        assert f'"{address}"' not in page


def test_what_a_save_swaps_in_names_all_its_buttons_so_that_none_loses_the_focus(
    learner: User, attempt: QuizAttempt, browser_of: Browser
) -> None:
    part = browser_of(learner).post(url(attempt, "quiz_answer", 1), {}, headers={"HX-Request": "true"}).content.decode()
    buttons = re.findall(r"<button[^>]*>", part)
    assert len(buttons) == 9
    assert all(re.search(r' id="[^"]+"', button) for button in buttons)


def test_every_kind_is_answered_by_plain_forms_and_survives_a_reload(
    learner: User, attempt: QuizAttempt, browser_of: Browser
) -> None:
    browser = browser_of(learner)
    for response in attempt.responses.select_related("question__question"):
        before = browser.get(url(attempt) + f"?q={response.position}")
        assert f"Question {response.position}" in text_of(before)
        sent = browser.post(
            url(attempt, "quiz_answer", response.position), right_form(response) | {"go": [str(response.position)]}
        )
        assert sent.status_code == 302
        again = browser_of(learner).get(sent.url).content.decode()  # type: ignore[attr-defined]
        kind = response.question.question.kind
        if kind in {"order", "match"}:
            assert again.count(" selected") == len(right_form(response))
        elif kind in {"single", "multiple", "bug"}:
            assert again.count(" checked") == len(right_form(response)["answer"])
        else:
            assert right_form(response)["answer"][0] in unescape(again)
    assert services.finish(attempt).score == 1.0


def test_without_a_number_the_first_unanswered_question_opens(
    learner: User, attempt: QuizAttempt, browser_of: Browser
) -> None:
    answer_rightly(attempt, 3)
    browser = browser_of(learner)
    for query in ("", "?q=", "?q=x", "?q=99", "?q=-1", "?q=%00", "?q=9999999999999999999"):
        assert "Question 4 of 8" in text_of(browser.get(url(attempt) + query))


def test_a_change_is_saved_at_once_and_answered_with_the_map(
    learner: User, attempt: QuizAttempt, browser_of: Browser
) -> None:
    single = at(attempt, "single")
    answer = browser_of(learner).post(
        url(attempt, "quiz_answer", single.position), {"answer": "2"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert "Saved." in text_of(answer)
    assert f"Question {single.position}, answered" in answer.content.decode()
    assert at(attempt, "single").answer == single.order[1]


@pytest.mark.parametrize("htmx", [True, False])
def test_a_number_that_is_none_is_explained_beside_the_field_and_kept_there(
    learner: User, attempt: QuizAttempt, browser_of: Browser, htmx: bool
) -> None:
    numeric = at(attempt, "numeric")
    answer = browser_of(learner).post(
        url(attempt, "quiz_answer", numeric.position),
        {"answer": "12 <apples>", "go": "1"},
        headers={"HX-Request": "true"} if htmx else {},
    )
    assert answer.status_code == (200 if htmx else 422)
    assert "Write a number, such as 1536, 0.75 or 1.5e3, in MiB." in text_of(answer)
    assert "<apples>" not in answer.content.decode()
    if not htmx:
        assert "12 &lt;apples&gt;" in answer.content.decode()


def test_a_flag_is_set_with_the_answer_and_taken_back(learner: User, attempt: QuizAttempt, browser_of: Browser) -> None:
    single, browser = at(attempt, "single"), browser_of(learner)
    browser.post(url(attempt, "quiz_answer", single.position), {"answer": "1", "go": "flag"})
    saved = at(attempt, "single")
    assert (saved.flagged, saved.answer) == (True, single.order[0])
    assert f"Question {single.position}, answered, flagged" in browser.get(url(attempt)).content.decode()
    browser.post(url(attempt, "quiz_answer", single.position), {"answer": "1", "go": "unflag"})
    assert not at(attempt, "single").flagged


def test_finishing_asks_first_and_names_what_is_open(learner: User, attempt: QuizAttempt, browser_of: Browser) -> None:
    answer_rightly(attempt, 6)
    order = at(attempt, "order")
    services.answer(attempt, order.position, {"place-1": ["1"]})
    services.flag(attempt, 2, flagged=True)
    browser = browser_of(learner)
    page = text_of(browser.get(url(attempt, "quiz_finish")))
    open_positions = [r.position for r in attempt.responses.all() if r.answer is None]
    assert f"{len(open_positions)} question" in page
    assert all(f"Question {position}" in page for position in open_positions)
    assert f"Partly answered: Question {order.position}" in page
    assert "Flagged to come back to: Question 2" in page
    attempt.refresh_from_db()
    assert attempt.finished_at is None
    assert browser.post(url(attempt, "quiz_finish")).url == url(attempt, "quiz_result")  # type: ignore[attr-defined]


def test_the_result_explains_every_question(learner: User, attempt: QuizAttempt, browser_of: Browser) -> None:
    answer_rightly(attempt)
    multiple = at(attempt, "multiple")
    clock = str(multiple.order.index("clock") + 1)
    services.answer(attempt, multiple.position, {"answer": [clock]})
    services.answer(attempt, at(attempt, "numeric").position, {"answer": ["7"]})
    services.finish(attempt)
    page = browser_of(learner).get(url(attempt, "quiz_result"))
    shown = text_of(page)
    assert "75 % : 6 of 8 points" in shown
    assert "Clocks need no memory." in shown
    assert "Your answer, wrong" in shown
    assert "Right, not chosen" in shown
    assert "1536 MiB" in shown
    assert shown.count("The explanation.") == 8
    assert "Memory" in shown


def test_a_score_just_below_the_mark_never_looks_like_it(learner: User, browser_of: Browser) -> None:
    module = ModuleFactory.create()
    attempt = QuizAttempt.objects.create(learner=learner, module=module)
    QuizAttempt.objects.filter(pk=attempt.pk).update(score=0.6999, finished_at=attempt.started_at)
    shown = text_of(browser_of(learner).get(reverse("quiz", args=[module.slug])))
    assert "70 %" not in shown


def test_a_finished_attempt_leads_to_its_result_and_an_open_one_has_none(
    learner: User, attempt: QuizAttempt, browser_of: Browser
) -> None:
    browser = browser_of(learner)
    assert browser.get(url(attempt, "quiz_result")).url == url(attempt)  # type: ignore[attr-defined]
    services.finish(attempt)
    assert browser.get(url(attempt)).url == url(attempt, "quiz_result")  # type: ignore[attr-defined]
    late = browser.post(url(attempt, "quiz_answer", 1), {"answer": "1"}, headers={"HX-Request": "true"})
    assert late.headers["HX-Redirect"] == url(attempt, "quiz_result")


def test_an_attempt_is_a_404_for_everybody_else(attempt: QuizAttempt, browser_of: Browser) -> None:
    for role in Role.values:
        browser = browser_of(UserFactory.create(role=role))
        for name in ("quiz_attempt", "quiz_finish", "quiz_result"):
            assert browser.get(url(attempt, name)).status_code == 404
        assert browser.post(url(attempt, "quiz_finish")).status_code == 404
        assert browser.post(url(attempt, "quiz_answer", 1), {"answer": "1"}).status_code == 404
    attempt.refresh_from_db()
    assert attempt.finished_at is None
    assert not attempt.responses.exclude(answer=None).exists()


def test_signed_out_people_are_asked_to_sign_in(attempt: QuizAttempt, client: Client) -> None:
    for address in (
        reverse("quiz", args=[attempt.module.slug]), url(attempt), url(attempt, "quiz_finish"),
        url(attempt, "quiz_result"),
    ):  # fmt: skip
        assert client.get(address).url.startswith(reverse("account_login"))  # type: ignore[attr-defined]
    assert client.post(url(attempt, "quiz_answer", 1)).status_code == 302
    assert client.post(url(attempt, "quiz_finish")).status_code == 302
    assert not QuizAttempt.objects.filter(finished_at__isnull=False).exists()


def test_a_mark_set_while_another_tab_finishes_leads_to_the_result(
    learner: User, attempt: QuizAttempt, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = services.answer

    def answered_and_then_finished_elsewhere(*args: Any) -> Any:
        response = answer(*args)
        services.finish(attempt)
        return response

    monkeypatch.setattr(services, "answer", answered_and_then_finished_elsewhere)
    response = browser_of(learner).post(url(attempt, "quiz_answer", 1), {"go": "flag"})
    assert response.status_code == 302
    assert response.headers["Location"] == url(attempt, "quiz_result")


def test_what_does_not_exist_is_a_404(learner: User, attempt: QuizAttempt, browser_of: Browser) -> None:
    browser = browser_of(learner)
    assert browser.get(reverse("quiz_attempt", args=[uuid4()])).status_code == 404
    assert browser.get(reverse("quiz", args=["no-such"])).status_code == 404
    assert browser.post(url(attempt, "quiz_answer", 99)).status_code == 404


def test_posts_without_a_token_are_refused(learner: User, attempt: QuizAttempt) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(learner, backend="allauth.account.auth_backends.AuthenticationBackend")
    for address in (
        reverse("quiz_start", args=[attempt.module.slug]), url(attempt, "quiz_answer", 1), url(attempt, "quiz_finish")
    ):  # fmt: skip
        assert browser.post(address).status_code == 403


@pytest.mark.parametrize("questions", [1, 40])
def test_pages_take_a_fixed_number_of_queries(
    learner: User, browser_of: Browser, django_assert_max_num_queries: Callable[..., object], questions: int
) -> None:
    module = ModuleFactory.create()
    QuestionFactory.create_batch(questions, module=module)
    for _ in range(questions // 4):
        done = services.start(learner, module)
        answer_rightly(done)
        services.finish(done)
        QuizAttempt.objects.filter(pk=done.pk).update(started_at=timezone.now() - timedelta(days=2))
    attempt, browser = services.start(learner, module), browser_of(learner)
    for address in (reverse("quiz", args=[module.slug]), url(attempt), url(attempt, "quiz_finish")):
        with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
            assert browser.get(address).status_code == 200
    services.finish(attempt)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        assert browser.get(url(attempt, "quiz_result")).status_code == 200
