"""Picking from options: one (`single`), some (`multiple`), or the faulty line of a program (`bug`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.quizzes.kinds.base import Asked, Kind, Raw, always_complete, as_listed, shuffled


def read_one(asked: Asked, raw: Raw) -> str | None:
    """The id of the chosen option."""
    places = [place for place in raw.get("answer", ()) if place]
    return asked.id_at(places[-1]) if places else None


def read_some(asked: Asked, raw: Raw) -> list[str] | None:
    """Ids of the chosen options in a fixed order; None when none is chosen."""
    chosen = {asked.id_at(place) for place in raw.get("answer", ()) if place}
    return sorted(chosen) or None


def score_one(answer: str, key: Mapping[str, Any]) -> float:
    """1 for a right option, else 0."""
    return 1.0 if answer in key["correct"] else 0.0


def score_some(answer: list[str], key: Mapping[str, Any]) -> float:
    """Each right option earns an equal share, each wrong one costs as much; never below 0."""
    right = set(key["correct"])
    chosen = set(answer)
    if not right:
        return 0.0
    return max(0.0, (len(chosen & right) - len(chosen - right)) / len(right))


SINGLE = Kind("single", "Choose one.", "options", shuffled, read_one, score_one, always_complete)
MULTIPLE = Kind(
    "multiple",
    "Choose all that apply. A wrong one costs as much as a right one earns.",
    "options",
    shuffled,
    read_some,
    score_some,
    always_complete,
)
# Lines of a program stay where they are.
BUG = Kind("bug", "Choose the faulty line.", "options", as_listed, read_one, score_one, always_complete)
