"""The checks of the pages catch what they are there for, on tiny samples that need no engine."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.curriculum.faults import Fault, Faults
from tests.content import answers, blocks, building, marks, options, pages, source_names
from tests.content.blocks import Desk
from tests.content.options import Tools
from tests.content.pages import Page
from tests.content.source_names import SourceTree

Make = Callable[[str], Page]
HEAD = "---\ntitle: Sample\nstatus: ready\n---\n"
NUMERIC = """
- id: q-1
  category: concepts
  difficulty: 1
  lesson: lesson-1.1-one
  prompt: "How much?"
  kind: numeric
  answer: {answer}
  tolerance: 0.1
  check: {{run: code/q.py}}
  explanation: "So much."
"""


@pytest.fixture
def sample(tmp_path: Path) -> Make:
    """Makes a page of a text."""

    def make(text: str) -> Page:
        path = tmp_path / "module" / "docs" / "lesson.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text)
        return pages.read(path)

    return make


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A working folder with no engine in its path."""
    folder = tmp_path / "desk"
    folder.mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return Desk(folder, {"PATH": path, "HOME": str(tmp_path)}, ())


class FakeTools(Tools):
    """One tool with two options."""

    def __init__(self) -> None:
        self.help = options.listed("usage: tool [--dry-run]\n\n-m,    --model FNAME   the model; unlike --old\n")

    def options(self, words: tuple[str, ...]) -> frozenset[str] | None:
        """Options of the only tool there is."""
        return self.help if words[0] == "llama-tool" else None


@pytest.fixture
def tree(tmp_path: Path) -> SourceTree:
    """A source tree with one header."""
    (tmp_path / "upstream" / "include").mkdir(parents=True)
    (tmp_path / "upstream" / "include" / "llama.h").write_text("int32_t llama_decode(void);\n")
    return SourceTree(tmp_path / "upstream")


def only(faults: Faults) -> Fault:
    """The fault, when there is just one."""
    assert len(faults.found) == 1, faults.found
    return faults.found[0]


def run(page: Page, desk: Desk, seconds: float = 20.0) -> Faults:
    """What is wrong with a page's blocks."""
    faults = Faults()
    blocks.run_page(page, desk, faults, seconds=seconds)
    return faults


def test_a_wrong_output_is_told_with_file_line_and_what_was_printed(sample: Make, desk: Desk) -> None:
    page = sample("Text.\n\n```bash run\necho one\n```\n```output\ntwo\n```\n")
    fault = only(run(page, desk))
    assert (fault.file, fault.line) == (page.file, 7)
    assert "does not match" in fault.message
    assert "one" in fault.cure


def test_right_outputs_and_steps_that_build_on_each_other_pass(sample: Make, desk: Desk) -> None:
    steps = (
        "```bash run\necho made > file\n```\n\n```python run\nprint(open('file').read())\n```\n```output\nmade\n```\n"
    )
    assert run(sample(steps), desk).found == []


def test_a_failing_command_is_told_even_where_anything_would_match(sample: Make, desk: Desk) -> None:
    absent = sample("```bash run\nno-such-program\n```\n```output\n...\n```\n")
    assert "status 127" in only(run(absent, desk)).message
    assert "status 3" in only(run(sample("```bash run\nexit 3\n```\n"), desk)).message


def test_a_page_that_never_ends_is_stopped_together_with_what_it_started(sample: Make, desk: Desk) -> None:
    faults = run(sample("```bash run\nsleep 60 & echo $! > child; wait\n```\n```output\n```\n"), desk, seconds=0.5)
    assert {fault.message for fault in faults.found} >= {"The block does not end in time."}
    stat = Path(f"/proc/{(desk.folder / 'child').read_text().strip()}/stat")
    deadline = time.monotonic() + 10
    while is_alive(stat) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(stat)


def is_alive(stat: Path) -> bool:
    """Whether a process runs; one that is only waited for by nobody does not."""
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_language_that_nobody_can_run_is_told(sample: Make, desk: Desk) -> None:
    assert "“cobol”" in only(run(sample("```cobol run\nSTOP RUN.\n```\n"), desk)).message


