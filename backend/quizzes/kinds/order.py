"""Putting steps in order: every step gets its place, from 1."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from backend.quizzes.kinds.base import Asked, InvalidAnswer, Kind, Raw, shuffled


def read(asked: Asked, raw: Raw) -> dict[str, int] | None:
    """Choice id -> place, for the steps that have one. Two may share a place while the learner is still sorting."""
    places: dict[str, int] = {}
    count = len(asked.order)
    for shown, step in enumerate(asked.order, start=1):
        values = raw.get(f"place-{shown}", ())
        place = values[-1] if values else ""
        if not place:
            continue
        if not (place.isascii() and place.isdigit() and len(place) < 4 and 1 <= int(place) <= count):
            raise InvalidAnswer(f"Give every step a place from 1 to {count}.")
        places[step] = int(place)
    return places or None


def score(answer: Mapping[str, int], key: Mapping[str, Any]) -> float:
    """Share of the neighbouring steps of the right order that directly follow each other in the answer."""
    right = key["order"]
    if len(right) < 2:
        return float(all(step in answer for step in right))
    follow = sum(
        first in answer and second in answer and answer[second] == answer[first] + 1
        for first, second in pairwise(right)
    )
    return follow / (len(right) - 1)


def complete(asked: Asked, answer: Mapping[str, int]) -> bool:
    """Whether every step has a place of its own."""
    return len(answer) == len(asked.order) == len(set(answer.values()))


ORDER = Kind(
    "order",
    "Give every step its place. Each pair of steps that rightly follow each other earns a share.",
    "order",
    shuffled,
    read,
    score,
    complete,
)
