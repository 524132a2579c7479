"""Readers report what is wrong on a page; authors answer, and the reader sees the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import Role, User
from backend.curriculum.models import Lesson
from backend.notebook import services
from backend.notebook.models import PageReport
from backend.notebook.services import MAX_REPORTS_PER_DAY, AlreadyAnswered
from tests.backend.notebook.test_notebook import CANARY, CONTENTS
from tests.factories import LessonFactory, UserFactory

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[User], Client]


@pytest.fixture
def lesson() -> Lesson:
    return LessonFactory.create(contents=CONTENTS)


@pytest.fixture
def author(db: None) -> User:
    return UserFactory.create(role=Role.AUTHOR)


def test_a_report_keeps_what_was_read_and_its_answer_reaches_the_reader(
    lesson: Lesson, learner: User, author: User, browser_of: BrowserOf
) -> None:
    reader, writer = browser_of(learner), browser_of(author)
    reader.post(f"/lessons/{lesson.slug}/report/", {"kind": "wrong", "heading": "why", "text": f"No. {CANARY}"})
    report = PageReport.objects.get()
    assert (report.reporter, report.lesson_digest, report.heading) == (learner, lesson.digest, "why")
    Lesson.objects.filter(pk=lesson.pk).update(digest="b" * 64)
    listed, opened = (
        writer.get(address).content.decode() for address in ("/staff/reports/", f"/staff/reports/{report.pk}/")
    )
    assert "<img src=x" not in listed + opened
    assert "The page has changed since" in opened
    assert writer.post(f"/staff/reports/{report.pk}/", {"state": "fixed"}).status_code == 422
    assert writer.post(f"/staff/reports/{report.pk}/", {"state": "open", "answer": "x"}).status_code == 422
    writer.post(f"/staff/reports/{report.pk}/", {"state": "fixed", "answer": f"Right, mended. {CANARY}"})
    shown = reader.get("/notebook/").content.decode()
    assert "Right, mended." in shown
    assert "<img src=x" not in shown
    assert "Nothing here" in writer.get("/staff/reports/").content.decode()
    assert str(report.pk) in writer.get("/staff/reports/?state=fixed").content.decode()


def test_a_report_is_answered_once(lesson: Lesson, learner: User, author: User, browser_of: BrowserOf) -> None:
    report = services.report(reporter=learner, lesson=lesson, kind="unclear", text="How?")
    services.answer(report_id=report.pk, by=author, state="kept", text="So.")
    with pytest.raises(AlreadyAnswered):
        services.answer(report_id=report.pk, by=author, state="fixed", text="Otherwise.")
    browser_of(author).post(f"/staff/reports/{report.pk}/", {"state": "fixed", "answer": "Otherwise."})
    report.refresh_from_db()
    assert (report.state, report.answer) == ("kept", "So.")


def test_the_same_report_twice_is_one_and_a_flood_is_stopped(
    lesson: Lesson, learner: User, browser_of: BrowserOf
) -> None:
    browser, address, htmx = browser_of(learner), f"/lessons/{lesson.slug}/report/", {"hx-request": "true"}
    for _ in range(2):
        browser.post(address, {"kind": "other", "text": "Same."})
    assert PageReport.objects.count() == 1
    for number in range(MAX_REPORTS_PER_DAY + 3):
        answer = browser.post(address, {"kind": "other", "text": f"{number}"}, headers=htmx)
    assert "Go on tomorrow" in answer.content.decode()
    assert answer.headers["Retry-After"] == "86400"
    assert PageReport.objects.count() == MAX_REPORTS_PER_DAY
    for bad in ({"kind": "other", "text": ""}, {"kind": "none", "text": "x"}, {"kind": "wrong", "text": "x" * 2001}):
        assert "Say in a few words" in browser.post(address, bad, headers=htmx).content.decode()


@pytest.mark.parametrize("role", [Role.LEARNER, Role.REVIEWER])
def test_for_all_but_authors_the_reports_do_not_exist(
    lesson: Lesson, learner: User, role: Role, browser_of: BrowserOf
) -> None:
    report = services.report(reporter=learner, lesson=lesson, kind="wrong", text="No.")
    browser = browser_of(UserFactory.create(role=role))
    addresses = ("/staff/reports/", f"/staff/reports/{report.pk}/")
    assert [browser.get(address).status_code for address in addresses] == [404, 404]
    assert browser.post(addresses[1], {"state": "kept", "answer": "x"}).status_code == 404
    assert [Client().get(address).status_code for address in addresses] == [302, 302]
    report.refresh_from_db()
    assert report.state == "open"


@pytest.mark.parametrize("size", [2, 60])
def test_the_list_takes_a_fixed_number_of_queries_and_forgives_any_page(
    author: User, browser_of: BrowserOf, size: int, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(size):
        services.report(reporter=UserFactory.create(), lesson=LessonFactory.create(), kind="wrong", text="No.")
    browser = browser_of(author)
    with django_assert_max_num_queries(8):
        assert browser.get("/staff/reports/").status_code == 200
    for page in ("999999999", "-1", "x", "\x00"):
        assert browser.get("/staff/reports/", {"page": page}).status_code == 200
    assert browser.get("/staff/reports/", {"state": "none"}).status_code == 404
