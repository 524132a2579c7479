"""Reads of what learners wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from backend.accounts.models import User
from backend.curriculum.models import Lesson, Module
from backend.notebook.models import Entry, PageReport, SelfRating


@dataclass(frozen=True)
class Part:
    """One heading of a page with what the reader put there."""

    id: str
    title: str
    done: bool = False


@dataclass(frozen=True)
class NoteAt:
    """A note, and whether its heading is still on the page."""

    entry: Entry
    lost: bool


@dataclass(frozen=True)
class LessonNotebook:
    """A reader's entries of one page."""

    lesson: Lesson
    bookmarked: bool = False
    notes: Sequence[NoteAt] = ()
    steps: Sequence[Part] = ()
    """Of a tutorial: its main headings, in order."""
    headings: Sequence[Part] = ()
    """What a note or report may be about."""

    @property
    def steps_done(self) -> int:
        """How many."""
        return sum(step.done for step in self.steps)


def lesson_notebook(learner: User, lesson: Lesson) -> LessonNotebook:
    """What a learner wrote at a page. One query."""
    entries = list(Entry.objects.filter(learner=learner, lesson_id=lesson.pk).order_by("changed_at"))
    done = {entry.heading for entry in entries if entry.kind == Entry.Kind.STEP}
    headings = [Part(row["id"], row["title"]) for row in lesson.contents]
    steps: list[Part] = []
    if lesson.kind == Lesson.Kind.TUTORIAL:
        main = [row for row in lesson.contents if row["level"] == 2]
        # What stands before and after the steps of a tutorial that counts them is not one to do.
        counted = [row for row in main if row["title"].startswith("Step ")]
        steps = [Part(row["id"], row["title"], row["id"] in done) for row in counted or main]
    order = {row["id"]: place for place, row in enumerate(lesson.contents)}
    notes = [
        NoteAt(entry, lost=bool(entry.heading) and entry.heading not in order)
        for entry in sorted(entries, key=lambda entry: order.get(entry.heading, -1))
        if entry.kind == Entry.Kind.NOTE
    ]
    return LessonNotebook(
        lesson=lesson,
        bookmarked=any(entry.kind == Entry.Kind.BOOKMARK and not entry.heading for entry in entries),
        notes=notes,
        steps=steps,
        headings=headings,
    )


def notebook(learner: User) -> list[tuple[Lesson, list[Entry]]]:
    """All bookmarks and notes by page, in the order of the curriculum. One query."""
    entries = (
        Entry.objects.filter(learner=learner)
        .exclude(kind=Entry.Kind.STEP)
        .select_related("lesson__module")
        .defer("lesson__body_html", "lesson__contents", "lesson__module__body_html")
        .order_by("lesson__module__number", "lesson__position", "changed_at")
    )
    pages: dict[int, tuple[Lesson, list[Entry]]] = {}
    for entry in entries:
        pages.setdefault(entry.lesson_id, (entry.lesson, []))[1].append(entry)
    return list(pages.values())


def reports_of(learner: User, *, limit: int = 50) -> list[PageReport]:
    """The newest reports of a learner with their answers. One query."""
    rows = PageReport.objects.filter(reporter=learner).select_related("lesson").defer("lesson__body_html")
    return list(rows[:limit])


def reports(state: str) -> QuerySet[PageReport]:
    """Reports in a state: open ones the oldest first, ended ones the newest."""
    order = "created_at" if state == PageReport.State.OPEN else "-answered_at"
    return (
        PageReport.objects.filter(state=state)
        .select_related("lesson", "reporter", "answered_by")
        .defer("lesson__body_html", "lesson__contents")
        .order_by(order, "pk")
    )


def ratings(learner: User, module: Module) -> list[tuple[str, SelfRating | None]]:
    """Every line of a module's self-assessment with the learner's rating. One query."""
    known = {rating.line: rating for rating in SelfRating.objects.filter(learner=learner, module_id=module.pk)}
    return [(line, known.get(line[:500])) for line in module.self_assessment]
