"""From a measurement to one row of the report: outcome, points, and one sentence with ratio, interval and threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from grader.benchmark.duel import Measurement
from grader.benchmark.metrics import Metric, metric_of
from grader.benchmark.side import TooSlow
from grader.benchmark.statistics import Interval, InvalidTimes, interval
from grader.contract import BenchmarkOutcome, BenchmarkResult, Verdict
from grader.lab import BenchmarkSpec
from grader.text import clip

IMPLAUSIBLE_RATIO = 10.0
"""Nobody beats a sensible reference by more without something being wrong."""
PEAK_MARGIN = 1.1
"""How far above the measured peak a rate may lie before it is the measurement that is doubted."""
WITNESS_RATIO = 2.0
"""See `contradicts`."""
PASSING_SHARE = 0.5
"""Share of the points that reaching the threshold is worth; the rest grows up to the full score."""
_OUTCOMES = {True: BenchmarkOutcome.PASSED, False: BenchmarkOutcome.FAILED, None: BenchmarkOutcome.INCONCLUSIVE}


@dataclass(frozen=True)
class Witness:
    """What is known besides the times."""

    peak: float = 0.0
    """Of the machine, in the metric's unit; 0 where none applies."""
    peak_unit: str = ""
    ceiling: float = 0.0
    """What no rate can exceed on this machine; 0 where nothing is known."""
    instruction_ratio: float = 0.0
    """Reference instructions over learner instructions; 0 where not counted."""
    doubt: str = ""
    """Why the learner's instructions could not be counted, in one sentence."""
    contradiction: str = ""
    """What speaks against the times whatever they are, in words that follow "but"; a person looks then."""
    rates: tuple[float, float] | None = None
    """What is shown as a share of `peak`, the learner's and the reference's, where the samples hold more than that."""
    told: str = ""
    """A sentence for the learner."""


@dataclass(frozen=True)
class Scored:
    """A row of the report, and the verdict it leads to when everything before it passed."""

    result: BenchmarkResult
    verdict: Verdict


def points_for(low: float, spec: BenchmarkSpec) -> float:
    """Points of a benchmark that passed: linear in the interval's lower end, so that luck is worth nothing."""
    if spec.full_score <= spec.threshold:
        return spec.points
    way = (low - spec.threshold) / (spec.full_score - spec.threshold)
    return round(spec.points * (PASSING_SHARE + (1 - PASSING_SHARE) * min(1.0, max(0.0, way))), 6)


def contradicts(ratio: float, instruction_ratio: float) -> bool:
    """Whether times and instructions cannot both be true.

    Better use of the caches and wider instructions can each make a program several times quicker, and both with about
    as many instructions or fewer. Less than half the time with more than twice the instructions is neither.
    """
    return 0 < instruction_ratio <= 1 / WITNESS_RATIO and ratio >= WITNESS_RATIO


def score(spec: BenchmarkSpec, measurement: Measurement, witness: Witness) -> Scored:
    """Judge one measurement."""
    metric = metric_of(spec)
    if measurement.failure is not None:
        return _failed(spec, metric, measurement)
    try:
        found = interval(measurement.ratios)
    except InvalidTimes as error:
        return _held(spec, metric, BenchmarkOutcome.IMPLAUSIBLE, f"Held: {error}. A person will look at it.")
    learner, reference = (
        [metric.sample(*row) for row in zip(times, measurement.work, measurement.items, strict=True)]
        for times in (measurement.learner, measurement.reference)
    )
    rates = witness.rates or (median(learner), median(reference))
    shares = [rate / witness.peak if witness.peak else 0.0 for rate in rates]
    excess = median(learner) / witness.ceiling if witness.ceiling else 0.0
    outcome, message = _outcome(spec, measurement, found, excess, witness)
    passed = outcome is BenchmarkOutcome.PASSED
    result = BenchmarkResult(
        name=spec.id,
        title=spec.title,
        metric=spec.metric,
        unit=metric.unit,
        threshold=spec.threshold,
        full_score=spec.full_score,
        outcome=outcome,
        ratio=_rounded(found.ratio),
        ratio_low=_rounded(found.low),
        ratio_high=_rounded(found.high),
        pairs=len(measurement.learner),
        learner_samples=_shortened(learner),
        reference_samples=_shortened(reference),
        peak=_rounded(witness.peak),
        peak_unit=witness.peak_unit,
        learner_share=_rounded(shares[0]),
        reference_share=_rounded(shares[1]),
        instruction_ratio=_rounded(witness.instruction_ratio),
        points=points_for(found.low, spec) if passed else 0.0,
        max_points=spec.points,
        passed=passed,
        message=clip(f"{message} {witness.told}".strip(), 500),
    )
    return Scored(result, _verdict(outcome))


