"""Counterexamples: another input than the hidden one, small, and found within bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.contract import Verdict
from grader.lab import Lab, digest_of, read_spec
from grader.pipeline import Grading, grade
from grader.proof import prove
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain

SPEC = """
title: Absolute values
summary: Print the sum of the absolute values of the numbers on standard input.
language: python
entry: {files: [main.py]}
limits: {wall_seconds: 2, cpu_seconds: 1}
explain: {seconds: 20, runs: 80}
stages:
  tests:
    - {id: hidden, title: Many numbers, points: 1, hidden: true}
"""
CHECKS = """
from grader.checks import Case, right
from grader.checks.compare import same_text
def case(row):
    return Case("hidden", stdin=" ".join(map(str, row)).encode(), expected=str(sum(map(abs, row))))
def cases(context):
    return [case([context.rng.randint(-10**6, 10**6) for _ in range(200)])]
def judge(case, run, context):
    return same_text(run.stdout, case.expected) or right()
"""
STRATEGY = """
from hypothesis import strategies as st
def strategy(test):
    return st.lists(st.integers(-10**6, 10**6), min_size=1, max_size=20).map(case)
"""
WRONG = b"print(sum(map(int, input().split())))\n"
RIGHT = b"print(sum(abs(int(word)) for word in input().split()))\n"


def lab_of(checks: str, spec: str = SPEC) -> Lab:
    files = {"grading.yml": spec.encode(), "checks.py": checks.encode(), "reference/main.py": RIGHT}
    return Lab("absolute", digest_of(files), read_spec(spec, where="absolute"), files)


def graded(lab: Lab, source: bytes, toolchain: Toolchain, sandbox: Sandbox, seed: int = 5) -> Grading:
    return grade(lab, {"main.py": source}, toolchain=toolchain, sandbox=sandbox, seed=seed)


@pytest.mark.slow
def test_a_strategy_is_shrunk_to_the_smallest_input_that_breaks(toolchain: Toolchain, sandbox: Sandbox) -> None:
    found = graded(lab_of(CHECKS + STRATEGY), WRONG, toolchain, sandbox).tests[0].counterexample
    assert found is not None
    assert (found.stdin, found.expected, found.seen.strip()) == ("-1", "1", "-1")
    assert found.shrunk
    assert found.message == "Line 1 of the output is wrong."


@pytest.mark.slow
def test_without_a_strategy_fresh_draws_are_tried_and_never_the_hidden_one(
    toolchain: Toolchain, sandbox: Sandbox
) -> None:
    lab = lab_of(CHECKS.replace("range(200)", "range(3)"))
    leaks = b"import sys\ntext = sys.stdin.read()\nprint('saw', text)\n"
    grading = graded(lab, leaks, toolchain, sandbox)
    found = grading.tests[0].counterexample
    assert found is not None
    assert not found.shrunk
    assert found.seen.strip() == f"saw {found.stdin}"
    import random

    drawn = random.Random("5/cases")
    hidden = " ".join(str(drawn.randint(-(10**6), 10**6)) for _ in range(3))
    assert hidden != found.stdin
    assert hidden.split()[0] not in grading.tests[0].model_dump_json()


@pytest.mark.slow
def test_an_input_that_never_changes_is_never_shown(toolchain: Toolchain, sandbox: Sandbox) -> None:
    checks = CHECKS.replace("context.rng.randint(-10**6, 10**6)", "-7")
    with_arguments = checks.replace('return Case("hidden", ', 'return Case("hidden", args=[str(len(row))], ')
    varied = with_arguments.replace("range(200)", "range(3)") + "\n_cases = cases\n"
    assert graded(lab_of(checks), WRONG, toolchain, sandbox).tests[0].counterexample is None
    assert graded(lab_of(varied), WRONG, toolchain, sandbox).tests[0].counterexample is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("checks", "spec"),
    [
        (CHECKS, SPEC.replace("hidden: true", "hidden: true, counterexample: false")),
        (CHECKS, SPEC.replace("seconds: 20", "seconds: 0")),
        (CHECKS, SPEC.replace("runs: 80", "runs: 0")),
        (CHECKS + "def strategy(test): raise KeyError(test)\n", SPEC),
        (CHECKS + STRATEGY.replace("max_size=20)", "max_size=20).filter(lambda row: False)"), SPEC),
        (CHECKS + STRATEGY.replace("map(case)", "map(lambda row: row[99])"), SPEC),
    ],
)
def test_where_none_may_be_or_can_be_found_the_verdict_stands(
    checks: str, spec: str, toolchain: Toolchain, sandbox: Sandbox
) -> None:
    grading = graded(lab_of(checks, spec), WRONG, toolchain, sandbox)
    assert (grading.verdict, grading.fault) == (Verdict.WRONG_ANSWER, "")
    assert grading.tests[0].counterexample is None


@pytest.mark.slow
def test_the_search_keeps_to_its_number_of_runs(toolchain: Toolchain, sandbox: Sandbox) -> None:
    class Counting:
        name = sandbox.name
        runs = 0
        isolation = sandbox.isolation
        session = sandbox.session

        def run(self, *args: object, **words: object) -> object:
            self.runs += 1
            return sandbox.run(*args, **words)  # type: ignore[arg-type]

    counting = Counting()
    spec = SPEC.replace("runs: 80", "runs: 10")
    grading = graded(lab_of(CHECKS + STRATEGY, spec), WRONG, toolchain, counting)  # type: ignore[arg-type]
    assert grading.tests[0].counterexample is not None
    assert counting.runs <= 1 + 10


@pytest.mark.slow
def test_a_passing_submission_is_not_searched(toolchain: Toolchain, sandbox: Sandbox) -> None:
    grading = graded(lab_of(CHECKS + STRATEGY), RIGHT, toolchain, sandbox)
    assert grading.verdict is Verdict.ACCEPTED
    assert "explaining" not in grading.phases


@pytest.mark.slow
def test_the_line_of_an_exception_comes_from_the_counterexample(toolchain: Toolchain, sandbox: Sandbox) -> None:
    source = b"row = [int(word) for word in input().split()]\nif min(row) < -10:\n    raise ValueError(row)\nprint(0)\n"
    result = graded(lab_of(CHECKS + STRATEGY), source, toolchain, sandbox).tests[0]
    assert result.counterexample is not None
    crashed = [found for found in result.findings if found.line == 3]
    assert not crashed or crashed[0].message.startswith("ValueError: [")
    assert result.message == "The program ended with an exception."


@pytest.mark.slow
@pytest.mark.parametrize(("expected", "holds"), [("sum(map(abs, row))", True), ("sum(row)", False)])
def test_a_strategy_that_contradicts_the_reference_is_found_before_learners_see_it(
    expected: str, holds: bool, toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path
) -> None:
    checks = CHECKS + STRATEGY.replace("map(case)", f"map(lambda row: replace(case(row), expected=str({expected})))")
    lab = lab_of(f"from dataclasses import replace\n{checks}")
    first = next(prove(lab, tmp_path, toolchain, sandbox))
    assert (first.what, first.holds) == ("strategy of hidden", holds)
