"""What a track consists of, kept in memory for as long as the content does not change.

A track names up to 172 lessons and 37 labs; they change only when content is loaded, so reading them again for every
page would be the most expensive part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Count, Prefetch, Q

from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lab, Lesson, Module, Track, TrackModule


@dataclass(frozen=True)
class ModuleShare:
    """What a track takes from one module. The rows carry no texts.

    Attributes:
        lessons: those that count, in order of work.
        labs: those that count, in order of work.
        quiz_required: whether the track asks for the module's quiz.
        quiz_questions: how many questions the module's bank has now.
    """

    module: Module
    scope: str
    lessons: tuple[Lesson, ...]
    labs: tuple[Lab, ...]
    quiz_required: bool
    quiz_questions: int

    @property
    def scope_words(self) -> str:
        """The scope, for people."""
        return str(TrackModule.Scope(self.scope).label)


@dataclass(frozen=True)
class TrackCard:
    """A track and what it takes from each module, for choosing."""

    track: Track
    shares: tuple[ModuleShare, ...]


def track_structure(track: Track) -> tuple[ModuleShare, ...]:
    """The track's modules in order, from memory while the content is the same."""
    return _structure(track, curriculum.content_revision())


def track_cards() -> list[TrackCard]:
    """All tracks in order. Two queries and, after new content, a few more."""
    revision = curriculum.content_revision()
    return [TrackCard(track, _structure(track, revision)) for track in Track.objects.filter(retired=False)]


def _structure(track: Track, revision: str | None) -> tuple[ModuleShare, ...]:
    return _read(track.pk) if revision is None else _remembered(track.pk, revision)


@lru_cache(maxsize=64)
def _remembered(track_id: int, revision: str) -> tuple[ModuleShare, ...]:
    return _read(track_id)


def _read(track_id: int) -> tuple[ModuleShare, ...]:
    lessons = Lesson.objects.filter(retired=False).defer("body_html", "contents", "objectives").order_by("position")
    labs = Lab.objects.filter(retired=False).defer("instructions_html", "contents").order_by("position")
    shares = (
        TrackModule.objects.filter(track_id=track_id, module__retired=False)
        .select_related("module")
        .defer("module__body_html")
        .prefetch_related(Prefetch("lessons", lessons), Prefetch("labs", labs))
        .annotate(questions=Count("module__questions", filter=Q(module__questions__retired=False)))
        .order_by("module__number")
    )
    return tuple(
        ModuleShare(
            module=share.module,
            scope=share.scope,
            lessons=tuple(share.lessons.all()),
            labs=tuple(share.labs.all()),
            quiz_required=share.has_quiz,
            quiz_questions=share.questions,
        )
        for share in shares
    )
