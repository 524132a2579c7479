"""Programs that are wrong in one way each, and programs that are right: what watching them finds, and where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.grader.cuda.conftest import Run

PROGRAMS = Path(__file__).parent / "programs"
WRONG = sorted((PROGRAMS / "wrong").glob("*.cu"))
RIGHT = sorted((PROGRAMS / "right").glob("*.cu"))
_MARK = re.compile(r"// finds: ([a-z_ ]+?)(?: \((warning|note)\))?$")

pytestmark = pytest.mark.slow


def _expected(source: str) -> set[tuple[str, str, int]]:
    found = set()
    for number, line in enumerate(source.splitlines(), start=1):
        if (match := _MARK.search(line)) is not None:
            found |= {(kind, match[2] or "error", number) for kind in match[1].split()}
    return found


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_program_is_found_out_at_its_line_and_nowhere_else(path: Path, run: Run) -> None:
    source = path.read_text()

    ran = run(source)

    found = {(one.kind.value, one.severity, one.line) for one in ran.seen.findings}
    assert found == _expected(source), [one.message for one in ran.seen.findings]
    assert all(one.file == "main.cu" and one.message for one in ran.seen.findings)


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_program_gives_its_answer_and_no_finding_but_of_speed(path: Path, run: Run) -> None:
    source = path.read_text()

    ran = run(source)

    found = {(one.kind.value, one.severity, one.line) for one in ran.seen.findings}
    assert ran.outcome.exit_code == 0, ran.outcome.stderr
    assert found == _expected(source), [one.message for one in ran.seen.findings]
    assert all(severity == "warning" for _, severity, _ in found)


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_program_gives_the_same_answer_unwatched(path: Path, run: Run) -> None:
    assert run(path.read_text(), traced=False).outcome.exit_code == 0
