"""Metrics that need no turns: memory, file sizes, instructions, perplexity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader import lab as labs
from grader.casework import TOOL_LIMITS, CaseContext
from grader.checks import Run
from grader.contract import BenchmarkOutcome, Verdict
from grader.lab import Lab, LabError, digest_of, read_spec
from grader.pipeline import Grading, grade
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain, current

SPEC = """
title: One run
summary: Do something that is measured as a whole.
language: python
entry: {files: [main.py]}
models: [MODELS]
limits: {memory_mb: 512, disk_mb: 64}
stages:
  tests:
    - {id: works, title: It works, points: 1}
  benchmarks:
    - {id: amount, title: As little as the reference, metric: METRIC, threshold: 0.9, full_score: 0.95, points: 4}
"""
CHECKS = """
from grader.checks import Case, right, wrong
TEXT = ("The quick brown fox jumps over the lazy dog. " * 200).encode()
def cases(context):
    return [Case("works", files_out=["out"])]
def judge(case, run, context):
    return right() if run.exit_code == 0 else wrong("It failed.")
def benchmark_case(context, spec):
    return Case("works", files_out=["out"], expected=TEXT)
"""
CPP = labs.load_lab(Path(__file__).parent / "lab" / "cpp")

pytestmark = pytest.mark.slow


def one_run(metric: str, reference: str, models: str = "") -> Lab:
    spec = SPEC.replace("METRIC", metric).replace("MODELS", models)
    files = {"grading.yml": spec.encode(), "checks.py": CHECKS.encode(), "reference/main.py": reference.encode()}
    files |= {"starter/main.py": b"raise SystemExit(1)"}
    return Lab("one-run", digest_of(files), read_spec(spec, where="one-run"), files)


def graded(lab: Lab, source: str, toolchain: Toolchain, sandbox: Sandbox) -> Grading:
    return grade(lab, {"main.py": source.encode()}, toolchain=toolchain, sandbox=sandbox, seed=1)


def test_memory_is_the_highest_of_the_run(toolchain: Toolchain, sandbox: Sandbox) -> None:
    lab = one_run("peak_memory", "held = bytearray(64 << 20)")
    same = graded(lab, "held = bytearray(64 << 20)", toolchain, sandbox)
    twice = graded(lab, "held = bytearray(128 << 20)\ndel held", toolchain, sandbox)
    assert (same.verdict, same.score) == (Verdict.ACCEPTED, 5), same.message + same.fault
    assert (twice.verdict, twice.score) == (Verdict.PARTIAL, 1)
    assert twice.benchmarks[0].learner_samples[0] > 128


def test_a_files_size_is_compared(toolchain: Toolchain, sandbox: Sandbox) -> None:
    lab = one_run("file_size", "open('out', 'wb').write(b'x' * 20480)")
    smaller = graded(lab, "open('out', 'wb').write(b'x' * 10240)", toolchain, sandbox)
    larger = graded(lab, "open('out', 'wb').write(b'x' * 40960)", toolchain, sandbox)
    none = graded(lab, "pass", toolchain, sandbox)
    assert (smaller.verdict, smaller.benchmarks[0].ratio, smaller.benchmarks[0].learner_samples) == (
        Verdict.ACCEPTED, 2.0, [10.0],
    )  # fmt: skip
    assert (larger.verdict, larger.benchmarks[0].outcome) == (Verdict.PARTIAL, BenchmarkOutcome.FAILED)
    assert (none.verdict, none.benchmarks[0].outcome) == (Verdict.WRONG_ANSWER, BenchmarkOutcome.WRONG)


def test_instructions_are_compared_exactly(toolchain: Toolchain, sandbox: Sandbox) -> None:
    files = dict(CPP.files)
    text = files["grading.yml"].decode().replace("metric: gflops", "metric: instructions")
    files["grading.yml"] = text.encode()
    lab = Lab("count", digest_of(files), read_spec(text, where="count"), files)
    reference = lab.reference["matmul.cpp"]
    loop = b"for (int row = 0; row < rows; ++row) {"
    twice = reference.replace(loop, b"for (int pass = 0; pass < 2; ++pass)\n    " + loop)
    same, double = (
        grade(lab, {"matmul.cpp": source}, toolchain=toolchain, sandbox=sandbox, seed=1)
        for source in (reference, twice)
    )
    assert (same.verdict, same.benchmarks[0].ratio) == (Verdict.ACCEPTED, 1.0), same.fault
    assert double.verdict is Verdict.PARTIAL
    assert double.benchmarks[0].ratio == pytest.approx(0.5, rel=0.02)


def test_perplexity_is_the_engines_own(sandbox: Sandbox) -> None:
    engine = current()
    assert engine is not None, "python -m grader.toolchain build"
    model = sorted(path.name for path in engine.models_dir.glob("*.gguf"))[0].removesuffix(".gguf")
    copy = f"import shutil\nshutil.copyfile('/models/{model}.gguf', 'out')"
    lab = one_run("perplexity", copy, model)
    same = graded(lab, copy, engine, sandbox)
    broken = graded(lab, "open('out', 'wb').write(b'GGUF' + bytes(1000))", engine, sandbox)
    spoilt = f"raw = open('/models/{model}.gguf', 'rb').read()\nhalf = len(raw) // 2\n"
    no_numbers = graded(lab, spoilt + "open('out', 'wb').write(raw[:half] + b'\\xff' * half)", engine, sandbox)
    assert (no_numbers.verdict, no_numbers.fault) == (Verdict.WRONG_ANSWER, "")
    assert (same.verdict, same.benchmarks[0].ratio) == (Verdict.ACCEPTED, 1.0), same.message + same.fault
    assert same.benchmarks[0].learner_samples[0] > 1
    assert (broken.verdict, broken.benchmarks[0].outcome) == (Verdict.WRONG_ANSWER, BenchmarkOutcome.WRONG)


def test_a_model_that_keeps_the_engine_busy_for_ever_is_the_learners_fault(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = current()
    assert engine is not None, "python -m grader.toolchain build"
    model = sorted(path.name for path in engine.models_dir.glob("*.gguf"))[0].removesuffix(".gguf")
    copy = f"import shutil\nshutil.copyfile('/models/{model}.gguf', 'out')"
    longer = f"{copy}\nopen('out', 'ab').write(b'longer')"
    real = CaseContext.tool

    def tool(self: CaseContext, name: str, args: Sequence[str], **given: Any) -> Run:
        if given["files"]["model.gguf"].endswith(b"longer"):
            monkeypatch.setattr("grader.casework.TOOL_LIMITS", replace(TOOL_LIMITS, wall_seconds=0.05))
        try:
            return real(self, name, args, **given)
        finally:
            monkeypatch.setattr("grader.casework.TOOL_LIMITS", TOOL_LIMITS)

    monkeypatch.setattr(CaseContext, "tool", tool)
    found = graded(one_run("perplexity", copy, model), longer, engine, sandbox)
    assert (found.verdict, found.fault) == (Verdict.TIME_LIMIT, "")
    assert "more time or memory" in found.benchmarks[0].message


def test_a_benchmark_in_turns_needs_a_harness(tmp_path: Path) -> None:
    for name, content in one_run("wall_time", "pass").files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    with pytest.raises(LabError, match="needs a harness"):
        labs.load_lab(tmp_path)
