"""prepare -> build -> test -> score: what becomes of one submission.

The result depends on (files, lab, seed) and the grader's revision only. Everything that varies (clock, seed, sandbox)
is a parameter; nothing here knows about queues, databases or the network.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from grader import environment, forbidden
from grader.casework import (
    Bench,
    CaseContext,
    Checks,
    GraderFault,
    References,
    as_run,
    draw_cases,
    judge_case,
    load_checks,
)
from grader.checks import Case
from grader.contract import (
    LOG_LIMIT_BYTES,
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
from grader.lab import Lab, TestSpec, UploadRejected, check_upload
from grader.languages import Program
from grader.sandbox import Limit, Outcome, Sandbox
from grader.text import clip, clip_bytes
from grader.toolchain import Toolchain

AT_ONCE = 3
"""Tests that run side by side. More than two even on two processors: a box waits for the kernel most of its time."""
MAX_SLOW_TESTS = 3
"""After so many tests that ran into a time limit the rest is not run: waiting longer would teach nothing."""
OUR_FAULT = "The grading itself failed, not your code. This does not count as an attempt; please submit again later."
_SIGNALS = {
    signal.SIGSEGV: "segmentation fault: it used memory that is not its own",
    signal.SIGABRT: "aborted: an assertion or an uncaught exception",
    signal.SIGFPE: "arithmetic error, usually a division by zero",
    signal.SIGILL: "illegal instruction",
    signal.SIGBUS: "bus error",
    signal.SIGPIPE: "broken pipe",
    signal.SIGKILL: "killed",
    signal.SIGXFSZ: "it wrote a file larger than the disk limit",
}

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

    def emit(self, kind: EventKind, stage: Stage, **values: object) -> None:
        self.on_event(GradeEvent.model_validate({"kind": kind, "at": time.time(), "stage": stage, **values}))

    def run(self) -> None:
        """All stages; stops after the first that decides."""
        for stage, step in (
            (Stage.PREPARING, self._prepare),
            (Stage.COMPILING, self._build),
            (Stage.TESTING, self._test),
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
        if spec.stages.benchmarks:
            raise GraderFault(f"{self.lab.slug} has benchmarks, which this grader does not measure")
        for model in spec.models:
            self.bench.model_file(model)
        self._checks = load_checks(self.lab)
        self._references = References(self.bench)
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
        context = self._context("cases")
        cases = draw_cases(self.lab, self._checks, context)
        slow = 0
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="test") as pool:
            pending: list[Future[TestResult]] = [pool.submit(self._run_test, test, cases[test.id]) for test in tests]
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
        self._score()
        return True

    def _context(self, part: str) -> CaseContext:
        """A context whose random numbers depend on the seed and the part only, not on what else is running."""
        rng = random.Random(f"{self.grading.seed}/{part}")  # noqa: S311 - repeatable on purpose
        return CaseContext(self.bench, rng, self._references)

    def _run_test(self, test: TestSpec, cases: Sequence[Case]) -> TestResult:
        """All cases of a test up to the first that fails."""
        worst: Outcome | None = None
        for number, case in enumerate(cases):
            outcome = self.bench.run_case(self._program, case)
            result = _judge(self.lab, self._checks, test, case, outcome, self._context(f"{test.id}/{number}"))
            if not result.passed:
                return _present(result, test, case, outcome, self._program)
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
        return _present(passed, test, cases[-1], worst, self._program)

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
) -> Grading:
    """Grade `files` as a submission to `lab`. Never raises for anything the lab or the learner did."""
    grading = Grading(
        max_score=lab.spec.max_score,
        seed=seed,
        environment=environment.describe(lab.spec, toolchain, sandbox, worker=worker),
    )
    attempt = _Attempt(lab, dict(files), Bench(lab, toolchain, sandbox), grading, on_event, clock)
    try:
        attempt.run()
    except GraderFault as error:
        grading.verdict, grading.score, grading.message = Verdict.GRADER_ERROR, 0.0, OUR_FAULT
        grading.fault = str(error)
    attempt.emit(EventKind.FINISHED, Stage.DONE, verdict=grading.verdict, text=clip(grading.message, 2000))
    return grading


def _judge(lab: Lab, checks: Checks, test: TestSpec, case: Case, outcome: Outcome, context: CaseContext) -> TestResult:
    """The result of one case, before anything hidden is taken out."""
    run = as_run(outcome)
    verdict, message, hint, expected, seen = Verdict.ACCEPTED, "", "", "", ""
    if run.limit is not None:
        verdict, message = run.limit, _limit_message(lab, outcome)
    elif run.exit_code < 0:
        verdict, message = Verdict.RUNTIME_ERROR, _signal_message(run.exit_code)
    else:
        judgement = judge_case(lab, checks, case, run, context)
        message, hint, expected, seen = judgement.message, judgement.hint, judgement.expected, judgement.seen
        if not judgement.passed:
            verdict = judgement.verdict
            if verdict is Verdict.WRONG_ANSWER and run.exit_code != 0 and (error := _traceback_end(run.stderr)):
                verdict = Verdict.RUNTIME_ERROR
                message = (
                    f"The program ended with {error}" if not test.hidden else "The program ended with an exception."
                )
    if verdict is not Verdict.ACCEPTED and outcome.process_limit_hit:
        message += f" It asked for more than {lab.spec.limits.processes} processes or threads."
    passed = verdict is Verdict.ACCEPTED
    return TestResult(
        name=test.id,
        title=test.title,
        hidden=test.hidden,
        passed=passed,
        verdict=verdict,
        points=test.points if passed else 0.0,
        max_points=test.points,
        message=clip(message, 500),
        hint=clip("" if passed else hint or test.hint, 2000),
        expected=clip(expected, 8000),
        seen=clip(seen, 8000),
    )


def _present(result: TestResult, test: TestSpec, case: Case, outcome: Outcome, program: Program) -> TestResult:
    """Add what a shown test tells; a hidden test keeps only title, class of failure and hint."""
    if test.hidden:
        return result.model_copy(update={"detail": "", "command": "", "expected": "", "seen": "", "stderr": ""})
    shown = {
        "wall_seconds": round(outcome.wall_seconds, 4),
        "cpu_seconds": round(outcome.cpu_seconds, 4),
        "memory_bytes": outcome.memory_bytes,
    }
    if result.passed:
        return result.model_copy(update=shown)
    name = program.command[-1].rsplit("/", 1)[-1]
    words = ["./program" if name == "program" else f"python {name}", *(str(argument) for argument in case.args)]
    return result.model_copy(
        update={
            **shown,
            "detail": clip(case.note, 8000),
            "command": clip(" ".join(words), 2000),
            "stderr": clip(outcome.stderr[-6000:], 8000),
        }
    )


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


def _limit_message(lab: Lab, outcome: Outcome) -> str:
    limits = lab.spec.limits
    match outcome.limit:
        case Limit.CPU:
            return f"Stopped after {limits.cpu_seconds:g} s of processor time, the limit."
        case Limit.WALL:
            used = f"{outcome.cpu_seconds:.1f} s of processor time"
            return f"Stopped after {limits.wall_seconds:g} s, the limit; it had used {used}."
        case Limit.MEMORY:
            return f"Stopped: it needed more than {lab.spec.limits.memory_mb} MiB of memory."
        case _:
            return f"Stopped: it wrote more than {limits.output_kb} KiB of output."


def _signal_message(exit_code: int) -> str:
    try:
        name = signal.Signals(-exit_code)
    except ValueError:
        return f"The program was ended by signal {-exit_code}."
    words = _SIGNALS.get(name)
    return f"The program crashed with {name.name}{f' ({words})' if words else ''}."


def _traceback_end(stderr: bytes) -> str:
    """The last line of a Python traceback, "" when there is none."""
    if b"Traceback (most recent call last)" not in stderr:
        return ""
    lines = stderr[-4000:].decode(errors="replace").strip().splitlines()
    return clip(lines[-1], 300) if lines else ""
