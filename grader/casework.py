"""Running single cases: what `checks.py` may ask of the grader, and one run of a program on one case."""

from __future__ import annotations

import random
import re
import sys
import threading
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from grader.build_cache import BuildCache, key_of
from grader.checks import BenchmarkInput, Case, Context, Judgement, Run
from grader.contract import Verdict
from grader.cuda_cpu.report import Observed
from grader.lab import CHECKS_FILE, BenchmarkSpec, Lab, LabSpec, LimitsSpec
from grader.languages import BuildResult, Program, SourceTree, language_of
from grader.languages.gpu import GpuUnavailable
from grader.languages.serve import harness_files
from grader.languages.source import engine_mount
from grader.sandbox import Limit, Limits, Mount, Outcome, Sandbox, SandboxFault
from grader.sandbox.interface import MIB
from grader.toolchain import Toolchain

_IN_NAME = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)*$")
_TOOL_NAME = re.compile(r"^[A-Za-z0-9_\-]+$")
TOOL_LIMITS = Limits(
    cpu_seconds=60, wall_seconds=120, memory_bytes=4096 * MIB, output_bytes=4 * MIB, processes=256, disk_bytes=256 * MIB
)
VERDICT_OF_LIMIT = {
    Limit.CPU: Verdict.TIME_LIMIT,
    Limit.WALL: Verdict.TIME_LIMIT,
    Limit.MEMORY: Verdict.MEMORY_LIMIT,
    Limit.OUTPUT: Verdict.OUTPUT_LIMIT,
}


Build = Callable[[SourceTree, LabSpec, Toolchain, Sandbox], BuildResult]


class GraderFault(RuntimeError):
    """Something of ours is wrong: the lab, a model, the machine. Never the learner's fault."""


class ToolLimit(GraderFault):
    """A tool of the engine reached a limit of its box."""


@dataclass(frozen=True)
class Checks:
    """A lab's `checks.py`, loaded."""

    cases: Callable[[Context], list[Case]]
    judge: Callable[[Case, Run, Context], Judgement]
    strategy: Callable[[str], Any] | None = None
    """Optional: a hypothesis strategy of cases for a test, or None; see `grader.counterexample`."""
    benchmark_input: Callable[[Context, BenchmarkSpec, int], BenchmarkInput] | None = None
    benchmark_judge: Callable[[bytes, bytes, Context], Judgement] | None = None
    benchmark_case: Callable[[Context, BenchmarkSpec], Case] | None = None


def load_checks(lab: Lab) -> Checks:
    """Load `checks.py` into a namespace of its own.

    Raises:
        GraderFault: it does not load, or lacks a function.
    """
    module = types.ModuleType(f"lab_checks_{lab.digest[:12]}")
    module.__file__ = f"{lab.slug}/{CHECKS_FILE}"
    sys.modules[module.__name__] = module  # dataclasses look their module up there
    try:
        exec(compile(lab.files[CHECKS_FILE], module.__file__, "exec"), module.__dict__)  # noqa: S102 - trusted content
        optional = ("strategy", "benchmark_input", "benchmark_judge", "benchmark_case")
        return Checks(module.cases, module.judge, **{name: getattr(module, name, None) for name in optional})
    except Exception as error:
        raise GraderFault(f"{module.__file__} does not load: {type(error).__name__}: {error}") from error


def run_limits(spec: LimitsSpec) -> Limits:
    """A lab's limits, as a sandbox takes them."""
    return Limits(
        cpu_seconds=spec.cpu_seconds,
        wall_seconds=spec.wall_seconds,
        memory_bytes=spec.memory_mb * MIB,
        output_bytes=spec.output_kb * 1024,
        processes=spec.processes,
        disk_bytes=spec.disk_mb * MIB,
        files_bytes=spec.disk_mb * MIB,
    )


def run_box(sandbox: Sandbox, run: Callable[[Sandbox], Outcome]) -> Outcome:
    """Run a box; one that does not start is the machine's fault and is tried once more.

    Raises:
        GraderFault: it did not start twice.
    """
    try:
        return run(sandbox)
    except SandboxFault:
        try:
            return run(sandbox)
        except SandboxFault as error:
            raise GraderFault(f"the sandbox could not be started: {error}") from error


