"""A CUDA lab from hand-in to verdict."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from grader import lab as labs
from grader.contract import BenchmarkOutcome, Verdict
from grader.lab import BenchmarkSpec
from grader.languages import gpu, nvcc
from grader.pipeline import Grading, grade
from grader.proof import prove
from grader.sandbox import Sandbox, SandboxFault, Unprotected
from grader.sandbox.docker import Docker
from grader.toolchain import Toolchain

pytestmark = pytest.mark.slow

Graded = Callable[[str], Grading]
FOLDER = Path(__file__).parent / "labs" / "scale"


@pytest.fixture
def graded(toolchain: Toolchain, sandbox: Sandbox) -> Graded:
    """Grade one source as a hand-in."""
    lab = labs.load_lab(FOLDER)

    def grade_source(source: str) -> Grading:
        return grade(lab, {"scale.cu": source.encode()}, toolchain=toolchain, sandbox=sandbox, seed=7)

    return grade_source


KERNEL = """__global__ void scale(int* x, int n, int factor) {{
    {body}
}}
void launch(int* x, int n, int factor) {{ scale<<<{grid}, 64>>>(x, n, factor); }}
"""


def test_the_lab_judges_its_reference_and_its_starter_rightly(toolchain: Toolchain, sandbox: Sandbox) -> None:
    for proof in prove(labs.load_lab(FOLDER), FOLDER, toolchain, sandbox):
        assert proof.holds, (proof.what, proof.problems)


def test_a_shown_test_tells_traffic_and_what_nvcc_made_and_a_hidden_one_neither(graded: Graded) -> None:
    grading = graded((FOLDER / "reference" / "scale.cu").read_text())
    by_name = {test.name: test for test in grading.tests}
    assert grading.verdict is Verdict.ACCEPTED
    assert [row.kernel for row in by_name["small"].kernels] == ["scale"]
    assert by_name["coalesced"].kernels[0].bytes_read == 4096
    assert by_name["large"].kernels == []
    assert grading.compiled or "nvcc is not installed" in grading.build_log


def test_a_right_answer_with_a_fault_does_not_pass(graded: Graded) -> None:
    body = "int i = blockIdx.x * blockDim.x + threadIdx.x; int old = x[i]; if (i < n || old == n) x[i] = factor * old;"
    grading = graded(KERNEL.format(body=body, grid="(n + 63) / 64"))
    small, large, coalesced = grading.tests
    assert (small.verdict, small.passed) == (Verdict.RUNTIME_ERROR, False)
    assert small.message.startswith("scale.cu:2: Thread (1, 0, 0) of block (0, 0, 0) reads 4 bytes at byte 4")
    assert [(one.kind.value, one.line) for one in small.findings if one.severity == "error"] == [("out_of_bounds", 2)]
    assert large.message == "A thread goes beyond the end of an array."
    assert [one.message for one in large.findings] == ["A thread goes beyond the end of an array."]
    assert "257" not in str(large)
    assert "1000" not in str(large)
    assert coalesced.passed


def test_speed_waits_where_a_device_is_there_and_nothing_can_be_built_for_it(
    monkeypatch: pytest.MonkeyPatch, toolchain: Toolchain, sandbox: Sandbox
) -> None:
    monkeypatch.setattr(gpu, "find_devices", lambda: [gpu.Device(0, "GeForce", "8.6", 8192, "580")])
    monkeypatch.setattr(nvcc, "find_nvcc", lambda: None)
    lab = labs.load_lab(FOLDER)
    speed = BenchmarkSpec(id="speed", title="Fast", metric="bandwidth", threshold=0.5, full_score=0.9, points=1)
    stages = lab.spec.stages.model_copy(update={"benchmarks": [speed]})
    measured = replace(lab, spec=lab.spec.model_copy(update={"stages": stages, "device": "cpu+gpu"}))
    grading = grade(measured, lab.reference, toolchain=toolchain, sandbox=sandbox, seed=7)
    assert (grading.verdict, grading.fault) == (Verdict.ACCEPTED, "")
    assert [row.outcome for row in grading.benchmarks] == [BenchmarkOutcome.WAITING]


def test_points_for_coalescing_are_lost_by_a_stride(graded: Graded) -> None:
    body = "for (int i = threadIdx.x * 16; i < threadIdx.x * 16 + 16; ++i)\n        if (i < n) x[i] *= factor;"
    grading = graded(KERNEL.format(body=body, grid="1"))
    by_name = {test.name: test for test in grading.tests}
    assert by_name["small"].passed
    assert by_name["coalesced"].passed is False
    assert "sectors more than needed" in by_name["coalesced"].message
    assert [one.kind.value for one in by_name["coalesced"].findings] == ["uncoalesced"]


def test_no_other_input_is_shown_for_what_only_watching_told(toolchain: Toolchain, sandbox: Sandbox) -> None:
    files = dict(labs.load_lab(FOLDER).files)
    spec = files["grading.yml"].decode().replace("id: coalesced,", "id: coalesced, hidden: true,")
    files["grading.yml"] = spec.encode()
    lab = labs.Lab("scale", labs.digest_of(files), labs.read_spec(spec, where="scale"), files)
    body = "for (int i = threadIdx.x * 16; i < threadIdx.x * 16 + 16; ++i)\n        if (i < n) x[i] *= factor;"
    source = KERNEL.format(body=body, grid="1").encode()
    result = grade(lab, {"scale.cu": source}, toolchain=toolchain, sandbox=sandbox, seed=7).tests[2]
    assert result.message == "… sectors more than needed."
    assert result.counterexample is None
    wrong = source.replace(b"*= factor", b"+= factor")
    shown = grade(lab, {"scale.cu": wrong}, toolchain=toolchain, sandbox=sandbox, seed=7).tests[2].counterexample
    assert shown is not None
    assert "could not be watched" not in shown.message


@pytest.mark.parametrize(("fails", "verdict"), [("nvcc", Verdict.ACCEPTED), ("addr2line", Verdict.GRADER_ERROR)])
def test_a_box_that_does_not_start_costs_the_verdict_only_where_it_decides(
    fails: str, verdict: Verdict, monkeypatch: pytest.MonkeyPatch, toolchain: Toolchain, sandbox: Sandbox
) -> None:
    class Failing:
        def __getattr__(self, name: str) -> Any:
            return getattr(sandbox, name)

        def run(self, command: Any, **words: Any) -> Any:
            if command[0].endswith(fails):
                raise SandboxFault("no box")
            return sandbox.run(command, **words)

        def session(self) -> Any:
            return contextlib.nullcontext(self)

    monkeypatch.setattr(nvcc, "find_nvcc", lambda: nvcc.Toolkit(FOLDER))
    lab = labs.load_lab(FOLDER)
    grading = grade(lab, lab.reference, toolchain=toolchain, sandbox=cast(Sandbox, Failing()), seed=7)
    assert grading.verdict is verdict
    assert bool(grading.fault) is (verdict is Verdict.GRADER_ERROR)


def test_a_crash_in_a_kernel_is_told_with_what_was_seen(graded: Graded) -> None:
    grading = graded(KERNEL.format(body="*(volatile int*)nullptr = factor;", grid="1"))
    assert grading.verdict is Verdict.RUNTIME_ERROR
    assert [one.kind.value for one in grading.tests[0].findings] == ["out_of_bounds"]


def test_a_forged_trace_changes_no_answer(graded: Graded) -> None:
    source = """#include <unistd.h>
