"""Item statistics of a bank: how hard each question is, how well it tells people apart, what they choose.

Of each learner only the first answer to a wording counts: later ones remember its explanation. Only finished attempts
count. The number of queries does not depend on the number of questions or answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.html import strip_tags

from backend.curriculum.models import Module, Question, QuestionRevision
from backend.quizzes.authors.flags import Choice, Flag, flags
from backend.quizzes.kinds import KINDS
from backend.quizzes.models import QuizAttempt

FEWEST = 20
"""Below this many answers a statistic says more about chance than about the question, and is not shown."""
_TYPED = 8
_OFTEN = 3
"""A typed answer is shown when at least so many people gave it."""

# What was scored again counts for the wording whose key scored it: the words are the same.
_FIRST_ANSWERS = """
WITH scored AS (
  SELECT r.id, r.attempt_id, a.learner_id, a.finished_at, COALESCE(r.scored_by_id, r.question_id) AS revision,
         r.points, r.answer, extract(epoch FROM r.first_answered_at - r.shown_at) AS seconds,
         sum(r.points) OVER attempt - r.points AS rest_points, count(*) OVER attempt - 1 AS rest_count
  FROM quizzes_quizresponse r JOIN quizzes_quizattempt a ON a.id = r.attempt_id
  WHERE a.module_id = %(module)s AND a.finished_at IS NOT NULL
  WINDOW attempt AS (PARTITION BY r.attempt_id)
), numbered AS (
  SELECT *, row_number() OVER (PARTITION BY learner_id, revision ORDER BY finished_at, id) AS nth
  FROM scored WHERE answer IS NOT NULL
), first_answers AS (SELECT * FROM numbered WHERE nth = 1)
"""
_ITEMS = (
    _FIRST_ANSWERS
    + """
SELECT f.revision, q.question_id, count(*), avg(f.points), count(*) FILTER (WHERE f.points >= 1),
       corr(f.points, f.rest_points / nullif(f.rest_count, 0)), percentile_cont(0.5) WITHIN GROUP (ORDER BY f.seconds)
FROM first_answers f JOIN curriculum_questionrevision q ON q.id = f.revision
GROUP BY f.revision, q.question_id
"""
)
_CHOICES = (
    _FIRST_ANSWERS
    + """
SELECT f.revision, chosen.value, count(*)
FROM first_answers f JOIN curriculum_questionrevision q ON q.id = f.revision
CROSS JOIN LATERAL jsonb_array_elements_text(
  CASE WHEN jsonb_typeof(f.answer) = 'array' THEN f.answer ELSE jsonb_build_array(f.answer) END) AS chosen
WHERE q.kind IN ('single', 'multiple', 'bug', 'numeric', 'short', 'output')
GROUP BY f.revision, chosen.value
ORDER BY count(*) DESC, chosen.value
"""
)


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
    """Modules with questions, each with `bank`, its questions, and `finished`, its finished attempts. One query."""
    questions = Question.objects.filter(retired=False, current__isnull=False)
    attempts = QuizAttempt.objects.filter(finished_at__isnull=False)
    return (
        Module.objects.filter(retired=False)
        .defer("body_html")
        .annotate(bank=_number_of(questions), finished=_number_of(attempts))
        .filter(bank__gt=0)
        .order_by("number")
    )


def _number_of(rows: QuerySet[Any]) -> Coalesce:
    """How many of these a module has. Each is counted by itself: joined, every one would meet every other."""
    counted = rows.filter(module=OuterRef("pk")).order_by().values("module").annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count")), 0)


def items(module: Module) -> list[Item]:
    """Every question in force of a module's bank. Three queries."""
    questions = list(
        Question.objects.filter(module=module, retired=False, current__isnull=False)
        .select_related("current", "lesson")
        .defer("lesson__body_html", "lesson__contents")
        .order_by("position")
    )
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, {"module": module.pk})
        figures = {row[0]: _Figures(*row[1:]) for row in cursor.fetchall()}
        cursor.execute(_CHOICES, {"module": module.pk})
        chosen: dict[int, dict[str, int]] = defaultdict(dict)
        for revision, value, count in cursor.fetchall():
            chosen[revision][value] = count
    total: dict[int, int] = defaultdict(int)
    for row in figures.values():
        total[row.question] += row.answers
    return [
        _item(question, current, figures.get(current.pk, _Figures(question.pk)), chosen[current.pk], total[question.pk])
        for question in questions
        if (current := question.current) is not None
    ]


@dataclass(frozen=True)
class _Figures:
    question: int
    answers: int = 0
    facility: float | None = None
    right: int = 0
    discrimination: float | None = None
    seconds: float | None = None


def _item(
    question: Question, current: QuestionRevision, figures: _Figures, chosen: Mapping[str, int], total: int
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
