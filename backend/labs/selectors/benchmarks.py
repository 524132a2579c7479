"""What a benchmark says, in words and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from backend.labs import plots
from backend.labs.plots import number
from grader.contract import BenchmarkOutcome, BenchmarkResult

SHOWN_PAIRS = 200
"""Rows of the table behind a plot; the report in the interface for programs has all."""
_NEXT = {
    BenchmarkOutcome.PASSED: "",
    BenchmarkOutcome.FAILED: "Make it faster and submit again; the best result counts.",
    BenchmarkOutcome.WRONG: "An output was wrong while it was measured, so the time does not count. "
    "Results must be right on every input, however often it runs.",
    BenchmarkOutcome.INCONCLUSIVE: "Even with more samples the interval reaches over what is needed. A person looks at "
    "it; you are told of the decision. You may also submit again.",
    BenchmarkOutcome.IMPLAUSIBLE: "This is more than the grader believes without a person having looked at it. "
    "Somebody will; you are told of the decision, and nothing is lost until then.",
    BenchmarkOutcome.WAITING: "The hardware for this measurement is not there now, so it gives no points yet. Once "
    "it is there, submit again, or have it judged again by staff; what else you reached is kept.",
    BenchmarkOutcome.NOT_RUN: "Measured only when every test passes. Mend the first failing test and submit again.",
}
_WORDS = {
    BenchmarkOutcome.PASSED: ("passed", "check", "Passed"),
    BenchmarkOutcome.FAILED: ("failed", "x", "Not fast enough"),
    BenchmarkOutcome.WRONG: ("failed", "x", "Wrong output"),
    BenchmarkOutcome.INCONCLUSIVE: ("held", "pause", "Too close to call"),
    BenchmarkOutcome.IMPLAUSIBLE: ("held", "pause", "Waits for a person"),
    BenchmarkOutcome.WAITING: ("waiting", "hourglass", "Waits for hardware"),
    BenchmarkOutcome.NOT_RUN: ("", "circle-dashed", "Not run"),
}


@dataclass(frozen=True)
class ShownBenchmark:
    """One benchmark with its plots and the tables behind them."""

    result: BenchmarkResult
    samples: plots.SamplePlot | None
    ratio: plots.RatioPlot | None
    share: plots.BarPlot | None

    @property
    def badge(self) -> tuple[str, str, str]:
        """(state for the style sheet, icon, word)."""
        return _WORDS[self.result.outcome]

    @property
    def next_step(self) -> str:
        """What happens now, or what to do."""
        return _NEXT[self.result.outcome]

    @property
    def summary(self) -> Sequence[tuple[str, str, str]]:
        """(statistic, of the learner, of the reference)."""
        if self.samples is None:
            return ()
        mine, theirs = _statistics(self.result.learner_samples), _statistics(self.result.reference_samples)
        return [(name, mine[name], theirs[name]) for name in mine]

    @property
    def pairs(self) -> list[tuple[int, str, str]]:
        """(turn, sample of the learner, sample of the reference), the first ones."""
        both = zip(self.result.learner_samples, self.result.reference_samples, strict=False)
        return [(turn, number(mine), number(theirs)) for turn, (mine, theirs) in enumerate(both, start=1)][:SHOWN_PAIRS]


def shown_benchmarks(results: Sequence[BenchmarkResult]) -> list[ShownBenchmark]:
    """Benchmarks, drawn."""
    return [
        ShownBenchmark(result, plots.sample_plot(result), plots.ratio_plot(result), plots.share_plot(result))
        for result in results
    ]


def _statistics(samples: Sequence[float]) -> dict[str, str]:
    parts = quantiles(samples, n=20) if len(samples) > 1 else [samples[0]] * 19
    return {
        "Smallest": number(min(samples)), "5 in 100 below": number(parts[0]), "Median": number(median(samples)),
        "95 in 100 below": number(parts[-1]), "Largest": number(max(samples)), "Samples": str(len(samples)),
    }  # fmt: skip
