"""`content/interview-prep/mock-interviews/*.yml`: scripts of mock interviews as checked data.

docs/mock-interviews.md describes the format for authors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.curriculum.faults import ContentError, Faults
from backend.curriculum.loading import yaml_source
from backend.curriculum.rendering import Renderer, SiteMap

FOLDER = "interview-prep/mock-interviews"
LEVELS = 4
"""Of each criterion: 0 to 3."""
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hint(_Strict):
    """What the interviewer offers when asked, from a minute of the phase on."""

    minute: int = Field(ge=0)
    text: _Text


class Turn(_Strict):
    """What the interviewer changes at a minute of the interview."""

    minute: int = Field(gt=0)
    text: _Text


class Phase(_Strict):
    """A stretch of the interview with its own task."""

    id: _Id
    title: _Text
    minutes: int = Field(gt=0, le=120)
    task: _Text
    diagram: bool = False
    code: bool = False
    hints: list[Hint] = []

    @model_validator(mode="after")
    def _hints_come_in_time(self) -> Phase:
        if any(hint.minute >= self.minutes for hint in self.hints):
            raise ValueError(f"a hint of the phase “{self.id}” comes after its end")
        return self


class Criterion(_Strict):
    """What is scored 0 to 3, with a description of each level."""

    id: _Id
    title: _Text
    levels: Annotated[list[_Text], Field(min_length=LEVELS, max_length=LEVELS)]


class Number(_Strict):
    """A quantity that a good answer arrives at."""

    what: _Text
    value: _Text


class Passing(_Strict):
    """What passes."""

    min_sum: int = Field(gt=0)
    min_each: int = Field(ge=0, lt=LEVELS)


class ScriptFile(_Strict):
    """One file."""

    title: _Text
    kind: Literal["system_design", "coding"]
    summary: _Text
    lab: Annotated[str, StringConstraints(pattern=r"^lab-[a-z0-9.-]+$")] | None = None
    brief: _Text
    phases: Annotated[list[Phase], Field(min_length=1, max_length=12)]
    turns: list[Turn] = []
    numbers: list[Number] = []
    reference: _Text
    red_flags: list[_Text] = []
    rubric: Annotated[list[Criterion], Field(min_length=1, max_length=8)]
    passing: Passing

    @property
    def minutes(self) -> int:
        """Of the whole interview."""
        return sum(phase.minutes for phase in self.phases)

    @model_validator(mode="after")
    def _fits_together(self) -> ScriptFile:
        for what, ids in (("phase", self.phases), ("criterion", self.rubric)):
            names = [one.id for one in ids]
            if len(set(names)) != len(names):
                raise ValueError(f"two entries share the id of a {what}")
        if any(turn.minute >= self.minutes for turn in self.turns):
            raise ValueError("a turn comes after the end of the interview")
        if self.passing.min_sum > (LEVELS - 1) * len(self.rubric):
            raise ValueError("nobody can reach passing.min_sum")
        codes = any(phase.code for phase in self.phases)
        if (self.kind == "coding") != (self.lab is not None) or codes != (self.lab is not None):
            raise ValueError("a coding interview names a lab and has a phase with “code: true”; others have neither")
        return self


@dataclass(frozen=True)
class Script:
    """A script, ready to be run: its texts are rendered and go along with each session."""

    slug: str
    digest: str
    file: ScriptFile
    rendered: dict[str, Any]

    @property
    def kind_name(self) -> str:
        """For people."""
        return "System design" if self.file.kind == "system_design" else "Coding"


def scripts() -> dict[str, Script]:
    """All scripts by slug, sorted; read again when a file changes.

    Raises:
        ContentError: with every fault of every file.
    """
    folder = Path(settings.CONTENT_DIR) / FOLDER
    state = tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.yml")))
    return _read(folder, state)


@lru_cache(maxsize=2)
def _read(folder: Path, state: tuple[tuple[str, int], ...]) -> dict[str, Script]:
    faults = Faults()
    renderer = Renderer(SiteMap(commit=""), faults)
    found: dict[str, Script] = {}
    for name, _ in state:
        text = (folder / name).read_text(encoding="utf-8")
        file = f"{FOLDER}/{name}"
        source = yaml_source.parse(text, file, faults)
        script = yaml_source.validate(ScriptFile, source, faults) if source else None
        if source and script:
            slug = name.removesuffix(".yml")
            digest = hashlib.sha256(text.encode()).hexdigest()
            found[slug] = Script(slug, digest, script, _Rendering(renderer, source).all(script))
    faults.raise_if_any()
    return found


class _Rendering:
    def __init__(self, renderer: Renderer, source: yaml_source.YamlSource) -> None:
        self._renderer, self._source = renderer, source

    def all(self, script: ScriptFile) -> dict[str, Any]:
        return {
            "minutes": script.minutes,
            "brief_html": self._text(script.brief, "brief"),
            "phases": [self._phase(phase, at) for at, phase in enumerate(script.phases)],
            "turns": [
                {"minute": turn.minute, "html": self._text(turn.text, "turns", at, "text")}
                for at, turn in enumerate(script.turns)
            ],
            "numbers": [number.model_dump() for number in script.numbers],
            "reference_html": self._text(script.reference, "reference"),
            "red_flags": self._lines(script.red_flags, "red_flags"),
            "rubric": [criterion.model_dump() for criterion in script.rubric],
            "passing": script.passing.model_dump(),
        }

    def _phase(self, phase: Phase, at: int) -> dict[str, Any]:
        return {
            **{name: getattr(phase, name) for name in ("id", "title", "minutes", "diagram", "code")},
            "task_html": self._text(phase.task, "phases", at, "task"),
            "hints": [
                {"minute": hint.minute, "html": self._text(hint.text, "phases", at, "hints", number, "text")}
                for number, hint in enumerate(phase.hints)
            ],
        }

    def _text(self, text: str, *loc: str | int) -> str:
        return self._renderer.render(text, file=self._source.file, first_line=self._source.text_line(loc)).html

    def _lines(self, texts: Sequence[str], field: str) -> list[str]:
        return [
            self._renderer.render_line(text, file=self._source.file, first_line=self._source.line([field, at]))
            for at, text in enumerate(texts)
        ]


__all__ = ["ContentError", "Script", "scripts"]
