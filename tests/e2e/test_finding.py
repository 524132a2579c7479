"""Finding one's way: search by keyboard and without scripts, words explained where they stand, a setup verified."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Page, expect

from tests.e2e.person import Person
from tests.e2e.test_main_path import LESSONS
from tests.e2e.test_small_things import PHONE, excess
from tests.stack import LiveStack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
FINDING = ["/search/", "/search/?q=llama_decode", "/library/", "/glossary/", "/papers/", "/papers/gptq/"]
FINDING += ["/projects/", "/references/", "/setup/", "/setup/linux/", "/setup/verify/"]
WORD = "a.term[aria-describedby='term-kv-cache']"


@pytest.fixture
def site(transactional_db: None, tmp_path: Path, small_content: Path) -> Iterator[LiveStack]:
    """The web server alone: nothing here is graded or mailed."""
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_content", content=small_content, force=True, verbosity=0)
    stack = LiveStack(tmp_path, settings.REDIS_URL)
    stack.start_web()
    yield stack
    stack.stop()


def _type(page: Page, text: str) -> None:
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search everything")).to_be_focused()
    page.keyboard.type(text, delay=20)
    expect(page.get_by_role("option").first).to_be_visible()


def test_search_is_opened_walked_and_closed_by_keyboard(person: Callable[..., Person]) -> None:
    visitor = person()
    page = visitor.open("/modules/")
    _type(page, "llama_deocde")
    expect(page.locator("#search-box")).to_contain_text("These are results for llama_decode")
    box = page.get_by_role("combobox")
    expect(box).to_have_attribute("aria-expanded", "true")
    first, second = page.get_by_role("option").nth(0), page.get_by_role("option").nth(1)
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(first.get_attribute("id")))
    page.keyboard.press("ArrowDown")
    expect(second).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(first).to_have_attribute("aria-selected", "true")
    wanted = str(first.get_attribute("href"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{wanted}")
    visitor.open("/tracks/")
    _type(page, "gguf")
    page.keyboard.press("Escape")
    expect(page.locator("#search-box")).to_be_hidden()


def test_enter_without_a_choice_leads_to_all_results_whose_kinds_can_be_chosen(person: Callable[..., Person]) -> None:
    page = person().open("/tracks/")
    _type(page, "quantization")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=quantization")
    expect(page.locator("mark").first).to_be_visible()
    page.get_by_role("navigation", name="Kinds of results").get_by_role("link", name="Glossary").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(["Glossary"])


def test_search_works_without_scripts(person: Callable[..., Person]) -> None:
    page = person(java_script_enabled=False).open("/modules/")
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill("--n-gpu-layers")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".search-result").first).to_be_visible()


def test_a_word_is_explained_on_hover_and_stays_while_the_pointer_is_on_it(person: Callable[..., Person]) -> None:
    page = person().open(f"/lessons/{LESSONS[1]}/")
    card = page.locator("#term-kv-cache")
    expect(card).to_be_hidden()
    page.locator(WORD).hover()
    expect(card).to_be_visible()
    card.hover()
    page.wait_for_timeout(600)
    expect(card).to_be_visible()
    page.mouse.move(2, 2)
    expect(card).to_be_hidden()


def test_a_word_is_explained_on_focus_and_closed_by_escape(person: Callable[..., Person]) -> None:
    page = person().open(f"/lessons/{LESSONS[1]}/")
    word = page.locator(WORD)
    word.evaluate("link => link.focus({ focusVisible: true })")
    expect(page.locator("#term-kv-cache")).to_be_visible()
    expect(word).to_have_accessible_description(re.compile("^KV cache.* key and value vectors"))
    page.keyboard.press("Escape")
    expect(page.locator("#term-kv-cache")).to_be_hidden()
    expect(word).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary/#kv-cache")


def test_a_first_tap_explains_a_word_and_a_second_one_opens_the_glossary(person: Callable[..., Person]) -> None:
    page = person(has_touch=True, is_mobile=True, **PHONE).open(f"/lessons/{LESSONS[1]}/")
    page.locator(WORD).tap()
    expect(page.locator("#term-kv-cache")).to_be_visible()
    assert page.url.endswith(f"/lessons/{LESSONS[1]}/")
    page.locator(WORD).tap()
    page.wait_for_url("**/glossary/#kv-cache")


def test_the_glossary_filters_while_somebody_types(person: Callable[..., Person]) -> None:
    page = person().open("/glossary/")
    page.get_by_role("searchbox", name="Show terms").fill("cache")
    expect(page.locator(".glossary dt")).to_have_count(3)
    expect(page.locator("#terms [role=status]")).to_contain_text("3 terms with “cache”")


def test_a_report_of_the_script_is_pasted_and_explained(person: Callable[..., Person]) -> None:
    script = Path(settings.CONTENT_DIR) / "resources/setup-guides/verify_setup.py"
    report = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False).stdout
    page = person().open("/setup/verify/")
    page.get_by_label("What the script printed").fill(report)
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("#explained li")).to_have_count(14)


def test_no_page_of_search_and_library_is_wider_than_a_phone(person: Callable[..., Person]) -> None:
    visitor = person(**PHONE)
    for path in FINDING:
        assert excess(visitor, path) <= 0, path
