"""Which questions of a bank an attempt asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random

from backend.curriculum.models import Question


def draw(bank: Sequence[Question], seen: Mapping[int, int], count: int, rng: Random) -> list[Question]:
    """Up to `count` questions, spread over categories and, within each, over difficulties.

    Args:
        bank: what may be asked.
        seen: question id -> how often this learner has been asked it; the less, the sooner it is drawn again.
        count: how many to draw.
        rng: where chance comes from.
    """
    shelves: dict[str, dict[int, list[Question]]] = defaultdict(lambda: defaultdict(list))
    for question in sorted(bank, key=lambda q: (seen.get(q.pk, 0), rng.random())):
        shelves[question.category][question.difficulty].append(question)
    categories = [_alternating(list(shelf.values()), rng) for shelf in shelves.values()]
    drawn = _alternating(categories, rng)[:count]
    rng.shuffle(drawn)
    return drawn


def _alternating(piles: list[list[Question]], rng: Random) -> list[Question]:
    """One from each pile in turn, beginning with a random one, until all are empty."""
    rng.shuffle(piles)
    deepest = max((len(pile) for pile in piles), default=0)
    return [pile[depth] for depth in range(deepest) for pile in piles if depth < len(pile)]
