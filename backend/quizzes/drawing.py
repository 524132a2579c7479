"""Which questions of a bank an attempt asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random

from backend.curriculum.models import Question
from backend.quizzes.rules import Table


def draw(
    bank: Sequence[Question], seen: Mapping[int, int], count: int, rng: Random, table: Table | None = None
) -> list[Question]:
    """Up to `count` questions: first what the table asks for, then spread over categories and their difficulties.

    Args:
        bank: what may be asked.
        seen: question id -> how often this learner has been asked it; the less, the sooner it is drawn again.
        count: how many to draw.
        rng: where chance comes from.
        table: how many of a category and difficulty. Where the bank has fewer, the nearest difficulty of the same
            category stands in.
    """
    left = sorted(bank, key=lambda question: (seen.get(question.pk, 0), rng.random()))
    drawn: list[Question] = []
    for category, difficulty, wanted in _cells(table or {}):
        # `sorted` is stable: among equally near ones those seen least stay first.
        near = sorted(
            (question for question in left if question.category == category),
            key=lambda question: abs(question.difficulty - difficulty),
        )
        drawn += near[: min(wanted, count - len(drawn))]
        left = [question for question in left if question not in drawn]
    drawn += _spread(left, rng)[: count - len(drawn)]
    rng.shuffle(drawn)
    return drawn


def _cells(table: Table) -> list[tuple[str, int, int]]:
    return [(category, int(level), wanted) for category, row in table.items() for level, wanted in row.items()]


def _spread(questions: Sequence[Question], rng: Random) -> list[Question]:
    """All of them, category by category in turn and, within each, difficulty by difficulty."""
    shelves: dict[str, dict[int, list[Question]]] = defaultdict(lambda: defaultdict(list))
    for question in questions:
        shelves[question.category][question.difficulty].append(question)
    return _alternating([_alternating(list(shelf.values()), rng) for shelf in shelves.values()], rng)


def _alternating(piles: list[list[Question]], rng: Random) -> list[Question]:
    """One from each pile in turn, beginning with a random one, until all are empty."""
    rng.shuffle(piles)
    deepest = max((len(pile) for pile in piles), default=0)
    return [pile[depth] for depth in range(deepest) for pile in piles if depth < len(pile)]
