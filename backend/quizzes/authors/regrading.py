"""Scoring answers again with a corrected key: a look at who changes, then one batch with a record and notices."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.html import strip_tags

from backend.accounts.models import Role, User
from backend.curriculum.models import Question, QuestionRevision
from backend.quizzes.authors.counting import forget_counted
from backend.quizzes.kinds import KINDS
from backend.quizzes.models import KeyRegrade, QuizAttempt, QuizResponse, ScoreChange, ScoreNotice
from backend.quizzes.services import set_score

log = structlog.get_logger("quizzes")
_PREFORMATTED = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)


class RegradeRefused(Exception):
    """Nothing was changed; the message says why and what to do."""


@dataclass(frozen=True)
class Effect:
    """One answer and what the corrected key makes of it."""

    response: QuizResponse
    new_points: float
    new_score: float
    new_passed: bool

    @property
    def old_points(self) -> float:
        """As scored so far."""
        return self.response.points or 0.0

    @property
    def changes(self) -> bool:
        """Whether the learner's score changes."""
        return abs(self.new_points - self.old_points) > 1e-9

    @property
    def lower(self) -> bool:
        """Whether it would be worth less than before."""
        return self.changes and self.new_points < self.old_points

    @property
    def new_percent(self) -> int:
        """Score of the attempt."""
        return QuizAttempt(score=self.new_score).percent


@dataclass(frozen=True)
class Preview:
    """What applying the present key to earlier answers would do."""

    revision: QuestionRevision
    effects: Sequence[Effect]
    """Finished answers that the key fits, changed or not."""
    open: int
    """Answers in attempts that are not finished yet; they will be scored with the present key."""
    unfit: int
    """Answers to another wording, which stay as they are."""

    @property
    def changed(self) -> list[Effect]:
        """Those whose score changes, the losers first."""
        return sorted((effect for effect in self.effects if effect.changes), key=lambda e: e.new_points - e.old_points)

    @property
    def lower(self) -> int:
        """How many would lose points."""
        return sum(effect.lower for effect in self.effects)

    @property
    def passes_gained(self) -> int:
        """Attempts that would pass now."""
        return sum(effect.new_passed and not effect.response.attempt.passed for effect in self.effects)

    @property
    def passes_lost(self) -> int:
        """Attempts that would not pass any more."""
        return sum(effect.response.attempt.passed and not effect.new_passed for effect in self.effects)


def preview(question: Question) -> Preview:
    """Who would change if the present key were applied. Two queries."""
    current = _current(question)
    outdated = _outdated(question).select_related("question", "scored_by", "attempt__learner")
    rows = list(outdated.order_by("attempt__finished_at"))
    fitting = [response for response in rows if fits(response.scoring, current)]
    finished = [response for response in fitting if response.attempt.finished_at is not None]
    return Preview(current, _effects(finished, current), len(fitting) - len(finished), len(rows) - len(fitting))


@transaction.atomic
def apply(*, question: Question, revision: int, by: User, reason: str, never_lower: bool) -> KeyRegrade:
    """Score earlier answers with the present key, with a record of every change and a notice to each learner.

    Attempts that are still open will be scored with it when they are finished.

    Args:
        question: whose key was corrected.
        revision: the wording whose effect was looked at.
        by: who decides.
        reason: shown to learners whose score changes.
        never_lower: leave answers alone that would be worth less.

    Raises:
        PermissionError: `by` is neither author nor administrator.
        RegradeRefused: no reason, the question changed since the look, or nothing is left to score again.
    """
    if by.role not in {Role.AUTHOR, Role.ADMIN} or not by.is_active:
        raise PermissionError("Only authors and administrators score answers again.")
    if not reason.strip():
        raise RegradeRefused("Say why: learners whose score changes are told this reason.")
    locked = Question.objects.select_for_update(no_key=True, of=("self",)).select_related("current").get(pk=question.pk)
    current = _current(locked)
    if current.pk != revision:
        raise RegradeRefused("The question was changed since you looked. Look again at what would change.")
    # Attempts first, as finishing one does: then the answers read next stay as they are.
    concerned = _outdated(locked).order_by().values("attempt")
    list(QuizAttempt.objects.select_for_update(no_key=True).filter(pk__in=concerned).order_by("pk").values_list("pk"))
    rows = list(_outdated(locked).select_related("question", "scored_by", "attempt__learner", "attempt__module"))
    fitting = [response for response in rows if fits(response.scoring, current)]
    finished = [response for response in fitting if response.attempt.finished_at is not None]
    effects = _effects(finished, current)
    kept = [effect for effect in effects if never_lower and effect.lower]
    applied = [effect for effect in effects if not (never_lower and effect.lower)]
    rescored = [effect.response for effect in applied]
    if not rescored and len(fitting) == len(finished):
        raise RegradeRefused("Nothing is left to score again.")
    forget_counted(locked.module)
    regrade = KeyRegrade.objects.create(
        question=locked,
        revision=current,
        reason=reason.strip(),
        never_lower=never_lower,
        rescored=len(rescored),
        kept=len(kept),
        by=by,
    )
    _record(regrade, [effect for effect in applied if effect.changes])
    for effect in applied:
        effect.response.points, effect.response.scored_by = effect.new_points, current
    QuizResponse.objects.bulk_update(rescored, ["points", "scored_by"], batch_size=1000)
    still_open = [response.pk for response in fitting if response.attempt.finished_at is None]
    QuizResponse.objects.filter(pk__in=still_open).update(scored_by=current)
    log.info("quiz answers scored again", regrade=str(regrade.pk), question=locked.slug, by=by.pk)
    return regrade


