"""Every block marked `run` prints what its page says, and every program compiles against the pinned engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.curriculum.faults import Faults
from grader.toolchain import Toolchain
from tests.content import blocks, pages
from tests.content.pages import Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PAGES = pages.ready_pages()


@pytest.mark.parametrize("page", [page for page in PAGES if page.marked("run")], ids=lambda page: page.path.stem)
def test_blocks_marked_run_print_what_the_page_shows(
    page: Page, engine: Toolchain, record_property: Callable[[str, object], None]
) -> None:
    faults = Faults()
    with blocks.desk(engine, page.module) as desk:
        for repeated in blocks.run_page(page, desk, faults):
            record_property("repeated", repeated)
    faults.raise_if_any()
