"""Grading one submission from files to verdict."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from grader.contract import EventKind, GradeEvent, Stage, Verdict
from grader.lab import Lab, digest_of, read_spec
from grader.pipeline import MAX_SLOW_TESTS, OUR_FAULT, Grading, grade
from grader.sandbox import Conversation, Limit, Outcome, Sandbox, SandboxFault
from grader.toolchain import Toolchain
from tests.grader.machine import TINY_LABS, graded, tiny_lab

SPEC = """
title: Echo
summary: Print what comes in.
language: python
entry: {files: [main.py]}
stages:
  tests:
%s
"""
ROW = '    - {id: t%d, title: "Test %d", points: 1, hidden: %s, hint: "hint %d"}'
CHECKS = """
from grader.checks import Case, Judgement, right, wrong
from grader.checks.compare import same_text
def cases(context):
    draw = lambda n: b"%d %d" % (n, context.rng.randrange(10**9))
    return [Case(f"t{n}", stdin=draw(n), expected=n, note="the note") for n in range(TESTS)]
def judge(case, run, context):
    return same_text(run.stdout, case.stdin.decode()) or right()
"""


def echo_lab(tests: int = 3, *, hidden: bool = False, checks: str = CHECKS, extra: str = "") -> Lab:
    rows = "\n".join(ROW % (n, n, str(hidden).lower(), n) for n in range(tests))
    spec = SPEC % rows + extra
    files = {"grading.yml": spec.encode(), "checks.py": checks.replace("TESTS", str(tests)).encode()}
    files |= {"reference/main.py": b"reference", "starter/main.py": b"starter"}
    return Lab("echo", digest_of(files), read_spec(spec, where="echo"), files)


class ScriptedSandbox:
    """Answers runs by a function of the test's number; builds always succeed. For what is not about the box."""

    name = "scripted"

    def __init__(self, answer: Callable[[bytes], Outcome]) -> None:
        self.answer = answer
        self.runs = 0

    def isolation(self) -> list[str]:
        return []

    def session(self) -> contextlib.AbstractContextManager[Sandbox]:
        return contextlib.nullcontext(self)

    def run(self, command: Any, *, stdin: bytes = b"", **_: Any) -> Outcome:
        self.runs += 1
        if "-c" in command:
            return Outcome(0, b"", b"")
        return self.answer(stdin)

    def start(self, command: Any, **_: Any) -> Conversation:
        raise AssertionError("nothing here is started to stay")


def echo(stdin: bytes) -> Outcome:
    return Outcome(0, stdin, b"", wall_seconds=0.5, cpu_seconds=0.25, memory_bytes=1000)


def run(
    lab: Lab, toolchain: Toolchain, answer: Callable[[bytes], Outcome] = echo, *, seed: int = 1, **options: Any
) -> Grading:
    files = options.pop("files", {"main.py": b"pass"})
    return grade(lab, files, toolchain=toolchain, sandbox=ScriptedSandbox(answer), seed=seed, **options)


def test_all_points_are_accepted(toolchain: Toolchain) -> None:
    grading = run(echo_lab(), toolchain)
    assert (grading.verdict, grading.score, grading.max_score) == (Verdict.ACCEPTED, 3, 3)
    assert grading.message == "Passed: 3 of 3 tests."


def test_some_points_are_partial_and_the_first_failure_is_named(toolchain: Toolchain) -> None:
    grading = run(echo_lab(), toolchain, lambda stdin: echo(b"x" if stdin.startswith(b"1") else stdin))
    assert (grading.verdict, grading.score) == (Verdict.PARTIAL, 2)
    assert "First failure: Test 1: Line 1 of the output is wrong." in grading.message


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [
        (Limit.CPU, Verdict.TIME_LIMIT),
        (Limit.WALL, Verdict.TIME_LIMIT),
        (Limit.MEMORY, Verdict.MEMORY_LIMIT),
        (Limit.OUTPUT, Verdict.OUTPUT_LIMIT),
    ],
)
def test_no_points_take_the_class_of_the_first_failure(toolchain: Toolchain, limit: Limit, verdict: Verdict) -> None:
    def answer(stdin: bytes) -> Outcome:
        return replace(echo(stdin), limit=limit) if stdin.startswith(b"0") else replace(echo(b""), exit_code=1)

    grading = run(echo_lab(), toolchain, answer)
    assert (grading.verdict, grading.score) == (verdict, 0)


