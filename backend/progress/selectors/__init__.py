"""Reads of the learner's way through the curriculum."""

from backend.progress.selectors.reading import (
    LessonPage,
    ModulePage,
    completed_lesson_ids,
    lesson_page,
    module_page,
    recent_submissions,
)
from backend.progress.selectors.steps import NextStep, next_step, next_step_in
from backend.progress.selectors.structure import ModuleShare, TrackCard, track_cards, track_structure
from backend.progress.selectors.track import (
    LabProgress,
    LessonProgress,
    ModuleProgress,
    TrackProgress,
    current_enrolment,
    track_progress,
)

__all__ = [
    "LabProgress",
    "LessonPage",
    "LessonProgress",
    "ModulePage",
    "ModuleProgress",
    "ModuleShare",
    "NextStep",
    "TrackCard",
    "TrackProgress",
    "completed_lesson_ids",
    "current_enrolment",
    "lesson_page",
    "module_page",
    "next_step",
    "next_step_in",
    "recent_submissions",
    "track_cards",
    "track_progress",
    "track_structure",
]
