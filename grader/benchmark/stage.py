"""Measuring all benchmarks of an attempt."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from grader.benchmark import device_witness, instructions, roofline
from grader.benchmark.baseline import Baselines
from grader.benchmark.batch import Batch, room_for
from grader.benchmark.dice import Dice
from grader.benchmark.duel import Duel, Measurement, Plan
from grader.benchmark.metrics import metric_of
from grader.benchmark.own_flags import own_flags
from grader.benchmark.scoring import Scored, Witness, score
from grader.benchmark.side import TurnFailed
from grader.benchmark.single import measure_single
from grader.casework import Bench, CaseContext, Checks, GraderFault, run_limits
from grader.checks import BenchmarkInput, Judgement
from grader.checks.arrays import same_array
from grader.contract import Verdict
from grader.lab import BenchmarkSpec
from grader.languages import Program
from grader.languages.serve import SERVE_ARGUMENT, STAGED
from grader.sandbox import Conversation, Limits, SandboxFault
from grader.text import clip

CPU_SECONDS, WALL_SECONDS = 300.0, 600.0
"""Of one box over all its turns; a turn has a limit of its own."""
COUNTED_TURNS = 3
COUNTED_SECONDS = 0.006
"""Of the reference's own time, in one counted turn: counting is a hundred times slower than running."""
COUNTED_INSTRUCTIONS = 20_000_000
MAX_COUNTED_ITEMS = 64


@dataclass(frozen=True)
class Contest:
    """A learner's program and the reference, both built."""

    bench: Bench
    checks: Checks
    learner: Program
    reference: Program
    files: Mapping[str, bytes]
    """The learner's files, for what is measured on them and not on the program."""

    @property
    def staged(self) -> bool:
        """Whether a device does the work, so that turns have stages."""
        return self.bench.lab.spec.language in STAGED


def measure(contest: Contest, spec: BenchmarkSpec, context: CaseContext, on_pairs: Callable[[int], None]) -> Scored:
    """Measure one benchmark.

    Raises:
        GraderFault: the lab or the reference is not as it must be.
    """
    context.rng = Dice.after(context.rng)
    scored = _measure(contest, spec, context, on_pairs)
    told = own_flags(contest.files) if contest.bench.lab.spec.language in ("cpp", "cuda") else ""
    if not told:
        return scored
    message = clip(f"{scored.result.message} {told}", 500)
    return replace(scored, result=scored.result.model_copy(update={"message": message}))


def _measure(contest: Contest, spec: BenchmarkSpec, context: CaseContext, on_pairs: Callable[[int], None]) -> Scored:
    if spec.metric == "instructions":
        return score(spec, _in_instructions(contest, spec, context), Witness())
    if not spec.in_turns:
        bench, checks = contest.bench, contest.checks
        found = measure_single(bench, checks, spec, context, contest.learner, contest.reference)
        return score(spec, found, Witness())
    measurement = _settled(contest, spec, context, on_pairs)
    if measurement.failure is not None:
        return score(spec, measurement, Witness())
    return score(spec, measurement, _witness(contest, spec, context, measurement))


def _settled(
    contest: Contest, spec: BenchmarkSpec, context: CaseContext, on_pairs: Callable[[int], None]
) -> Measurement:
    """A measurement in which the reference was as quick as it is here, or a second one that agrees with the first."""
    digest, baselines = contest.bench.lab.digest, Baselines.of_this_machine()
    name = f"{spec.id}/{device_witness.device()}" if contest.staged else spec.id
    first = in_turns(contest, spec, context, on_pairs)
    if first.failure is not None:
        return first
    found = first
    disturbed = contest.staged and device_witness.slowed(first) > device_witness.SLOWED
    if disturbed or baselines.is_unusual(digest, name, _pace(first)):
        found = in_turns(contest, spec, context, on_pairs)
        if found.failure is not None:
            return found
        if found.decided is not first.decided:
            found.decided = None
    baselines.keep(digest, name, _pace(found))
    return found


def _pace(found: Measurement) -> float:
    """The reference's seconds for a unit of work, or for an item where the lab does not say what work is."""
    rows = zip(found.reference, found.work, found.items, strict=True)
    return median(seconds / (work or items) for seconds, work, items in rows)


