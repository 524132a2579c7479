"""What is known of a benchmark on a device besides its times: the device's own events, and what it can do at all.

The clock that counts is the grader's. The events are read by the learner's process, which could say anything; but they
are taken at the same moments, so what does not agree was either disturbed or forged, and a person looks at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from grader.benchmark.duel import Measurement
from grader.benchmark.metrics import metric_of
from grader.benchmark.roofline.device import DeviceRoofline, of_device
from grader.benchmark.roofline.peaks import RooflineFault
from grader.benchmark.scoring import Witness
from grader.benchmark.side import DeviceTimes
from grader.casework import GraderFault
from grader.lab import BenchmarkSpec
from grader.languages import gpu
from grader.sandbox import Sandbox

EVENTS_AGREE = 0.05
"""How far the medians of two clocks may lie apart, as a share of the time; and how much of the reference's time may be
spent after the clock has stopped."""

SLOWED = 1.10
"""How much longer the reference may take with the learner's program there than without it."""


def device() -> gpu.Device:
    """The one that is measured on.

    Raises:
        GraderFault: it is gone.
    """
    found = gpu.find_devices()
    if not found:
        raise GraderFault(gpu.NO_DEVICE)
    return found[0]


def slowed(found: Measurement) -> float:
    """How many times as long the reference took with the learner's program there as without it; 1 where a busy
    processor can explain it.

    A program that is stopped can have left work on the device, which then has less time for the reference.
    """
    rows = zip(found.reference, found.work, found.items, strict=True)
    times = median(seconds / (work or items) for seconds, work, items in rows) / median(found.alone)
    return times if times * (1 - _waited(found)) > SLOWED else 1.0


def _waited(found: Measurement) -> float:
    """The share of its time that the reference waited for a processor."""
    rows = zip(found.reference_device, found.reference, strict=True)
    return min(1.0, median(turn.waited / seconds for turn, seconds in rows))


def contradiction(found: Measurement) -> str:
    """What the learner's events or outputs say against the learner's times, in words that follow "but"; "" if nothing.

    Two clocks of one turn are compared by the median of their ratios, two sides by medians over all turns, so that what
    disturbs a few turns decides nothing. A busy processor is allowed for with what the reference waited for it, since a
    program can make its own waiting longer; it is next to nothing on a machine that only grades.

    Raises:
        GraderFault: the reference's do not agree, so this machine disturbs what it measures.
    """
    ours, theirs = found.reference_device, found.learner_device
    waited = _waited(found)
    seen = _by_events(found.reference, ours)
    if not _agrees(seen, waited):
        raise GraderFault(
            f"the reference's time by CUDA events is {seen:.3g} of the time by the grader's clock: something else "
            "keeps this machine or its GPU busy (nvidia-smi lists what uses it)"
        )
    if (times := slowed(found)) > SLOWED:
        return f"the reference took {times:.3g} times as long while this program was there as without it."
    seen = _by_events(found.learner, theirs)
    if not _agrees(seen, waited):
        return f"by CUDA events it took {seen:.3g} of the time that passed."
    # Drawing and collecting are the harness's work: they take both sides as long.
    drawing = [median(turn.whole - turn.launches for turn in side) for side in (theirs, ours)]
    share = abs(drawing[0] - drawing[1]) / median(found.learner)
    if share > EVENTS_AGREE + waited:
        return f"by CUDA events its inputs and the reference's were drawn in times {share:.0%} of a turn apart."
    collecting = [median(turn.collecting for turn in side) for side in (theirs, ours)]
    share = (collecting[0] - collecting[1]) / median(found.reference)
    if share > EVENTS_AGREE + waited:
        return f"after the clock had stopped, its outputs took longer than the reference's, by {share:.0%} of a turn."
    return ""


def _by_events(clock: Sequence[float], turns: Sequence[DeviceTimes]) -> float:
    """What the events say, as a share of what the clock says."""
    return median(turn.whole / seconds for turn, seconds in zip(turns, clock, strict=True))


def _agrees(seen: float, waited: float) -> bool:
    return 1 - EVENTS_AGREE - waited <= seen <= 1 + EVENTS_AGREE


def witness(sandbox: Sandbox, spec: BenchmarkSpec, found: Measurement) -> Witness:
    """All of it, for one measurement.

    Raises:
        GraderFault: the device is gone or cannot be measured, or the reference's clocks do not agree.
    """
    against = contradiction(found)
    metric = metric_of(spec)
    if not metric.ceiling:
        return Witness(contradiction=against)
    here = device()
    try:
        known = of_device(here, sandbox)
        fastest = median(work / seconds / 1e9 for seconds, work in zip(found.reference, found.work, strict=True))
        if fastest > _peaks(known, spec)[1]:
            known = of_device(here, sandbox, again=True)
    except RooflineFault as fault:
        raise GraderFault(f"the peaks of {here.name} could not be measured: {fault}") from fault
    peak, limit = _peaks(known, spec)
    rates = _kernel_rate(found.learner_device, found.work), _kernel_rate(found.reference_device, found.work)
    told = f"Its launches alone: {rates[0]:.4g} {metric.unit}, {rates[0] / peak:.1%} of what {_words(known, spec)}."
    return Witness(peak, metric.unit, limit, contradiction=against, rates=rates, told=told)


def _kernel_rate(turns: Sequence[DeviceTimes], work: Sequence[float]) -> float:
    """In the unit of the peaks, by the events."""
    return median(done / max(turn.launches, 1e-9) / 1e9 for turn, done in zip(turns, work, strict=True))


def _peaks(known: DeviceRoofline, spec: BenchmarkSpec) -> tuple[float, float]:
    """The peak that is shown, and the one that nothing can exceed."""
    if metric_of(spec).ceiling == "compute":
        return known.arithmetic.best, known.most_operations
    return known.copy_far.best, known.copy_near.best


def _words(known: DeviceRoofline, spec: BenchmarkSpec) -> str:
    if metric_of(spec).ceiling == "compute":
        return f"the device does in single precision (matrix units, half precision: {known.matrix.best:.4g} GFLOP/s)"
    return "the device copies within its memory"
