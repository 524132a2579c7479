"""Reads of answers. Another learner's do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet
from django.db.models.functions import Now, TruncDate

from backend.accounts.models import User
from backend.curriculum.models import OpenQuestionRevision, Question
from backend.interviews.models import PracticeAnswer, PracticeCard, Rating
from backend.interviews.practice.filters import CATEGORIES, DIFFICULTIES
from backend.interviews.practice.memory import Memory, rated


@dataclass(frozen=True, slots=True)
class Point:
    """One line of a rubric."""

    place: int
    html: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class RatingChoice:
    """A rating, and when the question would come back."""

    rating: Rating
    wait: timedelta
    """From now until the question comes back."""

    @property
    def words(self) -> str:
        """The wait for people: minutes below a day, days beyond."""
        if self.wait < timedelta(days=1):
            return f"in {max(1, round(self.wait.total_seconds() / 60))} minutes"
        days = round(self.wait.total_seconds() / 86400)
        return f"in {days} day{'' if days == 1 else 's'}"


def answers_visible_to(user: User | AnonymousUser) -> QuerySet[PracticeAnswer]:
    """A person's own answers, without the model answer: it is read only where it may be shown."""
    if not isinstance(user, User):
        return PracticeAnswer.objects.none()
    return (
        PracticeAnswer.objects.filter(learner=user)
        .select_related("question__module", "question__lesson", "revision")
        .defer(
            *("revision__model_answer_html", "revision__follow_ups", "revision__rubric"),
            *("question__module__body_html", "question__lesson__body_html", "question__lesson__contents"),
        )
    )


def answers_by_day(learner: User, *, since: datetime, zone: tzinfo) -> dict[date, int]:
    """How many questions a learner answered on each day of a time zone that had any. One query."""
    answered = PracticeAnswer.objects.filter(learner=learner, answered_at__gte=since)
    return dict(answered.values_list(TruncDate("answered_at", tzinfo=zone)).annotate(count=Count("pk")).order_by())


def solution(answer: PracticeAnswer) -> OpenQuestionRevision | None:
    """Model answer, rubric and follow-ups; None until the learner's own answer is stored. One query."""
    if answer.answered_at is None:
        return None
    return OpenQuestionRevision.objects.get(pk=answer.revision_id)


def rubric(answer: PracticeAnswer, revision: OpenQuestionRevision) -> list[Point]:
    """The rubric's lines, and which the answer has."""
    return [Point(place, html, place in answer.ticks) for place, html in enumerate(revision.rubric)]


def rating_choices(answer: PracticeAnswer, now: datetime) -> list[RatingChoice]:
    """When the question would come back for each rating. One query."""
    card = PracticeCard.objects.filter(learner=answer.learner_id, question=answer.question_id).first()
    memory = Memory.of(card) if card else None
    return [RatingChoice(rating, rated(memory, rating, now).due - now) for rating in Rating]


def card_of(answer: PracticeAnswer) -> PracticeCard | None:
    """What the algorithm knows of the question. One query."""
    return PracticeCard.objects.filter(learner=answer.learner_id, question=answer.question_id).first()


def is_last_rating(answer: PracticeAnswer) -> bool:
    """Whether no later rating of the learner exists. One query."""
    return (
        answer.rated_at is not None
        and not PracticeAnswer.objects.filter(learner=answer.learner_id, rated_at__gt=answer.rated_at).exists()
    )


def history(learner: User, question: Question) -> Sequence[PracticeAnswer]:
    """Rated answers to one question, newest first, the last fifty. One query."""
    return list(
        PracticeAnswer.objects.filter(learner=learner, question=question, rated_at__isnull=False)
        .select_related("revision")
        .order_by("-rated_at")[:50]
    )


def question_seen_by(user: User | AnonymousUser) -> QuerySet[Question]:
    """Questions that a person has answered at least once."""
    if not isinstance(user, User):
        return Question.objects.none()
    seen = PracticeAnswer.objects.filter(learner=user, answered_at__isnull=False).values("question")
    return (
        Question.objects.filter(pk__in=seen)
        .select_related("module", "lesson", "open")
        .defer("open__model_answer_html", "module__body_html", "lesson__body_html", "lesson__contents")
    )


def due_now(learner: User) -> int:
    """How many questions are due at this moment, by the database's clock. One query."""
    return PracticeCard.objects.filter(
        learner=learner, due__lte=Now(), question__retired=False, question__open__isnull=False
    ).count()


def names(question: Question) -> tuple[str, str]:
    """Category and difficulty for people."""
    return (
        CATEGORIES.get(question.category, question.category),
        DIFFICULTIES.get(question.difficulty, str(question.difficulty)),
    )
