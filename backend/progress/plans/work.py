"""What a track asks for, in minutes, and when a learner did it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from django.db.models.functions import TruncDate
from django.urls import reverse

from backend.accounts.models import User
from backend.curriculum.models import Lesson, Status, Track
from backend.labs import selectors as labs
from backend.progress.models import Completion
from backend.progress.selectors.steps import QUIZ_MINUTES
from backend.progress.selectors.structure import ModuleShare, track_structure
from backend.quizzes import selectors as quizzes

LESSON_MINUTES = 40
"""Of a lesson or tutorial whose author has not said."""
LAB_MINUTES = 150
"""Of a lab whose author has not said."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One lesson, tutorial, lab or quiz of a track.

    Attributes:
        key: names it among the pieces of all tracks.
        minutes: its share of the track's hours.
        published: whether it can be done now.
        done_on: in the learner's time zone; None while it is not done.
    """

    key: str
    module: int
    kind: str
    title: str
    url: str
    minutes: int
    published: bool
    done_on: date | None = None


def pieces_of(track: Track) -> list[Piece]:
    """Every piece of a track in order of work, none of them done. Two queries after new content, else one.

    The authors' minutes are scaled so that all pieces together take the middle of the track's hours: what they say is
    how one piece compares with another, what the track says is what people need, with thinking and repeating.
    """
    found = [piece for share in track_structure(track) for piece in _of_module(share)]
    wanted = 30 * (track.hours_low + track.hours_high)
    factor = wanted / (sum(piece.minutes for piece in found) or 1)
    return [replace(piece, minutes=max(1, round(piece.minutes * factor))) for piece in found]


def _of_module(share: ModuleShare) -> list[Piece]:
    number = share.module.number
    found = []
    for lesson in share.lessons:
        kind = "tutorial" if lesson.kind == Lesson.Kind.TUTORIAL else "lesson"
        key, minutes, ready = f"lesson-{lesson.pk}", lesson.minutes or LESSON_MINUTES, lesson.status == Status.READY
        found.append(Piece(key, number, kind, str(lesson), lesson.get_absolute_url(), minutes, ready))
    for lab in share.labs:
        key, minutes, ready = f"lab-{lab.pk}", lab.minutes or LAB_MINUTES, lab.status == Status.READY
        found.append(Piece(key, number, "lab", f"Lab {lab}", lab.get_absolute_url(), minutes, ready))
    if share.quiz_required:
        url, title = reverse("quiz", args=[share.module.slug]), f"Quiz: {share.module.title}"
        key, ready = f"quiz-{share.module.pk}", share.quiz_questions > 0
        found.append(Piece(key, number, "quiz", title, url, QUIZ_MINUTES, ready))
    return found


def done_dates(learner: User, pieces: Sequence[Piece], zone: tzinfo) -> list[Piece]:
    """The pieces with the days on which the learner did them. Three queries."""
    kinds: dict[str, list[int]] = {"lesson": [], "lab": [], "quiz": []}
    for piece in pieces:
        kind, _, pk = piece.key.partition("-")
        kinds[kind].append(int(pk))
    completions = Completion.objects.filter(learner=learner, lesson_id__in=kinds["lesson"])
    days: dict[str, date] = {
        f"lesson-{pk}": day for pk, day in completions.values_list("lesson_id", TruncDate("completed_at", tzinfo=zone))
    }
    moments: dict[str, datetime] = {}
    moments |= {f"lab-{pk}": at for pk, at in labs.first_accepted(learner, kinds["lab"]).items()}
    moments |= {f"quiz-{pk}": at for pk, at in quizzes.first_passed(learner).items()}
    days |= {key: at.astimezone(zone).date() for key, at in moments.items()}
    return [replace(piece, done_on=days.get(piece.key)) for piece in pieces]
