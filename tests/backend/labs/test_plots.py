"""Whatever numbers a report carries, its plots stand inside their frame and read as numbers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.labs import plots
from backend.labs.selectors.benchmarks import shown_benchmarks
from grader.contract import BenchmarkResult, KernelProfile
from tests.backend.labs.reports import make_benchmark, make_kernel

FINITE = st.floats(allow_nan=False, allow_infinity=False)
POSITIVE = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
_COUNTED = ("bytes_read", "bytes_written", "requests", "sectors", "ideal_sectors", "shared_requests", "shared_passes")


def percent(place: str) -> float:
    assert place.endswith("%")
    return float(place[:-1])


@given(
    st.lists(FINITE, max_size=200), st.lists(FINITE, max_size=200), FINITE, FINITE, FINITE, FINITE, FINITE, POSITIVE,
    POSITIVE,
)  # fmt: skip
@example([1.0], [1.0], 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0)
@example([1.7e308, -1.7e308], [0.0], 1.7e308, 0.0, 1.7e308, 1.0, 1.3, 1.7e308, 1.7e308)
@example([5e-324], [0.0, 5e-324], 5e-324, 0.0, 5e-324, 0.0, 5e-324, 5e-324, 5e-324)
@example([1.0, 1.0 + 2**-52], [1.0], 1.0, 1.0, 1.0 + 2**-52, 1.0, 1.0, 0.0, 0.0)
def test_every_place_of_a_benchmark_lies_inside(
    mine: list[float], theirs: list[float], ratio: float, low: float, high: float, threshold: float, full: float,
    peak: float, share: float,
) -> None:  # fmt: skip
    changes: dict[str, Any] = {
        "learner_samples": mine, "reference_samples": theirs, "ratio": ratio, "ratio_low": low, "ratio_high": high,
        "threshold": threshold, "full_score": full, "peak": peak, "learner_share": share, "reference_share": share,
    }  # fmt: skip
    (shown,) = shown_benchmarks([BenchmarkResult.model_validate(make_benchmark(**changes))])
    places = []
    if shown.samples is not None:
        places += [tick.x for tick in shown.samples.ticks]
        for strip in shown.samples.strips:
            places += [strip.median, *(x for x, _ in strip.dots), *(x for x, *_ in strip.bars)]
    if shown.ratio is not None:
        places += [shown.ratio.low, shown.ratio.middle, shown.ratio.threshold.x, *(t.x for t in shown.ratio.ticks)]
    if shown.share is not None:
        places += [bar.width for bar in shown.share.bars]
    assert all(0 <= percent(place) <= 100 for place in places)
    assert all(len(word) < 60 for _, *words in shown.pairs for word in words)
    assert shown.summary is not None


@given(st.fixed_dictionaries(dict.fromkeys(_COUNTED, st.integers(min_value=0, max_value=2**63))))
def test_every_bar_of_a_kernel_lies_inside(counts: dict[str, int]) -> None:
    plot = plots.kernel_plot(KernelProfile.model_validate(make_kernel(**counts)))
    for bar in plot.bars:
        assert 0 <= percent(bar.width) <= 100
        assert not bar.ideal or 0 <= percent(bar.ideal) <= 100


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"), (1, "1"), (1.3, "1.3"), (3.14159, "3.142"), (0.012345, "0.01235"), (12345.6, "12,350"),
        (999.96, "1,000"), (-2.5, "-2.5"), (1e-7, "1.000e-07"), (1e18, "1.000e+18"),
        (float("inf"), "–"), (float("nan"), "–"),
    ],
)  # fmt: skip
def test_numbers_read_as_people_write_them(value: float, words: str) -> None:
    assert plots.number(value) == words


def test_ticks_are_round_and_few() -> None:
    plot = plots.ratio_plot(BenchmarkResult.model_validate(make_benchmark()))
    assert plot is not None
    assert [tick.label for tick in plot.ticks] == ["1.0", "1.1", "1.2", "1.3"]
