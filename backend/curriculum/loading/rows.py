"""The content as rows to be: everything rendered and checked against everything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from backend.curriculum.loading.library_rows import LibraryRows
from backend.curriculum.loading.question_rows import QuestionContent
from grader.lab import Lab as GradedLab

Values = dict[str, Any]
"""Column -> value of one row."""


@dataclass
class ModuleRows:
    """A module and what hangs on it. Keys are slugs, names or positions."""

    values: Values
    sections: list[str] = field(default_factory=list)
    lessons: dict[str, tuple[Values, int | None]] = field(default_factory=dict)
    """Slug -> columns, and position of its section."""
    labs: dict[str, tuple[Values, GradedLab | None]] = field(default_factory=dict)
    examples: dict[str, Values] = field(default_factory=dict)
    figures: dict[str, Values] = field(default_factory=dict)
    questions: list[QuestionContent] = field(default_factory=list)


@dataclass
class TrackModuleRows:
    """What a track takes from a module, by slugs."""

    module: str
    scope: str
    lessons: list[str]
    optional_lessons: list[str]
    labs: list[str]
    optional_labs: list[str]


@dataclass
class Rows:
    """Everything that will be in the tables."""

    modules: dict[str, ModuleRows] = field(default_factory=dict)
    tracks: dict[str, tuple[Values, list[TrackModuleRows]]] = field(default_factory=dict)
    library: LibraryRows = field(default_factory=LibraryRows)
