"""What practice stores, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from backend.accounts.models import User
from backend.curriculum.models import Question
from backend.interviews.clock import database_time
from backend.interviews.errors import DraftOutdated, InvalidText
from backend.interviews.models import Confidence, PracticeAnswer, PracticeCard, Rating
from backend.interviews.practice import services
from backend.interviews.practice.errors import (
    AlreadyAnswered,
    CannotUndo,
    FormOutdated,
    NotAnswered,
    NothingToAsk,
)
from backend.interviews.practice.filters import Filters
from backend.interviews.practice.memory import Memory, rated, recall
from backend.interviews.practice.queue import NEW_PER_DAY, standing
from backend.interviews.typing import MOST_CHARACTERS
from tests.backend.interviews.cards import give, new_wording, open_question, practise
from tests.factories import ModuleFactory, QuestionFactory


def columns(learner: User, question: Question) -> dict[str, object]:
    return dict(PracticeCard.objects.filter(learner=learner, question=question).values().get())


def test_a_question_known_well_comes_back_later_than_one_that_was_missed(
    learner: User, questions: dict[str, Question]
) -> None:
    dues = []
    for question, rating in zip(questions.values(), Rating, strict=True):
        practise(learner, question, rating)
        dues.append(PracticeCard.objects.get(question=question).due)
    assert dues == sorted(dues)
    now = database_time()
    assert dues[0] - now < timedelta(minutes=11)
    assert dues[2] - now > timedelta(hours=23)
    assert dues[3] - now > timedelta(days=3)


def test_repeated_success_stretches_the_interval() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    memory = None
    gaps = []
    for _ in range(5):
        memory = rated(memory, Rating.GOOD, at)
        gaps.append(memory.due - at)
        assert recall(memory, at) == pytest.approx(1.0)
        at = memory.due
        assert recall(memory, at) == pytest.approx(0.9, abs=0.03)
    assert gaps == sorted(gaps)
    assert gaps[-1] > timedelta(days=30)


def test_the_queue_has_what_is_due_first_then_what_is_new(learner: User, questions: dict[str, Question]) -> None:
    practise(learner, questions["coding"])
    practise(learner, questions["concepts"])
    now = database_time()
    assert [one.slug for one in standing(learner, now).queue(Filters()).today] == [
        questions["system-design"].slug,
        questions["debugging"].slug,
    ]
    later = now + timedelta(days=400)
    today = standing(learner, later).queue(Filters()).today
    assert [one.slug for one in today[:2]] == [questions["coding"].slug, questions["concepts"].slug]


def test_a_day_brings_a_limited_number_of_new_questions(learner: User, db: None) -> None:
    module = ModuleFactory.create()
    bank = [open_question(module=module) for _ in range(NEW_PER_DAY + 3)]
    now = database_time()
    assert len(standing(learner, now).queue(Filters()).new) == NEW_PER_DAY
    for question in bank[:3]:
        practise(learner, question)
    services.begin(learner=learner, question=bank[3].slug)
    queue = standing(learner, now).queue(Filters())
    assert [one.slug for one in queue.new] == [bank[3].slug, bank[4].slug]
    assert len(queue.unseen) == NEW_PER_DAY - 1
    assert len(standing(learner, now + timedelta(days=1)).queue(Filters()).new) == NEW_PER_DAY


def test_a_choice_narrows_the_queue(learner: User, questions: dict[str, Question]) -> None:
    other = open_question(category="coding", difficulty=3)
    stands = standing(learner, database_time())
    for filters, slugs in (
        (Filters(category="debugging"), [questions["debugging"].slug]),
        (Filters(module=other.module.slug), [other.slug]),
        (Filters(difficulty=3), [other.slug]),
        (Filters(category="coding", difficulty=1), [questions["coding"].slug]),
    ):
        assert [one.slug for one in stands.queue(filters).today] == slugs


def test_questions_without_an_open_form_and_retired_ones_are_not_asked(learner: User, db: None) -> None:
    closed = QuestionFactory.create()
    retired = open_question(retired=True)
    gone = open_question(module=ModuleFactory.create(retired=True))
    assert not standing(learner, database_time()).questions
    for question in (closed, retired, gone):
        with pytest.raises(NothingToAsk):
            services.begin(learner=learner, question=question.slug)


def test_beginning_again_goes_on_with_what_is_open(learner: User, questions: dict[str, Question]) -> None:
    first = services.begin(learner=learner, question=questions["coding"].slug)
    services.save_draft(answer=first, text="Half a thought", window=uuid4(), seen=0)
    again = services.begin(learner=learner, question=questions["coding"].slug)
    assert again.pk == first.pk
    assert again.text == "Half a thought"


def test_an_untouched_answer_is_asked_in_the_newest_wording_and_a_begun_one_keeps_its_own(
    learner: User, questions: dict[str, Question]
) -> None:
    question = questions["coding"]
    first = services.begin(learner=learner, question=question.slug)
    question.open = new_wording(question)
    question.save()
    assert services.begin(learner=learner, question=question.slug).revision_id == question.open_id
    services.save_draft(answer=first, text="x", window=uuid4(), seen=0)
    question.open = new_wording(question)
    question.save()
    assert services.begin(learner=learner, question=question.slug).revision_id != question.open_id


def test_a_draft_of_another_window_is_not_overwritten_unasked(learner: User, questions: dict[str, Question]) -> None:
    answer = services.begin(learner=learner, question=questions["coding"].slug)
    one, other = uuid4(), uuid4()
    for text in ("A", "A longer", "A longer text"):
        services.save_draft(answer=answer, text=text, window=one, seen=0)
    with pytest.raises(DraftOutdated) as refusal:
        services.save_draft(answer=answer, text="B", window=other, seen=0)
    with pytest.raises(DraftOutdated):
        services.give_answer(answer=answer, text="B", confidence=Confidence.CERTAIN, window=other, seen=0)
    assert PracticeAnswer.objects.get().text == "A longer text"
    services.save_draft(answer=answer, text="B", window=other, seen=refusal.value.current)
    services.save_draft(answer=answer, text="B and more", window=other, seen=refusal.value.current)
    with pytest.raises(DraftOutdated):
        services.save_draft(answer=answer, text="A longer text!", window=one, seen=0)
    assert PracticeAnswer.objects.get().text == "B and more"


def test_a_given_answer_is_final(learner: User, questions: dict[str, Question]) -> None:
    answer = give(learner, questions["coding"], "Mine.")
    with pytest.raises(AlreadyAnswered):
        services.save_draft(answer=answer, text="Better, now that I know", window=uuid4(), seen=99)
    again = services.give_answer(
        answer=answer, text="Better", confidence=Confidence.CERTAIN, window=uuid4(), seen=answer.draft_revision
    )
    assert (again.text, again.confidence) == ("Mine.", Confidence.UNSURE)


@pytest.mark.parametrize("text", ["", "  \n\t ", "a\0b", "x" * (MOST_CHARACTERS + 1)])
def test_what_is_no_answer_is_refused_with_a_reason(learner: User, questions: dict[str, Question], text: str) -> None:
    answer = services.begin(learner=learner, question=questions["coding"].slug)
    with pytest.raises(InvalidText):
        services.give_answer(answer=answer, text=text, confidence=Confidence.CERTAIN, window=uuid4(), seen=0)
    assert PracticeAnswer.objects.get().answered_at is None


def test_rating_twice_counts_once(learner: User, questions: dict[str, Question]) -> None:
    answer = give(learner, questions["coding"])
    services.rate(answer=answer, rating=Rating.GOOD, ticks=[0, 1], key=answer.form_key)
    before = columns(learner, questions["coding"])
    again = services.rate(answer=answer, rating=Rating.AGAIN, ticks=[], key=answer.form_key)
    assert (again.rating, again.ticks) == (Rating.GOOD, [0, 1])
    assert columns(learner, questions["coding"]) == before


def test_nothing_is_rated_or_ticked_before_it_is_answered(learner: User, questions: dict[str, Question]) -> None:
    answer = services.begin(learner=learner, question=questions["coding"].slug)
    with pytest.raises(NotAnswered):
        services.rate(answer=answer, rating=Rating.EASY, ticks=[], key=answer.form_key)
    with pytest.raises(NotAnswered):
        services.tick(answer=answer, ticks=[0])


def test_ticks_outside_the_rubric_are_left_out(learner: User, questions: dict[str, Question]) -> None:
    answer = give(learner, questions["coding"])
    assert services.tick(answer=answer, ticks=[3, 3, 4, -1, 999, 0]).ticks == [0, 3]


def test_undo_restores_the_card_to_the_last_bit(learner: User, questions: dict[str, Question]) -> None:
    question = questions["coding"]
    practise(learner, question)
    PracticeCard.objects.update(due=F("last_review"))
    before = columns(learner, question)
    answer = practise(learner, question, Rating.AGAIN)
    assert columns(learner, question) != before
    undone = services.undo(answer=answer, key=answer.form_key)
    assert columns(learner, question) == before
    assert undone.rating is None
    assert undone.text == "My own answer."


def test_undo_of_the_first_rating_leaves_no_card(learner: User, questions: dict[str, Question]) -> None:
    answer = practise(learner, questions["coding"])
    services.undo(answer=answer, key=answer.form_key)
    assert not PracticeCard.objects.exists()


def test_a_form_from_before_the_undo_rates_nothing(learner: User, questions: dict[str, Question]) -> None:
    answer = practise(learner, questions["coding"])
    undone = services.undo(answer=answer, key=answer.form_key)
    with pytest.raises(FormOutdated):
        services.rate(answer=answer, rating=Rating.EASY, ticks=[], key=answer.form_key)
    again = services.rate(answer=undone, rating=Rating.HARD, ticks=[], key=undone.form_key)
    assert again.rating == Rating.HARD
    assert services.undo(answer=answer, key=answer.form_key).rating == Rating.HARD


def test_only_the_last_rating_can_be_taken_back(learner: User, questions: dict[str, Question]) -> None:
    first = practise(learner, questions["coding"])
    practise(learner, questions["concepts"])
    with pytest.raises(CannotUndo, match="followed by another"):
        services.undo(answer=first, key=first.form_key)


def test_an_undo_does_not_throw_away_a_newer_answer(learner: User, questions: dict[str, Question]) -> None:
    question = questions["coding"]
    answer = practise(learner, question, Rating.AGAIN)
    newer = services.begin(learner=learner, question=question.slug)
    services.save_draft(answer=newer, text="The second go", window=uuid4(), seen=0)
    with pytest.raises(CannotUndo, match="begun a new answer"):
        services.undo(answer=answer, key=answer.form_key)
    PracticeAnswer.objects.filter(pk=newer.pk).update(text="")
    services.undo(answer=answer, key=answer.form_key)
    assert PracticeAnswer.objects.get() == answer


def test_a_clock_that_was_set_back_moves_no_card_into_the_past(learner: User, questions: dict[str, Question]) -> None:
    question = questions["coding"]
    practise(learner, question)
    ahead = database_time() + timedelta(days=3000)
    PracticeCard.objects.update(last_review=ahead, due=ahead)
    answer = practise(learner, question)
    card = PracticeCard.objects.get()
    assert card.last_review == ahead == answer.rated_at
    assert card.due > ahead


def test_the_database_refuses_what_the_services_would_not_write(learner: User, questions: dict[str, Question]) -> None:
    question = questions["coding"]
    answer = practise(learner, question)
    open_answer = services.begin(learner=learner, question=question.slug)
    wrong: list[tuple[type[PracticeAnswer] | type[PracticeCard], dict[str, Any]]] = [
        (PracticeAnswer, {"pk": answer.pk, "rated_at": None, "rating": None}),
        (PracticeAnswer, {"pk": answer.pk, "rating": 5}),
        (PracticeAnswer, {"pk": answer.pk, "text": ""}),
        (PracticeAnswer, {"pk": answer.pk, "confidence": 0}),
        (PracticeAnswer, {"pk": open_answer.pk, "rating": 3, "rated_at": database_time()}),
        (PracticeCard, {"pk": PracticeCard.objects.get().pk, "due": F("last_review") - timedelta(seconds=1)}),
        (PracticeCard, {"pk": PracticeCard.objects.get().pk, "difficulty": 11}),
    ]
    for model, values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            model._default_manager.filter(pk=values.pop("pk")).update(**values)
    memory = Memory.of(PracticeCard.objects.get())
    with pytest.raises(IntegrityError), transaction.atomic():
        PracticeCard.objects.create(learner=learner, question=question, **memory.columns)
