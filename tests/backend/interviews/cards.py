"""Questions with an open form, and how to practise them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from backend.accounts.models import User
from backend.curriculum.models import OpenQuestionRevision, Question
from backend.interviews.models import Confidence, PracticeAnswer, Rating
from backend.interviews.practice import services
from tests.factories import QuestionFactory

MODEL_ANSWER = "The-model-answer-canary"
RUBRIC = ["Point-canary one", "Point-canary two", "Point-canary three", "Point-canary four"]
FOLLOW_UP = "Follow-up-canary"


def open_question(**fields: Any) -> Question:
    """A question that practice may ask."""
    question = QuestionFactory.create(**fields)
    question.open = new_wording(question)
    question.save(update_fields=["open"])
    return question


def new_wording(question: Question, prompt: str = "How would you?") -> OpenQuestionRevision:
    """Another wording of a question, not current yet."""
    return OpenQuestionRevision.objects.create(
        question=question,
        digest=uuid4().hex,
        prompt_html=f"<p>{prompt} ({question.slug})</p>",
        model_answer_html=f"<p>{MODEL_ANSWER}</p>",
        follow_ups=[FOLLOW_UP],
        rubric=RUBRIC,
    )


def give(learner: User, question: Question, text: str = "My own answer.") -> PracticeAnswer:
    """An answer that waits for its rating."""
    answer = services.begin(learner=learner, question=question.slug)
    return services.give_answer(
        answer=answer, text=text, confidence=Confidence.UNSURE, window=uuid4(), seen=answer.draft_revision
    )


def practise(learner: User, question: Question, rating: Rating = Rating.GOOD, points: int = 2) -> PracticeAnswer:
    """A rated answer with the first `points` of the rubric ticked."""
    answer = give(learner, question)
    return services.rate(answer=answer, rating=rating, ticks=range(points), key=answer.form_key)