def test_after_three_slow_tests_the_rest_is_not_run_and_says_so(toolchain: Toolchain) -> None:
    grading = run(echo_lab(8), toolchain, lambda stdin: replace(echo(stdin), limit=Limit.WALL))
    assert [result.message.startswith("Not run") for result in grading.tests] == [False] * MAX_SLOW_TESTS + [True] * 5


def test_a_signal_is_a_runtime_error_and_never_reaches_the_judge(toolchain: Toolchain) -> None:
    grading = run(echo_lab(), toolchain, lambda stdin: replace(echo(stdin), exit_code=-11))
    assert grading.verdict is Verdict.RUNTIME_ERROR
    assert "SIGSEGV" in grading.tests[0].message


def test_a_traceback_makes_a_wrong_answer_a_runtime_error(toolchain: Toolchain) -> None:
    trace = b"Traceback (most recent call last):\n  File \"main.py\"\nKeyError: 'x'\n"
    grading = run(echo_lab(), toolchain, lambda stdin: Outcome(1, b"", trace))
    assert grading.verdict is Verdict.RUNTIME_ERROR
    assert grading.tests[0].message == "The program ended with KeyError: 'x'"


def test_a_shown_test_shows_everything(toolchain: Toolchain) -> None:
    grading = run(echo_lab(1), toolchain, lambda stdin: Outcome(0, b"seen", b"said"))
    result = grading.tests[0]
    assert (result.detail, result.seen, result.stderr, result.hint) == ("the note", "seen", "said", "hint 0")
    assert result.command == "python main.py"
    assert result.expected.startswith("0 ")


def test_a_hidden_test_shows_class_and_hint_only(toolchain: Toolchain) -> None:
    trace = b"Traceback (most recent call last):\nValueError: hidden input\n"
    for outcome in (Outcome(0, b"hidden", b"hidden"), Outcome(1, b"hidden", trace)):
        grading = run(
            echo_lab(1, hidden=True, extra="explain: {seconds: 0}\n"),
            toolchain,
            lambda stdin, outcome=outcome: outcome,  # type: ignore[misc]
        )
        result = grading.tests[0]
        assert result.hint == "hint 0"
        assert "hidden input" not in grading.message + result.model_dump_json()
        assert not any((result.detail, result.expected, result.seen, result.stderr, result.command))
        assert (result.wall_seconds, result.cpu_seconds, result.memory_bytes) == (0, 0, 0)


def test_the_same_seed_gives_the_same_report_and_another_seed_other_inputs(toolchain: Toolchain) -> None:
    def told(seed: int) -> list[str]:
        grading = run(echo_lab(), toolchain, lambda stdin: echo(b""), seed=seed)
        return [result.model_dump_json() for result in grading.tests]

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_the_judge_may_draw_numbers_and_still_repeats(toolchain: Toolchain) -> None:
    checks = CHECKS + "def judge(case, run, context):\n    return wrong(str(context.rng.random()))\n"
    first, second = (run(echo_lab(6, checks=checks), toolchain, seed=7) for _ in range(2))
    assert [row.message for row in first.tests] == [row.message for row in second.tests]
    assert len({row.message for row in first.tests}) == 6


@pytest.mark.parametrize(
    ("checks", "fault"),
    [
        ("this is not python", "does not load"),
        ("def cases(context): return []", "does not load"),
        (CHECKS.replace("range(TESTS)", "range(TESTS - 1)"), "gives no case for t2"),
        (CHECKS.replace('f"t{n}"', '"other"'), "names the test 'other'"),
        (CHECKS.replace("    return [", "    return 1 / 0 + ["), "ZeroDivisionError"),
        (CHECKS.replace("right()", "1 / 0"), "ZeroDivisionError"),
        (CHECKS.replace("or right()", ""), "gave no Judgement"),
        (CHECKS.replace("expected=n", 'models=["absent"]'), "fixture model 'absent' is missing"),
        (CHECKS.replace("expected=n", 'files={"../x": b""}'), "unusable case file"),
    ],
)
def test_a_broken_lab_is_our_fault_and_tells_the_learner_nothing_of_it(
    toolchain: Toolchain, checks: str, fault: str
) -> None:
    grading = run(echo_lab(checks=checks), toolchain)
    assert (grading.verdict, grading.score) == (Verdict.GRADER_ERROR, 0)
    assert fault in grading.fault
    assert grading.message == OUR_FAULT


