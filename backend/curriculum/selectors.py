"""Reads of the curriculum. What is retired is never shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Prefetch, Q, QuerySet

from backend.curriculum.models import (
    ContentState,
    Example,
    Figure,
    Lab,
    LabRevision,
    Lesson,
    Module,
    Question,
    Section,
    Status,
    Track,
    TrackModule,
)
from grader import lab as lab_format

_BUNDLES_KEPT = 64


@dataclass(frozen=True)
class SectionContents:
    """A heading of a module and the lessons under it, in order."""

    section: Section
    lessons: Sequence[Lesson]


@dataclass(frozen=True)
class ModuleContents:
    """Everything a module's page lists, in order."""

    module: Module
    sections: Sequence[SectionContents]
    tutorials: Sequence[Lesson]
    labs: Sequence[Lab]
    examples: Sequence[Example]

    @property
    def lessons(self) -> list[Lesson]:
        """The lessons of all sections, in order."""
        return [lesson for part in self.sections for lesson in part.lessons]


def _sane(slug: str) -> str:
    """The slug without zero bytes, which no slug has and which PostgreSQL refuses to look for."""
    return slug.replace("\0", "\N{REPLACEMENT CHARACTER}")


def content_revision() -> str | None:
    """Names the state of the content that the rows show; None when nothing was loaded. One query.

    What was read from content alone may be kept in memory under this name.
    """
    found = ContentState.objects.values_list("digest", "loaded_at").first()
    return f"{found[0]} {found[1].isoformat()}" if found else None


def modules() -> list[Module]:
    """All modules in order. One query."""
    return list(Module.objects.filter(retired=False).defer("body_html"))


def module_with_contents(slug: str) -> ModuleContents:
    """A module and everything in it, in five queries. Bodies of lessons and labs are left out.

    Raises:
        Module.DoesNotExist: no such module.
    """
    module = Module.objects.get(slug=slug, retired=False)
    pages = list(module.lessons.filter(retired=False).defer("body_html", "contents").order_by("position"))
    labs = list(module.labs.filter(retired=False).defer("instructions_html", "contents").order_by("position"))
    examples = list(module.examples.defer("source", "source_html").order_by("name"))
    for page in pages:
        page.module = module
    for piece in labs:
        piece.module = module
    for program in examples:
        program.module = module
    lessons = [page for page in pages if page.kind == Lesson.Kind.LESSON]
    sections = [
        SectionContents(section, [lesson for lesson in lessons if lesson.section_id == section.pk])
        for section in module.sections.order_by("position")
    ]
    return ModuleContents(
        module=module,
        sections=sections,
        tutorials=[page for page in pages if page.kind == Lesson.Kind.TUTORIAL],
        labs=labs,
        examples=examples,
    )


def lesson(slug: str) -> Lesson:
    """A lesson or tutorial with its module and section; it may be planned only. One query.

    Raises:
        Lesson.DoesNotExist: no such page, or retired.
    """
    return Lesson.objects.select_related("module", "section").get(slug=_sane(slug), retired=False)


def lessons_by_slug(slugs: Sequence[str]) -> list[Lesson]:
    """The pages a lesson requires, in the order of `slugs`; unknown ones are left out. One query."""
    found = {
        page.slug: page
        for page in Lesson.objects.filter(slug__in=slugs, retired=False)
        .select_related("module")
        .defer("body_html", "contents")
    }
    return [found[slug] for slug in slugs if slug in found]


def neighbours(lesson: Lesson) -> tuple[Lesson | None, Lesson | None]:
    """The ready page before and after, of the same kind, across modules. Two queries."""
    ready = (
        Lesson.objects.filter(retired=False, status=Status.READY, kind=lesson.kind, module__retired=False)
        .select_related("module")
        .defer("body_html", "contents")
    )
    number, position = lesson.module.number, lesson.position
    before = ready.filter(Q(module__number__lt=number) | Q(module__number=number, position__lt=position))
    after = ready.filter(Q(module__number__gt=number) | Q(module__number=number, position__gt=position))
    return (
        before.order_by("-module__number", "-position").first(),
        after.order_by("module__number", "position").first(),
    )


def _tracks() -> QuerySet[Track]:
    lessons = (
        Lesson.objects.filter(retired=False)
        .select_related("module")
        .defer("body_html", "contents")
        .order_by("module__number", "position")
    )
    labs = (
        Lab.objects.filter(retired=False)
        .select_related("module")
        .defer("instructions_html", "contents")
        .order_by("module__number", "position")
    )
    parts = (
        TrackModule.objects.filter(module__retired=False)
        .select_related("module")
        .order_by("module__number")
        .prefetch_related(
            Prefetch("lessons", lessons),
            Prefetch("optional_lessons", lessons),
            Prefetch("labs", labs),
            Prefetch("optional_labs", labs),
        )
    )
    return Track.objects.filter(retired=False).prefetch_related(Prefetch("modules", parts)).order_by("position")


def tracks() -> list[Track]:
    """All tracks with their modules, and those with lessons and labs: `track.modules.all()`. Six queries."""
    return list(_tracks())


def track(slug: str) -> Track:
    """One track, prefetched like `tracks()`. Six queries.

    Raises:
        Track.DoesNotExist: no such track, or retired.
    """
    return _tracks().get(slug=slug)


def lab(slug: str) -> Lab:
    """A lab with its module; it may be planned only. One query.

    Raises:
        Lab.DoesNotExist: no such lab, or retired.
    """
    return Lab.objects.select_related("module").get(slug=_sane(slug), retired=False)


@lru_cache(maxsize=_BUNDLES_KEPT)
def lab_bundle(digest: str) -> lab_format.Lab:
    """The lab as the grader sees it, of any revision that was ever loaded. Unpacked once per process.

    Raises:
        LabRevision.DoesNotExist: no such revision.
        grader.lab.LabError: the stored bundle does not match its digest.
    """
    revision = LabRevision.objects.get(digest=digest)
    return lab_format.unpack(bytes(revision.bundle), digest=digest)


def packed_bundle(digest: str) -> bytes:
    """The stored bundle, as `grader.lab.pack` made it.

    Raises:
        LabRevision.DoesNotExist: no such revision.
    """
    return bytes(LabRevision.objects.values_list("bundle", flat=True).get(digest=digest))


def questions(module: Module) -> QuerySet[Question]:
    """The questions that a quiz of the module may draw, in the bank's order, with the current revision."""
    return (
        Question.objects.filter(module=module, retired=False, current__isnull=False)
        .select_related("current", "lesson")
        .defer("lesson__body_html", "lesson__contents")
        .order_by("position")
    )


def question_count(module: Module) -> int:
    """How many questions a quiz of the module may draw from. One query."""
    return Question.objects.filter(module=module, retired=False, current__isnull=False).count()


def open_questions() -> QuerySet[Question]:
    """The questions that interview practice may ask, module by module in the bank's order."""
    return Question.objects.filter(retired=False, module__retired=False, open__isnull=False).order_by(
        "module__number", "position"
    )


def example(module_slug: str, name: str) -> Example:
    """A program of a module, with the module. One query.

    Raises:
        Example.DoesNotExist: no such program.
    """
    return Example.objects.select_related("module").get(module__slug=module_slug, module__retired=False, name=name)


def figure(module_slug: str, name: str) -> Figure:
    """A figure of a module. One query.

    Raises:
        Figure.DoesNotExist: no such figure was there when the content was loaded.
    """
    return Figure.objects.get(module__slug=module_slug, name=name)
