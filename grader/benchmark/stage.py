"""Measuring all benchmarks of an attempt."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.benchmark.batch import Batch
from grader.benchmark.duel import Duel, Measurement, Plan
from grader.benchmark.scoring import Scored, Witness, score
from grader.casework import Bench, CaseContext, Checks, GraderFault, run_limits
from grader.checks import BenchmarkInput, Judgement
from grader.checks.arrays import same_array
from grader.lab import BenchmarkSpec
from grader.languages import Program
from grader.languages.serve import SERVE_ARGUMENT
from grader.sandbox import Conversation, SandboxFault

CPU_SECONDS, WALL_SECONDS = 300.0, 600.0
"""Of one box over all its turns; a turn has a limit of its own."""


@dataclass(frozen=True)
class Contest:
    """A learner's program and the reference, both built."""

    bench: Bench
    checks: Checks
    learner: Program
    reference: Program
    files: Mapping[str, bytes]
    """The learner's files, for what is measured on them and not on the program."""


def measure(contest: Contest, spec: BenchmarkSpec, context: CaseContext, on_pairs: Callable[[int], None]) -> Scored:
    """Measure one benchmark.

    Raises:
        GraderFault: the lab or the reference is not as it must be.
    """
    measurement = in_turns(contest, spec, context, on_pairs)
    return score(spec, measurement, Witness())


def in_turns(
    contest: Contest, spec: BenchmarkSpec, context: CaseContext, on_pairs: Callable[[int], None]
) -> Measurement:
    """Both programs in turns."""
    limits = replace(run_limits(contest.bench.lab.spec.limits), cpu_seconds=CPU_SECONDS, wall_seconds=WALL_SECONDS)

    def starter(program: Program) -> Callable[[int], Conversation]:
        def start(exchange_bytes: int) -> Conversation:
            try:
                return contest.bench.sandbox.start(
                    [*program.command, SERVE_ARGUMENT],
                    limits=limits,
                    files_in=program.files_in,
                    mounts=[*program.mounts, *contest.bench.model_mounts(())],
                    env=program.env,
                    exchange_bytes=exchange_bytes,
                )
            except SandboxFault as error:
                raise GraderFault(f"the sandbox could not be started: {error}") from error

        return start

    plan = Plan(
        start_reference=starter(contest.reference),
        start_learner=starter(contest.learner),
        draw=lambda turn: _draw(contest, spec, context, turn),
        verify=lambda batch, seen, expected: _verify(contest.checks, spec, context, batch, seen, expected),
        threshold=spec.threshold,
        max_pairs=spec.max_pairs,
        rng=random.Random(context.rng.getrandbits(128)),  # noqa: S311 - repeatable on purpose
        cpu=_processor() if spec.single_threaded else None,
        on_pairs=on_pairs,
    )
    return Duel(plan).fight()


def _processor() -> int:
    """The last processor this process may use: the first ones serve most interrupts."""
    return max(os.sched_getaffinity(0))


def _draw(contest: Contest, spec: BenchmarkSpec, context: CaseContext, turn: int) -> BenchmarkInput:
    lab, draw = contest.bench.lab, contest.checks.benchmark_input
    if draw is None:
        raise GraderFault(f"{lab.slug}: checks.py has no benchmark_input, which {spec.id} needs")
    try:
        drawn = draw(context, spec, turn)
    except Exception as error:
        raise GraderFault(f"benchmark_input() of {lab.slug} failed: {type(error).__name__}: {error}") from error
    if not isinstance(drawn, BenchmarkInput) or drawn.output_bytes < 1:
        raise GraderFault(f"benchmark_input() of {lab.slug} gave no BenchmarkInput with an output")
    return drawn


def _verify(
    checks: Checks,
    spec: BenchmarkSpec,
    context: CaseContext,
    batch: Batch,
    seen: Sequence[bytes],
    expected: Sequence[bytes],
) -> Judgement | None:
    """The first wrong output of a turn."""
    for given, output, wanted in zip(batch.inputs, seen, expected, strict=True):
        if checks.benchmark_judge is not None:
            try:
                judgement = checks.benchmark_judge(given.content, output, context)
            except Exception as error:
                raise GraderFault(f"benchmark_judge() failed: {type(error).__name__}: {error}") from error
            if not judgement.passed:
                return judgement
        elif (fault := _compare(spec, output, wanted)) is not None:
            return fault
    return None


def _compare(spec: BenchmarkSpec, output: bytes, wanted: bytes) -> Judgement | None:
    """Against the reference's output of the same turn."""
    if output == wanted:
        return None
    if spec.compare == "bytes":
        return Judgement(passed=False, message="it differs from the reference's.")
    import numpy as np

    expected = np.frombuffer(wanted, dtype=spec.compare)
    return same_array(output, expected, kind=spec.compare, relative=spec.relative, absolute=spec.absolute)
