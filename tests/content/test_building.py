"""What pages say about building the engine holds for the pinned tree, up to the compiling itself."""

from __future__ import annotations

import pytest

from backend.curriculum.faults import Faults
from grader.toolchain import Toolchain
from tests.content import blocks, building, pages
from tests.content.pages import Page
from tests.content.source_names import SourceTree

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PAGES = [page for page in pages.ready_pages() if any(building.steps(fence) for fence in page.fences)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_the_engine_can_be_configured_as_the_page_says(page: Page, engine: Toolchain, tree: SourceTree) -> None:
    faults = Faults()
    with blocks.desk(engine, page.module) as desk, building.clone(tree, desk) as inside:
        building.check_building(page, inside, faults)
    faults.raise_if_any()
