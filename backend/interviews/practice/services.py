"""Beginning, saving, giving and rating an answer, and taking a rating back."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Question
from backend.interviews.clock import database_time
from backend.interviews.errors import InvalidText
from backend.interviews.models import Confidence, PracticeAnswer, PracticeCard, Rating
from backend.interviews.practice.errors import (
    AlreadyAnswered,
    CannotUndo,
    FormOutdated,
    NotAnswered,
    NothingToAsk,
)
from backend.interviews.practice.memory import Memory, rated
from backend.interviews.typing import COLUMNS, take


def begin(*, learner: User, question: str) -> PracticeAnswer:
    """The learner's open answer to a question, given by its slug; a new one where there is none.

    Raises:
        NothingToAsk: practice has no such question.
    """
    asked = curriculum.open_questions().filter(slug=question.replace("\0", "")).first()
    if asked is None or asked.open_id is None:
        raise NothingToAsk("Practice has no such question any more. Here is what is due.")
    try:
        with transaction.atomic():
            return _open_answer(learner, asked) or PracticeAnswer.objects.create(
                learner=learner, question=asked, revision_id=asked.open_id
            )
    except IntegrityError:
        # Another window of the same learner was quicker; its answer is the one.
        return PracticeAnswer.objects.get(learner=learner, question=asked, rated_at__isnull=True)


def _open_answer(learner: User, asked: Question) -> PracticeAnswer | None:
    answer = (
        PracticeAnswer.objects.select_for_update()
        .filter(learner=learner, question=asked, rated_at__isnull=True)
        .first()
    )
    if answer is not None and answer.text == "" and answer.revision_id != asked.open_id:
        # Nothing was written yet, so the newest wording is the one to answer.
        answer.revision_id = asked.open_id  # type: ignore[assignment]
        answer.save(update_fields=["revision"])
    return answer


@transaction.atomic
def save_draft(*, answer: PracticeAnswer, text: str, window: UUID, seen: int) -> PracticeAnswer:
    """Keep what is typed in a window that was opened when draft number `seen` was stored.

    Raises:
        InvalidText: too long, or with a NUL character.
        AlreadyAnswered: the text is final.
        DraftOutdated: another window saved a different text meanwhile; that one was kept.
    """
    locked = _locked(answer)
    if locked.answered_at is not None:
        raise AlreadyAnswered
    take(locked, text, window=window, seen=seen)
    locked.save(update_fields=COLUMNS)
    return locked


@transaction.atomic
def give_answer(
    *, answer: PracticeAnswer, text: str, confidence: Confidence, window: UUID, seen: int
) -> PracticeAnswer:
    """Make the learner's own answer final; from here on the model answer may be shown.

    Giving it again changes nothing.

    Raises:
        InvalidText: empty, too long, or with a NUL character.
        DraftOutdated: another window saved a different text meanwhile; that one was kept.
    """
    locked = _locked(answer)
    if locked.answered_at is not None:
        return locked
    if not text.strip():
        raise InvalidText("Write your own answer first. “I do not know, I would look for …” is an answer too.")
    take(locked, text, window=window, seen=seen)
    locked.confidence, locked.answered_at = confidence, locked.saved_at
    locked.save(update_fields=[*COLUMNS, "confidence", "answered_at"])
    return locked


@transaction.atomic
def tick(*, answer: PracticeAnswer, ticks: Iterable[int]) -> PracticeAnswer:
    """Say which points of the rubric the answer has, by place from 0. Places that there are not are left out.

    Raises:
        NotAnswered: the rubric is not shown yet.
        AlreadyAnswered: rated already, so it counts as it is.
    """
    locked = _locked(answer)
    if locked.answered_at is None:
        raise NotAnswered
    if locked.rated_at is not None:
        raise AlreadyAnswered
    locked.ticks = _real_ticks(locked, ticks)
    locked.save(update_fields=["ticks"])
    return locked


@transaction.atomic
def rate(*, answer: PracticeAnswer, rating: Rating, ticks: Iterable[int], key: UUID) -> PracticeAnswer:
    """Rate an answer, which says when the question comes back. A second rating changes nothing.

    Raises:
        NotAnswered: there is nothing to rate yet.
        FormOutdated: `key` is of a form that was sent before an undo.
    """
    locked = _locked(answer)
    if locked.answered_at is None:
        raise NotAnswered
    if locked.rated_at is not None:
        return locked
    if locked.form_key != key:
        raise FormOutdated
    card = (
        PracticeCard.objects.select_for_update().filter(learner=locked.learner_id, question=locked.question_id).first()
    )
    before = Memory.of(card) if card else None
    after = rated(before, rating, max(database_time(), locked.answered_at))
    PracticeCard.objects.update_or_create(
        learner_id=locked.learner_id, question_id=locked.question_id, defaults=after.columns
    )
    locked.ticks = _real_ticks(locked, ticks)
    locked.rating, locked.rated_at, locked.card_before = rating, after.last_review, before.frozen if before else None
    locked.save(update_fields=["ticks", "rating", "rated_at", "card_before"])
    return locked


@transaction.atomic
def undo(*, answer: PracticeAnswer, key: UUID) -> PracticeAnswer:
    """Take the learner's last rating back: the card is as it was before, and the answer waits for a rating again.

    Sent twice it changes nothing more.

    Raises:
        CannotUndo: it is not the last rating, or a new answer to the question was begun.
    """
    locked = _locked(answer)
    if locked.rated_at is None or locked.form_key != key:
        return locked
    others = PracticeAnswer.objects.filter(learner=locked.learner_id).exclude(pk=locked.pk)
    if others.filter(rated_at__gt=locked.rated_at).exists():
        raise CannotUndo("Only your last rating can be taken back. This one was followed by another.")
    newer = others.filter(question=locked.question_id, rated_at__isnull=True)
    if newer.exclude(text="").exists():
        raise CannotUndo("You have begun a new answer to this question. Finish it; it will set the date anew.")
    newer.delete()
    card = PracticeCard.objects.select_for_update().filter(learner=locked.learner_id, question=locked.question_id)
    if locked.card_before is None:
        card.delete()
    else:
        card.update(**Memory.thawed(locked.card_before).columns)
    locked.rating = locked.rated_at = locked.card_before = None
    locked.form_key = uuid4()
    locked.save(update_fields=["rating", "rated_at", "card_before", "form_key"])
    return locked


def _locked(answer: PracticeAnswer) -> PracticeAnswer:
    return PracticeAnswer.objects.select_for_update().get(pk=answer.pk)


def _real_ticks(answer: PracticeAnswer, ticks: Iterable[int]) -> list[int]:
    count = len(answer.revision.rubric)
    return sorted({place for place in ticks if 0 <= place < count})
