"""When a question comes back: the FSRS algorithm between our rows and the `fsrs` package.

Nothing is left to chance: the same ratings at the same times give the same dates, so that undo is exact.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import fsrs

from backend.interviews.models import PracticeCard, Rating

RETENTION = 0.9
"""Chance to recall at which a question comes back."""
_AGAIN_SOON = timedelta(minutes=10)
_SCHEDULER = fsrs.Scheduler(
    desired_retention=RETENTION,
    # An open answer takes minutes to write: after less than ten there is nothing to find out.
    learning_steps=(_AGAIN_SOON,),
    relearning_steps=(_AGAIN_SOON,),
    maximum_interval=365,
    enable_fuzzing=False,
)


@dataclass(frozen=True, slots=True)
class Memory:
    """The columns of a card that the algorithm reads and writes."""

    state: int
    step: int | None
    stability: float
    difficulty: float
    due: datetime
    last_review: datetime
    first_review: datetime

    @classmethod
    def of(cls, card: PracticeCard) -> Memory:
        """What a card knows."""
        return cls(**{name: getattr(card, name) for name in cls.__slots__})

    @classmethod
    def thawed(cls, stored: dict[str, Any]) -> Memory:
        """The opposite of `frozen`."""
        times = {name: datetime.fromisoformat(stored[name]) for name in ("due", "last_review", "first_review")}
        return cls(**{**stored, **times})

    @property
    def columns(self) -> dict[str, Any]:
        """For a row."""
        return asdict(self)

    @property
    def frozen(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(self).items()
        }


def rated(memory: Memory | None, rating: Rating, at: datetime) -> Memory:
    """What a rating at a moment makes of a memory. A clock that was set back counts as no time passed."""
    if memory is not None:
        at = max(at, memory.last_review)
    card, _ = _SCHEDULER.review_card(_card(memory, at), fsrs.Rating(rating), at)
    assert card.stability is not None
    assert card.difficulty is not None
    return Memory(
        state=int(card.state),
        step=card.step,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due,
        last_review=at,
        first_review=memory.first_review if memory else at,
    )


def recall(memory: Memory, at: datetime) -> float:
    """Predicted chance to recall at a moment, 0 to 1; falls by the day."""
    return float(_SCHEDULER.get_card_retrievability(_card(memory, at), at))


def _card(memory: Memory | None, at: datetime) -> fsrs.Card:
    if memory is None:
        return fsrs.Card(card_id=0, due=at)
    return fsrs.Card(
        card_id=0,
        state=fsrs.State(memory.state),
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due,
        last_review=memory.last_review,
    )
