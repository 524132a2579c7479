"""The formats of the library beside the modules, and how its files are read.

`resources/glossary.yml`, `resources/references.yml`, `resources/setup-guides/*.md`, `papers/SHELF/*.md` and
`projects/NAME/README.md`. None of them has to be there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, RootModel, StringConstraints

from backend.curriculum.faults import Faults
from backend.curriculum.library.models import LibraryPage
from backend.curriculum.loading.documents import Document, MarkdownFile, read_markdown, read_yaml
from backend.curriculum.loading.schema import ModuleSlug, PieceSlug, State, Strict, Text, Title
from backend.curriculum.loading.snapshot import Snapshot

GLOSSARY, REFERENCES = "resources/glossary.yml", "resources/references.yml"
GUIDES, PAPERS, PROJECTS = "resources/setup-guides", "papers", "projects"
Shelf = Literal["foundations", "quantization", "optimization"]
SHELVES: tuple[Shelf, ...] = ("foundations", "quantization", "optimization")
_Address = Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$", max_length=300)]
_Upstream = Annotated[str, StringConstraints(pattern=r"^llama\.cpp:[\w./+-]+$", max_length=200)]
_Front = TypeVar("_Front", bound="_PageFront")


class TermEntry(Strict):
    """A term of the glossary."""

    term: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    also: list[Text] = []
    definition: Text
    lesson: PieceSlug | None = None
    linked: bool = True
    """Whether pages link its first use. Some words are too common, or mean other things as well."""


class GlossaryFile(RootModel[list[TermEntry]]):
    """`glossary.yml`."""


class ReferenceEntry(Strict):
    """Something to read elsewhere."""

    title: Title
    address: _Address | _Upstream
    purpose: Text
    lessons: list[PieceSlug] = []
    checked: date | None = None


class ReferencesSection(Strict):
    """References of one subject."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    entries: list[ReferenceEntry] = Field(min_length=1)


class ReferencesFile(RootModel[list[ReferencesSection]]):
    """`references.yml`."""


class _PageFront(Strict):
    title: Title
    summary: Text
    status: State
    lessons: list[PieceSlug] = []


class PaperFront(_PageFront):
    """Front matter of a paper's summary."""

    authors: list[Text] = Field(min_length=1)
    year: int = Field(ge=1900, le=2100)
    venue: Text
    address: _Address
    order: int = Field(ge=1, description="Place in the order of reading.")


class ProjectFront(_PageFront):
    """Front matter of a project's README."""

    module: ModuleSlug
    hours: tuple[int, int]
    production: bool


class GuideFront(_PageFront):
    """Front matter of a setup guide."""

    order: int = Field(ge=1)
    minutes: int = Field(ge=1, le=600)


@dataclass(frozen=True)
class LibraryFile:
    """A page of the library."""

    kind: LibraryPage.Kind
    slug: str
    shelf: str
    file: MarkdownFile[Any]

    @property
    def front(self) -> PaperFront | ProjectFront | GuideFront:
        """Its front matter, which fits the kind."""
        front: PaperFront | ProjectFront | GuideFront = self.file.front.value
        return front

    @property
    def facts(self) -> dict[str, Any]:
        """What the kind has besides title, summary and text."""
        return self.front.model_dump(mode="json", exclude={"title", "summary", "status", "lessons"})


@dataclass
class LibraryFolder:
    """Everything of the library, checked by itself but not yet against the modules."""

    glossary: Document[GlossaryFile] | None = None
    references: Document[ReferencesFile] | None = None
    pages: list[LibraryFile] = field(default_factory=list)


def read(snapshot: Snapshot, faults: Faults) -> LibraryFolder:
    """Read what is there."""
    library = LibraryFolder(
        glossary=read_yaml(GlossaryFile, GLOSSARY, snapshot, faults),
        references=read_yaml(ReferencesFile, REFERENCES, snapshot, faults),
    )
    kinds = LibraryPage.Kind
    for folder in snapshot.folders_in(PAPERS):
        if folder not in SHELVES:
            cure = f"Papers stand in {', '.join(SHELVES)}."
            faults.add(f"{PAPERS}/{folder}", 1, "There is no such shelf.", cure)
        for name in _markdown(snapshot, f"{PAPERS}/{folder}"):
            _add(library, kinds.PAPER, PaperFront, f"{PAPERS}/{folder}/{name}", snapshot, faults, shelf=folder)
    for folder in snapshot.folders_in(PROJECTS):
        _add(library, kinds.PROJECT, ProjectFront, f"{PROJECTS}/{folder}/README.md", snapshot, faults)
    for name in _markdown(snapshot, GUIDES):
        _add(library, kinds.GUIDE, GuideFront, f"{GUIDES}/{name}", snapshot, faults)
    return library


def _markdown(snapshot: Snapshot, folder: str) -> list[str]:
    return [name for name in snapshot.names_in(folder) if name.endswith(".md")]


def _add(
    library: LibraryFolder,
    kind: LibraryPage.Kind,
    schema: type[_Front],
    path: str,
    snapshot: Snapshot,
    faults: Faults,
    *,
    shelf: str = "",
) -> None:
    file = read_markdown(schema, path, snapshot, faults)
    if file is None:
        return
    parts = PurePosixPath(path)
    slug = parts.parent.name if parts.name == "README.md" else parts.stem
    if any(page.kind == kind and page.slug == slug for page in library.pages):
        faults.add(path, 1, f"Another {kind.label.lower()} is called {slug} as well.", "Rename one of the files.")
        return
    library.pages.append(LibraryFile(kind, slug, shelf, file))
