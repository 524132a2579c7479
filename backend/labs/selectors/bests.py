"""The best that a learner has reached in a lab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, F, FloatField, Func, IntegerField, JSONField, OuterRef, Subquery, Value, When
from django.db.models.fields.json import KeyTransform

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs.models import Submission, Verdict
from backend.labs.plots import number
from backend.labs.selectors.evidence import deciding_attempts

_NO_RESULT = ("", Verdict.GRADER_ERROR, Verdict.HELD)
_LOOKED_AT = 50
"""Of submissions with equal points, the latest ones are compared by what was measured."""


class _Measured(Func):
    """Benchmarks of a report that gave a ratio that counts, as [title, ratio, low, high]; their samples stay behind."""

    template = (
        "(SELECT jsonb_agg(jsonb_build_array(one->'title', one->'ratio', one->'ratio_low', one->'ratio_high'))"
        " FROM jsonb_array_elements(%(expressions)s) AS one WHERE one->>'outcome' IN ('passed', 'failed'))"
    )
    output_field = JSONField()


@dataclass(frozen=True, slots=True)
class Measured:
    """How fast a submission was, times the reference, with the 95 % interval."""

    title: str
    ratio: float
    low: float
    high: float

    def __str__(self) -> str:
        interval = f"95 % interval {number(self.low)}–{number(self.high)}"
        return f"{self.title}: {number(self.ratio)} times the reference ({interval})"


@dataclass(frozen=True, slots=True)
class PersonalBest:
    """The submission that nobody needs to be told to beat."""

    submission: Submission
    measured: Sequence[Measured]


def personal_best(learner: User | AnonymousUser, lab: Lab) -> PersonalBest | None:
    """The learner's best submission: accepted before others, more points before fewer, faster before slower. One query.

    None while nothing has brought points. What waits for a person's decision does not count yet.
    """
    if not isinstance(learner, User):
        return None
    judged = deciding_attempts().filter(submission=OuterRef("pk")).order_by("-number")
    measured = judged.annotate(measured=_Measured(KeyTransform("benchmarks", "report"))).values("measured")[:1]
    share = Case(When(max_score__gt=0, then=F("score") / F("max_score")), default=Value(0.0), output_field=FloatField())
    found = list(
        Submission.objects.filter(learner=learner, lab=lab, score__gt=0)
        .exclude(verdict__in=_NO_RESULT)
        .annotate(
            accepted=Case(When(verdict=Verdict.ACCEPTED, then=1), default=0, output_field=IntegerField()),
            share=share,
            measured=Subquery(measured, output_field=JSONField()),
        )
        .order_by("-accepted", "-share", "-created_at")[:_LOOKED_AT]
    )
    if not found:
        return None
    first: Any = found[0]
    equal = [one for one in found if (one.accepted, one.share) == (first.accepted, first.share)]
    best: Any = max(equal, key=lambda one: prod(row[1] for row in one.measured or []))
    return PersonalBest(best, [Measured(*row) for row in best.measured or []])
