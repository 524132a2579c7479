"""How far one is, for programs."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.curriculum.models import ContentState, Track, TrackModule
from backend.labs.models import Submission, Verdict
from backend.progress.models import Completion, Enrolment
from backend.quizzes.models import QuizAttempt
from tests.backend.api.conftest import BrowserOf, QueriesOf
from tests.factories import LabFactory, LessonFactory, ModuleFactory, TrackFactory, UserFactory

pytestmark = pytest.mark.django_db


def track_of(modules: int) -> Track:
    """A track of modules with two lessons and a lab each."""
    track = TrackFactory.create()
    for _ in range(modules):
        share = TrackModule.objects.create(track=track, module=ModuleFactory.create(), scope="full")
        share.lessons.set(LessonFactory.create_batch(2, module=share.module))
        share.labs.add(LabFactory.create(module=share.module))
    return track


def achieve(learner: User, track: Track) -> None:
    """In every module one lesson done and the lab accepted."""
    for share in track.modules.all():
        lesson, lab = share.lessons.order_by("position")[0], share.labs.get()
        Completion.objects.create(learner=learner, lesson=lesson, lesson_digest="a")
        Submission.objects.create(
            learner=learner, lab=lab, lab_digest="", idempotency_key=uuid4(), verdict=Verdict.ACCEPTED, score=90,
            max_score=100, graded_at=timezone.now(),
        )  # fmt: skip


def test_without_a_track_there_is_no_progress(learner: User, browser_of: BrowserOf) -> None:
    assert browser_of(learner).get("/api/v1/progress/").json() == {"progress": None, "next_step": None}


def test_progress_is_ones_own_on_the_current_track(learner: User, browser_of: BrowserOf) -> None:
    old, track, other = track_of(1), track_of(1), UserFactory.create()
    Enrolment.objects.create(learner=learner, track=old, current=False)
    Enrolment.objects.create(learner=learner, track=track)
    Enrolment.objects.create(learner=other, track=track)
    achieve(learner, track)
    document = browser_of(learner).get("/api/v1/progress/").json()
    reached = document["progress"]
    assert (reached["track"], reached["done"], reached["total"], reached["percent"]) == (track.slug, 2, 4, 50)
    (module,) = reached["modules"]
    assert [lesson["done"] for lesson in module["lessons"]] == [True, False]
    (lab,) = module["labs"]
    assert (lab["accepted"], lab["verdict"], lab["score"], lab["submissions"]) == (True, "accepted", 90.0, 1)
    assert (module["quiz_required"], module["quiz"]) == (True, None)
    assert document["next_step"]["page"] == f"/lessons/{module['lessons'][1]['slug']}/"
    theirs = browser_of(other).get("/api/v1/progress/").json()["progress"]
    assert (theirs["done"], theirs["modules"][0]["labs"][0]["verdict"]) == (0, None)


def test_a_quiz_counts_with_its_best_score(learner: User, browser_of: BrowserOf) -> None:
    track = track_of(1)
    Enrolment.objects.create(learner=learner, track=track)
    module = track.modules.get().module
    for score, passed in ((0.5, False), (0.8, True)):
        QuizAttempt.objects.create(
            learner=learner, module=module, finished_at=timezone.now(), score=score, passed=passed
        )
    (part,) = browser_of(learner).get("/api/v1/progress/").json()["progress"]["modules"]
    assert part["quiz"] == {"best_score": 0.8, "passed": True, "attempts": 2}


def test_a_long_track_takes_as_many_queries_as_a_short_one(browser_of: BrowserOf, queries_of: QueriesOf) -> None:
    taken = []
    for modules in (1, 10):
        learner, track = UserFactory.create(), track_of(modules)
        ContentState.objects.update_or_create(singleton=True, defaults={"digest": str(modules)})
        Enrolment.objects.create(learner=learner, track=track)
        achieve(learner, track)
        browser = browser_of(learner)
        browser.get("/api/v1/progress/")
        taken.append(queries_of(browser, "progress/"))
    assert taken[0] == taken[1] <= 8
