"""Two windows, two clicks, one after the other or at the same moment: it counts once."""

from __future__ import annotations

import pytest

from backend.interviews.models import PracticeAnswer, PracticeCard, Rating
from backend.interviews.practice import services
from tests.backend.interviews.at_once import at_once
from tests.backend.interviews.cards import give, open_question
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_starts_open_one_answer() -> None:
    learner, question = UserFactory.create(), open_question()
    begun = at_once(lambda _: services.begin(learner=learner, question=question.slug))
    assert set(begun) == {PracticeAnswer.objects.get()}


def test_fifty_ratings_count_once() -> None:
    learner, question = UserFactory.create(), open_question()
    answer = give(learner, question)
    results = at_once(
        lambda number: services.rate(answer=answer, rating=Rating(number % 4 + 1), ticks=[], key=answer.form_key)
    )
    stored = PracticeAnswer.objects.get()
    assert {getattr(result, "rating", result) for result in results} == {stored.rating}
    assert PracticeCard.objects.get().last_review == stored.rated_at
    assert stored.card_before is None


def test_undo_beside_ratings_leaves_a_card_exactly_when_the_answer_is_rated() -> None:
    learner, question = UserFactory.create(), open_question()
    answer = give(learner, question)
    services.rate(answer=answer, rating=Rating.GOOD, ticks=[], key=answer.form_key)

    def either(number: int) -> object:
        now = PracticeAnswer.objects.get(pk=answer.pk)
        if number % 2:
            return services.undo(answer=now, key=now.form_key)
        return services.rate(answer=now, rating=Rating.HARD, ticks=[], key=now.form_key)

    at_once(either)
    assert (PracticeAnswer.objects.get().rated_at is not None) == PracticeCard.objects.exists()
