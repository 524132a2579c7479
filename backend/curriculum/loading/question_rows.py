"""A question as the row that attempts keep: what is shown, and apart from it what is right."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape

from backend.curriculum.faults import Faults
from backend.curriculum.loading import questions as schema
from backend.curriculum.rendering import Renderer
from backend.curriculum.rendering import code as code_html

_NOT_WORDING = {
    *("id", "category", "difficulty", "lesson", "check"),
    *("open_prompt", "model_answer", "follow_ups", "rubric"),
}


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


def opaque_id(question: str, text: str) -> str:
    """An id that tells nothing about a choice but which question it belongs to."""
    return hashlib.sha256(f"{question}\0{text}".encode()).hexdigest()[:12]


class QuestionMaker:
    """Renders the questions of one file."""

    def __init__(self, file: str, renderer: Renderer, faults: Faults) -> None:
        self._file = file
        self._renderer = renderer
        self._faults = faults

    def make(self, question: schema.AnyQuestion, line: int) -> QuestionContent:
        """The question as a row; `line` is where it starts."""
        wording = question.model_dump(mode="json", exclude=_NOT_WORDING)
        prompt = self._renderer.render(question.prompt, file=self._file, first_line=line).html
        if isinstance(question, schema.Bug | schema.Output):
            prompt += self._program(question, line)
        choices, key = self._choices_and_key(question, line)
        return QuestionContent(
            slug=question.id,
            category=question.category,
            difficulty=question.difficulty,
            kind=question.kind,
            lesson=question.lesson,
            digest=hashlib.sha256(json.dumps(wording, sort_keys=True).encode()).hexdigest(),
            prompt_html=prompt,
            explanation_html=self._renderer.render(question.explanation, file=self._file, first_line=line).html,
            choices=choices,
            key=key,
        )

    def _line(self, text: str | None, line: int) -> str:
        return self._renderer.render_line(text, file=self._file, first_line=line) if text else ""

    def _program(self, question: schema.Bug | schema.Output, line: int) -> str:
        show = code_html.numbered if isinstance(question, schema.Bug) else code_html.block
        try:
            return show(question.program, question.language)
        except code_html.UnknownLanguageError:
            message = f"“{question.language}” is not a language that can be highlighted."
            self._faults.add(self._file, line, message, "Use a name that Pygments knows.")
            return ""

    def _choices_and_key(self, question: schema.AnyQuestion, line: int) -> tuple[Any, dict[str, Any]]:
        slug = question.id
        match question:
            case schema.Choice():
                ids = {option.id: opaque_id(slug, option.text) for option in question.options}
                choices = [{"id": ids[o.id], "html": self._line(o.text, line)} for o in question.options]
                return choices, {
                    "correct": [ids[option.id] for option in question.options if option.correct],
                    "reasons": {ids[o.id]: self._line(o.reason, line) for o in question.options if o.reason},
                }
            case schema.Bug():
                source = question.program.splitlines()
                choices = [
                    {
                        "id": str(option.id),
                        "html": self._line(option.text, line)
                        or f"<code>{escape(source[option.id - 1].strip())}</code>",
                    }
                    for option in question.options
                ]
                return choices, {
                    "correct": [str(option.id) for option in question.options if option.correct],
                    "reasons": {str(o.id): self._line(o.reason, line) for o in question.options if o.reason},
                }
            case schema.Numeric():
                answer = {"answer": question.answer, "tolerance": question.tolerance, "unit": question.unit}
                return [], answer
            case schema.Short():
                return [], {"accepted": question.accepted, "case_sensitive": question.case_sensitive}
            case schema.Output():
                return [], {"accepted": question.accepted, "case_sensitive": True}
            case schema.Order():
                order = [opaque_id(slug, item.text) for item in question.items]
                shown = [
                    {"id": identifier, "html": self._line(item.text, line)}
                    for identifier, item in zip(order, question.items, strict=True)
                ]
                return sorted(shown, key=lambda choice: choice["id"]), {"order": order}
            case schema.Match():
                pairs = {opaque_id(slug, f"l{p.left}"): opaque_id(slug, f"r{p.right}") for p in question.pairs}
                left = [{"id": opaque_id(slug, f"l{p.left}"), "html": self._line(p.left, line)} for p in question.pairs]
                right = [
                    {"id": opaque_id(slug, f"r{p.right}"), "html": self._line(p.right, line)} for p in question.pairs
                ]
                return {"left": left, "right": sorted(right, key=lambda choice: choice["id"])}, {"pairs": pairs}
