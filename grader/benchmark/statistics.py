"""What many pairs of times say together: a median, how sure it is, and whether that is enough for a verdict.

The interval is the bootstrap's percentile interval of the median. For a median the bootstrap needs no dice: the median
of a resample is at most the k-th smallest value exactly when at least half of its draws are, which is a binomial tail.
So the limit of infinitely many resamples is computed, and the same pairs always give the same verdict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

CONFIDENCE = 0.95
"""Of the interval that is reported."""
DECIDING_CONFIDENCE = 0.998
"""Of the interval that decides. There is more than one look at the data, and a verdict should not depend on luck."""
SYSTEMATIC = 0.005
"""How far two runs of one binary differ for good, by where the kernel put their pages. The deciding interval is wider
by it: no number of pairs makes that smaller."""


class InvalidTimes(ValueError):
    """Times that no clock can have measured."""


@dataclass(frozen=True)
class Interval:
    """The median of pair ratios and where it lies."""

    ratio: float
    low: float
    high: float


def pair_ratios(reference: Sequence[float], learner: Sequence[float]) -> list[float]:
    """Reference time over learner time of each pair: above 1 the learner is quicker.

    Raises:
        InvalidTimes: a time is not a positive finite number, or there are none.
    """
    for times in (reference, learner):
        if not times or not all(math.isfinite(time) and time > 0 for time in times):
            raise InvalidTimes("a measured time is not a positive number")
    return [ours / theirs for ours, theirs in zip(reference, learner, strict=True)]


def interval(ratios: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """The bootstrap interval of the median."""
    ordered = sorted(ratios)
    tail = (1 - confidence) / 2
    low = ordered[_quantile(len(ordered), tail)]
    high = ordered[_quantile(len(ordered), 1 - tail)]
    return Interval(median(ordered), low, high)


def _quantile(count: int, share: float) -> int:
    """Position of the smallest value that a resample's median stays below or at with at least this probability."""
    first, last = 0, count - 1
    while first < last:
        middle = (first + last) // 2
        if _median_is_within(count, middle + 1) >= share:
            last = middle
        else:
            first = middle + 1
    return first


def _median_is_within(count: int, rank: int) -> float:
    """Probability that more than half of `count` draws are among the `rank` smallest values."""
    if rank >= count:
        return 1.0
    chance, needed = rank / count, count // 2 + 1
    return math.fsum(
        math.exp(
            math.lgamma(count + 1)
            - math.lgamma(hits + 1)
            - math.lgamma(count - hits + 1)
            + hits * math.log(chance)
            + (count - hits) * math.log1p(-chance)
        )
        for hits in range(needed, count + 1)
    )


def decide(ratios: Sequence[float], threshold: float) -> bool | None:
    """Whether the ratio is at least the threshold; None while that is open."""
    sure = interval(ratios, DECIDING_CONFIDENCE)
    if sure.low * (1 - SYSTEMATIC) >= threshold:
        return True
    if sure.high * (1 + SYSTEMATIC) < threshold:
        return False
    return None
