"""Writing and taking back notes, bookmarks, steps and ratings; reporting a page and answering."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.curriculum.models import Lesson, Module, Status
from backend.notebook.models import Entry, PageReport, SelfRating

MAX_REPORTS_PER_DAY = 20
MAX_ENTRIES_PER_LESSON = 200
_DAY = timedelta(days=1)


class NotThere(Exception):
    """The heading, line or state that was named does not exist."""


class TooMany(Exception):
    """More than one person may write; the message says what to do."""


class AlreadyAnswered(Exception):
    """Somebody else has answered the report meanwhile."""


def _title_of(lesson: Lesson, heading: str) -> str:
    """Title of a heading; "" for the whole page.

    Raises:
        NotThere: the page has no such heading, or is not published.
    """
    if lesson.status == Status.PLANNED:
        raise NotThere("This page is not written yet.")
    if not heading:
        return ""
    for row in lesson.contents:
        if row["id"] == heading:
            return str(row["title"])[:300]
    raise NotThere("The page has no such heading any more. Reload it and try again.")


@transaction.atomic
def put(*, learner: User, lesson: Lesson, kind: Entry.Kind, heading: str = "", text: str = "") -> None:
    """Make or change an entry; a note without text is taken away.

    Raises:
        NotThere: the page has no such heading.
        TooMany: the page is full.
    """
    text = text.strip()
    mine = Entry.objects.filter(learner=learner, lesson=lesson, kind=kind)
    if kind is Entry.Kind.NOTE and not text:
        mine.filter(heading=heading).delete()
        return
    # Whoever has a note at a heading that is gone may still change it.
    kept = mine.filter(heading=heading).first()
    title = kept.heading_title if kept else _title_of(lesson, heading)
    if kept is None and mine.count() >= MAX_ENTRIES_PER_LESSON:
        raise TooMany(f"A page holds at most {MAX_ENTRIES_PER_LESSON} entries. Take one away first.")
    Entry.objects.bulk_create(
        [Entry(learner=learner, lesson=lesson, kind=kind, heading=heading, heading_title=title, text=text)],
        update_conflicts=True,
        unique_fields=["learner", "lesson", "kind", "heading"],
        update_fields=["text", "changed_at"],
    )


def take_away(*, learner: User, lesson: Lesson, kind: Entry.Kind, heading: str = "") -> None:
    """Undo `put`; nothing happens when there is no such entry."""
    Entry.objects.filter(learner=learner, lesson=lesson, kind=kind, heading=heading).delete()


def rate(*, learner: User, module: Module, number: int, level: int) -> None:
    """Say how well one masters a line of the module's self-assessment.

    Args:
        number: of the line, from 0.

    Raises:
        NotThere: no such line, or no such level.
    """
    if not 0 <= number < len(module.self_assessment) or level not in SelfRating.Level.values:
        raise NotThere("The list has changed. Reload the page and choose again.")
    SelfRating.objects.update_or_create(
        learner=learner, module=module, line=module.self_assessment[number][:500], defaults={"level": level}
    )


@transaction.atomic
def report(*, reporter: User, lesson: Lesson, kind: str, text: str, heading: str = "") -> PageReport:
    """Say that a page is wrong; the revision that was read is kept with it.

    Raises:
        NotThere: the page has no such heading.
        TooMany: too many reports within a day.
    """
    _title_of(lesson, heading)
    # The lock makes simultaneous reports of one person take turns.
    User.objects.select_for_update().get(pk=reporter.pk)
    recent = PageReport.objects.filter(reporter=reporter, created_at__gt=timezone.now() - _DAY)
    if recent.count() >= MAX_REPORTS_PER_DAY:
        raise TooMany(f"You reported {MAX_REPORTS_PER_DAY} times within a day. Go on tomorrow, or write more into one.")
    same = recent.filter(lesson=lesson, heading=heading, kind=kind, text=text, state=PageReport.State.OPEN).first()
    if same is not None:
        return same
    return PageReport.objects.create(
        reporter=reporter, lesson=lesson, lesson_digest=lesson.digest, heading=heading, kind=kind, text=text
    )


@transaction.atomic
def answer(*, report_id: int, by: User, state: str, text: str) -> PageReport:
    """Close a report with an answer, which its reporter sees.

    Raises:
        PageReport.DoesNotExist: no such report.
        AlreadyAnswered: it is closed.
    """
    found = PageReport.objects.select_for_update().get(pk=report_id)
    if found.state != PageReport.State.OPEN:
        raise AlreadyAnswered("Somebody has answered this report meanwhile.")
    found.state, found.answer, found.answered_by, found.answered_at = state, text, by, timezone.now()
    found.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    return found
