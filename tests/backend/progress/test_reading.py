"""Reading a lesson, marking it done, taking it back, finding one's place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from backend.accounts.models import User
from backend.curriculum.models import ContentState, Status
from backend.progress.models import Completion, Visit
from tests.factories import LessonFactory, ModuleFactory

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[User], Client]


def test_a_stranger_reads_a_lesson_and_is_asked_to_sign_in_to_mark_it(client: Client) -> None:
    lesson = LessonFactory.create()
    page = client.get(f"/lessons/{lesson.slug}/").content.decode()
    assert "Because." in page
    assert "Sign in" in page
    assert client.post(f"/lessons/{lesson.slug}/done/").status_code == 302
    assert not Completion.objects.exists()


def test_marking_done_and_taking_it_back(learner: User, browser_of: BrowserOf) -> None:
    lesson = LessonFactory.create()
    browser = browser_of(learner)
    browser.post(f"/lessons/{lesson.slug}/done/")
    browser.post(f"/lessons/{lesson.slug}/done/")
    completion = Completion.objects.get()
    assert (completion.learner, completion.lesson, completion.lesson_digest) == (learner, lesson, lesson.digest)
    assert "Not done after all" in browser.get(f"/lessons/{lesson.slug}/").content.decode()
    browser.post(f"/lessons/{lesson.slug}/undone/")
    assert not Completion.objects.exists()
    assert "Mark as done" in browser.get(f"/lessons/{lesson.slug}/").content.decode()


def test_the_fragment_alone_answers_a_click(learner: User, browser_of: BrowserOf) -> None:
    lesson = LessonFactory.create()
    response = browser_of(learner).post(f"/lessons/{lesson.slug}/done/", headers={"hx-request": "true"})
    page = response.content.decode()
    assert page.strip().startswith('<section class="completion" id="completion"')
    assert "<html" not in page


def test_a_changed_text_keeps_the_mark_and_says_so(learner: User, browser_of: BrowserOf) -> None:
    lesson = LessonFactory.create()
    browser = browser_of(learner)
    browser.post(f"/lessons/{lesson.slug}/done/")
    lesson.digest = "b" * 64
    lesson.save()
    assert "The text has changed since" in browser.get(f"/lessons/{lesson.slug}/").content.decode()
    browser.post(f"/lessons/{lesson.slug}/done/")
    assert "The text has changed since" not in browser.get(f"/lessons/{lesson.slug}/").content.decode()


@pytest.mark.parametrize("status", [Status.PLANNED, Status.IN_PROGRESS])
def test_what_is_not_published_cannot_be_done(learner: User, browser_of: BrowserOf, status: Status) -> None:
    lesson = LessonFactory.create(status=status)
    response = browser_of(learner).post(f"/lessons/{lesson.slug}/done/", follow=True)
    assert "not published yet" in response.content.decode()
    assert not Completion.objects.exists()


def test_the_place_in_a_lesson_is_found_again(learner: User, browser_of: BrowserOf) -> None:
    lesson = LessonFactory.create()
    browser = browser_of(learner)
    browser.get(f"/lessons/{lesson.slug}/")
    assert Visit.objects.get().heading == ""
    assert browser.post(f"/lessons/{lesson.slug}/position/", {"heading": "why"}).status_code == 204
    page = browser.get(f"/lessons/{lesson.slug}/").content.decode()
    assert 'href="#why">Go on where you left' in page
    assert Visit.objects.get().heading == "why"


@pytest.mark.parametrize("heading", ['"><script>', "x" * 121, "a b", "\x00"])
def test_a_place_that_is_no_heading_counts_as_the_top(learner: User, browser_of: BrowserOf, heading: str) -> None:
    lesson = LessonFactory.create()
    assert browser_of(learner).post(f"/lessons/{lesson.slug}/position/", {"heading": heading}).status_code == 204
    assert Visit.objects.get().heading == ""


@pytest.mark.parametrize("action", ["done", "undone", "position"])
def test_an_unknown_or_retired_lesson_is_not_found(learner: User, browser_of: BrowserOf, action: str) -> None:
    retired = LessonFactory.create(retired=True)
    browser = browser_of(learner)
    assert browser.post(f"/lessons/{retired.slug}/{action}/").status_code == 404
    assert browser.post(f"/lessons/no-such/{action}/").status_code == 404
    assert browser.get(f"/lessons/{retired.slug}/").status_code == 404


def test_the_lesson_page_asks_the_same_few_questions_however_long_the_module(
    learner: User, browser_of: BrowserOf, django_assert_max_num_queries: Callable[..., object]
) -> None:
    module = ModuleFactory.create()
    first = LessonFactory.create(module=module, position=1)
    ContentState.objects.create(digest="d")
    browser = browser_of(learner)
    browser.get(f"/lessons/{first.slug}/")
    with django_assert_max_num_queries(6) as few:  # type: ignore[attr-defined]
        browser.get(f"/lessons/{first.slug}/")
    LessonFactory.create_batch(30, module=module)
    ContentState.objects.get().save()
    browser.get(f"/lessons/{first.slug}/")
    with django_assert_max_num_queries(6) as many:  # type: ignore[attr-defined]
        browser.get(f"/lessons/{first.slug}/")
    assert len(few.captured_queries) == len(many.captured_queries)


def test_new_content_is_shown_at_once(learner: User, browser_of: BrowserOf) -> None:
    lesson = LessonFactory.create()
    state = ContentState.objects.create(digest="d")
    browser = browser_of(learner)
    assert "Because." in browser.get(f"/lessons/{lesson.slug}/").content.decode()
    lesson.body_html = "<p>Therefore.</p>"
    lesson.save()
    state.save()
    assert "Therefore." in browser.get(f"/lessons/{lesson.slug}/").content.decode()
