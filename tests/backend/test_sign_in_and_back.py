"""Who was signed out meanwhile is led to the sign-in, and from there back to the page they were on."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from backend.quizzes.models import QuizAttempt
from tests.factories import ModuleFactory, UserFactory

pytestmark = pytest.mark.django_db
HOST = "http://testserver"


@pytest.fixture
def attempt() -> QuizAttempt:
    return QuizAttempt.objects.create(learner=UserFactory.create(), module=ModuleFactory.create())


def came_back_to(address: str) -> str:
    parts = urlsplit(address)
    assert parts.path == reverse("account_login")
    return parse_qs(parts.query).get("next", [""])[0]


def test_a_part_of_a_page_takes_the_whole_page_there_and_counts_as_not_saved(attempt: QuizAttempt) -> None:
    page = f"/quiz/{attempt.pk}/?q=3"
    for sent in (
        Client().post(
            f"/quiz/{attempt.pk}/3/",
            {"answer": "1"},
            headers={"HX-Request": "true", "HX-Current-URL": HOST + page},
        ),
        Client().get(reverse("practice"), headers={"HX-Request": "true", "HX-Current-URL": HOST + page}),
    ):
        assert sent.status_code == 401
        assert came_back_to(sent.headers["HX-Redirect"]) == page
        assert sent.content == b""


def test_a_form_leads_back_to_the_page_it_was_on_and_never_to_its_own_address(attempt: QuizAttempt) -> None:
    page, save = f"/quiz/{attempt.pk}/?q=3", f"/quiz/{attempt.pk}/3/"
    sent = Client().post(save, {"answer": "1"}, headers={"Referer": HOST + page})
    assert came_back_to(sent.headers["Location"]) == page
    assert came_back_to(Client().post(save, {"answer": "1"}).headers["Location"]) == ""
    elsewhere = Client().post(save, headers={"Referer": "https://elsewhere.example//evil.example/"})
    assert came_back_to(elsewhere.headers["Location"]) == ""


def test_a_page_leads_back_to_itself(attempt: QuizAttempt) -> None:
    page = f"/quiz/{attempt.pk}/?q=3"
    assert came_back_to(Client().get(page).headers["Location"]) == page
