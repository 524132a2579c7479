"""Labs of functions: whatever a learner's module does, only right values pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader import lab as labs
from grader.casework import Bench
from grader.checks.compare import Malformed
from grader.checks.functions import Array, Call, answers, calls, differs, judge_calls
from grader.contract import Verdict
from grader.exporting import NothingToExport, export
from grader.lab import LabError, read_spec
from grader.pipeline import Grading, grade
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain, current
from tests.grader.machine import tiny_lab
from tests.grader.runs import run_with

LAB = Path(__file__).parent / "labs" / "functions"
RIGHT = (LAB / "reference" / "mathlib.py").read_text()


@pytest.fixture(scope="module")
def engine() -> Toolchain:
    """The pinned engine: its Python has numpy."""
    toolchain = current()
    assert toolchain is not None, "build the engine first: python -m grader.toolchain build"
    return toolchain


def graded(source: str, engine: Toolchain, sandbox: Sandbox) -> Grading:
    return grade(labs.load_lab(LAB), {"mathlib.py": source.encode()}, toolchain=engine, sandbox=sandbox, seed=3)


@pytest.mark.slow
@pytest.mark.parametrize(
    "noise",
    [
        "print('noise')\nimport sys\nprint('[{\"value\": 1}]', file=sys.stderr)",
        "import json\njson.dumps = lambda *a, **k: '[]'",
        "import builtins\nbuiltins.open = None\nbuiltins.print = None",
        "import atexit, os\natexit.register(lambda: os._exit(3))",
        "import threading, time\nthreading.Thread(target=lambda: time.sleep(5)).start()",
        "import sys\nsys.stdout = sys.stderr = None",
    ],
)
def test_what_a_module_does_besides_does_not_matter(noise: str, engine: Toolchain, sandbox: Sandbox) -> None:
    grading = graded(f"{noise}\n{RIGHT}", engine, sandbox)
    assert grading.verdict is Verdict.ACCEPTED, [row.message for row in grading.tests]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "verdict", "words"),
    [
        ("import sys\nsys.exit(0)\n", Verdict.RUNTIME_ERROR, "raised SystemExit"),
        ("import os\nos._exit(0)\n", Verdict.RUNTIME_ERROR, "ended before the call came back"),
        ("def softmax(row):\n    raise SystemExit\ncount_words = print\n", Verdict.WRONG_ANSWER, "SystemExit"),
        ("def count_words(text):\n    return {}\n", Verdict.WRONG_ANSWER, "There is no function softmax"),
        ("class E(Exception): pass\ndef softmax(row): raise E\n", Verdict.WRONG_ANSWER, "an exception of its own"),
        ("softmax = type\ndef count_words(t): return open\n", Verdict.WRONG_ANSWER, "cannot be compared"),
        ("a = []\na.append(a)\ndef softmax(row): return a\n", Verdict.WRONG_ANSWER, "cannot be compared"),
        ("def softmax(row):\n    return row / 0 * float('nan')\ncount_words = str\n", Verdict.WRONG_ANSWER, "wrong"),
        (
            "import os\nfd = os.open('answers', os.O_WRONLY | os.O_CREAT)\nos.write(fd, b'[[[[')\nos._exit(0)\n",
            Verdict.WRONG_ANSWER, "not valid JSON",
        ),
        (
            "class Same:\n    __eq__ = lambda *a: True\n    __class__ = dict\n"
            "def softmax(row): return Same()\ndef count_words(t): return Same()\n",
            Verdict.WRONG_ANSWER, "cannot be compared",
        ),
    ],
)  # fmt: skip
def test_nothing_but_the_right_value_passes(
    source: str, verdict: Verdict, words: str, engine: Toolchain, sandbox: Sandbox
) -> None:
    grading = graded(source, engine, sandbox)
    told = [row.message for row in grading.tests]
    assert grading.score == 0, told
    assert grading.verdict is verdict, told
    assert any(words in message for message in told), told


@pytest.mark.slow
def test_the_engines_python_has_numpy_gguf_and_llama_cpp(engine: Toolchain, sandbox: Sandbox) -> None:
    head = (
        "import gguf, llama_cpp, numpy\n"
        "assert '/engine/' in llama_cpp.__file__ and '/engine/' in gguf.__file__ and '/engine/' in numpy.__file__\n"
        "assert llama_cpp.llama_max_devices() >= 1\n"
    )
    assert graded(head + RIGHT, engine, sandbox).verdict is Verdict.ACCEPTED


def answer(content: bytes, call: Call) -> object:
    return judge_calls(calls("t", [call]), run_with(files={"answers": content})).message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "ended before"),
        (b"[]", "not as many answers"),
        (b"[1]", "not what a call gives"),
        (b'[{"value": {"$": "pickle", "v": ""}}]', "not what a call gives"),
        (b'[{"value": {"$": "array", "dtype": "O", "shape": [1], "v": ""}}]', "not what a call gives"),
        (b'[{"value": {"$": "array", "dtype": "f4", "shape": [99999999999], "v": ""}}]', "not what a call gives"),
        (b'[{"value": {"$": "array", "dtype": "f4", "shape": [-1, -1], "v": "AAAA"}}]', "not what a call gives"),
        (b'[{"value": {"$": "dict", "v": [[[], 1]]}}]', "not what a call gives"),
        (b'[{"value": NaN}]', "NaN is not a JSON number"),
        (b'[{"value": ' + b"9" * 100 + b"}]", "absurdly long"),
    ],
)
def test_a_forged_answer_is_malformed(content: bytes, words: str) -> None:
    assert words in str(answer(content, Call("f", expected=1)))


@pytest.mark.parametrize(
    ("seen", "expected", "same"),
    [
        (1, 1, True),
        (True, 1, False),
        (1.0, 1, True),
        (1, 1.0000001, True),
        (2, 1.0, False),
        ((1, 2), [1, 2], False),
        ([1, [2.0]], [1, [2.0000001]], True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ("a", "a", True),
        (b"a", "a", False),
        (None, None, True),
        (float("nan"), float("nan"), True),
        (float("nan"), 1.0, False),
        (float("inf"), float("inf"), True),
        (Array("f4", (2,), (1.0, 2.0)), Array("f4", (2,), (1.0, 2.0000001)), True),
        (Array("f8", (2,), (1.0, 2.0)), Array("f4", (2,), (1.0, 2.0)), False),
        (Array("f4", (2, 1), (1.0, 2.0)), Array("f4", (2,), (1.0, 2.0)), False),
        (Array("f4", (), (1.0,)), 1.0, True),
    ],
)
def test_values_are_compared_by_kind_and_tolerance(seen: object, expected: object, same: bool) -> None:
    assert (differs(seen, expected, relative=1e-5, absolute=1e-6) == "") is same


def test_an_exception_that_is_asked_for_is_right_and_so_is_its_subclass() -> None:
    call = Call("f", raises="LookupError")
    good = b'[{"raised": "KeyError", "bases": ["KeyError", "LookupError"]}]'
    assert answer(good, call) == ""
    assert "instead of LookupError" in str(answer(b'[{"raised": "ValueError", "bases": ["ValueError"]}]', call))


def test_answers_keep_their_order_and_place() -> None:
    case = calls("t", [Call("f"), Call("g")])
    pair = b'{"$": "tuple", "v": [1, {"$": "bytes", "v": "AAE="}]}'
    row = b'[{"value": ' + pair + b'}, {"raised": "E", "file": "a.py", "line": 3}]'
    first, second = answers(case, run_with(files={"answers": row}))
    assert first.value == (1, b"\0\1")
    assert (second.raised, second.file, second.line) == ("E", "a.py", 3)
    with pytest.raises(Malformed):
        answers(case, run_with(files={"answers": b"[{}, {}]"}))


def test_functions_are_for_python_without_a_harness() -> None:
    spec = (LAB / "grading.yml").read_text().replace("language: python", "language: cpp")
    with pytest.raises(LabError, match="for Python labs"):
        read_spec(spec, where="functions")


@pytest.mark.slow
def test_shown_tests_are_exported_as_a_pytest_file_that_judges_alike(
    engine: Toolchain, sandbox: Sandbox, tmp_path: Path
) -> None:
    written = export(Bench(labs.load_lab(LAB), engine, sandbox), tmp_path / "out", seed=4)
    assert {path.name for path in written} == {"test_mathlib.py", "lab_cases.json", "lab_values.py"}
    rows = json.loads((tmp_path / "out" / "lab_cases.json").read_text())
    assert {row["test"] for row in rows} == {"words", "softmax", "empty"}

    def outcome(source: str) -> str:
        (tmp_path / "out" / "mathlib.py").write_text(source)
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:django"],
            cwd=tmp_path / "out",
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.stdout, run.stderr
        return run.stdout.strip().splitlines()[-1]

    assert "3 passed" in outcome(RIGHT)
    assert "3 failed" in outcome((LAB / "starter" / "mathlib.py").read_text())
    assert export(Bench(labs.load_lab(LAB), engine, sandbox), tmp_path / "again", seed=4)
    assert (tmp_path / "again" / "lab_cases.json").read_text() == json.dumps(rows, indent=1) + "\n"


@pytest.mark.slow
def test_a_lab_of_a_program_has_nothing_to_export(engine: Toolchain, sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(NothingToExport, match="python -m grader run"):
        export(Bench(tiny_lab("python"), engine, sandbox), tmp_path, seed=1)
