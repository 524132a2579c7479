"""Practice in a browser, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.curriculum.models import Question
from backend.interviews.models import PracticeAnswer, PracticeCard
from backend.interviews.practice import services
from backend.progress.services import enrol
from tests.backend.interviews.cards import FOLLOW_UP, MODEL_ANSWER, RUBRIC, give, open_question, practise
from tests.factories import ModuleFactory, TrackFactory, UserFactory

Browser = Callable[[User], Client]
_XSS = "<img src=x onerror=alert(1)>"


def url(answer: PracticeAnswer, name: str = "practice_answer") -> str:
    return reverse(name, args=[answer.pk])


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(response.content.decode())).split())


def answer_form(text: str = "My own words.", **more: str) -> dict[str, str]:
    return {"text": text, "window": str(uuid4()), "seen": "0", "confidence": "3", **more}


def begin(learner: User, question: Question) -> PracticeAnswer:
    return services.begin(learner=learner, question=question.slug)


def test_the_page_says_what_is_due_and_the_button_leads_to_the_first(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    practise(learner, questions["concepts"])
    PracticeCard.objects.update(due=PracticeCard.objects.get().last_review)
    browser = browser_of(learner)
    page = text_of(browser.get(reverse("practice")))
    assert "1 due, 3 new" in page
    assert "no rated answers yet" in page
    started = browser.post(reverse("practice_start"))
    assert started.url == url(PracticeAnswer.objects.get(rated_at=None))  # type: ignore[attr-defined]
    assert PracticeAnswer.objects.get(rated_at=None).question == questions["concepts"]


def test_nothing_about_the_model_answer_leaves_the_server_before_the_own_answer_is_stored(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    browser, answer = browser_of(learner), begin(learner, questions["coding"])
    secrets = [MODEL_ANSWER, FOLLOW_UP, "Point-canary"]
    draft = {"text": "Half", "window": str(uuid4()), "seen": "0"}
    responses = [
        browser.get(reverse("practice")),
        browser.get(reverse("practice_questions")),
        browser.get(url(answer)),
        browser.post(url(answer, "practice_draft"), draft, headers={"HX-Request": "true"}),
        browser.post(url(answer, "practice_give"), answer_form("")),
        browser.post(url(answer, "practice_give"), answer_form(confidence="")),
        browser.post(url(answer, "practice_give"), answer_form("Other", window=str(uuid4()))),
        browser.post(url(answer, "practice_tick"), {"ticks": "0"}, headers={"HX-Request": "true"}),
        browser.post(url(answer, "practice_rate"), {"key": str(answer.form_key), "rating": "4"}, follow=True),
        browser.post(url(answer, "practice_undo"), {"key": str(answer.form_key)}, follow=True),
        browser.get(reverse("practice_history", args=[answer.question.slug])),
    ]
    assert PracticeAnswer.objects.get().answered_at is None
    for response in responses:
        seen = response.content.decode() + str(response.headers)
        assert not [secret for secret in secrets if secret in seen], response.request["PATH_INFO"]
    browser.post(url(answer, "practice_give"), answer_form("Half"))
    page = browser.get(url(answer)).content.decode()
    assert all(secret in page for secret in [MODEL_ANSWER, FOLLOW_UP, *RUBRIC])


def test_the_answer_pages_are_kept_by_no_cache(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    page = browser_of(learner).get(url(begin(learner, questions["coding"])))
    assert "no-store" in page.headers["Cache-Control"]
    assert "ETag" not in page.headers


def test_answer_compare_rate_and_go_on_with_plain_forms(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    browser, answer = browser_of(learner), begin(learner, questions["coding"])
    given = browser.post(url(answer, "practice_give"), answer_form("I would measure it."), follow=True)
    page = text_of(given)
    assert "I would measure it." in page
    assert "fairly sure" in page
    assert re.search(r"Again 1 in 10\s*minutes", page)
    key = str(PracticeAnswer.objects.get().form_key)
    rated = browser.post(url(answer, "practice_rate"), {"key": key, "rating": "3", "ticks": ["0", "2"]}, follow=True)
    page = text_of(rated)
    assert "Rated Good" in page
    assert "2 of 4 ticked" in page
    assert "It comes back" in page
    assert rated.content.decode().count("checked") == 2
    follow = browser.post(reverse("practice_start"), follow=True)
    assert follow.redirect_chain[-1][0] != url(answer)


def test_drafts_are_saved_as_they_are_typed_and_survive_a_reload(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    browser, answer = browser_of(learner), begin(learner, questions["coding"])
    form = {"text": f"Half {_XSS}", "window": str(uuid4()), "seen": "0"}
    saved = browser.post(url(answer, "practice_draft"), form, headers={"HX-Request": "true"})
    assert "Draft saved" in text_of(saved)
    page = browser.get(url(answer)).content.decode()
    assert "Half &lt;img src=x onerror=alert(1)&gt;</textarea>" in page


def test_another_window_is_told_and_both_texts_are_kept(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    browser, answer = browser_of(learner), begin(learner, questions["coding"])
    first = {"text": "From the first window", "window": str(uuid4()), "seen": "0"}
    browser.post(url(answer, "practice_draft"), first)
    second = answer_form("From the second window")
    refused = browser.post(url(answer, "practice_draft"), second, headers={"HX-Request": "true"})
    assert "saved in another window" in text_of(refused)
    assert "&quot;1&quot;" in refused.content.decode() or '"seen": "1"' in refused.content.decode()
    page = browser.post(url(answer, "practice_give"), second)
    assert page.status_code == 409
    assert "From the second window</textarea>" in page.content.decode()
    assert "From the first window" in text_of(page)
    kept = browser.post(url(answer, "practice_give"), second | {"seen": "1"}, follow=True)
    assert "From the second window" in text_of(kept)


def test_an_answer_without_words_or_confidence_is_sent_back_with_what_was_typed(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    browser, answer = browser_of(learner), begin(learner, questions["coding"])
    empty = browser.post(url(answer, "practice_give"), answer_form("  "))
    assert empty.status_code == 422
    assert "Write your own answer first" in text_of(empty)
    unsure = browser.post(url(answer, "practice_give"), answer_form("Typed", confidence=""))
    assert unsure.status_code == 422
    assert "Say how sure you are" in text_of(unsure)
    assert "Typed</textarea>" in unsure.content.decode()


def test_taking_the_rating_back_shows_the_rating_buttons_again(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    browser, answer = browser_of(learner), practise(learner, questions["coding"])
    assert "Take the rating back" in text_of(browser.get(url(answer)))
    page = text_of(browser.post(url(answer, "practice_undo"), {"key": str(answer.form_key)}, follow=True))
    assert "The rating is taken back" in page
    assert "How well did you know it?" in page
    back = browser.post(url(answer, "practice_rate"), {"key": str(answer.form_key), "rating": "4"}, follow=True)
    assert "from before you took the rating back" in text_of(back)
    assert not PracticeCard.objects.exists()


def test_the_history_of_a_card_shows_every_answer_and_no_model_answer(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    for _ in range(2):
        practise(learner, questions["coding"])
    begin(learner, questions["coding"])
    page = browser_of(learner).get(reverse("practice_history", args=[questions["coding"].slug]))
    assert page.content.decode().count("My own answer.") == 2
    assert "2 of 4 points" in text_of(page)
    assert MODEL_ANSWER not in page.content.decode()


def test_the_choice_goes_along_from_page_to_page(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    browser = browser_of(learner)
    started = browser.post(reverse("practice_start"), {"category": "debugging"})
    answer = PracticeAnswer.objects.get()
    assert answer.question == questions["debugging"]
    assert started.url == url(answer) + "?category=debugging"  # type: ignore[attr-defined]
    given = browser.post(url(answer, "practice_give"), answer_form(category="debugging"))
    assert given.url.endswith("?category=debugging")  # type: ignore[attr-defined]
    key = str(PracticeAnswer.objects.get().form_key)
    browser.post(url(answer, "practice_rate"), {"key": key, "rating": "3", "category": "debugging"})
    done = browser.post(reverse("practice_start"), {"category": "debugging"}, follow=True)
    assert "Nothing more is due today" in text_of(done)
    assert "The next question comes back" in text_of(done)


def test_one_more_new_question_can_be_had_beyond_the_days_number(learner: User, browser_of: Browser) -> None:
    module = ModuleFactory.create()
    bank = [open_question(module=module) for _ in range(7)]
    for question in bank[:5]:
        practise(learner, question)
    browser = browser_of(learner)
    assert "One more new question" in text_of(browser.get(reverse("practice")))
    browser.post(reverse("practice_start"), {"more": "1"})
    assert PracticeAnswer.objects.get(rated_at=None).question == bank[5]


@pytest.mark.parametrize("state", ["open", "given", "rated"])
def test_somebody_elses_answer_does_not_exist(
    learner: User, admin: User, questions: dict[str, Question], browser_of: Browser, state: str
) -> None:
    make = {"open": begin, "given": give, "rated": practise}[state]
    answer = make(learner, questions["coding"])
    before = PracticeAnswer.objects.values().get()
    for stranger in (UserFactory.create(), admin):
        browser = browser_of(stranger)
        assert browser.get(url(answer)).status_code == 404
        for name in ("practice_draft", "practice_give", "practice_tick", "practice_rate", "practice_undo"):
            form = answer_form(key=str(answer.form_key), rating="1", ticks="0")
            assert browser.post(url(answer, name), form).status_code == 404
        assert browser.get(reverse("practice_history", args=[answer.question.slug])).status_code == 404
    assert PracticeAnswer.objects.values().get() == before


def test_strangers_are_led_to_the_sign_in(client: Client, questions: dict[str, Question]) -> None:
    answer = give(UserFactory.create(), questions["coding"])
    for address in (reverse("practice"), reverse("practice_questions"), url(answer)):
        assert reverse("account_login") in client.get(address).headers["Location"]


@pytest.mark.parametrize(
    "query", ["category=%00", "module=%00x", "difficulty=9999999999999", "category=coding'--", "module=..%2f", "x=1"]
)
def test_a_choice_that_makes_no_sense_chooses_everything(
    learner: User, questions: dict[str, Question], browser_of: Browser, query: str
) -> None:
    for name in ("practice", "practice_questions"):
        page = browser_of(learner).get(f"{reverse(name)}?{query}")
        assert page.status_code == 200
        assert page.context["filters"].chosen == {}


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("practice_draft", {"text": "x"}),
        ("practice_draft", {"text": "x", "window": "no", "seen": "-1"}),
        ("practice_draft", {"text": "a\0b", "window": str(uuid4()), "seen": "0"}),
        ("practice_give", {"text": "x", "window": "", "seen": "", "confidence": "7"}),
        ("practice_tick", {"ticks": ["-1", "x", "9" * 50]}),
        ("practice_rate", {"key": "no", "rating": "5"}),
        ("practice_undo", {"key": "\0"}),
    ],
)
def test_nonsense_in_a_form_changes_nothing_and_breaks_nothing(
    learner: User, questions: dict[str, Question], browser_of: Browser, name: str, form: dict[str, Any]
) -> None:
    answer = begin(learner, questions["coding"])
    response = browser_of(learner).post(url(answer, name), form)
    assert response.status_code < 500
    answer.refresh_from_db()
    assert (answer.text, answer.answered_at, answer.rated_at) == ("", None, None)


def test_starting_what_is_no_question_says_so(learner: User, browser_of: Browser, db: None) -> None:
    for slug in ("nothing", "\0", "x" * 5000):
        answer = browser_of(learner).post(reverse("practice_start"), {"question": slug}, follow=True)
        assert answer.status_code == 200
        assert "no such question" in text_of(answer)


def test_pages_ask_the_database_as_often_for_many_questions_as_for_few(
    learner: User, questions: dict[str, Question], browser_of: Browser, django_assert_max_num_queries: Any
) -> None:
    browser = browser_of(learner)
    answers = [practise(learner, question) for question in questions.values()]
    waiting = give(learner, open_question())
    addresses = [
        reverse("practice"),
        reverse("practice_questions"),
        url(answers[-1]),
        url(waiting),
        url(begin(learner, open_question())),
        reverse("practice_history", args=[answers[0].question.slug]),
    ]
    counts: list[list[int]] = []
    for _ in range(2):
        counts.append([])
        for address in addresses:
            with django_assert_max_num_queries(8) as seen:
                assert browser.get(address).status_code == 200
            counts[-1].append(len(seen))
        for _ in range(30):
            practise(learner, open_question(module=answers[0].question.module))
        for _ in range(10):
            answers[-1] = practise(learner, answers[-1].question)
    assert counts[0] == counts[1]


def test_the_due_time_of_a_rated_card_is_shown_where_cards_are_listed(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    answer = practise(learner, questions["coding"])
    due = PracticeCard.objects.get().due
    page = text_of(browser_of(learner).get(reverse("practice_questions")))
    assert f"comes back {due.day} {due:%b} {due.year}" in page
    assert due > answer.rated_at + timedelta(hours=1)  # type: ignore[operator]


def test_the_home_page_says_how_many_questions_are_due(
    learner: User, questions: dict[str, Question], browser_of: Browser
) -> None:
    enrol(learner=learner, track=TrackFactory.create())
    browser = browser_of(learner)
    for name in ("home", "dashboard"):
        assert "Practise interview questions" in text_of(browser.get(reverse(name)))
    for question in (questions["coding"], questions["concepts"]):
        practise(learner, question)
    PracticeCard.objects.update(due=F("last_review"))
    practise(UserFactory.create(), questions["coding"])
    for name in ("home", "dashboard"):
        assert "2 interview questions are due" in text_of(browser.get(reverse(name)))
