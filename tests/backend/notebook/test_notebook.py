"""Notes, bookmarks, steps and ratings: kept for their owner alone, and kept when the text changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from backend.accounts.models import User
from backend.curriculum.models import ContentState, Lesson, Status
from backend.notebook import selectors, services
from backend.notebook.models import Entry, SelfRating
from tests.factories import LessonFactory, ModuleFactory, UserFactory

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[User], Client]
CONTENTS = [
    {"id": "why", "title": "Why <it> is so", "level": 2},
    {"id": "detail", "title": "A detail", "level": 3},
    {"id": "then", "title": "And then", "level": 2},
]
CANARY = '"><img src=x onerror=alert(1)>{{ 7|add:7 }}'


@pytest.fixture
def lesson() -> Lesson:
    return LessonFactory.create(contents=CONTENTS)


@pytest.fixture
def tutorial() -> Lesson:
    return LessonFactory.create(contents=CONTENTS, kind=Lesson.Kind.TUTORIAL)


def page(browser: Client, lesson: Lesson) -> str:
    return browser.get(lesson.get_absolute_url()).content.decode()


def test_a_note_is_kept_changed_and_taken_away(lesson: Lesson, learner: User, browser_of: BrowserOf) -> None:
    browser, address = browser_of(learner), f"/lessons/{lesson.slug}/note/"
    browser.post(address, {"heading": "why", "text": "  First.\nSecond.  "})
    assert "First.<br>Second." in page(browser, lesson)
    browser.post(address, {"heading": "why", "text": "Changed."})
    assert [entry.text for entry in Entry.objects.all()] == ["Changed."]
    assert "Changed." in browser.get("/notebook/").content.decode()
    browser.post(address, {"heading": "why", "text": " "})
    assert not Entry.objects.exists()


def test_a_note_outlives_its_heading_and_can_still_be_changed(
    lesson: Lesson, learner: User, browser_of: BrowserOf
) -> None:
    browser, address = browser_of(learner), f"/lessons/{lesson.slug}/note/"
    browser.post(address, {"heading": "detail", "text": "Remember."})
    Lesson.objects.filter(pk=lesson.pk).update(contents=CONTENTS[:1])
    assert "“A detail”, which the page has no longer" in page(browser, lesson)
    browser.post(address, {"heading": "detail", "text": "Still."})
    assert Entry.objects.get().text == "Still."
    browser.post(address, {"heading": "then", "text": "Nowhere."})
    assert Entry.objects.count() == 1


def test_what_is_too_long_or_nowhere_is_refused_with_a_sentence_and_changes_nothing(
    lesson: Lesson, learner: User, browser_of: BrowserOf
) -> None:
    browser, htmx = browser_of(learner), {"hx-request": "true"}
    long = browser.post(f"/lessons/{lesson.slug}/note/", {"text": "x" * 4001}, headers=htmx)
    nowhere = browser.post(f"/lessons/{lesson.slug}/mark/step/", {"heading": "none", "on": "1"}, headers=htmx)
    assert "at most 4,000 characters" in long.content.decode()
    assert "has no such heading" in nowhere.content.decode()
    nul = browser.post(f"/lessons/{lesson.slug}/note/", {"text": "a\x00b"}, headers=htmx)
    assert nul.status_code == 200
    assert browser.post(f"/lessons/{lesson.slug}/mark/note/", {"on": "1"}).status_code == 404
    assert browser.post("/lessons/none/note/", {"text": "x"}).status_code == 404
    assert not Entry.objects.exists()
    Lesson.objects.filter(pk=lesson.pk).update(status=Status.PLANNED)
    browser.post(f"/lessons/{lesson.slug}/note/", {"text": "x"})
    assert not Entry.objects.exists()


def test_what_is_typed_is_shown_as_text_and_never_as_markup(
    lesson: Lesson, learner: User, browser_of: BrowserOf
) -> None:
    browser = browser_of(learner)
    browser.post(f"/lessons/{lesson.slug}/note/", {"heading": "why", "text": CANARY})
    for shown in (page(browser, lesson), browser.get("/notebook/").content.decode()):
        assert "<img src=x" not in shown
        assert "&lt;img src=x onerror=alert(1)&gt;{{ 7|add:7 }}" in shown
        assert "Why <it>" not in shown


def test_steps_of_a_tutorial_are_its_main_headings_and_a_second_click_does_no_harm(
    tutorial: Lesson, learner: User, browser_of: BrowserOf
) -> None:
    browser, address = browser_of(learner), f"/lessons/{tutorial.slug}/mark/step/"
    for _ in range(2):
        browser.post(address, {"heading": "then", "on": "1"})
    found = selectors.lesson_notebook(learner, tutorial)
    assert [(step.id, step.done) for step in found.steps] == [("why", False), ("then", True)]
    assert "1 of 2 done." in page(browser, tutorial)
    browser.post(address, {"heading": "then", "on": "0"})
    assert "0 of 2 done." in page(browser, tutorial)


def test_a_bookmark_is_set_once_by_many_clicks_at_once(
    lesson: Lesson, learner: User, transactional_db: None, browser_of: BrowserOf
) -> None:
    barrier = threading.Barrier(6)

    def click() -> None:
        barrier.wait()
        services.put(learner=learner, lesson=lesson, kind=Entry.Kind.BOOKMARK)
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Entry.objects.count() == 1
    assert "Bookmarked" in browser_of(learner).get("/notebook/").content.decode()


def test_nobody_sees_or_changes_what_somebody_else_wrote(lesson: Lesson, learner: User, browser_of: BrowserOf) -> None:
    services.put(learner=learner, lesson=lesson, kind=Entry.Kind.NOTE, heading="why", text="Mine alone.")
    other = browser_of(UserFactory.create())
    assert "Mine alone." not in page(other, lesson) + other.get("/notebook/").content.decode()
    other.post(f"/lessons/{lesson.slug}/note/", {"heading": "why", "text": ""})
    assert Entry.objects.get().text == "Mine alone."
    stranger = Client()
    assert "notebook" not in page(stranger, lesson)
    assert stranger.post(f"/lessons/{lesson.slug}/note/", {"text": "x"}).status_code == 302
    assert stranger.get("/notebook/").status_code == 302


def test_ratings_are_kept_by_line_and_a_changed_line_is_asked_anew(learner: User, browser_of: BrowserOf) -> None:
    module = ModuleFactory.create(self_assessment=["Draw the layout", "Estimate memory"])
    browser, address = browser_of(learner), f"/modules/{module.slug}/self-assessment/"
    browser.post(address, {"line": "1", "level": "2"})
    browser.post(address, {"line": "1", "level": "1"})
    rating = SelfRating.objects.get()
    assert (rating.line, rating.level) == ("Estimate memory", SelfRating.Level.WITH_HELP)
    for bad in ({"line": "7", "level": "1"}, {"line": "0", "level": "3"}, {"line": "-1", "level": "1"}, {"line": "x"}):
        assert browser.post(address, bad).status_code == 302
    assert SelfRating.objects.count() == 1
    shown = browser.post(address, {"line": "0", "level": "0"}, headers={"hx-request": "true"}).content.decode()
    assert shown.count('aria-pressed="true"') == 2
    module.self_assessment = ["Draw the layout", "Estimate memory to a few per cent"]
    module.save()
    assert [rating is not None for _, rating in selectors.ratings(learner, module)] == [True, False]


@pytest.mark.parametrize("size", [1, 60])
def test_the_pages_take_a_fixed_number_of_queries(
    learner: User, browser_of: BrowserOf, size: int, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    lessons = [LessonFactory.create(contents=CONTENTS) for _ in range(size)]
    for lesson in lessons:
        services.put(learner=learner, lesson=lesson, kind=Entry.Kind.NOTE, heading="why", text="Here.")
        services.put(learner=learner, lesson=lesson, kind=Entry.Kind.BOOKMARK)
        services.report(reporter=learner, lesson=lesson, kind="other", text="Look.") if size == 1 else None
    ContentState.objects.create(digest="d")
    browser = browser_of(learner)
    page(browser, lessons[0])
    with django_assert_max_num_queries(8):
        page(browser, lessons[0])
    with django_assert_max_num_queries(8):
        browser.get("/notebook/")
