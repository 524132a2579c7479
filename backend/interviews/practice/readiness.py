"""How well a learner would do today in each category, with how little is known about it.

For each question the latest rated answer counts: the share of the rubric's points that the learner found in it,
times the predicted chance to recall it today. The mean over the latest answers of a category is the estimate. Its
interval is Wilson's for a share, with each answer as one trial: the points of one answer depend on each other, so
they are no trials of their own, and a mean of shares varies less than the trials that the interval assumes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from django.db.models import F, Func, IntegerField

from backend.accounts.models import User
from backend.interviews.models import PracticeAnswer
from backend.interviews.practice.filters import CATEGORIES
from backend.interviews.practice.memory import recall
from backend.interviews.practice.queue import Asked

FEWEST = 5
"""Answers below which there is an interval but no single number."""
LATEST = 20
"""Answers of a category that count."""
_Z = 1.959964
"""95 % of a normal distribution lie within so many deviations."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is known about one category."""

    category: str
    questions: int
    """Questions of the category that practice has."""
    practised: int
    """Of these, rated at least once."""
    answers: int
    """Answers that the estimate rests on."""
    share: float
    """The estimate, 0 to 1; without meaning when there are no answers."""
    low: float
    high: float

    @property
    def name(self) -> str:
        """For people."""
        return CATEGORIES[self.category]

    @property
    def known(self) -> bool:
        """Whether there are enough answers for a single number."""
        return self.answers >= FEWEST

    @property
    def words(self) -> str:
        """The estimate as a sentence, with its uncertainty."""
        interval = f"{round(100 * self.low)} to {round(100 * self.high)} %"
        rests = f"from {self.answers} answer{'' if self.answers == 1 else 's'}"
        if not self.answers:
            return "no rated answers yet"
        if not self.known:
            return f"somewhere in {interval}, {rests}: too few for a single number"
        return f"{round(100 * self.share)} % of the points, 95 % interval {interval}, {rests}"


def readiness(learner: User, questions: Sequence[Asked], now: datetime) -> list[Readiness]:
    """Each category that `questions` (everything that practice may ask) has. One query."""
    latest = (
        PracticeAnswer.objects.filter(learner=learner, rated_at__isnull=False)
        .order_by("question_id", "-rated_at")
        .distinct("question_id")
        .annotate(points=Func(F("revision__rubric"), function="jsonb_array_length", output_field=IntegerField()))
        .values_list("question_id", "rated_at", "ticks", "points")
    )
    shares = {question: (at, len(ticks) / points) for question, at, ticks, points in latest if at and points}
    return [
        _estimate(category, [one for one in questions if one.category == category], shares, now)
        for category in CATEGORIES
        if any(one.category == category for one in questions)
    ]


def _estimate(
    category: str, questions: Sequence[Asked], shares: Mapping[int, tuple[datetime, float]], now: datetime
) -> Readiness:
    answered = [
        (shares[one.id][0], shares[one.id][1] * recall(one.memory, now))
        for one in questions
        if one.id in shares and one.memory is not None
    ]
    recent = sorted(answered, reverse=True)[:LATEST]
    share, low, high = interval([value for _, value in recent])
    return Readiness(category, len(questions), len(answered), len(recent), share, low, high)


def interval(shares: Sequence[float]) -> tuple[float, float, float]:
    """Mean of shares with Wilson's 95 % interval; 0 to 1 when there are none."""
    n = len(shares)
    if n == 0:
        return 0.0, 0.0, 1.0
    mean = sum(shares) / n
    centre = (mean + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * sqrt(mean * (1 - mean) / n + _Z**2 / (4 * n**2))
    return mean, max(0.0, centre - reach), min(1.0, centre + reach)
