"""After the verdict: for each test that failed, an input that may be shown and the line where it went wrong.

Bounded by the lab's `explain` settings, and never able to change a verdict: whatever goes wrong here is left out.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from grader import counterexample
from grader.casework import Bench, CaseContext, Checks, GraderFault, as_run, run_box, run_limits
from grader.checks import Case
from grader.checks.compare import Malformed
from grader.checks.functions import answers, calls_of
from grader.contract import Finding, FindingKind, TestResult, Verdict
from grader.judging import command_line, judge
from grader.lab import TestSpec
from grader.languages import Program, sanitized
from grader.sandbox import Outcome
from grader.text import clip

log = structlog.get_logger("grader")

MAX_HIDDEN = 3
MAX_SHOWN = 2
"""Of the failing tests, so many get an explanation; the others mostly fail for the same reason."""
BUILD_SECONDS = 2.0
"""What is left must suffice for about this much: a build with sanitizers cannot be cut short."""
SHORT_SECONDS = 2.0
"""A program that runs into a time limit longer than this is not run again."""
_FRAME = re.compile(rb'^ *File "/src/(?P<file>[^"\n]{1,100})", line (?P<line>\d{1,7})', re.M)
_WORKING = (Verdict.WRONG_ANSWER, Verdict.RUNTIME_ERROR, Verdict.OUTPUT_LIMIT, Verdict.MEMORY_LIMIT)


@dataclass(frozen=True)
class Failure:
    """The case on which a test failed."""

    case: Case
    outcome: Outcome
    watched: bool = False
    """Whether the judge knew what watching the case told; see `grader.observing`."""


@dataclass(frozen=True)
class Explainer:
    """What explaining an attempt needs."""

    bench: Bench
    checks: Checks
    program: Program
    files: Mapping[str, bytes]
    contexts: Callable[[str], CaseContext]
    seed: int
    clock: Callable[[], float] = time.monotonic
    runs: int | None = None
    """How often the program may run in one search; the lab's own number when None."""

    def explain(
        self, results: Sequence[TestResult], cases: Mapping[str, Sequence[Case]], failures: Mapping[str, Failure]
    ) -> list[TestResult]:
        """The results with counterexamples and findings, in their order."""
        settings = self.bench.lab.spec.explain
        deadline = self.clock() + settings.seconds
        specs = {test.id: test for test in self.bench.lab.spec.stages.tests}
        hidden = counterexample.contents_of(case for name, row in cases.items() if specs[name].hidden for case in row)
        failed = [row.name for row in results if not row.passed and row.name in failures]
        # A learner has the input of a shown test already.
        chosen = [name for name in failed if specs[name].hidden][:MAX_HIDDEN]
        chosen += [name for name in failed if not specs[name].hidden][:MAX_SHOWN]
        made = {row.name: row for row in results}
        for place, name in enumerate(chosen):
            left = deadline - self.clock()
            if left <= 0:
                break
            share = left / (len(chosen) - place)
            try:
                made[name] = self._one(specs[name], made[name], failures[name], hidden, share)
            except Exception as error:
                # Most of it depends on what a failing program said: nothing of that may cost its author the verdict.
                fault = f"{type(error).__name__}: {error}"
                log.warning("a failure stays unexplained", lab=self.bench.lab.slug, test=name, fault=fault)
        return [made[row.name] for row in results]

    def _one(
        self, test: TestSpec, result: TestResult, failure: Failure, hidden: set[object], seconds: float
    ) -> TestResult:
        until = self.clock() + seconds
        if result.verdict not in _WORKING and self.bench.lab.spec.limits.wall_seconds > SHORT_SECONDS:
            return result
        if not test.hidden:
            return result.model_copy(update={"findings": [*result.findings, *self._findings(result, failure, until)]})
        wanted = test.counterexample and not (failure.watched and self._failed_by_being_watched(test, result, failure))
        found = self.search(test, hidden, seconds / 2) if wanted else None
        if found is None:
            return result
        shown = counterexample.shown(found, command_line(self.program, found.case))
        # The run on the counterexample is told of, never the one on the hidden input.
        told = self._findings(found.result, Failure(found.case, found.outcome), until)
        return result.model_copy(update={"counterexample": shown, "findings": [*result.findings, *told][:50]})

    def _failed_by_being_watched(self, test: TestSpec, result: TestResult, failure: Failure) -> bool:
        """Whether the output alone does not fail like this: a search, which watches nothing, would mislead."""
        context = self.contexts(f"counterexample/{test.id}/unwatched")
        alone = judge(self.bench.lab, self.checks, test, failure.case, failure.outcome, context)
        return alone.message != result.message

    def search(self, test: TestSpec, hidden: set[object], seconds: float) -> counterexample.Found | None:
        """Another case that fails, and shares no input with the hidden ones.

        Raises:
            GraderFault: the lab's own generator failed.
        """
        open_test = test.model_copy(update={"hidden": False})

        def run(case: Case, context: CaseContext) -> tuple[TestResult, Outcome]:
            outcome = self.bench.run_case(self.program, case)
            return judge(self.bench.lab, self.checks, open_test, case, outcome, context), outcome

        search = counterexample.Search(
            run,
            lambda part: self.contexts(f"counterexample/{test.id}/{part}"),
            hidden,
            self.bench.lab.spec.explain.runs if self.runs is None else self.runs,
            seconds,
            self.clock,
        )
        strategy = self._strategy(test.id)
        if strategy is not None:
            return search.with_strategy(strategy, f"{self.seed}/{test.id}")
        return search.with_fresh_draws(counterexample.draws_of(self.bench.lab, self.checks, test.id))

    def _strategy(self, test: str) -> object | None:
        if self.checks.strategy is None:
            return None
        try:
            strategy: object | None = self.checks.strategy(test)
        except Exception as error:
            raise GraderFault(f"strategy() of {self.bench.lab.slug} failed for {test}: {error}") from error
        return strategy

    def _findings(self, result: TestResult, failure: Failure, until: float) -> list[Finding]:
        spec = self.bench.lab.spec
        if spec.language == "python":
            return _of_python(failure, self.files)
        if spec.language != "cpp" or spec.explain.sanitizers == "off":
            return []
        crashed = failure.outcome.exit_code < 0
        if not crashed and (spec.explain.sanitizers != "failure" or result.verdict is not Verdict.WRONG_ANSWER):
            return []
        if self.clock() + BUILD_SECONDS >= until:
            return []
        built = self.bench.build_with(self.files, sanitized.build, variant=sanitized.FLAGS)
        if built.program is None or self.clock() >= until:
            return []
        program, case = built.program, failure.case
        outcome = run_box(
            self.bench.sandbox,
            lambda sandbox: sandbox.run(
                [*program.command, *map(str, case.args)],
                limits=sanitized.limits(run_limits(spec.limits)),
                files_in={**program.files_in, **self.bench.input_files(case.files)},
                mounts=[*program.mounts, *self.bench.model_mounts(case.models)],
                stdin=case.stdin,
                env=program.env,
            ),
        )
        return sanitized.findings(outcome.stderr, self.files)


def _of_python(failure: Failure, files: Mapping[str, bytes]) -> list[Finding]:
    """The innermost line of the learner's own file that an exception came through."""
    if calls_of(failure.case):
        try:
            raised = [row for row in answers(failure.case, as_run(failure.outcome)) if row.raised and row.file]
        except Malformed:
            return []
        rows = [(row.file, row.line, f"{row.raised}: {row.words}".rstrip(": ")) for row in raised[:1]]
    else:
        stderr = failure.outcome.stderr[-16_000:]
        frames = _FRAME.findall(stderr) if b"Traceback (most recent call last)" in stderr else []
        last = stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1]
        rows = [(file.decode(errors="replace"), int(line), last) for file, line in frames[-1:]]
    return [
        Finding(kind=FindingKind.OTHER, file=file, line=line, message=clip(words, 2000))
        for file, line, words in rows
        if 0 < line <= files.get(file, b"").count(b"\n") + 1
    ]
