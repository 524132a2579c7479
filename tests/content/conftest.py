"""What the pages are proved with, and the account of what was not executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.toolchain import Toolchain, current
from grader.toolchain.recipe import PROJECT
from tests.content import building, pages
from tests.content.options import Tools
from tests.content.source_names import SourceTree

_HERE = Path(__file__).parent.relative_to(PROJECT)


@pytest.fixture(scope="session")
def engine() -> Toolchain:
    """The built engine. Nothing can be proved without one: build it with `python -m grader.toolchain build`."""
    toolchain = current()
    assert toolchain is not None, "build the engine first: python -m grader.toolchain build"
    return toolchain


@pytest.fixture(scope="session")
def tools(engine: Toolchain) -> Tools:
    """The engine's programs."""
    return Tools(engine)


@pytest.fixture(scope="session")
def tree(engine: Toolchain) -> SourceTree:
    """The engine's source."""
    return SourceTree(engine.source)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which blocks were not executed and why, and which had to be repeated."""
    reports = [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
        and report.when == "call"
        and report.nodeid.startswith(f"{_HERE}/test_blocks.py")
    ]
    if not reports:
        return
    published = pages.ready_pages()
    total = sum(len(page.marked("run")) for page in published)
    sketches = [(page, fence) for page in published for fence in page.marked("sketch")]
    terminalreporter.section("code blocks of the published pages")
    terminalreporter.line(f"{total} blocks are marked run; {len(sketches)} are not executed:")
    for page, fence in sketches:
        how = " (configured, targets looked up)" if building.steps(fence) else ""
        terminalreporter.line(f"  {page.file}:{fence.line}: {fence.attributes.get('reason', 'no reason')}{how}")
    for repeated in [value for report in reports for name, value in report.user_properties if name == "repeated"]:
        terminalreporter.line(f"repeated, because the tool lost output: {repeated}")
