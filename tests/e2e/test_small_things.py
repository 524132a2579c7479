"""What a demanding visitor tries: a phone, the keyboard alone, no scripts, somebody else's address."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from backend.labs.models import Submission
from tests.e2e.person import Person
from tests.e2e.test_main_path import LESSONS

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
PHONE = {"viewport": {"width": 390, "height": 844}}
PUBLIC = ["/", "/tracks/", "/modules/", "/modules/01-foundations/", f"/lessons/{LESSONS[0]}/"]
PUBLIC += ["/labs/lab-1.1-build-and-link/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
OWN = ["/", "/dashboard/", "/certification/", "/modules/01-foundations/quiz/", "/accounts/profile/"]


def test_no_page_is_wider_than_a_phone(person: Callable[..., Person]) -> None:
    ada = person("ada@example.org", **PHONE)
    for path in PUBLIC:
        assert excess(ada, path) <= 0, path
    ada.sign_up()
    ada.open("/")
    ada.press("Choose Interview Prep")
    for path in OWN:
        assert excess(ada, path) <= 0, path


def test_a_lesson_is_read_by_keyboard_alone(person: Callable[..., Person]) -> None:
    visitor = person()
    visitor.open(f"/lessons/{LESSONS[0]}/")
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator(":focus")).to_contain_text("content")
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("j")
    visitor.page.wait_for_url(f"**/lessons/{LESSONS[1]}/")
    visitor.page.keyboard.press("?")
    expect(visitor.page.get_by_role("dialog")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.get_by_role("dialog")).to_be_hidden()


def test_reading_and_handing_in_work_without_scripts(person: Callable[..., Person]) -> None:
    ada = person("ada@example.org", java_script_enabled=False)
    ada.sign_up()
    ada.press("Choose CUDA Engineer")
    ada.open(f"/lessons/{LESSONS[0]}/")
    ada.press("Mark as done")
    expect(ada.page.locator("#completion")).to_contain_text("Not done after all")
    ada.open("/labs/lab-1.1-build-and-link/")
    ada.page.locator("textarea[name='file:model_card.cpp']").fill("int main() { return oops; }")
    ada.press("Submit")
    submission = Submission.objects.get()
    expect(ada.page.locator("h1")).to_contain_text("Submission")
    assert bytes(submission.files.get().content).strip() == b"int main() { return oops; }"


def test_a_draft_that_was_typed_survives_a_closed_tab(person: Callable[..., Person]) -> None:
    ada = person("ada@example.org")
    ada.sign_up()
    ada.open("/labs/lab-1.2-gguf-parser/")
    ada.write_in_editor("# half a thought\n")
    ada.page.wait_for_timeout(200)
    ada.page.goto("about:blank")
    ada.open("/labs/lab-1.2-gguf-parser/")
    editor = ada.page.locator(".cm-content")
    restore = ada.page.get_by_role("button", name="Restore it")
    # The last words reach the server while the tab closes; where the page was quicker, the browser's copy is offered.
    expect(restore.or_(editor.filter(has_text="half a thought")).first).to_be_visible()
    if restore.is_visible():
        restore.click()
    expect(editor).to_contain_text("half a thought")


def test_what_stands_in_the_editor_is_compared_with_the_starter_and_taken_home(person: Callable[..., Person]) -> None:
    ada = person("ada@example.org")
    ada.sign_up()
    ada.open("/labs/lab-1.2-gguf-parser/")
    ada.write_in_editor("import struct\n")
    against = ada.page.get_by_label("Show changes against")
    against.select_option("Changes since the starter")
    expect(ada.page.locator(".cm-deletedChunk").first).to_be_visible()
    against.select_option("Changes: not shown")
    expect(ada.page.locator(".cm-deletedChunk")).to_have_count(0)
    with ada.page.expect_download() as download:
        ada.page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "gguf_parser.py"
    assert download.value.path().read_text() == "import struct\n"


def test_a_stranger_s_addresses_do_not_exist(person: Callable[..., Person]) -> None:
    ada = person("ada@example.org")
    ada.sign_up()
    ada.open("/labs/lab-1.2-gguf-parser/")
    ada.write_in_editor("secret = 1\n")
    ada.press("Submit")
    expect(ada.page.locator("#submission-status .verdict-line")).to_be_visible()
    submission = Submission.objects.get()
    mallory = person("mallory@example.org")
    mallory.sign_up()
    answers = {
        mallory.page.request.get(f"{mallory.url}/submissions/{pk}/{part}").status
        for pk in (submission.pk, uuid4())
        for part in ("", "status/")
    }
    assert answers == {404}


def excess(somebody: Person, path: str) -> int:
    """By how many pixels a page is wider than the screen."""
    somebody.open(path)
    return int(somebody.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
