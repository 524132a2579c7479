"""Pages of the curriculum as one reader sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lesson
from backend.curriculum.selectors import ModuleContents
from backend.labs import selectors as labs
from backend.labs.models import Submission
from backend.labs.selectors import LabResult
from backend.notebook import selectors as notebooks
from backend.notebook.models import SelfRating
from backend.notebook.selectors import LessonNotebook
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
    ratings: list[tuple[str, SelfRating | None]]
    """Lines of the self-assessment with the reader's own rating."""


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
    notebook: LessonNotebook | None = None
    """What the reader wrote beside it; None for strangers."""

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
    revision = curriculum.content_revision()
    contents, questions = _module(slug) if revision is None else _remembered_module(slug, revision)
    results: dict[int, LabResult] = {}
    quiz = None
    ratings: list[tuple[str, SelfRating | None]] = [(line, None) for line in contents.module.self_assessment]
    if isinstance(reader, User):
        ratings = notebooks.ratings(reader, contents.module)
        results = labs.lab_results(reader, [lab.pk for lab in contents.labs])
        quiz = quizzes.best_results(reader).get(contents.module.pk)
    return ModulePage(
        contents=contents,
        done=completed_lesson_ids(reader),
        lab_results=results,
        quiz=quiz,
        quiz_questions=questions,
        ratings=ratings,
    )


def _module(slug: str) -> tuple[ModuleContents, int]:
    contents = curriculum.module_with_contents(slug)
    return contents, curriculum.question_count(contents.module)


@lru_cache(maxsize=32)
def _remembered_module(slug: str, revision: str) -> tuple[ModuleContents, int]:
    return _module(slug)


@dataclass(frozen=True)
class _Surroundings:
    """What a lesson's page shows to everybody."""

    lesson: Lesson
    previous: Lesson | None
    next: Lesson | None
    required: list[Lesson]


def _surroundings(slug: str) -> _Surroundings:
    lesson = curriculum.lesson(slug)
    previous, following = curriculum.neighbours(lesson)
    required = curriculum.lessons_by_slug(lesson.requires) if lesson.requires else []
    return _Surroundings(lesson, previous, following, required)


@lru_cache(maxsize=512)
def _remembered(slug: str, revision: str) -> _Surroundings:
    """Texts change only when content is loaded; reading one again for every page would cost more than the rest."""
    return _surroundings(slug)


def lesson_page(reader: Reader, slug: str) -> LessonPage:
    """A lesson for a reader, signed in or not.

    Raises:
        Lesson.DoesNotExist: there is none of that name.
    """
    revision = curriculum.content_revision()
    shown = _surroundings(slug) if revision is None else _remembered(slug, revision)
    completion = visit = notebook = None
    if isinstance(reader, User):
        notebook = notebooks.lesson_notebook(reader, shown.lesson)
        completion = Completion.objects.filter(learner=reader, lesson_id=shown.lesson.pk).first()
        visit = Visit.objects.filter(learner=reader, lesson_id=shown.lesson.pk).first()
    return LessonPage(
        lesson=shown.lesson,
        previous=shown.previous,
        next=shown.next,
        required=shown.required,
        completion=completion,
        visit=visit,
        notebook=notebook,
    )
