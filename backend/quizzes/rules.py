"""How a quiz is asked: how many questions, how often, with or without a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

CATEGORIES = {
    "concepts": "Concepts",
    "coding": "Coding",
    "system-design": "System design",
    "debugging": "Debugging",
}


class Timing(models.TextChoices):
    """Whether attempts run against the clock."""

    UNTIMED = "untimed", "Never timed"
    OPTIONAL = "optional", "Timed if the learner wishes"
    TIMED = "timed", "Always timed"


Table = Mapping[str, Mapping[str, int]]
"""Category -> difficulty -> how many of them one attempt asks."""


@dataclass(frozen=True)
class Rules:
    """What holds for the quiz of one module."""

    questions: int = 12
    """Asked in one attempt."""
    cooldown: timedelta = timedelta(minutes=10)
    """Between the end of an attempt that did not pass and the start of the next."""
    attempt_limit: int = 10
    """Attempts that may start within `limit_window`."""
    limit_window: timedelta = timedelta(hours=24)
    timing: Timing = Timing.OPTIONAL
    time_limit: timedelta = timedelta(minutes=20)
    """Of an attempt against the clock."""
    table: Table = field(default_factory=dict)

    @property
    def cooldown_minutes(self) -> int:
        """For people."""
        return int(self.cooldown.total_seconds() // 60)

    @property
    def limit_hours(self) -> int:
        """For people."""
        return int(self.limit_window.total_seconds() // 3600)

    @property
    def time_limit_minutes(self) -> int:
        """For people."""
        return int(self.time_limit.total_seconds() // 60)

    def time_for(self, *, wished: bool) -> timedelta | None:
        """The time limit of a new attempt; None for one without."""
        timed = self.timing == Timing.TIMED or (self.timing == Timing.OPTIONAL and wished)
        return self.time_limit if timed else None


DEFAULTS = Rules()


def check_table(table: Any) -> None:
    """Refuse what is no table of categories and difficulties.

    Raises:
        ValidationError: says what to write instead.
    """
    if not isinstance(table, dict):
        raise ValidationError('Write an object, such as {"concepts": {"1": 2}}.')
    for category, counts in table.items():
        if category not in CATEGORIES:
            raise ValidationError(f"“{category}” is no category. Use one of {', '.join(CATEGORIES)}.")
        if not isinstance(counts, dict):
            raise ValidationError(f'Write for “{category}” how many of each difficulty, such as {{"1": 2}}.')
        for difficulty, count in counts.items():
            if not difficulty.isdecimal() or type(count) is not int or not 0 <= count <= 100:
                raise ValidationError(f"“{category}”, “{difficulty}”: write a difficulty and a number up to 100.")