def test_checks_may_define_data_classes(toolchain: Toolchain) -> None:
    head = "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass Row:\n    n: int\n"
    assert run(echo_lab(checks=head + CHECKS), toolchain).verdict is Verdict.ACCEPTED


def test_a_missing_model_is_our_fault(toolchain: Toolchain) -> None:
    grading = run(echo_lab(extra="models: [absent]\n"), toolchain)
    assert grading.verdict is Verdict.GRADER_ERROR


def test_a_box_that_does_not_start_is_tried_again(toolchain: Toolchain) -> None:
    failures = iter([True])

    def answer(stdin: bytes) -> Outcome:
        if next(failures, False):
            raise SandboxFault("no box")
        return echo(stdin)

    assert run(echo_lab(), toolchain, answer).verdict is Verdict.ACCEPTED


def test_a_box_that_never_starts_is_our_fault(toolchain: Toolchain) -> None:
    def answer(stdin: bytes) -> Outcome:
        raise SandboxFault("no box")

    assert run(echo_lab(), toolchain, answer).verdict is Verdict.GRADER_ERROR


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "Missing: main.py"),
        ({"main.py": b"", "x.py": b""}, "Unexpected file"),
        ({"main.py": b"x" * 300_000}, "the limit is"),
    ],
)
def test_a_bad_upload_is_rejected_before_anything_runs(
    toolchain: Toolchain, files: dict[str, bytes], words: str
) -> None:
    grading = run(echo_lab(), toolchain, files=files)
    assert grading.verdict is Verdict.REJECTED
    assert words in grading.message
    assert list(grading.phases) == ["preparing"]


def test_a_forbidden_name_is_rejected_with_place_and_reason(toolchain: Toolchain) -> None:
    lab = echo_lab(extra="forbidden: [{symbol: os.system, reason: do it yourself}]\n")
    grading = run(lab, toolchain, files={"main.py": b"import os\nos.system('x')\n"})
    assert grading.verdict is Verdict.REJECTED
    assert grading.message == "“os.system” is not allowed here (main.py, line 2): do it yourself"


def test_events_tell_the_story_in_order(toolchain: Toolchain) -> None:
    events: list[GradeEvent] = []
    run(echo_lab(), toolchain, on_event=events.append)
    assert [event.kind for event in events] == [EventKind.STAGE] * 3 + [EventKind.TEST] * 3 + [EventKind.FINISHED]
    assert [event.stage for event in events[:3]] == [Stage.PREPARING, Stage.COMPILING, Stage.TESTING]
    assert [(event.index, event.total) for event in events[3:6]] == [(1, 3), (2, 3), (3, 3)]
    assert events[-1].verdict is Verdict.ACCEPTED


def test_a_test_stops_at_its_first_failing_case(toolchain: Toolchain) -> None:
    checks = CHECKS.replace("range(TESTS)]", "range(TESTS) for _ in range(5)]")
    sandbox = ScriptedSandbox(lambda stdin: echo(b""))
    grade(echo_lab(2, checks=checks), {"main.py": b""}, toolchain=toolchain, sandbox=sandbox, seed=1)
    assert sandbox.runs == 1 + 2


