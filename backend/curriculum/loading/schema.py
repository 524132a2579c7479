"""The formats of `curriculum.yml`, `outline.yml` and front matter. The content guide explains them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.curriculum.models import TrackModule

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Number = Annotated[str, StringConstraints(pattern=r"^\d{1,2}\.\d{1,2}$")]
ModuleSlug = Annotated[str, StringConstraints(pattern=r"^\d\d-[a-z0-9-]+$", max_length=100)]
PieceSlug = Annotated[str, StringConstraints(pattern=r"^[a-z]+-\d{1,2}\.\d{1,2}-[a-z0-9-]+$", max_length=100)]
State = Literal["ready", "in_progress", "planned"]
Language = Literal["cpp", "cuda", "python", "docker", "yaml"]


class Strict(BaseModel):
    """Refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Engine(Strict):
    """The pinned engine that every page is true of."""

    llama_cpp_python: Text
    llama_cpp: Text
    llama_cpp_commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
    ggml: Text


class ModuleEntry(Strict):
    """A module as the curriculum lists it."""

    slug: ModuleSlug
    number: int = Field(ge=1, le=99)
    title: Title
    summary: Text
    hours: tuple[int, int]
    difficulty: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    status: State
    promised: dict[Literal["docs", "code", "labs", "tutorials", "questions"], int]
    promised_kinds: dict[Literal["python", "cpp", "cuda", "system-design", "coding", "concepts", "debugging"], int] = {}
    topics: list[Text]

    @model_validator(mode="after")
    def _slug_starts_with_the_number(self) -> ModuleEntry:
        if not self.slug.startswith(f"{self.number:02d}-"):
            raise ValueError(f"the slug {self.slug} must start with the number, {self.number:02d}-")
        return self


class TrackModuleEntry(Strict):
    """What a track takes from a module, by numbers of lessons and labs."""

    module: ModuleSlug
    scope: TrackModule.Scope
    hours: tuple[float, float] | None = None
    lessons: list[Number]
    optional_lessons: list[Number] = []
    labs: list[Number]
    optional_labs: list[Number] = []
    variants: dict[Number, Language] = {}


class TrackEntry(Strict):
    """A track."""

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$", max_length=60)]
    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    audience: Text
    summary: Text
    hours: tuple[int, int]
    outcomes: list[Text] = Field(min_length=1)
    skips: list[Text]
    modules: list[TrackModuleEntry] = Field(min_length=1)


class PacePlanEntry(Strict):
    """How long tracks take at one pace: track slug -> number of periods."""

    slug: Text
    title: Text
    hours_per_period: tuple[int, int]
    period: Literal["week", "weekend"]
    strategy: Text
    periods: dict[str, int]


class CurriculumFile(Strict):
    """`curriculum.yml`."""

    version: Literal[1]
    engine: Engine
    promised_library: dict[Literal["paper", "project"], int] = {}
    modules: list[ModuleEntry] = Field(min_length=1)
    tracks: list[TrackEntry]
    pace_plans: list[PacePlanEntry]


class PieceEntry(Strict):
    """A lesson or tutorial of an outline."""

    number: Number
    slug: PieceSlug
    title: Title


class LabEntry(PieceEntry):
    """A lab of an outline."""

    language: Language
    capstone: bool


class SectionEntry(Strict):
    """A heading of an outline."""

    title: Title
    lessons: list[PieceEntry] = Field(min_length=1)


class OutlineFile(Strict):
    """`outline.yml`."""

    sections: list[SectionEntry] = Field(min_length=1)
    labs: list[LabEntry]
    tutorials: list[PieceEntry]


class MiniProject(Strict):
    """The project that closes a module."""

    title: Title
    summary: Text


class ModuleFront(Strict):
    """Front matter of a module's README."""

    title: Title
    summary: Text | None = None
    outcomes: list[Text] = Field(min_length=1)
    self_assessment: list[Text] = Field(min_length=1)
    mini_project: MiniProject


class PageFront(Strict):
    """Front matter of a lesson or tutorial."""

    title: Title
    summary: Text
    objectives: list[Text] = Field(min_length=3, max_length=5)
    minutes: int = Field(ge=1, le=600)
    requires: list[PieceSlug]
    status: State


class LabFront(Strict):
    """Front matter of a lab's instructions. What the grader needs is in `grading.yml`."""

    title: Title
    summary: Text
    objectives: list[Text] = Field(default=[], max_length=5)
    minutes: int | None = Field(default=None, ge=1, le=600)
    requires: list[PieceSlug] = []
    status: State = "ready"
