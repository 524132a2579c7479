"""What the published pages say of the engine is true of the pinned one: options, paths, names, build options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend.curriculum.faults import Faults
from grader.toolchain import Toolchain
from tests.content import options, pages, source_names
from tests.content.options import Tools
from tests.content.pages import Page
from tests.content.source_names import SourceTree

pytestmark = [pytest.mark.slow]

PAGES = pages.ready_pages()
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)


@every_page
def test_every_option_in_a_help_block_or_a_sketch_is_one_of_the_tools_own(page: Page, tools: Tools) -> None:
    faults = Faults()
    for fence in page.marked("help"):
        options.check_options(page, fence, tools, faults, only_tools=True)
    for fence in page.marked("sketch"):
        if fence.language in ("bash", "sh"):
            options.check_options(page, fence, tools, faults, only_tools=False)
    faults.raise_if_any()


@every_page
def test_every_path_of_the_engine_exists_in_the_pinned_tree(page: Page, tree: SourceTree) -> None:
    faults = Faults()
    source_names.check_paths(page, tree, faults)
    faults.raise_if_any()


@every_page
def test_every_name_of_the_engine_occurs_in_the_pinned_source(page: Page, tree: SourceTree) -> None:
    faults = Faults()
    source_names.check_names(page, tree, faults)
    source_names.check_build_options(page, tree, faults)
    faults.raise_if_any()


@every_page
def test_every_commit_that_a_page_checks_out_is_the_pinned_one(page: Page, engine: Toolchain) -> None:
    faults = Faults()
    for fence in page.fences:
        for commit in re.findall(r"\bgit checkout ([0-9a-f]{7,40})\b", fence.code):
            if not engine.manifest.llama_cpp_commit.startswith(commit):
                cure = f"Write {engine.manifest.llama_cpp_commit}."
                faults.add(page.file, fence.line, f"{commit} is not the pinned commit.", cure)
    faults.raise_if_any()


def test_the_pages_are_found() -> None:
    assert {Path(page.file).parts[2] for page in PAGES} >= {"01-foundations"}