def fits(scored: QuestionRevision, current: QuestionRevision) -> bool:
    """Whether an answer to one wording can be scored by another's key: same words asked, same things to choose."""
    return (
        scored.kind == current.kind
        and _words(scored.prompt_html) == _words(current.prompt_html)
        and _choices(scored.choices) == _choices(current.choices)
        and scored.key.get("unit") == current.key.get("unit")
    )


def _words(html: str) -> str:
    """The text without its markup. Line breaks and spaces mean something in programs and output, elsewhere nothing."""
    parts = [strip_tags(part) for part in _PREFORMATTED.split(html)]
    parts[::2] = [" ".join(part.split()) for part in parts[::2]]
    return "\n".join(parts)


def _choices(choices: Any) -> list[tuple[str, str, str]]:
    sides = choices if isinstance(choices, dict) else {"": choices}
    return sorted((side, item["id"], _words(item["html"])) for side, items in sides.items() for item in items)


def _current(question: Question) -> QuestionRevision:
    assert question.current is not None
    return question.current


def _outdated(question: Question) -> QuerySet[QuizResponse]:
    """Answers whose key is not the present one."""
    return (
        QuizResponse.objects.filter(question__question=question)
        .annotate(scoring_id=Coalesce("scored_by", "question"))
        .exclude(scoring_id=question.current_id)
    )


def _effects(responses: Sequence[QuizResponse], current: QuestionRevision) -> list[Effect]:
    """What the key does to finished answers. One query."""
    earned = _points_by_attempt(response.attempt_id for response in responses)
    effects = []
    for response in responses:
        answer, score = response.answer, KINDS[current.kind].score
        new = score(answer, current.key) if answer is not None else 0.0
        after = QuizAttempt()
        set_score(after, [*(earned[response.attempt_id] | {response.pk: new}).values()])
        effects.append(Effect(response, new, after.score or 0.0, after.passed))
    return effects


def _points_by_attempt(attempts: Iterable[UUID]) -> dict[UUID, dict[int, float]]:
    rows = QuizResponse.objects.filter(attempt__in=set(attempts)).values_list("attempt_id", "pk", "points")
    found: dict[UUID, dict[int, float]] = defaultdict(dict)
    for attempt, response, points in rows:
        found[attempt][response] = points or 0.0
    return found


def _record(regrade: KeyRegrade, changed: Sequence[Effect]) -> None:
    """Write down each change, tell its learner, and give the attempt its new score."""
    changes = ScoreChange.objects.bulk_create(
        (
            ScoreChange(
                regrade=regrade,
                attempt=effect.response.attempt,
                response=effect.response,
                old_points=effect.old_points,
                new_points=effect.new_points,
                old_score=effect.response.attempt.score or 0.0,
                new_score=effect.new_score,
                old_passed=effect.response.attempt.passed,
                new_passed=effect.new_passed,
            )
            for effect in changed
        ),
        batch_size=1000,
    )
    ScoreNotice.objects.bulk_create(
        (
            ScoreNotice(learner=effect.response.attempt.learner, change=change, text=_told(regrade, effect))
            for change, effect in zip(changes, changed, strict=True)
        ),
        batch_size=1000,
    )
    attempts = []
    for effect in changed:
        attempt = effect.response.attempt
        attempt.score, attempt.passed = effect.new_score, effect.new_passed
        attempts.append(attempt)
    QuizAttempt.objects.bulk_update(attempts, ["score", "passed"], batch_size=1000)


def _told(regrade: KeyRegrade, effect: Effect) -> str:
    attempt = effect.response.attempt
    outcome = "passed" if effect.new_passed else "not passed"
    return (
        f"A question in the quiz of Module {attempt.module} was corrected: {regrade.reason.rstrip('.')}. "
        f"Your attempt of {date_format(attempt.started_at, 'j F Y')} has {effect.new_percent} % now, "
        f"{attempt.percent} % before, and is {outcome}."
    )
