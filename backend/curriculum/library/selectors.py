"""Reads of the library, each in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, Prefetch, Q

from backend.curriculum.library.models import GlossaryTerm, LibraryPage, Reference
from backend.curriculum.models import Lesson, Module, Status

Kind = LibraryPage.Kind
SHELVES = {"foundations": "Foundations", "quantization": "Quantization", "optimization": "Optimization"}


@dataclass(frozen=True)
class Letter:
    """The terms of the glossary that begin with one letter."""

    letter: str
    terms: Sequence[GlossaryTerm]


@dataclass(frozen=True)
class ReferenceSection:
    """The references of one subject."""

    title: str
    references: Sequence[Reference]


@dataclass(frozen=True)
class Holdings:
    """How much of each kind the library has."""

    terms: int
    papers: int
    projects: int
    guides: int
    references: int


def holdings() -> Holdings:
    """How much there is. Three queries."""
    pages = LibraryPage.objects.exclude(status=Status.PLANNED).aggregate(
        papers=Count("pk", filter=Q(kind=Kind.PAPER)),
        projects=Count("pk", filter=Q(kind=Kind.PROJECT)),
        guides=Count("pk", filter=Q(kind=Kind.GUIDE)),
    )
    return Holdings(terms=GlossaryTerm.objects.count(), references=Reference.objects.count(), **pages)


def glossary(containing: str = "") -> list[Letter]:
    """The terms whose names or definitions contain a text, by first letter. One query."""
    terms = list(GlossaryTerm.objects.select_related("lesson", "lesson__module").defer("lesson__body_html"))
    wanted = containing.strip().casefold()
    if wanted:
        terms = [term for term in terms if wanted in _searched(term)]
    return [Letter(letter, list(group)) for letter, group in groupby(terms, key=_letter)]


def _searched(term: GlossaryTerm) -> str:
    return "\n".join([term.term, *term.also]).casefold()


def _letter(term: GlossaryTerm) -> str:
    first = term.term[0].upper()
    return first if first.isalpha() else "0–9"


def _lessons() -> Prefetch[str]:
    shown = Lesson.objects.filter(retired=False).select_related("module").defer("body_html", "contents")
    return Prefetch("lessons", shown.order_by("module__number", "position"))


def pages(kind: LibraryPage.Kind, *, shelf: str = "") -> list[LibraryPage]:
    """The pages of a kind in order, planned ones too; of one shelf when it is named. One query."""
    found = LibraryPage.objects.filter(kind=kind).defer("body_html", "contents")
    return list(found.filter(shelf=shelf) if shelf else found)


def page(kind: LibraryPage.Kind, slug: str) -> LibraryPage:
    """A page and the lessons that use it. Two queries.

    Raises:
        LibraryPage.DoesNotExist: no such page, or it is only planned.
    """
    return LibraryPage.objects.exclude(status=Status.PLANNED).prefetch_related(_lessons()).get(kind=kind, slug=slug)


def mini_projects() -> list[Module]:
    """The modules whose mini-project has a title. One query."""
    modules = Module.objects.filter(retired=False).defer("body_html")
    return [module for module in modules if module.mini_project.get("title")]


def references(section: str = "") -> list[ReferenceSection]:
    """The references by section, with the lessons that use them; one section when it is named. Two queries."""
    found = Reference.objects.prefetch_related(_lessons())
    if section:
        found = found.filter(section=section)
    return [ReferenceSection(title, list(group)) for title, group in groupby(found, key=lambda one: one.section)]


def reference_sections() -> list[str]:
    """Titles of all sections in order. One query."""
    return list(dict.fromkeys(Reference.objects.values_list("section", flat=True)))
