"""Geometry of the small plots in a report: numbers in, places in percent and pixels out.

Templates in `labs/plots/` draw them as SVG. Horizontal places are percentages, so that text keeps its size at every
width; colours come from the style sheet. Nothing here knows of Django.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from grader.contract import BenchmarkResult, KernelProfile

MOST_DOTS = 150
"""More samples than this are drawn as a histogram."""
_BINS = 48
_BAND = 28
"""Height of a row of samples, in pixels."""
_GOLDEN = 0.6180339887
_LEAST, _MOST = 1e-6, 1e15
"""Numbers outside are written with an exponent."""
_LARGEST = 1.7e308


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled place on an axis."""

    x: str
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Strip:
    """The samples of one program: as dots, or as bars where there are many."""

    name: str
    kind: str
    """learner or reference; names the colour."""
    label: str
    median: str
    """Place of the median."""
    dots: Sequence[tuple[str, str]] = ()
    """(x, y) from the top of the row."""
    bars: Sequence[tuple[str, str, str, str]] = ()
    """(x, y, width, height)."""


@dataclass(frozen=True, slots=True)
class SamplePlot:
    """Both distributions on one axis."""

    strips: Sequence[Strip]
    ticks: Sequence[Mark]
    unit: str
    words: str


@dataclass(frozen=True, slots=True)
class RatioPlot:
    """A ratio with its interval, against what is needed."""

    low: str
    width: str
    middle: str
    threshold: Mark
    full: Mark | None
    ticks: Sequence[Mark]
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One amount, and where there is one, the least that would do."""

    label: str
    width: str
    ideal: str = ""
    kind: str = "learner"


@dataclass(frozen=True, slots=True)
class BarPlot:
    """Amounts below each other."""

    bars: Sequence[Bar]
    words: str
    rows: Sequence[tuple[str, str]] = field(default_factory=tuple)
    """The same as a table: what, how much."""


def number(value: float) -> str:
    """Four digits that count, with thousands apart: 0.01235, 12.35, 12,350; 1.000e-07 beyond what people read."""
    if not value or not math.isfinite(value):
        return "0" if not value else "–"
    if not _LEAST <= abs(value) < _MOST:
        return f"{value:.3e}"
    digits = 3 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.0f}" if digits < 1 else _trimmed(f"{value:,.{digits}f}")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class _Scale:
    """Values to percent, with a margin at both ends for what stands there."""

    low: float
    high: float

    def share(self, value: float) -> float:
        # Halves, since the distance of two floats may be larger than any float.
        span = self.high / 2 - self.low / 2
        place = (value / 2 - self.low / 2) / span if span else 0.5
        return 2.0 + 96.0 * min(max(place, 0.0), 1.0)

    def at(self, value: float) -> str:
        return f"{self.share(value):.2f}%"

    def mark(self, value: float, label: str) -> Mark:
        """A label that leans inwards at the ends."""
        share = self.share(value)
        return Mark(self.at(value), label, "start" if share < 18 else "end" if share > 82 else "middle")


def _scale_over(values: Sequence[float]) -> _Scale:
    low, high = min(values), max(values)
    margin = (high / 2 - low / 2) * 0.08 or abs(high) * 0.05 or 1.0
    return _Scale(max(low - margin, -_LARGEST), min(high + margin, _LARGEST))


def _ticks(scale: _Scale, most: int = 5) -> list[Mark]:
    """Round numbers within a scale; none where there are no readable ones."""
    span = scale.high - scale.low
    if not _LEAST <= span < _MOST or max(abs(scale.low), abs(scale.high)) >= span * _MOST:
        return []
    step = 10.0 ** math.floor(math.log10(span / most))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= most)
    first = math.ceil(scale.low / step)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    values = [(first + index) * step for index in range(most + 1)]
    inside = [value for value in values if value <= scale.high]
    return [Mark(scale.at(value), f"{value:,.{digits}f}") for value in inside if 4 < scale.share(value) < 96]


def sample_plot(result: BenchmarkResult) -> SamplePlot | None:
    """Both distributions; None where nothing was measured."""
    rows = [("You", "learner", result.learner_samples), ("Reference", "reference", result.reference_samples)]
    measured = [(name, kind, [v for v in samples if math.isfinite(v)]) for name, kind, samples in rows]
    if not all(samples for _, _, samples in measured):
        return None
    scale = _scale_over([value for _, _, samples in measured for value in samples])
    strips = [_strip(name, kind, samples, result.unit, scale) for name, kind, samples in measured]
    words = "; ".join(
        f"{name}: {len(samples)} samples from {number(min(samples))} to {number(max(samples))} {result.unit}, "
        f"median {number(median(samples))}"
        for name, _, samples in measured
    )
    return SamplePlot(strips=strips, ticks=_ticks(scale), unit=result.unit, words=f"{words}.")


def _strip(name: str, kind: str, samples: Sequence[float], unit: str, scale: _Scale) -> Strip:
    middle = median(samples)
    label = f"{name}: median {number(middle)} {unit}"
    if len(samples) > MOST_DOTS:
        return Strip(name, kind, label, scale.at(middle), bars=_histogram(samples, scale))
    heights = [3 + (index * _GOLDEN % 1) * (_BAND - 6) for index in range(len(samples))]
    dots = [(scale.at(value), f"{height:.1f}") for value, height in zip(samples, heights, strict=True)]
    return Strip(name, kind, label, scale.at(middle), dots=dots)


def _histogram(samples: Sequence[float], scale: _Scale) -> list[tuple[str, str, str, str]]:
    counts = [0] * _BINS
    for value in samples:
        counts[min(_BINS - 1, int(_BINS * (scale.share(value) - 2) / 96))] += 1
    most = max(counts)
    width = 96.0 / _BINS
    return [
        (
            f"{2 + index * width:.2f}%",
            f"{_BAND * (1 - count / most):.1f}",
            f"{width:.2f}%",
            f"{_BAND * count / most:.1f}",
        )
        for index, count in enumerate(counts)
        if count
    ]


def ratio_plot(result: BenchmarkResult, *, beside: BenchmarkResult | None = None) -> RatioPlot | None:
    """The ratio with its interval, on a scale that `beside` fits on too; None where there is none."""
    if result.ratio <= 0 or result.ratio_high <= 0:
        return None
    has_full = result.full_score > result.threshold
    measured = [one for one in (result, beside) if one is not None and one.ratio > 0 and one.ratio_high > 0]
    shown = [value for one in measured for value in (one.ratio_low, one.ratio_high, one.ratio, one.threshold)]
    scale = _scale_over([*shown, 1.0, *(one.full_score for one in measured if one.full_score > one.threshold)])
    start, end = scale.share(result.ratio_low), scale.share(result.ratio_high)
    words = (
        f"{number(result.ratio)} times the reference, 95 % interval {number(result.ratio_low)} to "
        f"{number(result.ratio_high)}; {number(result.threshold)} is needed"
    )
    words += f", {number(result.full_score)} gives all points." if has_full else "."
    return RatioPlot(
        low=f"{start:.2f}%",
        width=f"{max(end - start, 0.3):.2f}%",
        middle=scale.at(result.ratio),
        threshold=scale.mark(result.threshold, f"needed {number(result.threshold)}"),
        full=scale.mark(result.full_score, f"all points {number(result.full_score)}") if has_full else None,
        ticks=_ticks(scale),
        words=words,
    )


def share_plot(result: BenchmarkResult) -> BarPlot | None:
    """What share of the machine's measured peak was reached; None where no roofline applies."""
    if result.peak <= 0:
        return None
    rows = [("You", "learner", result.learner_share), ("Reference", "reference", result.reference_share)]
    bars = [
        Bar(f"{name}: {_percent(share)} of it", f"{100 * min(max(share, 0.0), 1.0):.1f}%", kind=kind)
        for name, kind, share in rows
    ]
    words = f"The whole width is what this machine can do at all: {number(result.peak)} {result.peak_unit}, measured."
    return BarPlot(bars, words)


