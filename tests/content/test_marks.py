"""No published page holds a placeholder or a block that nobody checks."""

from __future__ import annotations

import pytest

from backend.curriculum.faults import Faults
from tests.content import marks, pages
from tests.content.pages import Page

every_page = pytest.mark.parametrize("page", pages.ready_pages(), ids=lambda page: page.path.stem)


@every_page
def test_no_page_holds_a_placeholder(page: Page) -> None:
    faults = Faults()
    marks.check_placeholders(page, faults)
    faults.raise_if_any()


@every_page
def test_every_block_says_how_it_is_checked(page: Page) -> None:
    faults = Faults()
    marks.check_marks(page, faults)
    faults.raise_if_any()