def _in_instructions(contest: Contest, spec: BenchmarkSpec, context: CaseContext) -> Measurement:
    """Instructions of the same turns, which the same program always needs again."""
    if not instructions.available():
        raise GraderFault("valgrind is not installed here; it counts instructions (apt-get install valgrind)")
    found = Measurement()
    try:
        one, _ = _count(contest, spec, context, 1)
        items = _clamped(COUNTED_INSTRUCTIONS / one.instructions)
        for _ in range(COUNTED_TURNS):
            reference, learner = _count(contest, spec, context, items)
            found.reference.append(reference.instructions)
            found.learner.append(learner.instructions)
            found.work.append(0.0)
            found.items.append(items)
    except TurnFailed as failure:
        found.failure = failure
        return found
    found.decided = sorted(found.ratios)[COUNTED_TURNS // 2] >= spec.threshold
    return found


def _count(
    contest: Contest, spec: BenchmarkSpec, context: CaseContext, items: int
) -> tuple[instructions.Count, instructions.Count]:
    inputs = [_draw(contest, spec, context, 0) for _ in range(items)]
    exchange_bytes = 2 * room_for(inputs)
    rng = random.Random(context.rng.getrandbits(128))  # noqa: S311 - repeatable on purpose
    batch = Batch.lay(inputs, exchange_bytes, rng)
    sandbox = contest.bench.sandbox
    reference = instructions.count_reference(sandbox, contest.reference, batch, exchange_bytes)
    learner = instructions.count(sandbox, contest.learner, batch, exchange_bytes)
    if (fault := _verify(contest.checks, spec, context, batch, learner.outputs, reference.outputs)) is not None:
        raise TurnFailed(Verdict.WRONG_ANSWER, f"An output was wrong while it was counted: {fault.message}")
    instructions.believe(reference, learner)
    return reference, learner


def _clamped(items: float) -> int:
    return max(1, min(MAX_COUNTED_ITEMS, int(items)))


def _witness(contest: Contest, spec: BenchmarkSpec, context: CaseContext, measurement: Measurement) -> Witness:
    """What the machine can do, and how many instructions each side needs where that says something."""
    if contest.staged:
        return device_witness.witness(contest.bench.sandbox, spec, measurement)
    ratio, doubt = 0.0, ""
    compiled = contest.bench.lab.spec.language == "cpp" and spec.single_threaded
    if compiled and spec.metric != "tokens_per_second" and instructions.available():
        try:
            seconds = median(time / items for time, items in zip(measurement.reference, measurement.items, strict=True))
            reference, learner = _count(contest, spec, context, _clamped(COUNTED_SECONDS / seconds))
            ratio = reference.instructions / learner.instructions
        except TurnFailed as failure:
            doubt = str(failure)
        except GraderFault:
            # Counting the reference failed too: a sandbox whose image has no valgrind, for example.
            ratio = 0.0
    ceiling = metric_of(spec).ceiling
    if not ceiling:
        return Witness(instruction_ratio=ratio, doubt=doubt)
    try:
        machine = roofline.of_this_machine(contest.bench.sandbox)
        if _rate(measurement.reference, measurement.work) > _peaks(machine, spec)[1]:
            machine = roofline.of_this_machine(contest.bench.sandbox, again=True)
    except roofline.RooflineFault as fault:
        raise GraderFault(f"this machine's peaks could not be measured: {fault}") from fault
    peak, limit = _peaks(machine, spec)
    return Witness(peak, metric_of(spec).unit, limit, ratio, doubt)


def _peaks(machine: roofline.Roofline, spec: BenchmarkSpec) -> tuple[float, float]:
    """The peak that is shown, and the one that nothing can exceed."""
    if metric_of(spec).ceiling == "compute":
        peak = machine.arithmetic_one if spec.single_threaded else machine.arithmetic_all
        return peak.best, peak.best
    threads = 1 if spec.single_threaded else machine.processors
    return machine.copy_far.best, machine.copy_near.best * threads


def _rate(times: Sequence[float], work: Sequence[float]) -> float:
    """In the unit of the peaks."""
    return median(done / seconds / 1e9 for seconds, done in zip(times, work, strict=True))


def in_turns(
    contest: Contest, spec: BenchmarkSpec, context: CaseContext, on_pairs: Callable[[int], None]
) -> Measurement:
    """Both programs in turns."""
    limits = replace(run_limits(contest.bench.lab.spec.limits), cpu_seconds=CPU_SECONDS, wall_seconds=WALL_SECONDS)

    def starter(program: Program) -> Callable[[int], Conversation]:
        return lambda exchange_bytes: _start(contest.bench, program, limits, exchange_bytes)

    plan = Plan(
        start_reference=starter(contest.reference),
        start_learner=starter(contest.learner),
        draw=lambda turn: _draw(contest, spec, context, turn),
        verify=lambda batch, seen, expected: _verify(contest.checks, spec, context, batch, seen, expected),
        threshold=spec.threshold,
        max_pairs=spec.max_pairs,
        rng=random.Random(context.rng.getrandbits(128)),  # noqa: S311 - repeatable on purpose
        cpu=_processor(context.rng) if spec.single_threaded and not contest.staged else None,
        on_pairs=on_pairs,
        staged=contest.staged,
    )
    return Duel(plan).fight()


def _start(bench: Bench, program: Program, limits: Limits, exchange_bytes: int) -> Conversation:
    """Start a program to be asked; a box that does not start is the machine's fault and is tried once more."""

    def start() -> Conversation:
        return bench.sandbox.start(
            [*program.command, SERVE_ARGUMENT],
            limits=limits,
            files_in=program.files_in,
            mounts=[*program.mounts, *bench.model_mounts(())],
            env=program.env,
            exchange_bytes=exchange_bytes,
        )

    try:
        return start()
    except SandboxFault:
        try:
            return start()
        except SandboxFault as error:
            raise GraderFault(f"the sandbox could not be started: {error}") from error


def _processor(rng: random.Random) -> int:
    """One this process may use, drawn, so that graders side by side do not all take the same."""
    return rng.choice(sorted(os.sched_getaffinity(0)))


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