def not_run(spec: BenchmarkSpec) -> BenchmarkResult:
    """The row of a benchmark that earlier failures made pointless."""
    message = "Not measured: speed counts once all tests pass."
    return _row(spec, metric_of(spec), BenchmarkOutcome.NOT_RUN, message)


def waiting(spec: BenchmarkSpec) -> BenchmarkResult:
    """The row of a benchmark that needs a device which this machine has not."""
    message = "Waits for a machine with a GPU: only a device can say how fast a kernel is. Its points stay open."
    return _row(spec, metric_of(spec), BenchmarkOutcome.WAITING, message)


def unbuilt(spec: BenchmarkSpec, reason: str) -> BenchmarkResult:
    """The row of a benchmark for whose device the learner's files cannot be built."""
    return _row(spec, metric_of(spec), BenchmarkOutcome.FAILED, clip(f"Not measured. For the device: {reason}", 500))


def _outcome(
    spec: BenchmarkSpec, measurement: Measurement, found: Interval, excess: float, witness: Witness
) -> tuple[BenchmarkOutcome, str]:
    words = f"{found.ratio:.3g} times the reference (95 % interval {found.low:.3g} to {found.high:.3g})"
    if found.ratio > IMPLAUSIBLE_RATIO:
        return BenchmarkOutcome.IMPLAUSIBLE, f"Held: {words} is more than can be believed. A person will look at it."
    if excess > PEAK_MARGIN:
        return (
            BenchmarkOutcome.IMPLAUSIBLE,
            f"Held: {words} would be {excess:.2g} times what this machine can do at all. A person will look at it.",
        )
    if witness.contradiction:
        return BenchmarkOutcome.IMPLAUSIBLE, f"Held: {words}, but {witness.contradiction} A person will look at it."
    if contradicts(found.ratio, witness.instruction_ratio):
        count = 1 / witness.instruction_ratio
        return (
            BenchmarkOutcome.IMPLAUSIBLE,
            f"Held: {words}, but with {count:.2g} times as many instructions. A person will look at it.",
        )
    if witness.doubt and found.ratio >= WITNESS_RATIO:
        # Only here could a count have said anything: many honest programs cannot be counted.
        return BenchmarkOutcome.IMPLAUSIBLE, f"Held: {words}, and no witness: {witness.doubt} A person will look at it."
    match _OUTCOMES[measurement.decided]:
        case BenchmarkOutcome.PASSED:
            return BenchmarkOutcome.PASSED, f"Reached {words}; needed were {spec.threshold:g}."
        case BenchmarkOutcome.FAILED:
            return BenchmarkOutcome.FAILED, f"Only {words}; needed are {spec.threshold:g}."
        case other:
            return other, f"Held: {words} is too close to the needed {spec.threshold:g} to be told from it."


def _verdict(outcome: BenchmarkOutcome) -> Verdict:
    match outcome:
        case BenchmarkOutcome.PASSED:
            return Verdict.ACCEPTED
        case BenchmarkOutcome.FAILED:
            return Verdict.PARTIAL
        case _:
            return Verdict.HELD


def _failed(spec: BenchmarkSpec, metric: Metric, measurement: Measurement) -> Scored:
    failure = measurement.failure
    assert failure is not None, "only for measurements that failed"
    if isinstance(failure, TooSlow):
        message = f"{failure} The reference needs far less; needed is a ratio of {spec.threshold:g}."
        return Scored(_row(spec, metric, BenchmarkOutcome.FAILED, message), Verdict.PARTIAL)
    outcome = BenchmarkOutcome.IMPLAUSIBLE if failure.verdict is Verdict.HELD else BenchmarkOutcome.WRONG
    return Scored(_row(spec, metric, outcome, str(failure)), failure.verdict)


def _held(spec: BenchmarkSpec, metric: Metric, outcome: BenchmarkOutcome, message: str) -> Scored:
    return Scored(_row(spec, metric, outcome, message), Verdict.HELD)


def _row(spec: BenchmarkSpec, metric: Metric, outcome: BenchmarkOutcome, message: str) -> BenchmarkResult:
    return BenchmarkResult(
        name=spec.id,
        title=spec.title,
        metric=spec.metric,
        unit=metric.unit,
        threshold=spec.threshold,
        full_score=spec.full_score,
        outcome=outcome,
        points=0.0,
        max_points=spec.points,
        passed=False,
        message=clip(message, 500),
    )


def _rounded(value: float) -> float:
    """Six significant digits: a report needs no more, and JSON is shorter."""
    return float(f"{value:.6g}") if math.isfinite(value) else 0.0


def _shortened(samples: Sequence[float]) -> list[float]:
    return [_rounded(sample) for sample in samples[:2000]]