def test_cases_are_drawn_while_the_program_is_built(toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = threading.Event()
    monkeypatch.setitem(sys.modules, "drawn", drawn)
    lab = echo_lab(checks=CHECKS.replace("    draw =", "    import drawn; drawn.set()\n    draw ="))

    class Compiler(ScriptedSandbox):
        def run(self, command: Any, *, stdin: bytes = b"", **options: Any) -> Outcome:
            if "-c" in command:
                assert drawn.wait(10), "drawing waits for the compiler"
            return super().run(command, stdin=stdin, **options)

    grading = grade(lab, {"main.py": b""}, toolchain=toolchain, sandbox=Compiler(echo), seed=1)
    assert grading.verdict is Verdict.ACCEPTED, grading.fault


@pytest.mark.slow
def test_a_lab_can_compare_with_its_reference_in_the_same_box(toolchain: Toolchain, sandbox: Sandbox) -> None:
    checks = CHECKS.replace("case.stdin.decode()", "context.reference(case).stdout.decode()")
    lab = echo_lab(checks=checks)
    echoing = b"import sys\nprint(sys.stdin.read())\n"
    lab.files["reference/main.py"] = echoing
    assert grade(lab, {"main.py": echoing}, toolchain=toolchain, sandbox=sandbox, seed=1).verdict is Verdict.ACCEPTED


@pytest.mark.slow
@pytest.mark.parametrize("language", ["cpp", "python"])
def test_reference_and_starter_of_the_tiny_lab(language: str, toolchain: Toolchain, sandbox: Sandbox) -> None:
    name = tiny_lab(language).spec.entry.files[0]
    reference, starter = (
        graded(language, (TINY_LABS / language / kind / name).read_bytes(), toolchain, sandbox)
        for kind in ("reference", "starter")
    )
    assert reference.verdict is Verdict.ACCEPTED
    assert (starter.verdict, starter.score) == (Verdict.WRONG_ANSWER, 0)


@pytest.mark.slow
def test_a_compiler_error_is_located_in_the_learners_file(toolchain: Toolchain, sandbox: Sandbox) -> None:
    grading = graded("cpp", b"#include <cstdio>\nint main() {\n    return nothing;\n}\n", toolchain, sandbox)
    first = grading.diagnostics[0]
    assert grading.verdict is Verdict.BUILD_ERROR
    assert (first.file, first.line, first.column, first.severity) == ("main.cpp", 3, 12, "error")
    assert "main.cpp:3:12" in grading.build_log
    assert "/src" not in grading.build_log


@pytest.mark.slow
def test_a_missing_function_is_named_by_the_linker(toolchain: Toolchain, sandbox: Sandbox) -> None:
    grading = graded("cpp", b"int sum();\nint main() { return sum(); }\n", toolchain, sandbox)
    assert grading.verdict is Verdict.BUILD_ERROR
    assert "undefined reference to `sum()'" in grading.message


@pytest.mark.slow
def test_a_warning_does_not_fail_and_is_shown(toolchain: Toolchain, sandbox: Sandbox) -> None:
    source = (TINY_LABS / "cpp/reference/main.cpp").read_bytes().replace(b"int main() {", b"int main() { int unused;")
    grading = graded("cpp", source, toolchain, sandbox)
    assert grading.verdict is Verdict.ACCEPTED
    assert [row.severity for row in grading.diagnostics] == ["warning"]


@pytest.mark.slow
def test_a_syntax_error_in_python_has_file_and_line(toolchain: Toolchain, sandbox: Sandbox) -> None:
    grading = graded("python", b"x = 1\ndef f(:\n", toolchain, sandbox)
    assert grading.verdict is Verdict.BUILD_ERROR
    assert (grading.diagnostics[0].file, grading.diagnostics[0].line) == ("main.py", 2)


def test_a_lab_with_benchmarks_is_not_graded_half(toolchain: Toolchain) -> None:
    rows = "  benchmarks:\n    - {id: b, title: b, metric: wall_time, threshold: 1, full_score: 2, points: 5}\n"
    assert run(echo_lab(extra=rows), toolchain).verdict is Verdict.GRADER_ERROR


def test_hidden_and_shown_tests_share_no_box(toolchain: Toolchain) -> None:
    """Process numbers and inode numbers go on from run to run: what a hidden test counts up, a shown one could tell."""
    seen: dict[bool, set[int]] = {True: set(), False: set()}

    class Session(ScriptedSandbox):
        @contextlib.contextmanager
        def session(self) -> Any:
            inner = Session(self.answer)

            def answer(stdin: bytes) -> Outcome:
                seen[int(stdin.split()[0]) > 2].add(id(inner))
                kept.append(inner)
                return self.answer(stdin)

            inner.answer = answer
            yield inner

    kept: list[Session] = []
    rows = "\n".join(ROW % (n, n, str(n > 2).lower(), n) for n in range(6))
    files = dict(echo_lab(6).files) | {"grading.yml": (SPEC % rows).encode()}
    lab = Lab("echo", digest_of(files), read_spec((SPEC % rows), where="echo"), files)
    sandbox = Session(lambda stdin: Outcome(0, stdin, b""))
    grading = grade(lab, {"main.py": b""}, toolchain=toolchain, sandbox=sandbox, seed=1)
    assert grading.verdict is Verdict.ACCEPTED, grading.fault
    assert seen[True]
    assert seen[False]
    assert not seen[True] & seen[False]
