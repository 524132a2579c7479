"""Finding the partner on the right for everything on the left."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from backend.quizzes.kinds.base import Asked, Kind, Raw, ids, shuffled


def arrange(choices: Any, rng: Random) -> list[str]:
    """The right side in random order; the left stays as listed."""
    return shuffled(choices["right"], rng)


def read(asked: Asked, raw: Raw) -> dict[str, str] | None:
    """Left id -> right id, for those that have a partner."""
    pairs: dict[str, str] = {}
    for shown, left in enumerate(ids(asked.choices["left"]), start=1):
        values = raw.get(f"pair-{shown}", ())
        if values and values[-1]:
            pairs[left] = asked.id_at(values[-1])
    return pairs or None


def score(answer: Mapping[str, str], key: Mapping[str, Any]) -> float:
    """Share of the pairs that are right."""
    pairs = key["pairs"]
    return sum(answer.get(left) == right for left, right in pairs.items()) / len(pairs) if pairs else 0.0


def complete(asked: Asked, answer: Mapping[str, str]) -> bool:
    """Whether everything on the left has a partner."""
    return len(answer) == len(asked.choices["left"])


MATCH = Kind(
    "match", "Choose the partner of each. Every right pair earns a share.", "match", arrange, read, score, complete
)