void launch(int* x, int n, int factor) {
    FILE* file = fopen("cuda-trace.json", "w");
    fputs("{\\"findings\\": [], \\"kernels\\": [], \\"sites\\": []}", file);
    fclose(file);
    for (int i = 0; i < n; ++i) printf(i ? " %d" : "%d", factor);
    fflush(stdout);
    _exit(0);
}
"""
    grading = graded(source)
    assert grading.score == 0
    assert all(test.findings == [] for test in grading.tests)


def test_a_build_error_has_the_learners_line(graded: Graded) -> None:
    grading = graded("void launch(int* x, int n, int factor) {\n    nothing<<<1, 2>>>(x);\n}\n")
    assert grading.verdict is Verdict.BUILD_ERROR
    assert grading.message.startswith("It does not compile: scale.cu:2: ")


def test_at_home_without_a_sandbox_the_same_is_seen(toolchain: Toolchain) -> None:
    lab = labs.load_lab(FOLDER)
    unguarded = lab.reference["scale.cu"].replace(b"if (i < n) ", b"")
    grading = grade(lab, {"scale.cu": unguarded}, toolchain=toolchain, sandbox=Unprotected(), seed=7)
    small = grading.tests[0]
    assert [(one.kind.value, one.file, one.line) for one in small.findings] == [("out_of_bounds", "scale.cu", 3)]
    assert grading.tests[2].passed


def test_docker_sees_the_same(toolchain: Toolchain, docker_sandbox: Docker) -> None:
    lab = labs.load_lab(FOLDER)
    unguarded = lab.reference["scale.cu"].replace(b"if (i < n) ", b"")
    grading = grade(lab, {"scale.cu": unguarded}, toolchain=toolchain, sandbox=docker_sandbox, seed=7)
    assert [(one.kind.value, one.line) for one in grading.tests[0].findings] == [("out_of_bounds", 3)]
    assert grading.tests[2].passed
