"""What the metrics mean: the unit of their samples, and how a turn's time becomes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from grader.lab import BenchmarkSpec

Ceiling = Literal["", "compute", "memory"]


@dataclass(frozen=True)
class Metric:
    """One metric. A ratio above 1 always means that the learner is better."""

    unit: str
    sample: Callable[[float, float, int], float]
    """From seconds (or the bare amount), work and number of items of a turn."""
    ceiling: Ceiling = ""
    """Which of the machine's peaks bounds it."""


def _per_item(amount: float, work: float, items: int) -> float:
    del work
    return amount / items


def _per_second(scale: float) -> Callable[[float, float, int], float]:
    return lambda amount, work, items: work / amount / scale


_METRICS = {
    "wall_time": Metric("s", _per_item),
    "tokens_per_second": Metric("tokens/s", _per_second(1)),
    "gflops": Metric("GFLOP/s", _per_second(1e9), "compute"),
    "bandwidth": Metric("GB/s", _per_second(1e9), "memory"),
    "peak_memory": Metric("MiB", _per_item),
    "perplexity": Metric("perplexity", _per_item),
    "file_size": Metric("KiB", _per_item),
    "instructions": Metric("instructions", _per_item),
}


def metric_of(spec: BenchmarkSpec) -> Metric:
    """The metric that a benchmark names."""
    return _METRICS[spec.metric]