@dataclass(frozen=True)
class Bench:
    """The things every case of an attempt shares. Knows nothing of the learner's program."""

    lab: Lab
    toolchain: Toolchain
    sandbox: Sandbox
    builds: BuildCache | None = None

    def model_file(self, name: str) -> Path:
        """A fixture model on this machine.

        Raises:
            GraderFault: the lab names a model that is not there.
        """
        path = self.toolchain.models_dir / f"{name.removesuffix('.gguf')}.gguf"
        if "/" in name or not path.is_file():
            raise GraderFault(f"fixture model {name!r} is missing from {self.toolchain.models_dir}")
        return path

    def model_mounts(self, names: Sequence[str]) -> list[Mount]:
        """The models a run may read, as `/models/NAME.gguf`."""
        paths = [self.model_file(name) for name in dict.fromkeys((*self.lab.spec.models, *names))]
        return [Mount(path, f"/models/{path.name}") for path in dict.fromkeys(paths)]

    def input_files(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Case files at their place in the box."""
        for name, content in files.items():
            if not _IN_NAME.match(name) or not isinstance(content, bytes):
                raise GraderFault(f"checks.py names an unusable case file {name!r}")
        return {f"/in/{name}": content for name, content in files.items()}

    def source(self, files: Mapping[str, bytes]) -> SourceTree:
        """Learner or reference files with the lab's harness."""
        harness = self.lab.under("harness")
        if any(benchmark.serves for benchmark in self.lab.spec.stages.benchmarks):
            harness |= harness_files(self.lab.spec.language)
        return SourceTree(files, harness)

    def build(self, files: Mapping[str, bytes]) -> BuildResult:
        """Build learner or reference files with the lab's harness, unless exactly that was built before."""
        language = language_of(self.lab.spec)
        return self.build_with(files, language.build)

    def build_with(self, files: Mapping[str, bytes], build: Build, *, variant: Sequence[str] = ()) -> BuildResult:
        """`build` for other ways to build: `variant` names what is not the lab's own.

        Raises:
            GraderFault: the sandbox did not start twice.
        """
        spec, source = self.lab.spec, self.source(files)
        # Without a sandbox a program could write the cache itself.
        builds = self.builds if self.sandbox.name != "none" else None
        key = key_of(source, spec, self.toolchain, self.sandbox, variant=variant) if builds is not None else ""
        if builds is not None and (kept := builds.get(key)) is not None:
            return kept
        try:
            result = build(source, spec, self.toolchain, self.sandbox)
        except GpuUnavailable as error:
            raise GraderFault(str(error)) from error
        except SandboxFault:
            try:
                result = build(source, spec, self.toolchain, self.sandbox)
            except SandboxFault as error:
                raise GraderFault(f"the sandbox could not be started: {error}") from error
        if builds is not None:
            builds.put(key, result)
        return result

    def run_case(self, program: Program, case: Case) -> Outcome:
        """Run a program on one case."""
        command = [*program.command, *(str(argument) for argument in case.args)]
        inputs = {**program.files_in, **self.input_files(case.files)}
        mounts = [*program.mounts, *self.model_mounts(case.models)]
        return run_box(
            self.sandbox,
            lambda sandbox: sandbox.run(
                command,
                limits=run_limits(self.lab.spec.limits),
                files_in=inputs,
                mounts=mounts,
                files_out=list(case.files_out),
                stdin=case.stdin,
                env=program.env,
            ),
        )


def as_run(outcome: Outcome, seen: Observed | None = None) -> Run:
    """An outcome in the words of `checks.py`, with what was seen when the case was watched."""
    seen = seen or Observed()
    return Run(
        exit_code=outcome.exit_code,
        stdout=outcome.stdout,
        stderr=outcome.stderr,
        files=dict(outcome.files),
        wall_seconds=outcome.wall_seconds,
        cpu_seconds=outcome.cpu_seconds,
        memory_bytes=outcome.memory_bytes,
        limit=VERDICT_OF_LIMIT[outcome.limit] if outcome.limit else None,
        findings=seen.findings,
        kernels=seen.kernels,
        traced=seen.complete,
    )


class CaseContext:
    """What `checks.py` gets; see `grader.checks.Context`."""

    def __init__(self, bench: Bench, rng: random.Random, references: References) -> None:
        self.rng = rng
        self._bench = bench
        self._references = references

    def reference(self, case: Case) -> Run:
        """Run the lab's reference solution on the same case, in the same sandbox.

        Raises:
            GraderFault: it does not build, or a limit ended it.
        """
        return self._references.run(case)

    def tool(
        self, name: str, args: Sequence[str], *, files: Mapping[str, bytes] | None = None, models: Sequence[str] = ()
    ) -> Run:
        """Run a tool of the pinned engine in a sandbox.

        Raises:
            ToolLimit: it took too long or too much; a lab that feeds it a learner's file decides whose fault that is.
        """
        if not _TOOL_NAME.match(name) or not (self._bench.toolchain.root / "bin" / name).exists():
            raise GraderFault(f"the pinned engine has no tool {name!r}")
        command = [f"/engine/bin/{name}", *args]
        mounts = [engine_mount(self._bench.toolchain), *self._bench.model_mounts(models)]
        inputs = self._bench.input_files(files or {})
        env = {"LD_LIBRARY_PATH": "/engine/lib"}
        outcome = run_box(
            self._bench.sandbox,
            lambda sandbox: sandbox.run(command, limits=TOOL_LIMITS, files_in=inputs, mounts=mounts, env=env),
        )
        if outcome.limit is not None:
            raise ToolLimit(f"{name} reached its {outcome.limit} limit")
        return as_run(outcome)

    def model_path(self, name: str) -> Path:
        """A fixture model on the grader's own disk."""
        return self._bench.model_file(name)


class References:
    """The reference solution of a lab, built when first asked for."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._program: Program | None = None
        self._lock = threading.Lock()

    def program(self) -> Program:
        """The built reference.

        Raises:
            GraderFault: it does not build.
        """
        with self._lock:
            if self._program is None:
                built = self._bench.build(self._bench.lab.reference)
                if built.program is None:
                    raise GraderFault(f"the reference solution does not build: {built.message}")
                self._program = built.program
            return self._program

    def run(self, case: Case) -> Run:
        """See `CaseContext.reference`."""
        run = as_run(self._bench.run_case(self.program(), case))
        if run.limit is not None:
            raise GraderFault(f"the reference solution reached its {run.limit}")
        return run


def draw_cases(lab: Lab, checks: Checks, context: Context) -> dict[str, list[Case]]:
    """Cases by test, in the order of `grading.yml`.

    Raises:
        GraderFault: `cases` failed, names an unknown test, or leaves one without cases.
    """
    try:
        cases = list(checks.cases(context))
    except GraderFault:
        raise
    except Exception as error:
        raise GraderFault(f"cases() of {lab.slug} failed: {type(error).__name__}: {error}") from error
    by_test: dict[str, list[Case]] = {test.id: [] for test in lab.spec.stages.tests}
    for case in cases:
        if case.test not in by_test:
            raise GraderFault(f"cases() of {lab.slug} names the test {case.test!r}, which grading.yml does not have")
        by_test[case.test].append(case)
    empty = [test for test, found in by_test.items() if not found]
    if empty:
        raise GraderFault(f"cases() of {lab.slug} gives no case for {', '.join(empty)}")
    return by_test


def judge_case(lab: Lab, checks: Checks, case: Case, run: Run, context: Context) -> Judgement:
    """The judge's word on a run.

    Raises:
        GraderFault: the judge failed.
    """
    try:
        judgement = cast(object, checks.judge(case, run, context))
    except GraderFault:
        raise
    except Exception as error:
        raise GraderFault(f"judge() of {lab.slug} failed on {case.test}: {type(error).__name__}: {error}") from error
    if not isinstance(judgement, Judgement):
        raise GraderFault(f"judge() of {lab.slug} gave no Judgement for {case.test}")
    return judgement
