"""Rules by which a question is marked as one to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """An option, or what people typed, with how many took it."""

    text: str
    right: bool
    count: int
    share: float
    """Of the people who answered, 0 to 1; with several right options the shares add up to more."""

    @property
    def percent(self) -> int:
        """Rounded."""
        return round(100 * self.share)


@dataclass(frozen=True)
class Flag:
    """Something that a person should look at."""

    name: str
    words: str


def flags(discrimination: float | None, right: int, choices: Sequence[Choice]) -> list[Flag]:
    """What is suspicious about a question with enough answers.

    Args:
        discrimination: correlation with the rest of the attempt; None where it cannot be told.
        right: how many earned all points.
        choices: what was chosen; empty for orders and matches.
    """
    found: list[Flag] = []
    if discrimination is not None and discrimination < 0:
        found.append(Flag("negative", "Those who do well otherwise get it wrong more often. Check the key."))
    if right == 0:
        found.append(Flag("nobody", "Nobody has it right. Check the key and the wording."))
    key = [choice.count for choice in choices if choice.right]
    wrong = [choice.count for choice in choices if not choice.right]
    if wrong and max(wrong) > min(key, default=0):
        found.append(Flag("wrong-preferred", "A wrong answer is chosen more often than a right one."))
    return found
