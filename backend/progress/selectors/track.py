"""How far a learner is on a track."""

from __future__ import annotations

from dataclasses import dataclass

from backend.accounts.models import User
from backend.curriculum.models import Lab, Lesson, Module, Status, Track
from backend.labs import selectors as labs
from backend.labs.selectors import LabResult
from backend.progress.models import Completion, Enrolment
from backend.progress.selectors.structure import track_structure
from backend.quizzes import selectors as quizzes
from backend.quizzes.selectors import QuizResult


@dataclass(frozen=True)
class LessonProgress:
    """One lesson of a track."""

    lesson: Lesson
    done: bool

    @property
    def published(self) -> bool:
        """Whether it can be read yet."""
        return self.lesson.status == Status.READY


@dataclass(frozen=True)
class LabProgress:
    """One lab of a track; `result` is None without a submission."""

    lab: Lab
    result: LabResult | None
    accepted: bool

    @property
    def published(self) -> bool:
        """Whether it can be submitted yet."""
        return self.lab.status == Status.READY


@dataclass(frozen=True)
class ModuleProgress:
    """One module of a track. Counts are of what the track lists, published or not."""

    module: Module
    scope: str
    lessons: tuple[LessonProgress, ...]
    labs: tuple[LabProgress, ...]
    quiz_required: bool
    quiz_questions: int
    quiz: QuizResult | None

    @property
    def lessons_done(self) -> int:
        """Lessons marked done."""
        return sum(item.done for item in self.lessons)

    @property
    def lessons_published(self) -> int:
        """Lessons that can be read now."""
        return sum(item.published for item in self.lessons)

    @property
    def labs_accepted(self) -> int:
        """Labs with an accepted submission."""
        return sum(item.accepted for item in self.labs)

    @property
    def labs_published(self) -> int:
        """Labs that can be submitted now."""
        return sum(item.published for item in self.labs)

    @property
    def quiz_passed(self) -> bool:
        """Whether an attempt reached the pass mark."""
        return self.quiz is not None and self.quiz.passed

    @property
    def quiz_available(self) -> bool:
        """Whether there is a quiz to take."""
        return self.quiz_questions > 0

    @property
    def done(self) -> int:
        """Finished pieces: lessons, labs, and the quiz as one."""
        return self.lessons_done + self.labs_accepted + (self.quiz_required and self.quiz_passed)

    @property
    def total(self) -> int:
        """Pieces that the track asks for."""
        return len(self.lessons) + len(self.labs) + self.quiz_required

    @property
    def published(self) -> int:
        """Pieces that can be done now."""
        return self.lessons_published + self.labs_published + (self.quiz_required and self.quiz_available)

    @property
    def complete(self) -> bool:
        """Whether nothing is left."""
        return self.done == self.total

    @property
    def percent(self) -> int:
        """Share that is done, rounded down, of everything the track asks for."""
        return 100 * self.done // self.total if self.total else 100


@dataclass(frozen=True)
class TrackProgress:
    """A learner's progress on a track, module by module."""

    track: Track
    modules: tuple[ModuleProgress, ...]

    @property
    def done(self) -> int:
        """Finished pieces."""
        return sum(module.done for module in self.modules)

    @property
    def total(self) -> int:
        """Pieces that the track asks for."""
        return sum(module.total for module in self.modules)

    @property
    def published(self) -> int:
        """Pieces that can be done now."""
        return sum(module.published for module in self.modules)

    @property
    def remaining(self) -> int:
        """Pieces that are left."""
        return self.total - self.done

    @property
    def percent(self) -> int:
        """Share that is done, rounded down, of everything the track asks for."""
        return 100 * self.done // self.total if self.total else 0


def current_enrolment(learner: User) -> Enrolment | None:
    """The learner's current track, with it; None before a choice."""
    return Enrolment.objects.select_related("track").filter(learner=learner, current=True).first()


def track_progress(learner: User, track: Track) -> TrackProgress:
    """Progress on a track the learner need not be enrolled in. Four queries and, after new content, four more."""
    structure = track_structure(track)
    lesson_ids = [lesson.pk for share in structure for lesson in share.lessons]
    done = set(Completion.objects.filter(learner=learner, lesson_id__in=lesson_ids).values_list("lesson_id", flat=True))
    results = labs.lab_results(learner, [lab.pk for share in structure for lab in share.labs])
    quiz_results = quizzes.best_results(learner)
    return TrackProgress(
        track=track,
        modules=tuple(
            ModuleProgress(
                module=share.module,
                scope=share.scope,
                lessons=tuple(LessonProgress(lesson, lesson.pk in done) for lesson in share.lessons),
                labs=tuple(
                    LabProgress(lab, result := results.get(lab.pk), result is not None and result.accepted)
                    for lab in share.labs
                ),
                quiz_required=share.quiz_required,
                quiz_questions=share.quiz_questions,
                quiz=quiz_results.get(share.module.pk),
            )
            for share in structure
        ),
    )
