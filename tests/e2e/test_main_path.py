"""The product's main job: from a stranger to a certificate, every step in a browser, nothing mocked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.person import Person
from tests.e2e.small_content import CONTENT

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
MODULE = CONTENT / "modules" / "01-foundations"
CPP_LAB = MODULE / "labs" / "lab-1.1-build-and-link"
PYTHON_LAB = MODULE / "labs" / "lab-1.2-gguf-parser"
LESSONS = sorted(path.stem for path in (MODULE / "docs").glob("lesson-1.[1-6]-*.md"))


def test_a_lab_is_written_in_the_page_graded_against_the_engine_and_counts(person: Callable[..., Person]) -> None:
    ada = person("ada@example.org")
    ada.sign_up()
    ada.press("Choose Full-Stack")
    expect(ada.page.locator("h1")).to_have_text("Full-Stack")

    ada.open("/labs/lab-1.1-build-and-link/")
    expect(ada.page.locator(".cm-content")).to_contain_text("llama.h")
    ada.write_in_editor("int main() { return oops; }\n")
    ada.page.keyboard.press("Control+Enter")
    ada.expect_verdict("Does not build")
    expect(ada.page.locator("#submission-status")).to_contain_text("oops")

    ada.write_in_editor((CPP_LAB / "mutants/fixed-buffer/model_card.cpp").read_text())
    expect(ada.page.locator("[data-editor-status]")).to_contain_text("not submitted", timeout=15_000)
    ada.page.reload()
    expect(ada.page.locator(".cm-content")).to_contain_text("char value[256]")
    ada.press("Submit")
    ada.expect_verdict("80 of 100 points")
    expect(ada.page.locator("#submission-status")).to_contain_text("snprintf")
    expect(ada.page.locator("#submission-status")).to_contain_text("bubblewrap")

    ada.write_in_editor((CPP_LAB / "reference/model_card.cpp").read_text())
    ada.press("Submit")
    ada.expect_verdict("100 of 100 points")
    ada.open("/")
    expect(ada.page.locator(".progress-bar, progress").first).to_be_visible()
    expect(ada.page.get_by_role("main")).to_contain_text("1 of 9")
    expect(ada.page.get_by_role("region", name="Last submissions").locator("tbody tr")).to_have_count(3)
