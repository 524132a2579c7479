"""What is typed is kept; what is older never wins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs import services
from backend.labs.models import Draft
from tests.backend.labs.test_submit import together

BrowserOf = Callable[[User], Client]


@pytest.fixture
def browser(learner: User, browser_of: BrowserOf) -> Client:
    """The learner's browser."""
    return browser_of(learner)


def save(browser: Client, lab: Lab, text: str, revision: Any, **headers: str) -> Any:
    """Save a draft as the editor does."""
    fields = {"file:main.py": text, "revision": revision}
    return browser.post(reverse("lab_draft", args=[lab.slug]), fields, headers=headers)


def test_a_draft_is_in_the_editor_when_the_learner_comes_back(browser: Client, tiny_lab: Lab) -> None:
    response = save(browser, tiny_lab, "a = 1\r\nb = 2\r\n", 1)
    assert (response.status_code, response.json()["revision"]) == (200, 1)
    page = browser.get(tiny_lab.get_absolute_url()).content.decode()
    assert "a = 1\nb = 2\n</textarea>" in page
    assert 'data-revision="1"' in page


def test_an_older_draft_never_wins(browser: Client, tiny_lab: Lab) -> None:
    save(browser, tiny_lab, "new", 5)
    for revision in (1, 4, 5):
        response = save(browser, tiny_lab, "old", revision)
        assert (response.status_code, response.json()["revision"]) == (409, 5)
    assert Draft.objects.get().files == {"main.py": "new"}


def test_saving_twice_after_a_lost_answer_is_no_conflict(browser: Client, tiny_lab: Lab) -> None:
    assert [save(browser, tiny_lab, "same", 1).status_code for _ in range(2)] == [200, 200]


@pytest.mark.django_db(transaction=True)
def test_of_many_saves_at_once_the_highest_number_stays(learner: User, tiny_lab: Lab) -> None:
    together(
        12,
        lambda number: services.save_draft(
            learner=learner, lab=tiny_lab, files={"main.py": str(number)}, revision=number + 1
        ),
    )
    draft = Draft.objects.get()
    assert (draft.files, draft.revision) == ({"main.py": "11"}, 12)


@pytest.mark.parametrize("revision", ["", "x", "0", "-1", 10**12, "\0"])
def test_a_number_that_is_none_is_refused(browser: Client, tiny_lab: Lab, revision: Any) -> None:
    save(browser, tiny_lab, "kept", 1)
    assert save(browser, tiny_lab, "lost", revision).status_code in {400, 409}
    assert Draft.objects.get().files == {"main.py": "kept"}


@pytest.mark.parametrize("fields", [{"file:other.py": "x"}, {"file:main.py": "a\0b"}, {"file:main.py": "x" * 262_145}])
def test_what_is_no_text_of_this_lab_is_refused(browser: Client, tiny_lab: Lab, fields: dict[str, str]) -> None:
    response = browser.post(reverse("lab_draft", args=[tiny_lab.slug]), {**fields, "revision": 1})
    assert response.status_code == 400
    assert response.json()["message"]
    assert not Draft.objects.exists()


def test_resetting_gives_the_starter_and_outruns_other_tabs(browser: Client, tiny_lab: Lab) -> None:
    save(browser, tiny_lab, "typed", 3)
    assert browser.post(reverse("lab_reset", args=[tiny_lab.slug])).status_code == 302
    assert "not written yet" in browser.get(tiny_lab.get_absolute_url()).content.decode()
    assert save(browser, tiny_lab, "other tab", 4).status_code == 409


def test_without_scripts_a_button_saves_and_leads_back(browser: Client, tiny_lab: Lab) -> None:
    response = save(browser, tiny_lab, "typed", 1, Accept="text/html,application/xhtml+xml")
    assert (response.status_code, response["Location"]) == (302, tiny_lab.get_absolute_url())
    response = save(browser, tiny_lab, "typed in an old tab", 1, Accept="text/html")
    assert response.status_code == 409
    assert "typed in an old tab" in response.content.decode()


def test_drafts_are_ones_own(browser: Client, tiny_lab: Lab, browser_of: BrowserOf, reviewer: User) -> None:
    save(browser, tiny_lab, "mine alone", 1)
    assert "mine alone" not in browser_of(reviewer).get(tiny_lab.get_absolute_url()).content.decode()
    anonymous = Client().post(reverse("lab_draft", args=[tiny_lab.slug]), {"file:main.py": "x", "revision": 9})
    assert anonymous.status_code == 302
    assert Draft.objects.get().files == {"main.py": "mine alone"}
