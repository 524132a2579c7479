"""A question as the row that attempts keep: what is shown, and apart from it what is right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.html import escape

from backend.curriculum.faults import Faults
from backend.curriculum.loading import questions as schema
from backend.curriculum.rendering import Renderer
from backend.curriculum.rendering import code as code_html

_OPEN_FORM = {"open_prompt", "model_answer", "follow_ups", "rubric"}
_NOT_WORDING = {"id", "category", "difficulty", "lesson", "check"} | _OPEN_FORM


@dataclass(frozen=True)
class OpenContent:
    """The open form of a question, ready to be stored."""

    digest: str
    prompt_html: str
    model_answer_html: str
    follow_ups: list[str]
    rubric: list[str]


@dataclass(frozen=True)
class QuestionContent:
    """A question, ready to be stored."""

    slug: str
    category: str
    difficulty: int
    kind: str
    lesson: str
    digest: str
    prompt_html: str
    explanation_html: str
    choices: Any
    key: dict[str, Any]
    open: OpenContent | None


Shown = dict[str, str]
"""A choice: `id` and `html`."""
LineOf = Callable[..., int]
"""Line of a value of the question, by keys and indices."""


def opaque_id(question: str, text: str) -> str:
    """An id that tells nothing about a choice but which question it belongs to."""
    return hashlib.sha256(f"{question}\0{text}".encode()).hexdigest()[:12]


def _digest(wording: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(wording, sort_keys=True).encode()).hexdigest()


def _id(choice: Shown) -> str:
    return choice["id"]


class QuestionMaker:
    """Renders the questions of one file."""

    def __init__(self, file: str, renderer: Renderer, faults: Faults) -> None:
        self._file = file
        self._renderer = renderer
        self._faults = faults
        self._line_of: LineOf = lambda *_: 1

    def make(self, question: schema.AnyQuestion, line_of: LineOf) -> QuestionContent:
        """The question as a row."""
        self._line_of = line_of
        wording = question.model_dump(mode="json", exclude=_NOT_WORDING)
        prompt = self._text(question.prompt, "prompt")
        if isinstance(question, schema.Bug | schema.Output):
            prompt += self._program(question)
        choices, key = self._choices_and_key(question)
        return QuestionContent(
            slug=question.id,
            category=question.category,
            difficulty=question.difficulty,
            kind=question.kind,
            lesson=question.lesson,
            digest=_digest(wording),
            prompt_html=prompt,
            explanation_html=self._text(question.explanation, "explanation"),
            choices=choices,
            key=key,
            open=self._open_form(question),
        )

    def _open_form(self, question: schema.AnyQuestion) -> OpenContent | None:
        if question.open_prompt is None or question.model_answer is None:
            return None
        return OpenContent(
            digest=_digest(question.model_dump(mode="json", include=_OPEN_FORM)),
            prompt_html=self._text(question.open_prompt, "open_prompt"),
            model_answer_html=self._text(question.model_answer, "model_answer"),
            follow_ups=[self._line(text, "follow_ups", at) for at, text in enumerate(question.follow_ups)],
            rubric=[self._line(text, "rubric", at) for at, text in enumerate(question.rubric)],
        )

    def _text(self, text: str, field: str) -> str:
        return self._renderer.render(text, file=self._file, first_line=self._line_of(field)).html

    def _line(self, text: str | None, *loc: str | int) -> str:
        return self._renderer.render_line(text, file=self._file, first_line=self._line_of(*loc)) if text else ""

    def _program(self, question: schema.Bug | schema.Output) -> str:
        show = code_html.numbered if isinstance(question, schema.Bug) else code_html.block
        try:
            return show(question.program, question.language)
        except code_html.UnknownLanguageError:
            message = f"“{question.language}” is not a language that can be highlighted."
            self._faults.add(self._file, self._line_of("language"), message, "Use a name that Pygments knows.")
            return ""

    def _choices_and_key(self, question: schema.AnyQuestion) -> tuple[Any, dict[str, Any]]:
        match question:
            case schema.Choice() | schema.Bug():
                return self._options(question)
            case schema.Numeric():
                return [], {"answer": question.answer, "tolerance": question.tolerance, "unit": question.unit}
            case schema.Short():
                return [], {"accepted": question.accepted, "case_sensitive": question.case_sensitive}
            case schema.Output():
                return [], {"accepted": question.accepted, "case_sensitive": True}
            case schema.Order():
                choices = [
                    {"id": opaque_id(question.id, item.text), "html": self._line(item.text, "items", at, "text")}
                    for at, item in enumerate(question.items)
                ]
                return sorted(choices, key=_id), {"order": [choice["id"] for choice in choices]}
            case schema.Match():
                left, right = self._side(question, "left"), self._side(question, "right")
                pairs = {one["id"]: other["id"] for one, other in zip(left, right, strict=True)}
                return {"left": left, "right": sorted(right, key=_id)}, {"pairs": pairs}

    def _options(self, question: schema.Choice | schema.Bug) -> tuple[list[Shown], dict[str, Any]]:
        choices: list[Shown] = []
        correct: list[str] = []
        reasons: dict[str, str] = {}
        options: Sequence[schema.Option | schema.Line] = question.options
        for at, option in enumerate(options):
            html = self._line(option.text, "options", at, "text")
            if isinstance(question, schema.Bug) and isinstance(option, schema.Line):
                # The number of a line says nothing about it, and the program shows it.
                identifier = str(option.id)
                html = html or f"<code>{escape(question.program.splitlines()[option.id - 1].strip())}</code>"
            else:
                identifier = opaque_id(question.id, option.text or "")
            choices.append({"id": identifier, "html": html})
            if option.correct:
                correct.append(identifier)
            if option.reason:
                reasons[identifier] = self._line(option.reason, "options", at, "reason")
        return choices, {"correct": correct, "reasons": reasons}

    def _side(self, question: schema.Match, side: Literal["left", "right"]) -> list[Shown]:
        texts = [getattr(pair, side) for pair in question.pairs]
        return [
            {"id": opaque_id(question.id, f"{side} {text}"), "html": self._line(text, "pairs", at, side)}
            for at, text in enumerate(texts)
        ]
