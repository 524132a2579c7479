"""Counting the answers of a bank, at the moment for small ones, in the background for large ones.

Of each learner only the first answer to a wording counts: later ones remember its explanation. Only finished attempts
count. The number of queries does not depend on the number of questions or answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from backend.curriculum.models import Module
from backend.quizzes.models import BankFigures, QuizAttempt

SMALL = 2000
"""A bank with so many finished attempts is counted while somebody waits: that takes less than a tenth of a second."""

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
class Figures:
    """What the answers to one wording say."""

    question: int
    answers: int = 0
    facility: float | None = None
    right: int = 0
    discrimination: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Counted:
    """The answers of a bank, counted."""

    figures: Mapping[int, Figures]
    """By wording."""
    chosen: Mapping[int, Mapping[str, int]]
    """How often each answer was given, by wording."""
    at: datetime | None = None
    """When, where that is not now."""


def count_answers(module: Module) -> Counted:
    """The answers up to now of a small bank; of a large one those that the worker last counted."""
    if not _is_large(module):
        return _count(module)
    kept = BankFigures.objects.filter(module=module).first()
    return _read(kept if kept is not None else _keep(module))


def count_large_banks() -> int:
    """Count again the large banks in which attempts were finished since the last time; how many those were."""
    counted = 0
    for module in Module.objects.filter(retired=False).select_related("quiz_figures").defer("body_html"):
        kept: BankFigures | None = getattr(module, "quiz_figures", None)
        finished = QuizAttempt.objects.filter(module=module)
        if kept is not None and not finished.filter(finished_at__gt=kept.counted_at).exists():
            continue
        if _is_large(module):
            _keep(module)
            counted += 1
    return counted


def forget_counted(module: Module) -> None:
    """Have a bank counted anew when somebody looks next: its answers were scored again."""
    BankFigures.objects.filter(module=module).delete()


def _is_large(module: Module) -> bool:
    finished = QuizAttempt.objects.filter(module=module, finished_at__isnull=False)
    return finished[: SMALL + 1].count() > SMALL


def _count(module: Module) -> Counted:
    chosen: dict[int, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, {"module": module.pk})
        figures = {row[0]: Figures(*row[1:]) for row in cursor.fetchall()}
        cursor.execute(_CHOICES, {"module": module.pk})
        for revision, value, count in cursor.fetchall():
            chosen[revision][value] = count
    return Counted(figures, chosen)


def _keep(module: Module) -> BankFigures:
    now = timezone.now()
    counted = _count(module)
    fields = {
        "counted_at": now,
        "finished": QuizAttempt.objects.filter(module=module, finished_at__isnull=False).count(),
        "figures": {revision: astuple(row) for revision, row in counted.figures.items()},
        "chosen": counted.chosen,
    }
    return BankFigures.objects.update_or_create(module=module, defaults=fields)[0]


def _read(kept: BankFigures) -> Counted:
    figures = {int(revision): Figures(*row) for revision, row in kept.figures.items()}
    return Counted(figures, {int(revision): answers for revision, answers in kept.chosen.items()}, kept.counted_at)
