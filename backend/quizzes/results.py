"""What a finished attempt shows: points by topic, and every question with what was right and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.curriculum.models import Lesson, Status
from backend.quizzes import selectors
from backend.quizzes.kinds import KINDS, Kind
from backend.quizzes.models import QuizAttempt, QuizResponse, percent
from backend.quizzes.rules import CATEGORIES


@dataclass(frozen=True)
class Line:
    """A choice, step or pair with what the learner made of it.

    `state`: right (chosen, rightly), wrong (chosen, wrongly), missed (right, not chosen) or "".
    """

    html: str
    state: str = ""
    reason_html: str = ""
    given: str = ""
    """HTML of what the learner gave here, for order and match; "" for nothing."""
    expected: str = ""
    """HTML of what belongs here, for order and match."""


@dataclass(frozen=True)
class AnsweredQuestion:
    """One question of a finished attempt."""

    position: int
    kind: Kind
    prompt_html: str
    explanation_html: str
    answered: bool
    points: float
    lines: Sequence[Line]
    given_text: str
    right_text: str
    unit: str
    lesson: Lesson | None
    lesson_open: bool
    category: str

    @property
    def state(self) -> str:
        """right, partial or wrong."""
        return "right" if self.points >= 1 else "partial" if self.points > 0 else "wrong"


@dataclass(frozen=True)
class Share:
    """Points reached in some of the questions."""

    title: str
    url: str
    points: float
    questions: int

    @property
    def percent(self) -> int:
        """Rounded down."""
        return percent(self.points / self.questions)


@dataclass(frozen=True)
class ResultPage:
    """A finished attempt."""

    attempt: QuizAttempt
    questions: Sequence[AnsweredQuestion]
    by_category: Sequence[Share]
    by_lesson: Sequence[Share]

    @property
    def points(self) -> float:
        """Points of all questions."""
        return sum(question.points for question in self.questions)

    @property
    def to_revisit(self) -> list[Share]:
        """Lessons in which points were lost, the weakest first."""
        return sorted((share for share in self.by_lesson if share.percent < 100 and share.url), key=lambda s: s.percent)


def result_page(attempt: QuizAttempt) -> ResultPage:
    """Everything about a finished attempt. One query."""
    questions = [_answered(response) for response in selectors.responses(attempt)]
    lessons = {question.lesson.pk: question.lesson for question in questions if question.lesson}
    return ResultPage(
        attempt=attempt,
        questions=questions,
        by_category=[
            _share(title, "", [question for question in questions if question.category == title])
            for title in dict.fromkeys(question.category for question in questions)
        ],
        by_lesson=[
            _share(
                str(lesson),
                lesson.get_absolute_url() if lesson.status == Status.READY and not lesson.retired else "",
                [question for question in questions if question.lesson and question.lesson.pk == lesson.pk],
            )
            for lesson in sorted(lessons.values(), key=lambda lesson: lesson.position)
        ],
    )


def _share(title: str, url: str, questions: Sequence[AnsweredQuestion]) -> Share:
    return Share(title, url, sum(question.points for question in questions), len(questions))


def _answered(response: QuizResponse) -> AnsweredQuestion:
    revision, scoring = response.question, response.scoring
    question = revision.question
    kind = KINDS[revision.kind]
    lines: list[Line] = []
    given = right = ""
    if kind.control == "options":
        lines = _choice_lines(response)
    elif kind.control == "order":
        lines = _order_lines(response)
    elif kind.control == "match":
        lines = _match_lines(response)
    elif kind.control == "number":
        given, right = response.answer or "", f"{scoring.key['answer']:.10g}"
    else:
        given, right = response.answer or "", str(scoring.key["accepted"][0])
    lesson = question.lesson
    return AnsweredQuestion(
        position=response.position,
        kind=kind,
        prompt_html=revision.prompt_html,
        explanation_html=scoring.explanation_html,
        answered=response.answer is not None,
        points=response.points or 0.0,
        lines=lines,
        given_text=given,
        right_text=right,
        unit=str(scoring.key.get("unit") or ""),
        lesson=lesson,
        lesson_open=lesson is not None and lesson.status == Status.READY and not lesson.retired,
        category=CATEGORIES.get(question.category, question.category),
    )


def _choice_lines(response: QuizResponse) -> list[Line]:
    key = response.scoring.key
    reasons: dict[str, Any] = key.get("reasons") or {}
    chosen = response.answer if isinstance(response.answer, list) else [response.answer]
    by_id = {choice["id"]: choice["html"] for choice in response.question.choices}
    return [
        Line(
            by_id[name],
            ("right" if name in chosen else "missed") if name in key["correct"] else "wrong" if name in chosen else "",
            reasons.get(name) or "",
        )
        for name in response.order
    ]


def _order_lines(response: QuizResponse) -> list[Line]:
    by_id = {choice["id"]: choice["html"] for choice in response.question.choices}
    places = response.answer or {}
    return [
        Line(
            by_id[name],
            "right" if places.get(name) == place else "wrong" if name in places else "missed",
            given=str(places.get(name, "")),
            expected=str(place),
        )
        for place, name in enumerate(response.scoring.key["order"], start=1)
    ]


def _match_lines(response: QuizResponse) -> list[Line]:
    choices, pairs = response.question.choices, response.scoring.key["pairs"]
    right = {choice["id"]: choice["html"] for choice in choices["right"]}
    given = response.answer or {}
    return [
        Line(
            left["html"],
            "right" if given.get(left["id"]) == pairs[left["id"]] else "wrong" if left["id"] in given else "missed",
            given=right.get(given.get(left["id"], ""), ""),
            expected=right[pairs[left["id"]]],
        )
        for left in choices["left"]
    ]
