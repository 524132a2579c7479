"""Before an attempt is finished no response holds a bit about what is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.curriculum.models import Module
from backend.quizzes import services
from backend.quizzes.models import QuizAttempt
from tests.backend.quizzes.bank import at, right_form
from tests.factories import QuestionFactory

Browser = Callable[[User], Client]
_CANARY = "canary-7f3a"


def comparable(response: Any) -> tuple[int, bytes, dict[str, str]]:
    """Everything in a response but what is random (token, nonce) and the learner's own choice."""
    body = re.sub(
        rb'(csrfmiddlewaretoken" value="|X-CSRFToken": "|nonce[=-]"?)[A-Za-z0-9+/=_-]+', rb"\1", response.content
    )
    body = re.sub(rb" (checked|selected)\b", b"", body)
    body = re.sub(rb'(name="answer"[^>]* value=")[^"]*', rb"\1", body)
    body = re.sub(rb"(<textarea[^>]*>)[^<]*", rb"\1", body)
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in {"Content-Security-Policy", "Content-Length", "Expires"}
    }
    return response.status_code, body, headers


def wrong_forms(attempt: QuizAttempt, kind: str) -> list[dict[str, list[str]]]:
    """Answers as complete as the right one, but wrong."""
    match kind:
        case "single" | "bug":
            right = right_form(at(attempt, kind))["answer"][0]
            return [{"answer": [place]} for place in ("1", "2", "3") if place != right]
        case "multiple":
            return [{"answer": ["1"]}, {"answer": ["1", "2", "3", "4"]}, {"answer": ["4"]}]
        case "order" | "match":
            form = right_form(at(attempt, kind))
            values = list(form.values())
            return [dict(zip(form, [*values[1:], values[0]], strict=True))]
        case "numeric":
            return [{"answer": ["1"]}, {"answer": ["99999999"]}]
        case _:
            return [{"answer": ["something else"]}, {"answer": ["x"]}]


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("kind", ["single", "multiple", "bug", "order", "match", "numeric", "short", "output"])
def test_right_and_wrong_answers_get_equal_responses(
    learner: User, attempt: QuizAttempt, browser_of: Browser, kind: str, htmx: bool
) -> None:
    browser, response = browser_of(learner), at(attempt, kind)
    save = reverse("quiz_answer", args=[attempt.pk, response.position])
    show = reverse("quiz_attempt", args=[attempt.pk]) + f"?q={response.position}"
    headers = {"HX-Request": "true"} if htmx else {}

    def seen(form: dict[str, list[str]]) -> list[object]:
        saved = browser.post(save, form, headers=headers)
        finish = browser.get(reverse("quiz_finish", args=[attempt.pk]))
        return [comparable(answer) for answer in (saved, browser.get(show), finish)]

    right = seen(right_form(response))
    for form in wrong_forms(attempt, kind):
        assert seen(form) == right


def test_keys_reasons_explanations_and_ids_are_on_no_page_before_the_end(
    learner: User, module: Module, browser_of: Browser
) -> None:
    for kind in ("single", "multiple", "bug"):
        QuestionFactory.create(
            module=module,
            kind=kind,
            choices=[{"id": f"{_CANARY}-{n}", "html": f"<p>{n}</p>"} for n in range(3)],
            key={"correct": [f"{_CANARY}-1"], "reasons": {f"{_CANARY}-2": f"<p>{_CANARY}</p>"}},
            explanation_html=f"<p>{_CANARY}</p>",
        )
    for kind in ("short", "output"):
        QuestionFactory.create(module=module, kind=kind, choices=[], key={"accepted": [_CANARY]})
    attempt, browser = services.start(learner, module), browser_of(learner)
    pages = [reverse("quiz", args=[module.slug]), reverse("quiz_finish", args=[attempt.pk])]
    pages += [f"{reverse('quiz_attempt', args=[attempt.pk])}?q={n}" for n in range(1, 13)]
    for address in pages:
        answer = browser.get(address)
        assert answer.status_code == 200
        assert _CANARY not in answer.content.decode() + str(answer.headers)
        assert "The explanation." not in answer.content.decode()
    for position in range(1, 13):
        save = reverse("quiz_answer", args=[attempt.pk, position])
        answer = browser.post(save, {"answer": "1"}, headers={"HX-Request": "true"})
        assert _CANARY not in answer.content.decode() + str(answer.headers)


def test_no_page_of_an_attempt_is_kept_by_a_cache(learner: User, attempt: QuizAttempt, browser_of: Browser) -> None:
    browser = browser_of(learner)
    pages = [browser.get(reverse(name, args=[attempt.pk])) for name in ("quiz_attempt", "quiz_finish")]
    services.finish(attempt)
    pages.append(browser.get(reverse("quiz_result", args=[attempt.pk])))
    for page in pages:
        assert page.status_code == 200
        assert "no-store" in page.headers["Cache-Control"]
        assert "ETag" not in page.headers
