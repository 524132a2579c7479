"""Choosing a track and seeing how far one is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.curriculum.models import Question, QuestionRevision, Status, Track, TrackModule
from backend.labs.models import Submission, Verdict
from backend.progress import selectors, services
from backend.progress.models import Enrolment
from backend.quizzes.models import QuizAttempt
from tests.factories import LabFactory, LessonFactory, ModuleFactory, TrackFactory, UserFactory

BrowserOf = Callable[[User], Client]


def track_of(modules: int = 1, lessons: int = 2, labs: int = 1, **fields: Any) -> Track:
    """A track with ready lessons, labs and a quiz in each module."""
    track = TrackFactory.create(**fields)
    for _ in range(modules):
        module = ModuleFactory.create()
        share = TrackModule.objects.create(track=track, module=module, scope="full")
        share.lessons.set(LessonFactory.create_batch(lessons, module=module))
        share.labs.set(LabFactory.create_batch(labs, module=module))
        question = Question.objects.create(
            module=module, slug=f"q-{module.pk}", position=1, category="concepts", difficulty=1, kind="single"
        )
        question.current = QuestionRevision.objects.create(question=question, digest="d", prompt_html="?")
        question.save()
    return track


def accepted(learner: User, lab: Any) -> Submission:
    return Submission.objects.create(
        learner=learner, lab=lab, lab_digest="", idempotency_key=uuid4(), verdict=Verdict.ACCEPTED, score=100,
        max_score=100, graded_at=timezone.now(),
    )  # fmt: skip


@pytest.mark.django_db
def test_a_learner_without_a_track_is_asked_to_choose(learner: User, browser_of: BrowserOf) -> None:
    track = track_of()
    browser = browser_of(learner)
    assert f"Choose {track.title}" in browser.get("/").content.decode()
    browser.post(f"/tracks/{track.slug}/enrol/")
    assert track.title in browser.get("/").content.decode()


@pytest.mark.django_db
def test_changing_the_track_keeps_what_is_done(learner: User, browser_of: BrowserOf) -> None:
    first, second = track_of(), TrackFactory.create()
    share = first.modules.get()
    shared = TrackModule.objects.create(track=second, module=share.module, scope="full")
    shared.lessons.set(share.lessons.all())
    services.enrol(learner=learner, track=first)
    services.mark_done(learner=learner, lesson=share.lessons.all()[0])
    browser_of(learner).post(f"/tracks/{second.slug}/enrol/")
    enrolment = selectors.current_enrolment(learner)
    assert enrolment is not None
    assert enrolment.track == second
    assert selectors.track_progress(learner, second).done == 1
    services.enrol(learner=learner, track=first)
    assert Enrolment.objects.filter(learner=learner).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_choices_at_once_leave_one_current_track() -> None:
    learner = UserFactory.create()
    tracks = [TrackFactory.create() for _ in range(8)]
    faults: list[BaseException] = []

    def choose(track: Track) -> None:
        try:
            services.enrol(learner=learner, track=track)
        except BaseException as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=choose, args=(track,)) for track in tracks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert Enrolment.objects.filter(learner=learner, current=True).count() == 1


@pytest.mark.django_db
def test_progress_counts_lessons_labs_and_the_quiz(learner: User) -> None:
    track = track_of(lessons=3, labs=2)
    share = track.modules.get()
    assert (selectors.track_progress(learner, track).done, selectors.track_progress(learner, track).total) == (0, 6)
    services.mark_done(learner=learner, lesson=share.lessons.all()[0])
    accepted(learner, share.labs.first())
    QuizAttempt.objects.create(learner=learner, module=share.module, finished_at=timezone.now(), score=0.8, passed=True)
    progress = selectors.track_progress(learner, track)
    (module,) = progress.modules
    assert (module.lessons_done, module.labs_accepted, module.quiz_passed) == (1, 1, True)
    assert (progress.done, progress.remaining, progress.percent) == (3, 3, 50)


@pytest.mark.django_db
def test_another_learner_s_work_counts_nothing(learner: User) -> None:
    track = track_of()
    other = UserFactory.create()
    services.mark_done(learner=other, lesson=track.modules.get().lessons.all()[0])
    accepted(other, track.modules.get().labs.first())
    assert selectors.track_progress(learner, track).done == 0


@pytest.mark.django_db
def test_the_next_step_goes_from_lesson_to_lab_to_quiz_to_nothing(learner: User) -> None:
    track = track_of(lessons=1, labs=1)
    services.enrol(learner=learner, track=track)
    share = track.modules.get()
    lesson, lab = share.lessons.get(), share.labs.get()
    step = selectors.next_step(learner)
    assert step is not None
    assert step.url == lesson.get_absolute_url()
    services.remember_place(learner=learner, lesson=lesson, heading="why")
    step = selectors.next_step(learner)
    assert step is not None
    assert (step.verb, step.url) == ("Continue", f"{lesson.get_absolute_url()}#why")
    services.mark_done(learner=learner, lesson=lesson)
    step = selectors.next_step(learner)
    assert step is not None
    assert step.url == lab.get_absolute_url()
    accepted(learner, lab)
    step = selectors.next_step(learner)
    assert step is not None
    assert step.verb == "Take the quiz"
    QuizAttempt.objects.create(learner=learner, module=share.module, finished_at=timezone.now(), score=1, passed=True)
    assert selectors.next_step(learner) is None


@pytest.mark.django_db
def test_planned_pieces_count_as_missing_and_are_never_the_next_step(learner: User, browser_of: BrowserOf) -> None:
    track = track_of(lessons=1, labs=0)
    share = track.modules.get()
    share.lessons.add(LessonFactory.create(module=share.module, status=Status.PLANNED))
    Question.objects.update(retired=True)
    services.enrol(learner=learner, track=track)
    services.mark_done(learner=learner, lesson=share.lessons.filter(status=Status.READY).get())
    progress = selectors.track_progress(learner, track)
    assert (progress.done, progress.total, progress.published) == (1, 3, 1)
    assert selectors.next_step(learner) is None
    assert "Everything published on your track is done" in browser_of(learner).get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/dashboard/", "/modules/", "/tracks/", "/tracks/{track}/"])
def test_pages_ask_the_same_few_questions_however_much_there_is(
    learner: User, browser_of: BrowserOf, django_assert_max_num_queries: Callable[..., Any], address: str
) -> None:
    track = track_of()
    services.enrol(learner=learner, track=track)
    browser = browser_of(learner)
    address = address.format(track=track.slug)
    with django_assert_max_num_queries(22) as few:
        assert browser.get(address).status_code == 200
    for _ in range(9):
        module = ModuleFactory.create()
        share = TrackModule.objects.create(track=track, module=module, scope="full")
        share.lessons.set(LessonFactory.create_batch(5, module=module))
        share.labs.set(LabFactory.create_batch(3, module=module))
        accepted(learner, share.labs.first())
    with django_assert_max_num_queries(22) as many:
        browser.get(address)
    assert len(few.captured_queries) == len(many.captured_queries)


@pytest.mark.django_db
def test_the_module_page_asks_the_same_few_questions_however_long_it_is(
    learner: User, browser_of: BrowserOf, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    module = track_of().modules.get().module
    browser = browser_of(learner)
    with django_assert_max_num_queries(13) as few:
        assert browser.get(f"/modules/{module.slug}/").status_code == 200
    LessonFactory.create_batch(30, module=module)
    LabFactory.create_batch(10, module=module)
    with django_assert_max_num_queries(13) as many:
        browser.get(f"/modules/{module.slug}/")
    assert len(few.captured_queries) == len(many.captured_queries)


@pytest.mark.django_db
def test_strangers_see_home_modules_and_tracks(client: Client) -> None:
    track = track_of()
    module = track.modules.get().module
    for address in ("/", "/modules/", f"/modules/{module.slug}/", "/tracks/", f"/tracks/{track.slug}/"):
        assert client.get(address).status_code == 200, address
    assert client.get("/dashboard/").status_code == 302
    assert client.get("/modules/no-such/").status_code == 404
    assert client.get("/tracks/no-such/").status_code == 404
