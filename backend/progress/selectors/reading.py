"""Pages of the curriculum as one reader sees them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lesson
from backend.curriculum.selectors import ModuleContents
from backend.labs import selectors as labs
from backend.labs.models import Submission
from backend.labs.selectors import LabResult
from backend.progress.models import Completion, Visit
from backend.quizzes import selectors as quizzes
from backend.quizzes.selectors import QuizResult

Reader = User | AnonymousUser


@dataclass(frozen=True)
class ModulePage:
    """A module with the reader's state of each piece."""

    contents: ModuleContents
    done: set[int]
    """Ids of lessons and tutorials marked done."""
    lab_results: dict[int, LabResult]
    quiz: QuizResult | None
    quiz_questions: int


@dataclass(frozen=True)
class LessonPage:
    """A lesson with its neighbours and the reader's state."""

    lesson: Lesson
    previous: Lesson | None
    next: Lesson | None
    required: list[Lesson]
    completion: Completion | None
    visit: Visit | None
    """When and where the reader was here last."""

    @property
    def changed_since_done(self) -> bool:
        """Whether the text is another one than the reader marked done."""
        return self.completion is not None and self.completion.lesson_digest != self.lesson.digest


def completed_lesson_ids(reader: Reader) -> set[int]:
    """Ids of the lessons and tutorials that the reader marked done."""
    if not isinstance(reader, User):
        return set()
    return set(Completion.objects.filter(learner=reader).values_list("lesson_id", flat=True))


def recent_submissions(learner: User, *, limit: int = 5) -> list[Submission]:
    """The learner's last submissions of any lab, newest first. One query."""
    return list(labs.submissions_visible_to(learner).filter(learner=learner).order_by("-created_at")[:limit])


def module_page(reader: Reader, slug: str) -> ModulePage:
    """A module for a reader, signed in or not.

    Raises:
        Module.DoesNotExist: there is none of that name.
    """
    contents = curriculum.module_with_contents(slug)
    return ModulePage(
        contents=contents,
        done=completed_lesson_ids(reader),
        lab_results=labs.lab_results(reader, [lab.pk for lab in contents.labs]) if isinstance(reader, User) else {},
        quiz=quizzes.best_results(reader).get(contents.module.pk) if isinstance(reader, User) else None,
        quiz_questions=curriculum.question_count(contents.module),
    )


def lesson_page(reader: Reader, slug: str) -> LessonPage:
    """A lesson for a reader, signed in or not.

    Raises:
        Lesson.DoesNotExist: there is none of that name.
    """
    lesson = curriculum.lesson(slug)
    previous, following = curriculum.neighbours(lesson)
    completion = visit = None
    if isinstance(reader, User):
        completion = Completion.objects.filter(learner=reader, lesson=lesson).first()
        visit = Visit.objects.filter(learner=reader, lesson=lesson).first()
    return LessonPage(
        lesson=lesson,
        previous=previous,
        next=following,
        required=curriculum.lessons_by_slug(lesson.requires) if lesson.requires else [],
        completion=completion,
        visit=visit,
    )
