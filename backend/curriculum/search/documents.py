"""What can be found: everything published, as text. Of a question only its prompt: neither options nor answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.urls import reverse

from backend.curriculum.library.models import GlossaryTerm, LibraryPage
from backend.curriculum.models import Example, Lab, Lesson, Question, Status
from backend.curriculum.search.models import SearchEntry
from backend.curriculum.search.page_text import Section, plain, sections

Kind = SearchEntry.Kind
_TITLE_LENGTH = 110
_BOOST = {Kind.TERM: 1.3, Kind.EXAMPLE: 0.8, Kind.QUESTION: 0.2}
_DRAFT_BOOST = 0.8
_CODE_DIGEST = hashlib.sha256(
    b"".join(
        Path(__file__).with_name(f"{name}.py").read_bytes() for name in ("documents", "indexing", "page_text", "words")
    )
).hexdigest()


@dataclass(frozen=True)
class Document:
    """A row of the index to be; `slug` is unique within the kind."""

    kind: SearchEntry.Kind
    slug: str
    title: str
    address: str
    label: str = ""
    summary: str = ""
    module_id: int | None = None
    status: str = Status.READY
    sections: list[Section] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Names the row."""
        return f"{self.kind.value}/{self.slug}"

    @property
    def boost(self) -> float:
        """Answers before exercises, and what is finished before what is not."""
        return _BOOST.get(self.kind, 1.0) * (1.0 if self.status == Status.READY else _DRAFT_BOOST)

    @property
    def digest(self) -> str:
        """Changes when the row has to be written again."""
        values = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(f"{_CODE_DIGEST}{values}".encode()).hexdigest()


def published() -> Iterator[Document]:
    """Everything that people may find now. Planned and retired pieces are not among it."""
    yield from _pages()
    yield from _labs()
    yield from _examples()
    yield from _questions()
    yield from _terms()
    yield from _library()


def _pages() -> Iterator[Document]:
    pages = Lesson.objects.filter(retired=False, module__retired=False).exclude(status=Status.PLANNED)
    for page in pages:
        yield Document(
            kind=Kind(page.kind),
            slug=page.slug,
            title=page.title,
            address=page.get_absolute_url(),
            label=page.number,
            summary=page.summary,
            module_id=page.module_id,
            status=page.status,
            sections=sections(page.body_html),
        )


def _labs() -> Iterator[Document]:
    for lab in Lab.objects.filter(retired=False, module__retired=False, status=Status.READY):
        yield Document(
            kind=Kind.LAB,
            slug=lab.slug,
            title=lab.title,
            address=lab.get_absolute_url(),
            label=lab.number,
            summary=lab.summary,
            module_id=lab.module_id,
            sections=sections(lab.instructions_html),
        )


def _examples() -> Iterator[Document]:
    for example in Example.objects.filter(module__retired=False).select_related("module").defer("source_html"):
        yield Document(
            kind=Kind.EXAMPLE,
            slug=f"{example.module.slug}/{example.name}",
            title=example.name,
            address=example.get_absolute_url(),
            summary=example.summary.replace("`", ""),
            module_id=example.module_id,
            sections=[Section("", "", example.source.replace("\0", " "))],
        )


def _questions() -> Iterator[Document]:
    questions = Question.objects.filter(retired=False, module__retired=False, current__isnull=False)
    for question in questions.select_related("module", "current"):
        if question.current is None:
            continue
        # Lines of a program may be the options, so programs stay out as well.
        prompt = plain(question.current.prompt_html, code=False)
        yield Document(
            kind=Kind.QUESTION,
            slug=question.slug,
            title=prompt if len(prompt) <= _TITLE_LENGTH else prompt[: _TITLE_LENGTH - 1].rsplit(" ", 1)[0] + "…",
            address=reverse("quiz", args=[question.module.slug]),
            module_id=question.module_id,
            sections=[Section("", "", prompt)] if len(prompt) > _TITLE_LENGTH else [],
        )


def _terms() -> Iterator[Document]:
    for term in GlossaryTerm.objects.select_related("lesson"):
        yield Document(
            kind=Kind.TERM,
            slug=term.slug,
            title=term.term,
            address=term.get_absolute_url(),
            summary=plain(term.definition_html),
            module_id=term.lesson.module_id if term.lesson else None,
            sections=[Section("", " ".join(term.also), "")] if term.also else [],
        )


def _library() -> Iterator[Document]:
    for page in LibraryPage.objects.exclude(status=Status.PLANNED):
        yield Document(
            kind=Kind(page.kind),
            slug=page.slug,
            title=page.title,
            address=page.get_absolute_url(),
            summary=page.summary,
            status=page.status,
            sections=sections(page.body_html),
        )
