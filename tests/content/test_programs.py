"""Programs and answers: what pages show compiles against the pinned engine, what questions claim is recomputed."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.curriculum.faults import Faults
from grader.toolchain import Toolchain
from tests.content import answers, blocks, pages, programs
from tests.content.pages import CONTENT, Page

pytestmark = [pytest.mark.slow]

BANKS = sorted(CONTENT.glob("modules/*/questions.yml"))


@pytest.mark.parametrize("source", programs.sources(), ids=lambda path: path.name)
def test_every_program_compiles_without_a_warning(source: Path, engine: Toolchain) -> None:
    faults = Faults()
    with blocks.desk(engine, source.parent.parent) as desk:
        programs.check_program(source, desk, faults)
    faults.raise_if_any()


@pytest.mark.parametrize("page", pages.ready_pages(), ids=lambda page: page.path.stem)
def test_blocks_marked_compile_compile_without_a_warning(page: Page, engine: Toolchain) -> None:
    faults = Faults()
    with blocks.desk(engine, page.module) as desk:
        programs.compile_block(page, desk, faults)
    faults.raise_if_any()


@pytest.mark.parametrize("bank", BANKS, ids=lambda path: path.parent.name)
def test_every_answer_is_the_one_that_its_check_computes(bank: Path, engine: Toolchain) -> None:
    faults = Faults()
    with blocks.desk(engine, bank.parent) as desk:
        computed = answers.check_answers(bank, desk, faults)
    faults.raise_if_any()
    assert computed > 0
