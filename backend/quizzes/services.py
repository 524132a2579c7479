"""Starting, answering and finishing a quiz."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from random import Random, SystemRandom

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.db.models.functions import Now

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Module, Question
from backend.quizzes import selectors
from backend.quizzes.drawing import draw
from backend.quizzes.errors import AttemptFinished, CooldownActive, NoQuestions
from backend.quizzes.kinds import KINDS, Asked, Raw
from backend.quizzes.models import QuizAttempt, QuizResponse

PASS_SHARE = 0.70
"""Share of the points that passes."""
PASS_PERCENT = round(100 * PASS_SHARE)
QUESTIONS_PER_ATTEMPT = 12
COOLDOWN = timedelta(minutes=10)
"""Between the end of an attempt that did not pass and the start of the next."""
_ROUNDING = 1e-9


def start(learner: User, module: Module, *, rng: Random | None = None) -> QuizAttempt:
    """The learner's open attempt at the module's quiz, or a new one with questions drawn for it.

    Raises:
        NoQuestions: there is nothing to ask yet.
        CooldownActive: the last attempt did not pass and ended less than `COOLDOWN` ago; carries the wait.
    """
    try:
        with transaction.atomic():
            return selectors.open_attempt(learner, module) or _begin(learner, module, rng or SystemRandom())
    except IntegrityError:
        # Another request of the same learner was quicker; its attempt is the one.
        return QuizAttempt.objects.get(learner=learner, module=module, finished_at__isnull=True)


def _begin(learner: User, module: Module, rng: Random) -> QuizAttempt:
    wait = selectors.cooldown_left(learner, module, COOLDOWN)
    if wait is not None:
        raise CooldownActive(wait)
    bank = list(curriculum.questions(module))
    if not bank:
        raise NoQuestions
    attempt = QuizAttempt.objects.create(learner=learner, module=module)
    drawn = draw(bank, _times_asked(learner, bank), QUESTIONS_PER_ATTEMPT, rng)
    QuizResponse.objects.bulk_create(
        QuizResponse(
            attempt=attempt,
            position=position,
            question=question.current,
            order=KINDS[question.kind].arrange(question.current.choices if question.current else [], rng),
        )
        for position, question in enumerate(drawn, start=1)
    )
    return attempt


def _times_asked(learner: User, bank: Iterable[Question]) -> dict[int, int]:
    return dict(
        QuizResponse.objects.filter(attempt__learner=learner, question__question__in=list(bank))
        .values_list("question__question")
        .annotate(Count("pk"))
    )


@transaction.atomic
def answer(attempt: QuizAttempt, position: int, raw: Raw) -> QuizResponse:
    """Save what the learner answered to one question, replacing what was there; an empty form takes it back.

    Raises:
        AttemptFinished: nothing changes any more.
        InvalidAnswer: not an answer to this question; what was saved before stays.
        QuizResponse.DoesNotExist: the attempt has no such question.
    """
    response = _lock_response(attempt, position)
    response.answer = KINDS[response.question.kind].read(asked(response), raw)
    response.answered_at = Now() if response.answer is not None else None
    response.save(update_fields=["answer", "answered_at"])
    return response


@transaction.atomic
def flag(attempt: QuizAttempt, position: int, *, flagged: bool) -> QuizResponse:
    """Mark a question to come back to, or take the mark away.

    Raises:
        AttemptFinished: nothing changes any more.
        QuizResponse.DoesNotExist: the attempt has no such question.
    """
    response = _lock_response(attempt, position)
    response.flagged = flagged
    response.save(update_fields=["flagged"])
    return response


@transaction.atomic
def finish(attempt: QuizAttempt) -> QuizAttempt:
    """Score an attempt, once: the points of all questions count alike, an unanswered one earns none.

    Finishing again changes nothing and gives the same result.
    """
    locked = QuizAttempt.objects.select_for_update().get(pk=attempt.pk)
    if locked.finished_at is not None:
        return locked
    responses = list(locked.responses.select_related("question__question"))
    for response in responses:
        response.points = points(response)
    QuizResponse.objects.bulk_update(responses, ["points"])
    score = sum(response.points or 0.0 for response in responses) / len(responses)
    locked.score = min(1.0, max(0.0, score))
    locked.passed = locked.score >= PASS_SHARE - _ROUNDING
    locked.finished_at = Now()
    locked.save(update_fields=["score", "passed", "finished_at"])
    locked.refresh_from_db(fields=["finished_at"])
    return locked


def asked(response: QuizResponse) -> Asked:
    """The question of a response as this attempt asks it."""
    return Asked(choices=response.question.choices, key=response.question.key, order=response.order)


def points(response: QuizResponse) -> float:
    """What the answer is worth, 0 to 1, by the revision that was asked."""
    if response.answer is None:
        return 0.0
    return KINDS[response.question.kind].score(response.answer, response.question.key)


def _lock_response(attempt: QuizAttempt, position: int) -> QuizResponse:
    """The response, with the attempt held so that it cannot be finished meanwhile."""
    locked = QuizAttempt.objects.select_for_update().only("pk", "finished_at").get(pk=attempt.pk)
    if locked.finished_at is not None:
        raise AttemptFinished
    return QuizResponse.objects.select_related("question__question").get(attempt=attempt, position=position)
