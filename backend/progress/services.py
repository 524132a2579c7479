"""Choosing a track, marking lessons done, remembering the place."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.curriculum.models import Lesson, Status, Track
from backend.progress.models import Completion, Enrolment, Visit

VISIT_PRECISION = timedelta(minutes=1)
_HEADING_ID = re.compile(r"^[\w.\-]{1,120}$")


class NotPublished(Exception):
    """The piece is only planned, so it cannot be marked done."""


@transaction.atomic
def enrol(*, learner: User, track: Track) -> Enrolment:
    """Make a track the current one. Completions belong to lessons, so changing tracks loses nothing."""
    # The lock on the learner's row makes two simultaneous choices take turns.
    User.objects.select_for_update().get(pk=learner.pk)
    Enrolment.objects.filter(learner=learner, current=True).exclude(track=track).update(current=False)
    enrolment, created = Enrolment.objects.get_or_create(learner=learner, track=track)
    if not created and not enrolment.current:
        enrolment.current = True
        enrolment.save(update_fields=["current"])
    return enrolment


def mark_done(*, learner: User, lesson: Lesson) -> Completion:
    """Record the learner's word that a lesson is done; again it also confirms the text as it is now.

    Raises:
        NotPublished: the lesson is not ready to be read.
    """
    if lesson.status != Status.READY:
        raise NotPublished(str(lesson))
    completion, _ = Completion.objects.update_or_create(
        learner=learner, lesson=lesson, defaults={"lesson_digest": lesson.digest}
    )
    return completion


def take_back(*, learner: User, lesson: Lesson) -> None:
    """Undo `mark_done`; nothing happens when it was not done."""
    Completion.objects.filter(learner=learner, lesson=lesson).delete()


def remember_place(*, learner: User, lesson: Lesson, heading: str = "") -> None:
    """Note where the learner is in a lesson; a heading that is no heading's id counts as the top."""
    place = heading if _HEADING_ID.match(heading) else ""
    _upsert(Visit(learner=learner, lesson=lesson, heading=place, at=timezone.now()), ["heading", "at"])


def open_lesson(*, learner: User, lesson: Lesson, last: Visit | None) -> None:
    """Note that the learner opened a lesson, keeping the heading they were at; `last` is their visit before."""
    now = timezone.now()
    if last is None or now - last.at > VISIT_PRECISION:
        _upsert(Visit(learner=learner, lesson=lesson, at=now), ["at"])


def _upsert(visit: Visit, fields: list[str]) -> None:
    """One statement: pages are opened in several tabs at once."""
    Visit.objects.bulk_create([visit], update_conflicts=True, unique_fields=["learner", "lesson"], update_fields=fields)
