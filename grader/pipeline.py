"""prepare -> build -> test -> benchmark -> score: what becomes of one submission.

The result depends on (files, lab, seed) and the grader's revision only. Everything that varies (clock, seed, sandbox)
is a parameter; nothing here knows about queues, databases or the network.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from grader import environment, forbidden
from grader.benchmark import Contest, measure, not_run, unbuilt, waiting
from grader.build_cache import BuildCache
from grader.casework import Bench, CaseContext, GraderFault, References, draw_cases, load_checks
from grader.checks import Case
from grader.contract import (
    LOG_LIMIT_BYTES,
    BenchmarkResult,
    CompiledKernel,
    Diagnostic,
    Environment,
    EventKind,
    GradeEvent,
    GradeJob,
    GradeReport,
    Stage,
    TestResult,
    Verdict,
)
from grader.cuda_cpu.report import Observed
from grader.explaining import Explainer, Failure
from grader.judging import judge, present
from grader.lab import BenchmarkSpec, Lab, TestSpec, UploadRejected, check_upload
from grader.languages import BuildResult, cuda, gpu
from grader.languages.nvcc import Compiled
from grader.observing import Observer
from grader.sandbox import Outcome, Sandbox
from grader.text import clip, clip_bytes
from grader.toolchain import Toolchain

AT_ONCE = 3
"""Tests that run side by side. More than two even on two processors: a box waits for the kernel most of its time."""
MAX_SLOW_TESTS = 3
"""After so many tests that ran into a time limit the rest is not run: waiting longer would teach nothing."""
OUR_FAULT = "The grading itself failed, not your code. This does not count as an attempt; please submit again later."

OnEvent = Callable[[GradeEvent], None]


@dataclass
class Grading:
    """The parts of a report that grading itself decides."""

    max_score: float
    seed: int
    environment: Environment
    verdict: Verdict = Verdict.GRADER_ERROR
    score: float = 0.0
    message: str = ""
    build_log: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    tests: list[TestResult] = field(default_factory=list)
    benchmarks: list[BenchmarkResult] = field(default_factory=list)
    compiled: list[CompiledKernel] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)
    fault: str = ""
    """For staff: what of ours failed. Never part of a report, it may quote hidden data."""

    def report(self, job: GradeJob) -> GradeReport:
        """The report of an attempt."""
        return GradeReport(
            submission_id=job.submission_id,
            attempt_id=job.attempt_id,
            attempt_token=job.attempt_token,
            lab=job.lab,
            lab_digest=job.lab_digest,
            verdict=self.verdict,
            score=self.score,
            max_score=self.max_score,
            message=clip(self.message, 2000),
            seed=self.seed,
            build_log=self.build_log,
            diagnostics=self.diagnostics,
            tests=self.tests,
            benchmarks=self.benchmarks,
            compiled=self.compiled,
            phases=self.phases,
            environment=self.environment,
        )


@dataclass
class _Attempt:
    """One run of the pipeline."""

    lab: Lab
    files: Mapping[str, bytes]
    bench: Bench
    grading: Grading
    on_event: OnEvent
    clock: Callable[[], float]
    explained: bool = True
    _failures: dict[str, Failure] = field(default_factory=dict)

    def emit(self, kind: EventKind, stage: Stage, **values: object) -> None:
        self.on_event(GradeEvent.model_validate({"kind": kind, "at": time.time(), "stage": stage, **values}))

    def run(self) -> None:
        """All stages; stops after the first that decides."""
        with self.bench.sandbox.session() as boxes, ThreadPoolExecutor(1, thread_name_prefix="draw") as self._ahead:
            # For the reference only: its runs may share boxes, in which nothing of a learner's ever runs.
            self._trusted = replace(self.bench, sandbox=boxes)
            self._run_stages()

    def _run_stages(self) -> None:
        for stage, step in (
            (Stage.PREPARING, self._prepare),
            (Stage.COMPILING, self._build),
            (Stage.TESTING, self._test),
            *([(Stage.BENCHMARKING, self._benchmark)] if self.lab.spec.stages.benchmarks else []),
        ):
            started = self.clock()
            self.emit(EventKind.STAGE, stage)
            try:
                decided = step()
            finally:
                self.grading.phases[stage.value] = round(self.clock() - started, 6)
            if decided:
                return

    def _decide(self, verdict: Verdict, message: str) -> bool:
        self.grading.verdict = verdict
        self.grading.message = message
        return True

    def _prepare(self) -> bool:
        spec = self.lab.spec
        try:
            check_upload(spec, dict(self.files))
        except UploadRejected as error:
            return self._decide(Verdict.REJECTED, str(error))
        found = forbidden.find(self.files, spec.forbidden, spec.language)
        if found is not None:
            where = f"{found.file}, line {found.line}"
            return self._decide(Verdict.REJECTED, f"“{found.symbol}” is not allowed here ({where}): {found.reason}")
        for model in spec.models:
            self.bench.model_file(model)
        self._checks = load_checks(self.lab)
        self._references = References(self._trusted)
        # Compilers leave processors idle; nothing of a learner's decides what is drawn.
        self._cases = self._ahead.submit(draw_cases, self.lab, self._checks, self._context("cases"))
        return False

    def _build(self) -> bool:
        built = self.bench.build(self.files)
        self.grading.build_log = clip_bytes(built.log, LOG_LIMIT_BYTES)
        self.grading.diagnostics = list(built.diagnostics)
        if built.log:
            self.emit(EventKind.LOG, Stage.COMPILING, text=clip(built.log, 16_000))
        if built.program is None:
            return self._decide(Verdict.BUILD_ERROR, built.message)
        self._program = built.program
        return False

    def _test(self) -> bool:
        tests = self.lab.spec.stages.tests
        cases = self._cases.result()
        slow = 0
        with (
            self.bench.sandbox.session() as boxes,
            # A box that was used before has its counters of processes and files: they would carry a hidden input out.
            self.bench.sandbox.session() as boxes_of_hidden,
            Observer(self.bench, self.files) as self._observer,
            ThreadPoolExecutor(AT_ONCE, thread_name_prefix="test") as pool,
        ):
            self._runs = [replace(self.bench, sandbox=row) for row in (boxes, boxes_of_hidden)]
            # Those with most cases begin first, so that none of them is alone at the end.
            longest = sorted(tests, key=lambda test: -len(cases[test.id]))
            begun = {test.id: pool.submit(self._run_test, test, cases[test.id]) for test in longest}
            pending: list[Future[TestResult]] = [begun[test.id] for test in tests]
            try:
                for index, (test, future) in enumerate(zip(tests, pending, strict=True), start=1):
                    if slow >= MAX_SLOW_TESTS:
                        future.cancel()
                        result = _not_run(test)
                    else:
                        result = future.result()
                    slow += result.verdict is Verdict.TIME_LIMIT
                    self.grading.tests.append(result)
                    self.emit(EventKind.TEST, Stage.TESTING, index=index, total=len(tests), test=result)
            finally:
                for future in pending:
                    future.cancel()
            self._take(self._observer.compiled())
        self._score()
        if self.grading.verdict is Verdict.ACCEPTED:
            return False
        self.grading.benchmarks = [not_run(spec) for spec in self.lab.spec.stages.benchmarks]
        if self.explained:
            self._explain(cases)
        return True

    def _explain(self, cases: Mapping[str, Sequence[Case]]) -> None:
        """What helps the learner on; the verdict stands already."""
        started = self.clock()
        explainer = Explainer(
            self.bench, self._checks, self._program, self.files, self._context, self.grading.seed, self.clock
        )
        self.grading.tests = explainer.explain(self.grading.tests, cases, self._failures)
        self.grading.phases["explaining"] = round(self.clock() - started, 6)

    def _benchmark(self) -> bool:
        """Speed, once everything is right. The first benchmark that fails decides, a held one only if none does."""
        specs = self.lab.spec.stages.benchmarks
        if self.lab.spec.language == "cuda" and gpu.obstacle():
            self.grading.benchmarks = [waiting(spec) for spec in specs]
            return self._decide(Verdict.ACCEPTED, f"{self.grading.message} Its speed waits for a machine with a GPU.")
        learner, reference = self._contestants()
        if learner.program is None or reference.program is None:
            if reference.program is None:
                raise GraderFault(f"the reference cannot be built for this device: {reference.message}")
            self.grading.benchmarks = [unbuilt(spec, learner.message) for spec in specs]
            return self._decide(Verdict.PARTIAL, f"All tests passed. For the device: {learner.message}")
        contest = Contest(self.bench, self._checks, learner.program, reference.program, self.files)
        verdicts: list[Verdict] = []
        for index, spec in enumerate(specs, start=1):

            def tell(pairs: int, spec: BenchmarkSpec = spec, index: int = index) -> None:
                text = f"{spec.title}: {pairs} of at most {spec.max_pairs} pairs of turns"
                self.emit(EventKind.BENCHMARK, Stage.BENCHMARKING, index=index, total=len(specs), text=text)

            scored = measure(contest, spec, self._context(f"benchmark/{spec.id}"), tell)
            verdicts.append(scored.verdict)
            self.grading.benchmarks.append(scored.result)
            self.emit(EventKind.BENCHMARK, Stage.BENCHMARKING, index=index, total=len(specs), benchmark=scored.result)
        self.grading.score = round(self.grading.score + sum(row.points for row in self.grading.benchmarks), 6)
        bad = [place for place, verdict in enumerate(verdicts) if verdict is not Verdict.ACCEPTED]
        if bad:
            first = min(bad, key=lambda place: verdicts[place] is Verdict.HELD)
            row = self.grading.benchmarks[first]
            return self._decide(verdicts[first], f"All tests passed. {row.title}: {row.message}")
        rows = " ".join(f"{row.title}: {row.message}" for row in self.grading.benchmarks)
        return self._decide(Verdict.ACCEPTED, f"{self.grading.message} {rows}")

    def _contestants(self) -> tuple[BuildResult, BuildResult]:
        """What is measured, the learner's and the reference's: CUDA is measured on the device."""
        if self.lab.spec.language != "cuda":
            return BuildResult(self._program), BuildResult(self._references.program())
        build = cuda.build_for_device
        learner, reference = (
            self.bench.build_with(files, build, variant=("device",)) for files in (self.files, self.lab.reference)
        )
        return learner, reference

    def _take(self, compiled: Compiled) -> None:
        """What nvcc said stands beside the verdict and does not change it."""
        self.grading.compiled = list(compiled.kernels)
        self.grading.diagnostics = [*self.grading.diagnostics, *compiled.diagnostics][:200]
        if compiled.note:
            self.grading.build_log = clip_bytes(f"{self.grading.build_log}{compiled.note}\n", LOG_LIMIT_BYTES)

    def _context(self, part: str) -> CaseContext:
        """A context whose random numbers depend on the seed and the part only, not on what else is running."""
        rng = random.Random(f"{self.grading.seed}/{part}")  # noqa: S311 - repeatable on purpose
        return CaseContext(self.bench, rng, self._references)

    def _run_test(self, test: TestSpec, cases: Sequence[Case]) -> TestResult:
        """All cases of a test up to the first that fails."""
        worst: Outcome | None = None
        told: Observed | None = None
        watched = self._observer.chosen(cases)
        for number, case in enumerate(cases):
            outcome = self._runs[test.hidden].run_case(self._program, case)
            seen = self._observer.watch(case) if number in watched else None
            result = judge(self.lab, self._checks, test, case, outcome, self._context(f"{test.id}/{number}"), seen)
            if not result.passed:
                self._failures[test.id] = Failure(case, outcome, watched=seen is not None)
                seen = seen or self._observer.watch(case)
                return present(result, test, case, outcome, self._program, seen)
            told = seen or told
            if worst is None or outcome.wall_seconds > worst.wall_seconds:
                worst = outcome
        assert worst is not None, "draw_cases gives every test a case"
        passed = TestResult(
            name=test.id,
            title=test.title,
            hidden=test.hidden,
            passed=True,
            verdict=Verdict.ACCEPTED,
            points=test.points,
            max_points=test.points,
        )
        return present(passed, test, cases[-1], worst, self._program, told)

    def _score(self) -> None:
        grading = self.grading
        grading.score = round(sum(result.points for result in grading.tests), 6)
        failed = [result for result in grading.tests if not result.passed]
        count = len(grading.tests)
        if not failed:
            self._decide(Verdict.ACCEPTED, f"Passed: {count} of {count} tests.")
            return
        first = failed[0]
        summary = f"Passed: {count - len(failed)} of {count} tests. First failure: {first.title}: {first.message}"
        self._decide(Verdict.PARTIAL if grading.score > 0 else first.verdict, summary)


def grade(
    lab: Lab,
    files: Mapping[str, bytes],
    *,
    toolchain: Toolchain,
    sandbox: Sandbox,
    seed: int,
    on_event: OnEvent = lambda event: None,
    clock: Callable[[], float] = time.monotonic,
    worker: str = "",
    builds: BuildCache | None = None,
    explained: bool = True,
) -> Grading:
    """Grade `files` as a submission to `lab`. Never raises for anything the lab or the learner did.

    `explained` says whether failing tests get counterexamples and findings; the verdict is the same without.
    """
    grading = Grading(
        max_score=lab.spec.max_score,
        seed=seed,
        environment=environment.describe(lab.spec, toolchain, sandbox, worker=worker),
    )
    attempt = _Attempt(lab, dict(files), Bench(lab, toolchain, sandbox, builds), grading, on_event, clock, explained)
    try:
        attempt.run()
    except GraderFault as error:
        grading.verdict, grading.score, grading.message = Verdict.GRADER_ERROR, 0.0, OUR_FAULT
        grading.fault = str(error)
    attempt.emit(EventKind.FINISHED, Stage.DONE, verdict=grading.verdict, text=clip(grading.message, 2000))
    return grading


def _not_run(test: TestSpec) -> TestResult:
    return TestResult(
        name=test.id,
        title=test.title,
        hidden=test.hidden,
        passed=False,
        verdict=Verdict.TIME_LIMIT,
        points=0.0,
        max_points=test.points,
        message=f"Not run: {MAX_SLOW_TESTS} tests before it ran into the time limit.",
        hint=clip(test.hint, 2000),
    )