@pytest.mark.parametrize(
    ("expected", "printed", "fits"),
    [
        ("a\nb", "a  \nb\n\n", True),
        (" a", "a", False),
        ("a ... c", "a 1\n2 c", True),
        ("... a\n...", "x a\nb\nc", True),
        ("a | ...", "a | \n", True),
        ("a...a", "a", False),
        ("a...b...c", "a c b", False),
        ("a", "a\nb", False),
    ],
)
def test_dots_stand_for_anything_and_everything_else_for_itself(expected: str, printed: str, fits: bool) -> None:
    assert blocks.matches(expected, printed) is fits


def test_an_unknown_option_is_told_at_its_own_line(sample: Make) -> None:
    page = sample(
        "```bash help\nllama-tool -m x \\\n  --dry-run\nA=1 llama-tool --old=3 -5 2>/dev/null | cat -n\n```\n"
    )
    faults = Faults()
    options.check_options(page, page.fences[0], FakeTools(), faults, only_tools=False)
    fault = only(faults)
    assert (fault.line, fault.message) == (8, "llama-tool has no option --old.")


def test_a_help_block_calls_nothing_but_the_tools(sample: Make) -> None:
    page = sample("```bash help\ncurl --fail x\n```\n")
    faults = Faults()
    options.check_options(page, page.fences[0], FakeTools(), faults, only_tools=True)
    assert "“curl”" in only(faults).message


def test_a_missing_path_is_told_below_code_blocks_too(sample: Make, tree: SourceTree) -> None:
    page = sample('`include/llama.h`\n\n```text sketch reason="x"\n`src/no.c`\n```\n[x](llama.cpp:src/gone.cpp)\n')
    faults = Faults()
    source_names.check_paths(page, tree, faults)
    fault = only(faults)
    assert (fault.line, fault.message) == (10, "The pinned llama.cpp has no src/gone.cpp.")


def test_an_unknown_name_is_told_and_a_beginning_counts_as_known(sample: Make, tree: SourceTree) -> None:
    faults = Faults()
    source_names.check_names(sample("`llama_decode(ctx)`, `llama_dec*`\n\n`llama_encodes` it\n"), tree, faults)
    fault = only(faults)
    assert (fault.line, fault.message) == (7, "The pinned llama.cpp does not know llama_encodes.")


def test_a_placeholder_is_told_in_prose_and_in_code(sample: Make) -> None:
    faults = Faults()
    marks.check_placeholders(sample("About @@SIZE@@.\n\n```bash run\necho @@X@@\n```\n"), faults)
    assert [fault.line for fault in faults.found] == [5, 8]


def test_a_sketch_without_a_reason_and_an_output_of_nothing_are_told(sample: Make) -> None:
    faults = Faults()
    marks.check_marks(sample("```bash sketch\nx\n```\n\n```output\ny\n```\n"), faults)
    assert [fault.line for fault in faults.found] == [5, 9]


def test_an_unknown_build_option_a_missing_target_and_an_unprinted_line_are_told(sample: Make, desk: Desk) -> None:
    listing = (
        'cmake_minimum_required(VERSION 3.14)\nproject(x NONE)\nmessage(STATUS "hello ${A}")\nadd_custom_target(t)\n'
    )
    (desk.folder / "CMakeLists.txt").write_text(listing)
    right = "cmake -B build -DA=1\n# -- hello 1\ncmake --build build --target t -j 2\n"
    wrong = "cmake -B build -DB=2 | tail -1\n# -- hello 2\ncmake --build build --target u\n"
    faults = Faults()
    building.check_building(sample(f'```bash sketch reason="long"\n{right}```\n'), desk, faults)
    assert faults.found == []
    building.check_building(sample(f'```bash sketch reason="long"\n{wrong}```\n'), desk, faults)
    assert [fault.line for fault in sorted(faults.found)] == [6, 7, 8]


@pytest.mark.parametrize(("answer", "wrong"), [("14.22", 0), ("14.2", 0), ("14.23", 1)])
def test_a_number_must_be_the_computed_one_as_far_as_it_is_given(
    answer: str, wrong: int, desk: Desk, tmp_path: Path
) -> None:
    (desk.folder / "code").mkdir()
    (desk.folder / "code" / "q.py").write_text("print(128 / 9)\n")
    bank = tmp_path / "questions.yml"
    bank.write_text(NUMERIC.format(answer=answer))
    faults = Faults()
    assert answers.check_answers(bank, desk, faults) == 1
    assert len(faults.found) == wrong
