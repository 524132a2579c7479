"""Starting, answering and finishing a quiz."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random, SystemRandom

from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce, Least, Now

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Module, Question
from backend.quizzes import selectors
from backend.quizzes.drawing import draw
from backend.quizzes.errors import AttemptFinished, NoQuestions, TimeOver
from backend.quizzes.kinds import KINDS, Asked, Raw
from backend.quizzes.models import QuizAttempt, QuizResponse
from backend.quizzes.rules import Rules

PASS_SHARE = 0.70
"""Share of the points that passes."""
PASS_PERCENT = round(100 * PASS_SHARE)
_ROUNDING = 1e-9


@transaction.atomic
def start(learner: User, module: Module, *, timed: bool = False, rng: Random | None = None) -> QuizAttempt:
    """The learner's open attempt at the module's quiz, or a new one with questions drawn for it.

    Args:
        learner: who.
        module: whose quiz.
        timed: whether the learner wishes a clock, where the quiz leaves that to them.
        rng: where chance comes from.

    Raises:
        NoQuestions: there is nothing to ask yet.
        NotYet: the cooldown runs, or the attempts of the day are used up; carries the wait.
    """
    # One at a time for each learner, so that parallel starts neither open two nor get past the limit.
    User.objects.select_for_update(no_key=True).get(pk=learner.pk)
    finish_overdue(learner)
    rules = selectors.rules_of(module)
    recent = selectors.recent_attempts(learner, module, rules)
    if recent and recent[0].finished_at is None:
        return recent[0]
    refusal = selectors.not_yet(recent, rules)
    if refusal is not None:
        raise refusal
    return _begin(learner, module, rules, timed, rng or SystemRandom())


def _begin(learner: User, module: Module, rules: Rules, timed: bool, rng: Random) -> QuizAttempt:
    bank = list(curriculum.questions(module))
    if not bank:
        raise NoQuestions
    limit = rules.time_for(wished=timed)
    attempt = QuizAttempt.objects.create(learner=learner, module=module, ends_at=Now() + limit if limit else None)
    drawn = draw(bank, _times_asked(learner, bank), rules.questions, rng, rules.table)
    QuizResponse.objects.bulk_create(
        QuizResponse(
            attempt=attempt,
            position=position,
            question=question.current,
            order=KINDS[question.kind].arrange(question.current.choices if question.current else [], rng),
        )
        for position, question in enumerate(drawn, start=1)
    )
    attempt.refresh_from_db(fields=["ends_at"])
    return attempt


def _times_asked(learner: User, bank: Iterable[Question]) -> dict[int, int]:
    return dict(
        QuizResponse.objects.filter(attempt__learner=learner, question__question__in=list(bank))
        .values_list("question__question")
        .annotate(Count("pk"))
    )


def answer(attempt: QuizAttempt, position: int, raw: Raw) -> QuizResponse:
    """Save what the learner answered to one question, replacing what was there; an empty form takes it back.

    Raises:
        TimeOver: it came after the end of the attempt, which is finished with what was saved before.
        AttemptFinished: nothing changes any more.
        InvalidAnswer: not an answer to this question; what was saved before stays.
        QuizResponse.DoesNotExist: the attempt has no such question.
    """
    try:
        with transaction.atomic():
            response = _lock_response(attempt, position)
            response.answer = KINDS[response.question.kind].read(asked(response), raw)
            response.answered_at = Now() if response.answer is not None else None
            if response.answer is not None and response.first_answered_at is None:
                response.first_answered_at = Now()
            response.save(update_fields=["answer", "answered_at", "first_answered_at"])
            return response
    except TimeOver:
        finish(attempt)
        raise


def note_shown(attempt: QuizAttempt, position: int) -> None:
    """Remember when a question first came onto the page, from where the time spent on it is counted."""
    QuizResponse.objects.filter(attempt=attempt, position=position, shown_at=None).update(shown_at=Now())


@transaction.atomic
def flag(attempt: QuizAttempt, position: int, *, flagged: bool) -> QuizResponse:
    """Mark a question to come back to, or take the mark away.

    Raises:
        AttemptFinished: nothing changes any more, or its time is over.
        QuizResponse.DoesNotExist: the attempt has no such question.
    """
    response = _lock_response(attempt, position)
    response.flagged = flagged
    response.save(update_fields=["flagged"])
    return response


@transaction.atomic
def finish(attempt: QuizAttempt) -> QuizAttempt:
    """Score an attempt, once: the points of all questions count alike, an unanswered one earns none.

    One whose time is over counts as finished when it ran out. Finishing again changes nothing and gives the same
    result.
    """
    locked = QuizAttempt.objects.select_for_update().get(pk=attempt.pk)
    if locked.finished_at is not None:
        return locked
    responses = list(locked.responses.select_related("question__question", "scored_by"))
    for response in responses:
        response.points = points(response)
    QuizResponse.objects.bulk_update(responses, ["points"])
    set_score(locked, [response.points or 0.0 for response in responses])
    # LEAST ignores null, so without a time limit this is now.
    locked.finished_at = Least(Now(), F("ends_at"))
    locked.save(update_fields=["score", "passed", "finished_at"])
    locked.refresh_from_db(fields=["finished_at"])
    return locked


def set_score(attempt: QuizAttempt, earned: Sequence[float]) -> None:
    """Score and pass from the points of all questions, without saving them."""
    attempt.score = min(1.0, max(0.0, sum(earned) / len(earned)))
    attempt.passed = attempt.score >= PASS_SHARE - _ROUNDING


def finish_overdue(learner: User | None = None, *, at_once: int = 500) -> int:
    """Finish attempts whose time is over, of one learner or of all; how many there were. One query when none is."""
    overdue = QuizAttempt.objects.filter(finished_at=None, ends_at__lte=Now())
    attempts = list((overdue if learner is None else overdue.filter(learner=learner)).order_by("ends_at")[:at_once])
    for attempt in attempts:
        finish(attempt)
    return len(attempts)


def asked(response: QuizResponse) -> Asked:
    """The question of a response as this attempt asks it."""
    return Asked(choices=response.question.choices, key=response.question.key, order=response.order)


def points(response: QuizResponse) -> float:
    """What the answer is worth, 0 to 1, by the key that holds for it."""
    if response.answer is None:
        return 0.0
    return KINDS[response.question.kind].score(response.answer, response.scoring.key)


def _lock_response(attempt: QuizAttempt, position: int) -> QuizResponse:
    """The response, with the attempt held so that it cannot be finished meanwhile."""
    # The time is that at which the statement began: waiting for the lock costs the learner nothing.
    locked = (
        QuizAttempt.objects.select_for_update()
        .only("pk", "finished_at")
        .annotate(over=Coalesce(Q(ends_at__lte=Now()), False))
        .get(pk=attempt.pk)
    )
    if locked.finished_at is not None:
        raise AttemptFinished
    if locked.over:
        raise TimeOver
    return QuizResponse.objects.select_related("question__question").get(attempt=attempt, position=position)
