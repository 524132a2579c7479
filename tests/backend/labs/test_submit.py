"""Handing in: once for each key, within the limits, whatever state the broker is in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from redis import Redis

from backend.accounts.models import User
from backend.curriculum.models import Lab, Status
from backend.labs import services
from backend.labs.models import GradeAttempt, Submission, SubmissionFile, Verdict
from backend.labs.services.submitting import MAX_PER_HOUR, MAX_PER_HOUR_WITH_FAULTS, MAX_UNFINISHED
from tests.backend.labs.hand import RIGHT, Submit, attempt_of, jobs_in
from tests.factories import UserFactory
from tests.stack import OwnRedis


def together(count: int, what: Callable[[int], object]) -> list[object]:
    """Call `what` in so many threads at the same moment; answers and exceptions in no order."""
    barrier, answers = threading.Barrier(count), []

    def one(number: int) -> None:
        barrier.wait()
        try:
            answers.append(what(number))
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_a_hand_in_is_stored_and_rings_once_with_everything_a_worker_needs(
    submit: Submit, grading_redis: Redis
) -> None:
    submission = submit()
    (job,) = jobs_in(grading_redis)
    attempt = attempt_of(submission)
    assert (job.submission_id, job.attempt_id, job.attempt_token) == (submission.pk, attempt.pk, attempt.token)
    assert (job.lab, job.lab_digest, job.files) == ("lab-tiny", submission.lab.digest, {"main.py": RIGHT})
    assert attempt.rung_at is not None
    assert submission.max_score == 5


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_of_one_form_give_one_submission_and_one_job(submit: Submit, grading_redis: Redis) -> None:
    key = uuid4()
    answers = together(20, lambda _: submit(key=key))
    assert {getattr(answer, "pk", answer) for answer in answers} == {Submission.objects.get().pk}
    assert GradeAttempt.objects.count() == SubmissionFile.objects.count() == 1
    assert len(jobs_in(grading_redis)) == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_posts_do_not_get_past_the_limit_of_unfinished_submissions(submit: Submit) -> None:
    answers = together(20, lambda _: submit())
    assert sum(isinstance(answer, Submission) for answer in answers) == MAX_UNFINISHED
    refused = [answer for answer in answers if isinstance(answer, services.RateLimited)]
    assert len(refused) == 20 - MAX_UNFINISHED
    assert Submission.objects.count() == MAX_UNFINISHED
    assert all(error.wait_seconds >= 1 for error in refused)


def finish(verdict: str, *, ago: timedelta = timedelta()) -> None:
    """Give every submission a verdict and an age."""
    now = timezone.now()
    Submission.objects.update(verdict=verdict, graded_at=now, created_at=now - ago)


def test_thirty_an_hour_are_accepted_and_the_next_says_how_long_to_wait(submit: Submit) -> None:
    for _ in range(MAX_PER_HOUR):
        submit()
        finish(Verdict.WRONG_ANSWER, ago=timedelta(minutes=40))
    with pytest.raises(services.RateLimited, match="20 minutes") as refused:
        submit()
    assert 19 * 60 < refused.value.wait_seconds <= 20 * 60
    finish(Verdict.WRONG_ANSWER, ago=timedelta(minutes=61))
    submit()


def test_our_own_faults_are_not_counted(submit: Submit) -> None:
    for _ in range(MAX_PER_HOUR):
        submit()
        finish(Verdict.GRADER_ERROR)
    assert submit().verdict == ""


def test_faults_without_end_are_stopped_all_the_same(submit: Submit) -> None:
    for _ in range(MAX_PER_HOUR_WITH_FAULTS):
        submit()
        finish(Verdict.GRADER_ERROR)
    with pytest.raises(services.RateLimited, match="60 times"):
        submit()


def test_limits_of_one_learner_do_not_touch_another(submit: Submit) -> None:
    for _ in range(MAX_UNFINISHED):
        submit()
    with pytest.raises(services.RateLimited):
        submit()
    submit(learner=UserFactory.create())


def test_the_same_key_of_two_learners_are_two_submissions(submit: Submit) -> None:
    key = uuid4()
    assert submit(key=key).pk != submit(key=key, learner=UserFactory.create()).pk


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"other.py": b""},
        {"main.py": b"", "../main.py": b""},
        {"main.py": b"x" * (256 * 1024 + 1)},
        {"MAIN.PY": b""},
    ],
)
def test_files_the_lab_does_not_ask_for_leave_no_row(tiny_lab: Lab, learner: User, files: dict[str, bytes]) -> None:
    with pytest.raises(services.UploadRejected):
        services.submit(learner=learner, lab=tiny_lab, files=files, key=uuid4())
    assert not Submission.objects.exists()


@pytest.mark.parametrize("change", [{"status": Status.PLANNED}, {"digest": ""}, {"retired": True}])
def test_a_lab_that_is_not_open_takes_nothing(tiny_lab: Lab, learner: User, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(tiny_lab, name, value)
    with pytest.raises(services.LabNotOpen):
        services.submit(learner=learner, lab=tiny_lab, files={"main.py": b""}, key=uuid4())


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_never_rings(submit: Submit, grading_redis: Redis) -> None:
    def undone() -> None:
        with transaction.atomic():
            submit()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()
    assert jobs_in(grading_redis) == []
    assert not Submission.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_costs_seconds_and_not_the_submission(
    submit: Submit, redis_server: OwnRedis, grading_redis: Redis
) -> None:
    redis_server.stop()
    started = timezone.now()
    try:
        submissions = [submit(learner=UserFactory.create()) for _ in range(3)]
        assert timezone.now() - started < timedelta(seconds=5)
        assert services.dispatch().problem
    finally:
        redis_server.start()
    assert attempt_of(submissions[0]).rung_at is None
    services.dispatch()
    assert {job.submission_id for job in jobs_in(grading_redis)} == {submission.pk for submission in submissions}
