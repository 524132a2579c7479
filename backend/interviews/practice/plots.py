"""Geometry of the readiness plot: shares in, places in percent and pixels out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.interviews.practice.readiness import Readiness

_ROW = 44
"""Height of a category, in pixels."""
_LINE = 30
"""Where its interval lies in the row, from the top."""


@dataclass(frozen=True, slots=True)
class Row:
    """One category."""

    name: str
    words: str
    label_y: int
    y: int
    low: str
    width: str
    middle: str
    """Place of the estimate; empty when there are too few answers."""


@dataclass(frozen=True, slots=True)
class Plot:
    """All categories on one axis from 0 to 100 %."""

    rows: Sequence[Row]
    ticks: Sequence[tuple[str, str]]
    """(x, label)."""
    bottom: int
    height: int
    words: str


def plot(estimates: Sequence[Readiness]) -> Plot:
    """The plot of some estimates."""
    rows = [
        Row(
            name=one.name,
            words=one.words,
            label_y=at * _ROW + 14,
            y=at * _ROW + _LINE,
            low=_percent(_place(one.low)) if one.answers else "",
            width=_percent(_place(one.high) - _place(one.low)) if one.answers else "",
            middle=_percent(_place(one.share)) if one.known else "",
        )
        for at, one in enumerate(estimates)
    ]
    bottom = len(rows) * _ROW
    return Plot(
        rows=rows,
        ticks=[(_percent(_place(share / 100)), f"{share} %") for share in (0, 25, 50, 75, 100)],
        bottom=bottom,
        height=bottom + 20,
        words="; ".join(f"{one.name}: {one.words}" for one in estimates),
    )


def _place(share: float) -> float:
    """A share as percent of the width, with a margin for what stands at the ends."""
    return 3 + 94 * share


def _percent(value: float) -> str:
    return f"{value:.2f}%"
