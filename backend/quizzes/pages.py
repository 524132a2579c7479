"""What the pages of an open attempt show. Nothing here touches what is right."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import strip_tags

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Module
from backend.quizzes import selectors, services
from backend.quizzes.errors import NotYet
from backend.quizzes.kinds import KINDS, Answer, Kind
from backend.quizzes.models import QuizAttempt, QuizResponse
from backend.quizzes.rules import Rules
from backend.quizzes.selectors import QuizResult


@dataclass(frozen=True)
class Option:
    """A choice as shown: its place stands for it in forms."""

    place: int
    html: str
    chosen: bool = False

    @property
    def text(self) -> str:
        """For places that take no markup, such as the entries of a select."""
        return html.unescape(strip_tags(self.html)).strip()


@dataclass(frozen=True)
class Row:
    """Something that gets a place (order) or a partner (match)."""

    field: str
    html: str
    chosen: str
    """What is selected; "" for nothing yet."""


@dataclass(frozen=True)
class Step:
    """One question in the map of the attempt."""

    position: int
    answered: bool
    """Something is saved."""
    complete: bool
    """Nothing is left open."""
    flagged: bool
    current: bool

    @property
    def state(self) -> str:
        """Words for the style sheet."""
        words = {"answered": self.complete, "flagged": self.flagged, "current": self.current}
        return " ".join(word for word, holds in words.items() if holds)

    @property
    def label(self) -> str:
        """The same for people."""
        said = "answered" if self.complete else "partly answered" if self.answered else "not answered"
        return f"Question {self.position}, {said}{', flagged' if self.flagged else ''}"


@dataclass(frozen=True)
class QuestionPage:
    """One question of an open attempt."""

    attempt: QuizAttempt
    position: int
    flagged: bool
    prompt_html: str
    kind: Kind
    unit: str
    options: Sequence[Option]
    rows: Sequence[Row]
    text: str
    steps: Sequence[Step]
    was_shown: bool
    """Whether it was on the page before."""
    seconds_left: int | None
    """Until the time is over; None without a time limit."""

    @property
    def total(self) -> int:
        """Number of questions."""
        return len(self.steps)

    @property
    def answered(self) -> int:
        """Questions without anything left open."""
        return sum(step.complete for step in self.steps)

    @property
    def last(self) -> bool:
        """Whether no question follows."""
        return self.position == self.total


@dataclass(frozen=True)
class FinishPage:
    """What is still open before an attempt is finished."""

    attempt: QuizAttempt
    steps: Sequence[Step]
    seconds_left: int | None

    @property
    def unanswered(self) -> list[Step]:
        """Questions that will earn nothing."""
        return [step for step in self.steps if not step.answered]

    @property
    def partly(self) -> list[Step]:
        """Questions with something left open."""
        return [step for step in self.steps if step.answered and not step.complete]

    @property
    def flagged(self) -> list[Step]:
        """Questions marked to come back to."""
        return [step for step in self.steps if step.flagged]


@dataclass(frozen=True)
class StartPage:
    """What a module's quiz asks and how it went so far."""

    module: Module
    bank: int
    """Questions in the bank."""
    questions: int
    """Questions of one attempt."""
    pass_percent: int
    rules: Rules
    open_attempt: QuizAttempt | None
    attempts: Sequence[QuizAttempt]
    """Finished ones, newest first; the last twenty."""
    best: QuizResult | None
    wait: NotYet | None
    """Why a new attempt cannot start yet."""


def start_page(learner: User, module: Module) -> StartPage:
    """What to know before starting. Three queries."""
    bank = curriculum.question_count(module)
    rules = selectors.rules_of(module)
    recent = selectors.recent_attempts(learner, module, rules)
    open_attempt = recent[0] if recent and recent[0].finished_at is None else None
    return StartPage(
        module=module,
        bank=bank,
        questions=min(bank, rules.questions),
        pass_percent=services.PASS_PERCENT,
        rules=rules,
        open_attempt=open_attempt,
        attempts=[attempt for attempt in recent if attempt.finished_at][: selectors.LISTED],
        best=selectors.best_results(learner).get(module.pk),
        wait=None if open_attempt else selectors.not_yet(recent, rules),
    )


def steps(responses: Sequence[QuizResponse], current: int = 0) -> list[Step]:
    """The map of an attempt."""
    return [
        Step(
            position=response.position,
            answered=response.answer is not None,
            complete=response.answer is not None
            and KINDS[response.question.kind].complete(services.asked(response), response.answer),
            flagged=response.flagged,
            current=response.position == current,
        )
        for response in responses
    ]


def question_page(attempt: QuizAttempt, position: int | None) -> QuestionPage:
    """The question at a position; without one, or beyond the last, the first that is not answered."""
    responses = selectors.responses(attempt)
    response = next((response for response in responses if response.position == position), None) or next(
        (response for response in responses if response.answer is None), responses[0]
    )
    revision = response.question
    kind = KINDS[revision.kind]
    shown: dict[str, Any] = {"options": [], "rows": [], "text": ""}
    if kind.control == "options":
        chosen = response.answer if isinstance(response.answer, list) else [response.answer]
        shown["options"] = options(revision.choices, response.order, chosen)
    elif kind.control == "order":
        shown["rows"] = _order_rows(response)
        shown["options"] = [Option(place, "") for place in range(1, len(response.order) + 1)]
    elif kind.control == "match":
        shown["rows"] = _match_rows(response)
        shown["options"] = options(revision.choices["right"], response.order, [])
    else:
        shown["text"] = response.answer or ""
    return QuestionPage(
        attempt=attempt,
        position=response.position,
        flagged=response.flagged,
        prompt_html=revision.prompt_html,
        kind=kind,
        unit=str(revision.key.get("unit") or "") if kind.control == "number" else "",
        steps=steps(responses, response.position),
        was_shown=response.shown_at is not None,
        seconds_left=selectors.seconds_left(attempt),
        **shown,
    )


def finish_page(attempt: QuizAttempt) -> FinishPage:
    """What to know before finishing."""
    return FinishPage(attempt, steps(selectors.responses(attempt)), selectors.seconds_left(attempt))


def options(
    choices: Sequence[Mapping[str, str]], order: Sequence[str], chosen: Sequence[Answer | None]
) -> list[Option]:
    """Choices in the order shown."""
    by_id = {choice["id"]: choice["html"] for choice in choices}
    return [Option(place, by_id[name], name in chosen) for place, name in enumerate(order, start=1)]


def _order_rows(response: QuizResponse) -> list[Row]:
    by_id = {choice["id"]: choice["html"] for choice in response.question.choices}
    places = response.answer or {}
    return [
        Row(f"place-{shown}", by_id[name], str(places.get(name, "")))
        for shown, name in enumerate(response.order, start=1)
    ]


def _match_rows(response: QuizResponse) -> list[Row]:
    places = {name: str(place) for place, name in enumerate(response.order, start=1)}
    pairs = response.answer or {}
    return [
        Row(f"pair-{shown}", left["html"], places.get(pairs.get(left["id"], ""), ""))
        for shown, left in enumerate(response.question.choices["left"], start=1)
    ]
