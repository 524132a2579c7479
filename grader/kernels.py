"""One CUDA program, run on the processor and looked at: what `python -m grader cuda FILE.cu` shows.

Not for labs: here the program is its author's own, its output is printed as it is, and nothing is judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from grader.casework import run_box
from grader.contract import CompiledKernel, Finding, KernelProfile
from grader.cuda_cpu import locate, report, trace
from grader.cuda_cpu.report import Observed
from grader.lab import LabSpec
from grader.languages import BuildResult, SourceTree, cuda, nvcc
from grader.sandbox import Limits, Outcome, Sandbox
from grader.sandbox.interface import MIB
from grader.toolchain import Toolchain

LIMITS = Limits(
    cpu_seconds=120, wall_seconds=240, memory_bytes=4096 * MIB, output_bytes=4 * MIB, processes=64,
    disk_bytes=256 * MIB, files_bytes=64 * MIB,
)  # fmt: skip


@dataclass(frozen=True)
class Studied:
    """What became of a program: built and run plainly, run once more with every access watched, compiled by nvcc."""

    built: BuildResult
    plain: Outcome | None = None
    observed: Observed = field(default_factory=Observed)
    compiled: nvcc.Compiled = field(default_factory=nvcc.Compiled)


def spec_for(files: Sequence[str], *, standard: str = "c++17") -> LabSpec:
    """The options that a lab would have, for files that belong to none."""
    fields: dict[str, Any] = {
        "title": "A program of its own",
        "summary": "No lab: a CUDA program that its author looks at.",
        "language": "cuda",
        "entry": {"files": list(files)},
        "build": {"standard": standard},
        "stages": {"tests": [{"id": "run", "title": "Runs to its end", "points": 1}]},
    }
    return LabSpec.model_validate(fields)


def study(files: Mapping[str, bytes], arguments: Sequence[str], toolchain: Toolchain, sandbox: Sandbox) -> Studied:
    """Build, run, watch and compile a program of one or several files."""
    spec, source = spec_for(list(files)), SourceTree(files)
    built = cuda.build(source, spec, toolchain, sandbox)
    if built.program is None:
        return Studied(built)
    with ThreadPoolExecutor(1) as pool:
        compiled = pool.submit(nvcc.compile_kernels, source, cuda.units(source), spec, sandbox)
        plain = _run(built, arguments, sandbox)
        observed = _watch(cuda.build_traced(source, spec, toolchain, sandbox), arguments, sandbox)
        return Studied(built, plain, observed, compiled.result())


def _run(built: BuildResult, arguments: Sequence[str], sandbox: Sandbox, *, files_out: Sequence[str] = ()) -> Outcome:
    program = built.program
    assert program is not None
    return run_box(
        sandbox,
        lambda box: box.run(
            [*program.command, *arguments],
            limits=LIMITS,
            files_in=program.files_in,
            mounts=program.mounts,
            files_out=files_out,
            env=program.env,
        ),
    )


def _watch(built: BuildResult, arguments: Sequence[str], sandbox: Sandbox) -> Observed:
    if built.program is None:
        return Observed()
    outcome = _run(built, arguments, sandbox, files_out=[trace.FILE])
    try:
        seen = trace.read(outcome.files.get(trace.FILE))
    except trace.TraceError:
        return Observed()
    return report.observed(seen, locate.locate(built.program.files_in["/box/program"], seen.places(), sandbox))


def lines(studied: Studied) -> list[str]:
    """The result as text, for a terminal."""
    told = [_finding(one) for one in studied.observed.findings]
    if studied.plain is not None and not studied.observed.complete:
        told.append("The watched run left no trace: the program did not come to its end in it.")
    told += [line for one in studied.observed.kernels for line in _profile(one)]
    told += [_compiled(one) for one in studied.compiled.kernels]
    told += [f"nvcc: {row.file}:{row.line}: {row.message}" for row in studied.compiled.diagnostics]
    return [*told, *([studied.compiled.note] if studied.compiled.note else [])]


def _finding(one: Finding) -> str:
    times = f" ({one.count} times)" if one.count > 1 else ""
    return f"{one.severity}: {one.file}:{one.line}: {one.message}{times}"


def _profile(one: KernelProfile) -> list[str]:
    found = [
        f"kernel {one.kernel}: {one.launches} launch(es), grid {one.grid}, block {one.block}",
        f"  global memory: {one.bytes_read} bytes read, {one.bytes_written} written, {one.requests} warp requests, "
        f"{one.sectors} sectors of 32 bytes (ideal {one.ideal_sectors})",
    ]
    if one.shared_requests:
        found.append(
            f"  shared memory: {one.shared_bytes} bytes a block, {one.shared_requests} warp requests, "
            f"{one.shared_passes} passes over the banks"
        )
    return found


def _compiled(one: CompiledKernel) -> str:
    spills = one.spill_stores + one.spill_loads
    more = f", {spills} bytes spilled" if spills else ""
    uses = f"{one.registers} registers, {one.shared_bytes} bytes of shared memory{more}"
    return f"nvcc {one.architecture}: {one.kernel}: {uses}"
