"""Geometry of the plot of a bank: how hard against how telling. Places are percentages of the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.quizzes.authors.statistics import Item


@dataclass(frozen=True)
class Dot:
    """One question."""

    x: str
    y: str
    flagged: bool
    words: str


@dataclass(frozen=True)
class BankPlot:
    """Share of the points from left to right, discrimination from -1 below to 1 above."""

    dots: Sequence[Dot]
    words: str


def bank_plot(items: Sequence[Item]) -> BankPlot | None:
    """The questions with enough answers; None when there is none."""
    dots = [
        Dot(
            x=f"{4 + 92 * item.facility:.2f}%",
            y=f"{50 - 46 * item.discrimination:.2f}%",
            flagged=bool(item.flags),
            words=f"{item.question.slug}: {item.facility_percent} %, {item.discrimination:.2f}",
        )
        for item in items
        if item.facility is not None and item.discrimination is not None
    ]
    flagged = sum(dot.flagged for dot in dots)
    words = f"{len(dots)} questions by share of the points and discrimination, {flagged} of them flagged; table below."
    return BankPlot(dots, words) if dots else None
