"""What the tests of the CUDA emulator share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from grader.cuda_cpu import locate, report, trace
from grader.cuda_cpu.report import Observed
from grader.lab import LabSpec
from grader.languages import SourceTree, cuda
from grader.sandbox import Limits, Outcome, Sandbox
from grader.sandbox.interface import MIB
from grader.toolchain import Toolchain

LIMITS = Limits(
    cpu_seconds=30, wall_seconds=60, memory_bytes=2048 * MIB, output_bytes=MIB, processes=16, disk_bytes=64 * MIB
)
SPEC = LabSpec.model_validate(
    {
        "title": "A kernel",
        "summary": "A program with a kernel.",
        "language": "cuda",
        "entry": {"files": ["main.cu"]},
        "stages": {"tests": [{"id": "runs", "title": "It runs", "points": 1}]},
    }
)


@dataclass(frozen=True)
class Ran:
    """One run of one program."""

    outcome: Outcome
    seen: Observed


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def run(toolchain: Toolchain, sandbox: Sandbox) -> Run:
    """Build a one-file program and run it; `traced` says how."""

    def run_program(source: str, *, traced: bool = True) -> Ran:
        build = cuda.build_traced if traced else cuda.build
        built = build(SourceTree({"main.cu": source.encode()}), SPEC, toolchain, sandbox)
        assert built.program is not None, built.log.decode()
        files = built.program.files_in
        outcome = sandbox.run(built.program.command, limits=LIMITS, files_in=files, files_out=[trace.FILE])
        if not traced:
            return Ran(outcome, Observed())
        seen = trace.read(outcome.files.get(trace.FILE))
        lines = locate.locate(files["/box/program"], seen.places(), sandbox)
        return Ran(outcome, report.observed(seen, lines))

    return run_program
