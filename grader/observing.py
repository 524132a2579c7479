"""Watching a program while it runs a case once more: what an instrumented build of a CUDA lab sees.

It never delays a verdict that is already known to be a build error, and a program that it cannot watch (out of time,
no trace left) is judged by its output alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from grader.casework import Bench, GraderFault, run_box, run_limits
from grader.checks import Case
from grader.cuda_cpu import locate, report, trace
from grader.cuda_cpu.report import Observed
from grader.languages import BuildResult, cuda, nvcc
from grader.sandbox import Limits, Outcome, SandboxFault
from grader.sandbox.interface import MIB

MIN_MEMORY = 2048 * MIB
"""A traced run remembers twelve bytes for each byte of the device."""


class Observer:
    """Instrumented build and nvcc for one submission, both under way while the tests run.

    Use as a context manager: leaving it waits for what was begun.
    """

    def __init__(self, bench: Bench, files: Mapping[str, bytes]) -> None:
        self._bench = bench
        self._files = files
        self._pool: ThreadPoolExecutor | None = None
        self._traced: Future[BuildResult] | None = None
        self._compiled: Future[nvcc.Compiled] | None = None

    def __enter__(self) -> Observer:
        options = self._bench.lab.spec.build.cuda
        if self._bench.lab.spec.language == "cuda" and (options.trace or options.nvcc):
            self._pool = ThreadPoolExecutor(2, thread_name_prefix="observe")
            if options.trace and self._bench.lab.spec.device != "gpu":
                self._traced = self._pool.submit(
                    self._bench.build_with, self._files, cuda.build_traced, variant=("traced",)
                )
            if options.nvcc:
                self._compiled = self._pool.submit(self._compile)
        return self

    def __exit__(self, *unused: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def _compile(self) -> nvcc.Compiled:
        source = self._bench.source(self._files)
        try:
            return nvcc.compile_kernels(source, cuda.units(source), self._bench.lab.spec, self._bench.sandbox)
        except SandboxFault:
            # What decides nothing costs nobody a verdict.
            return nvcc.Compiled(note="nvcc could not be started this time: the kernels were not compiled for a GPU.")

    def compiled(self) -> nvcc.Compiled:
        """What nvcc made of the kernels; waits for it."""
        return self._compiled.result() if self._compiled is not None else nvcc.Compiled()

    def chosen(self, cases: Sequence[Case]) -> set[int]:
        """Which cases of a test to watch: those that ask for it, else the smallest that does not refuse."""
        if self._traced is None:
            return set()
        asked = {number for number, case in enumerate(cases) if case.trace}
        open_to_it = [number for number, case in enumerate(cases) if case.trace is None]
        if asked or not open_to_it:
            return asked
        return {min(open_to_it, key=lambda number: (_size(cases[number]), number))}

    def watch(self, case: Case) -> Observed:
        """Run a case with every access watched."""
        if self._traced is None or case.trace is False:
            return Observed()
        program = self._traced.result().program
        if program is None:
            return Observed()
        outcome = self._run(program.command, program.files_in, case)
        try:
            seen = trace.read(outcome.files.get(trace.FILE))
        except trace.TraceError:
            return Observed()
        try:
            lines = locate.locate(program.files_in["/box/program"], seen.places(), self._bench.sandbox)
        except SandboxFault as error:
            raise GraderFault(f"the sandbox could not be started: {error}") from error
        return report.observed(seen, lines)

    def _run(self, command: Sequence[str], files: Mapping[str, bytes], case: Case) -> Outcome:
        spec = self._bench.lab.spec
        usual = run_limits(spec.limits)
        seconds = spec.build.cuda.trace_seconds
        limits: Limits = replace(
            usual,
            cpu_seconds=seconds,
            wall_seconds=2 * seconds,
            memory_bytes=max(usual.memory_bytes, MIN_MEMORY),
            files_bytes=usual.files_bytes + trace.MAX_BYTES,
            disk_bytes=usual.disk_bytes + trace.MAX_BYTES,
        )
        inputs = {**files, **self._bench.input_files(case.files)}
        return run_box(
            self._bench.sandbox,
            lambda sandbox: sandbox.run(
                [*command, *(str(argument) for argument in case.args)],
                limits=limits,
                files_in=inputs,
                mounts=self._bench.model_mounts(case.models),
                files_out=[trace.FILE],
                stdin=case.stdin,
            ),
        )


def _size(case: Case) -> int:
    return len(case.stdin) + sum(map(len, case.files.values())) + sum(len(str(one)) for one in case.args)
