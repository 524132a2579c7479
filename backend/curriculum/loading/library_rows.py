"""The library as rows: every text rendered, every lesson it names looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.text import slugify

from backend.curriculum.faults import Faults
from backend.curriculum.loading.documents import MarkdownFile
from backend.curriculum.loading.library import (
    GLOSSARY,
    SHELVES,
    LibraryFile,
    LibraryFolder,
    ProjectFront,
    TermEntry,
)
from backend.curriculum.loading.yaml_source import YamlSource
from backend.curriculum.rendering import GlossaryEntry, Rendered, Renderer, SiteMap

Values = dict[str, Any]
RenderFile = Callable[[MarkdownFile[Any]], Rendered]


@dataclass
class LibraryRows:
    """What will be in the tables of the library. Lessons are named by slug."""

    terms: dict[str, tuple[Values, str | None]] = field(default_factory=dict)
    pages: dict[tuple[str, str], tuple[Values, list[str]]] = field(default_factory=dict)
    references: list[tuple[Values, list[str]]] = field(default_factory=list)


@dataclass(frozen=True)
class KnownLesson:
    """What the library says of a lesson it names."""

    title: str
    address: str


class LibraryAssembly:
    """Makes rows of the library. `lessons`: slug -> lesson; None when some could not be read."""

    def __init__(
        self,
        library: LibraryFolder,
        renderer: Renderer,
        site: SiteMap,
        lessons: dict[str, KnownLesson],
        all_known: bool,
        faults: Faults,
    ) -> None:
        self._site = site
        self._library = library
        self._renderer = renderer
        self._lessons = lessons
        self._all_known = all_known
        self._faults = faults

    def terms(self, rows: LibraryRows) -> list[GlossaryEntry]:
        """The glossary, as rows and as what pages link."""
        document = self._library.glossary
        if document is None:
            return []
        found: list[GlossaryEntry] = []
        places = sorted(enumerate(document.value.root), key=lambda entry: entry[1].term.casefold())
        seen: dict[str, str] = {}
        for position, (at, entry) in enumerate(places, start=1):
            self._check_names(entry, document.source.line([at, "term"]), seen)
            slug = slugify(entry.term) or "term"
            html = self._renderer.render_line(
                entry.definition, file=GLOSSARY, first_line=document.source.text_line([at, "definition"])
            )
            lesson = self._known(entry.lesson, document.source, [at, "lesson"]) if entry.lesson else None
            values = {"term": entry.term, "also": entry.also, "definition_html": html, "position": position}
            rows.terms[slug] = (values, entry.lesson if lesson else None)
            where = (lesson.title, lesson.address) if lesson else None
            address = f"{reverse('glossary')}#{slug}"
            if entry.linked:
                found.append(GlossaryEntry(slug, (entry.term, *entry.also), html, address, where))
        return found

    def _check_names(self, entry: TermEntry, line: int, seen: dict[str, str]) -> None:
        for name in (entry.term, *entry.also):
            # Case tells terms apart: Metal is an interface, metal is not.
            if name in seen or slugify(name) in seen:
                message = f"“{name}” is explained under {seen.get(name) or seen[slugify(name)]} already."
                self._faults.add(GLOSSARY, line, message, "Keep one of them.")
        seen |= dict.fromkeys((entry.term, *entry.also), entry.term) | {slugify(entry.term): entry.term}

    def pages(self, rows: LibraryRows, render: RenderFile) -> None:
        """Papers, projects and guides."""
        for position, page in enumerate(sorted(self._library.pages, key=_order), start=1):
            front, rendered = page.front, render(page.file)
            values = {
                "position": position,
                "title": front.title,
                "summary": front.summary,
                "shelf": page.shelf,
                "facts": page.facts,
                "status": front.status,
                "body_html": rendered.html,
                "contents": [asdict(heading) for heading in rendered.contents],
                "words": rendered.words,
                "source_path": page.file.file,
            }
            lessons = self._all_of(front.lessons, page.file.front.source, ["lessons"])
            rows.pages[(page.kind.value, page.slug)] = (values, lessons)

    def references(self, rows: LibraryRows) -> None:
        """The list of what to read elsewhere."""
        document = self._library.references
        if document is None:
            return
        for at, section in enumerate(document.value.root):
            for number, entry in enumerate(section.entries):
                loc: list[str | int] = [at, "entries", number]
                line = document.source.text_line([*loc, "purpose"])
                values = {
                    "section": section.title,
                    "title": entry.title,
                    "address": self._address(entry.address),
                    "purpose_html": self._renderer.render_line(
                        entry.purpose, file=document.source.file, first_line=line
                    ),
                    "checked_on": entry.checked,
                }
                rows.references.append((values, self._all_of(entry.lessons, document.source, [*loc, "lessons"])))

    def _address(self, written: str) -> str:
        source, _, path = written.partition(":")
        return self._site.upstream(path) if source == "llama.cpp" else written

    def _all_of(self, slugs: Sequence[str], source: YamlSource, loc: list[str | int]) -> list[str]:
        return [slug for at, slug in enumerate(slugs) if self._known(slug, source, [*loc, at])]

    def _known(self, slug: str, source: YamlSource, loc: list[str | int]) -> KnownLesson | None:
        lesson = self._lessons.get(slug)
        if lesson is None and self._all_known:
            self._faults.add(source.file, source.line(loc), f"There is no lesson {slug}.", "Correct the slug.")
        return lesson


def addresses(library: LibraryFolder) -> dict[str, str]:
    """Path of each page's file -> address, for links."""
    return {page.file.file: reverse(page.kind.value, args=[page.slug]) for page in library.pages}


def _order(page: LibraryFile) -> tuple[str, str, int, str]:
    front = page.front
    if isinstance(front, ProjectFront):
        return (page.kind, front.module, 0, page.slug)
    shelf = f"{SHELVES.index(page.shelf)}" if page.shelf in SHELVES else ""
    return (page.kind, shelf, front.order, page.slug)