def _percent(share: float) -> str:
    return f"{number(100 * share)} %"


def kernel_plot(profile: KernelProfile) -> BarPlot:
    """How well a kernel's accesses are laid out, and how many bytes it moves."""
    bars: list[Bar] = []
    if profile.requests:
        used, ideal = profile.sectors / profile.requests, profile.ideal_sectors / profile.requests
        label = f"{number(used)} sectors of 32 bytes for each access of a warp; {number(ideal)} would do"
        bars.append(_against(label, used, ideal))
    if profile.shared_requests:
        used = profile.shared_passes / profile.shared_requests
        label = f"{number(used)} passes over the banks for each access to shared memory; 1 would do"
        bars.append(_against(label, used, 1.0))
    moved = max(profile.bytes_read, profile.bytes_written)
    if moved:
        for word, amount in (("Read", profile.bytes_read), ("Written", profile.bytes_written)):
            label = f"{word} in global memory: {_bytes(amount)}"
            bars.append(Bar(label, f"{100 * amount / moved:.1f}%", kind="reference"))
    rows = [
        ("Launches", number(profile.launches)), ("Grid of the last launch", profile.grid),
        ("Block", profile.block), ("Shared memory of a block", _bytes(profile.shared_bytes)),
        ("Accesses of whole warps to global memory", number(profile.requests)),
        ("Sectors of 32 bytes they touched", number(profile.sectors)),
        ("Sectors that would do", number(profile.ideal_sectors)),
        ("Accesses of whole warps to shared memory", number(profile.shared_requests)),
        ("Passes over the 32 banks", number(profile.shared_passes)),
        ("Bytes read", _bytes(profile.bytes_read)), ("Bytes written", _bytes(profile.bytes_written)),
        ("Barriers", number(profile.barriers)),
    ]  # fmt: skip
    words = f"Kernel {profile.kernel}. " + ". ".join(bar.label for bar in bars) + ("." if bars else "")
    return BarPlot(bars, words, [(what, amount) for what, amount in rows if amount])


def _against(label: str, used: float, ideal: float) -> Bar:
    most = max(used, ideal) or 1.0
    kind = "learner" if used <= ideal * 1.05 else "excess"
    return Bar(label, f"{100 * used / most:.1f}%", f"{100 * ideal / most:.1f}%", kind)


def _bytes(amount: int) -> str:
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if amount >= size:
            return f"{number(amount / size)} {unit}"
    return f"{amount} bytes"
