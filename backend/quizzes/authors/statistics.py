"""Item statistics of a bank: how hard each question is, how well it tells people apart, what they choose.

What is counted, and when, `backend.quizzes.authors.counting` says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.html import strip_tags

from backend.curriculum.models import Module, Question, QuestionRevision
from backend.quizzes.authors.counting import Counted, Figures, count_answers
from backend.quizzes.authors.flags import Choice, Flag, flags
from backend.quizzes.kinds import KINDS
from backend.quizzes.models import BankFigures, QuizAttempt

FEWEST = 20
"""Below this many answers a statistic says more about chance than about the question, and is not shown."""
_TYPED = 8
_OFTEN = 3
"""A typed answer is shown when at least so many people gave it."""


@dataclass(frozen=True)
class Item:
    """One question with what its answers say about it."""

    question: Question
    answers: int
    """First answers to the present wording."""
    earlier: int
    """Answers that were given to earlier wordings, which the figures leave out."""
    facility: float | None
    """Mean share of the points, 0 to 1; None with fewer than `FEWEST` answers."""
    right: int
    """How many earned all points."""
    discrimination: float | None
    """Correlation of the points with the rest of the attempt, -1 to 1; None with few answers or no variance."""
    seconds: float | None
    """Median time from the first look to the first answer."""
    choices: Sequence[Choice]
    flags: Sequence[Flag]

    @property
    def shown(self) -> bool:
        """Whether there are enough answers for figures."""
        return self.answers >= FEWEST

    @property
    def facility_percent(self) -> int | None:
        """Rounded."""
        return None if self.facility is None else round(100 * self.facility)

    @property
    def prompt(self) -> str:
        """The beginning of the question, without markup."""
        return " ".join(strip_tags(self.question.current.prompt_html).split()) if self.question.current else ""

    @property
    def time(self) -> str:
        """Minutes and seconds."""
        return "" if self.seconds is None else f"{int(self.seconds) // 60}:{int(self.seconds) % 60:02d}"


def banks() -> QuerySet[Module]:
    """Modules with questions, each with `bank`, its questions, and `finished`, its finished attempts. One query.

    Attempts of a large bank are those at the moment when its answers were last counted.
    """
    questions = Question.objects.filter(retired=False, current__isnull=False)
    attempts = QuizAttempt.objects.filter(finished_at__isnull=False)
    kept = BankFigures.objects.filter(module=OuterRef("pk")).values("finished")
    return (
        Module.objects.filter(retired=False)
        .defer("body_html")
        .annotate(bank=_number_of(questions), finished=Coalesce(Subquery(kept), _number_of(attempts)))
        .filter(bank__gt=0)
        .order_by("number")
    )


def _number_of(rows: QuerySet[Any]) -> Coalesce:
    """How many of these a module has. Each is counted by itself: joined, every one would meet every other."""
    counted = rows.filter(module=OuterRef("pk")).order_by().values("module").annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count")), 0)


def items(module: Module, counted: Counted | None = None) -> list[Item]:
    """Every question in force of a module's bank, with figures that were counted before or are counted now."""
    questions = list(
        Question.objects.filter(module=module, retired=False, current__isnull=False)
        .select_related("current", "lesson")
        .defer("lesson__body_html", "lesson__contents")
        .order_by("position")
    )
    counted = counted or count_answers(module)
    total: dict[int, int] = defaultdict(int)
    for row in counted.figures.values():
        total[row.question] += row.answers
    return [
        _item(
            question,
            current,
            counted.figures.get(current.pk, Figures(question.pk)),
            counted.chosen.get(current.pk, {}),
            total[question.pk],
        )
        for question in questions
        if (current := question.current) is not None
    ]


def _item(
    question: Question, current: QuestionRevision, figures: Figures, chosen: Mapping[str, int], total: int
) -> Item:
    enough = figures.answers >= FEWEST
    choices = _choices(current, chosen, figures.answers) if enough else []
    return Item(
        question=question,
        answers=figures.answers,
        earlier=total - figures.answers,
        facility=figures.facility if enough else None,
        right=figures.right,
        discrimination=figures.discrimination if enough else None,
        seconds=float(figures.seconds) if enough and figures.seconds is not None else None,
        choices=choices,
        flags=flags(figures.discrimination, figures.right, choices) if enough else [],
    )


def _choices(current: QuestionRevision, chosen: Mapping[str, int], answers: int) -> list[Choice]:
    """Options as listed; for typed answers what several people typed, most often first."""
    kind = KINDS[current.kind]
    if kind.control == "options":
        correct = current.key["correct"]
        return [
            Choice(strip_tags(option["html"]), option["id"] in correct, count, count / answers)
            for option in current.choices
            for count in [chosen.get(option["id"], 0)]
        ]
    if kind.control in {"number", "text", "lines"}:
        often = [(text, count) for text, count in chosen.items() if count >= _OFTEN]
        return [
            Choice(text, kind.score(text, current.key) >= 1, count, count / answers) for text, count in often[:_TYPED]
        ]
    return []
