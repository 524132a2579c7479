"""How a learner comes to meet the criteria."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone

from backend.accounts.models import User
from backend.certification import services
from backend.certification.models import Evidence
from backend.certification.rules import criteria
from backend.curriculum.models import Lab, Track, TrackModule
from backend.labs.models import Submission
from backend.progress.models import Completion
from backend.progress.services import enrol as enrol_in
from backend.quizzes.models import QuizAttempt
from tests.factories import LabFactory, LessonFactory, ModuleFactory, QuestionFactory, TrackFactory

JUDGED = ("production-projects", "mock-interview", "capstone-project", "take-home", "portfolio-review")


def small_track(modules: int = 1, each: int = 2) -> Track:
    """A track with ready lessons, labs and a quiz in each module."""
    track = TrackFactory.create()
    for _ in range(modules):
        module = ModuleFactory.create()
        part = TrackModule.objects.create(track=track, module=module, scope="full")
        part.lessons.set(LessonFactory.create_batch(each, module=module))
        part.labs.set(LabFactory.create_batch(each, module=module))
        QuestionFactory.create(module=module)
    return track


def enrol(learner: User, track: Track) -> None:
    enrol_in(learner=learner, track=track)


def submit(learner: User, lab: Lab, verdict: str = "accepted") -> Submission:
    return Submission.objects.create(
        learner=learner, lab=lab, lab_digest="d" * 64, idempotency_key=uuid4(), verdict=verdict, score=100,
        max_score=100, graded_at=timezone.now(),
    )  # fmt: skip


def take_quiz(learner: User, module_id: int, score: float) -> QuizAttempt:
    return QuizAttempt.objects.create(
        learner=learner, module_id=module_id, score=score, passed=score >= 0.7, finished_at=timezone.now()
    )


def do_the_work(learner: User, track: Track) -> None:
    """Everything that the system judges."""
    for part in track.modules.all():
        for lesson in part.lessons.all():
            Completion.objects.create(learner=learner, lesson=lesson, lesson_digest=lesson.digest)
        for lab in part.labs.all():
            submit(learner, lab)
        take_quiz(learner, part.module_id, 0.7)


def put_forward(learner: User, track: Track, criterion: str) -> Evidence:
    return services.put_forward_evidence(
        learner=learner, track=track, criterion=criterion, address="https://example.org/work", account="What I did."
    )


def make_ready(learner: User, track: Track, reviewer: User) -> None:
    """Everything, judged met."""
    do_the_work(learner, track)
    for criterion in criteria().criteria:
        if criterion.by_reviewer:
            evidence = put_forward(learner, track, criterion.id)
            services.judge_evidence(evidence=evidence, by=reviewer, met=True, comment="Seen and run.")
