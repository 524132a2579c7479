"""The page and its fragment: any input, bounded output, few queries, a limit that parallel requests do not pass."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.accounts.models import User
from backend.curriculum.models import Status
from backend.curriculum.search import indexing, services
from backend.curriculum.search.models import SearchAllowance
from tests.factories import LabFactory, LessonFactory, ModuleFactory

pytestmark = pytest.mark.django_db
_SYNTAX = [
    *("'", "''", "\\", "\\'", ":*", "a:*", "a & b", "a | b", "!a", "a <-> b", "a <2> b", "(", ")", "(a", "<->", "& |"),
    *("a'b", "a\\b", "':*", "') --", '"', '""', '"a', 'a"', "%", "_", "*", "a\0b", "\0", "\ud7ff", "\ufeff", "\u202e"),
    *(
        "a" * 5000,
        "a " * 3000,
        "'" * 4000,
        "é" * 300,
        "漢字",
        "🦙",
        "--",
        "-",
        ".",
        "..",
        "/",
        "::",
        "->",
        "1.10",
        "1e9",
    ),
    *("{}", "[]", "$$", "${x}", "{{ 7*7 }}", "<script>alert(1)</script>", "q=1&kind=lab", "\r\nSet-Cookie: a=b", "\t"),
]


@pytest.fixture
def llamas() -> None:
    """Some things to find."""
    module = ModuleFactory.create(title="Herd")
    LessonFactory.create(module=module, title="Llamas", body_html="<h2 id='x'>Wool</h2><p>A llama's <i>fleece</i>.</p>")
    LessonFactory.create(module=module, title="Llama draft", status=Status.IN_PROGRESS)
    LabFactory.create(module=module, title="Shear a llama")
    indexing.rebuild()


@pytest.mark.usefixtures("llamas")
@pytest.mark.parametrize("address", ["/search/", "/search/instant/"])
@pytest.mark.parametrize("typed", _SYNTAX)
def test_nothing_that_can_be_typed_is_an_error(client: Client, address: str, typed: str) -> None:
    response = client.get(address, {"q": typed, "kind": typed[:50], "page": typed[:50]})
    assert response.status_code == 200
    assert b"<script>alert" not in response.content


@pytest.mark.usefixtures("llamas")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(st.sampled_from("aZ0 '\"\\:*&|!<->()%_./#\0é漢🦙\u202e\n"), max_size=40))
def test_no_mix_of_signs_is_an_error(client: Client, typed: str) -> None:
    SearchAllowance.objects.all().delete()
    assert client.get("/search/", {"q": typed}).status_code == 200


@pytest.mark.usefixtures("llamas")
@pytest.mark.parametrize("raw", ["%", "%00", "%FF%FE", "%ED%A0%80", "%u0041", "+", "%27%20OR%201=1--", "a&q=b&q=%00"])
def test_bytes_that_are_no_text_are_no_error(client: Client, raw: str) -> None:
    assert client.get(f"/search/?q={raw}").status_code == 200
    assert client.get(f"/search/?q=llama&kind={raw}&page={raw}&exactly={raw}").status_code == 200


@pytest.mark.usefixtures("llamas")
@pytest.mark.parametrize("page", ["1000000000", "9" * 400, "-1", "0", "1.5", "1e9", "٣", "last", ""])
def test_a_page_that_is_not_there_is_the_nearest_one(client: Client, page: str) -> None:
    response = client.get("/search/", {"q": "llama", "kind": "lesson", "page": page})
    assert response.status_code == 200
    assert b"<mark>Llamas</mark>" in response.content


@pytest.mark.usefixtures("llamas")
def test_results_come_by_kind_with_module_state_and_marks(client: Client) -> None:
    page = client.get("/search/", {"q": "llama"}).content.decode()
    assert 'id="kind-lesson"' in page
    assert 'id="kind-lab"' in page
    assert "<mark>Llama</mark> draft" in page
    assert "In progress" in page
    assert "Herd</span>" in page
    assert 'href="?q=llama&amp;kind=lab">Labs <span class="num">1</span>' in page
    assert 'role="search"' in page
    assert 'value="llama"' in page


@pytest.mark.usefixtures("llamas")
def test_one_kind_shows_nothing_else(client: Client) -> None:
    page = client.get("/search/", {"q": "llama", "kind": "lab"}).content.decode()
    assert 'id="kind-lab"' in page
    assert 'id="kind-lesson"' not in page
    assert "Lessons" in page


@pytest.mark.usefixtures("llamas")
def test_the_fragment_lists_options_that_a_combobox_can_walk(client: Client) -> None:
    page = client.get("/search/instant/", {"q": "llama"}).content.decode()
    assert page.count('role="option"') == 4
    assert 'role="listbox"' in page
    assert "<html" not in page
    assert f'href="/search/?q={quote("llama")}"' in page


@pytest.mark.usefixtures("llamas")
def test_a_slip_is_answered_and_can_be_taken_back(client: Client) -> None:
    page = client.get("/search/", {"q": "fleeece"}).content.decode()
    assert "Nothing has “fleeece”" in page
    assert "<mark>fleece</mark>" in page
    exact = client.get("/search/", {"q": "fleeece", "exactly": ""}).content.decode()
    assert "Nothing found for “fleeece”" in exact


def test_a_hundred_times_the_rows_take_the_same_queries_and_at_most_eight(
    learner: User,
    browser_of: Callable[[User], Client],
    django_assert_max_num_queries: Callable[..., object],
    django_assert_num_queries: Callable[..., object],
) -> None:
    module = ModuleFactory.create()
    LessonFactory.create_batch(3, module=module, summary="About llamas.")
    indexing.rebuild()
    browser = browser_of(learner)
    browser.get("/search/", {"q": "llamas"})
    with django_assert_max_num_queries(8) as few:  # type: ignore[attr-defined]
        browser.get("/search/", {"q": "llamas"})
    number = len(few)
    LessonFactory.create_batch(300, module=module, summary="About llamas.")
    indexing.rebuild()
    browser.get("/search/", {"q": "llamas"})
    with django_assert_num_queries(number):  # type: ignore[attr-defined]
        large = browser.get("/search/", {"q": "llamas"})
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        browser.get("/search/", {"q": "lamas llamaz"})
    assert len(large.content) < 40_000


@pytest.mark.usefixtures("llamas")
def test_who_searches_too_often_is_told_how_long_to_wait(
    learner: User, browser_of: Callable[[User], Client], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PER_MINUTE", 2)
    browser = browser_of(learner)
    answers = [browser.get("/search/", {"q": "llama"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert b"many searches within a minute" in answers[2].content
    fragment = browser.get("/search/instant/", {"q": "llama"})
    assert (fragment.status_code, "Retry-After" in fragment) == (429, True)
    assert browser.get("/search/").status_code == 200
    assert client.get("/search/", {"q": "llama"}).status_code == 200
    SearchAllowance.objects.update(started_at=timezone.now() - timedelta(seconds=61))
    assert browser.get("/search/", {"q": "llama"}).status_code == 200


def test_addresses_are_kept_as_digests_and_forgotten(client: Client) -> None:
    client.get("/search/", {"q": "llama"})
    assert "127.0.0.1" not in SearchAllowance.objects.get().key
    SearchAllowance.objects.update(started_at=timezone.now() - timedelta(hours=2))
    services.count_search(who="somebody else", allowed=5)
    assert SearchAllowance.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_searches_do_not_get_past_the_limit() -> None:
    refused: list[int] = []

    def burst() -> None:
        for _ in range(10):
            try:
                services.count_search(who="one", allowed=25)
            except services.TooManySearches as error:
                refused.append(error.wait_seconds)
        connection.close()

    threads = [threading.Thread(target=burst) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 25
    assert all(wait >= 1 for wait in refused)
