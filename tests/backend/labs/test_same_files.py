"""The same files again: the same verdict at once, and judged again for whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from redis import Redis

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs import grading_side, services
from backend.labs.models import GradeAttempt, Submission
from grader.contract import GRADE_QUEUES, WORKERS_KEY, WorkerStatus
from tests.backend.labs.hand import RIGHT, Submit, attempt_of, jobs_in, make_report
from tests.backend.labs.reports import STATES
from tests.backend.labs.revisions import correct

pytestmark = pytest.mark.django_db(transaction=True)

Grade = Callable[..., Submission]


@pytest.fixture(autouse=True)
def worker(grading_redis: Redis) -> Callable[..., None]:
    """A grading machine that lives; another call changes its revision."""

    def lives(revision: str = "r1") -> None:
        seconds, micros = grading_redis.time()
        status = WorkerStatus(
            name="w1", at=seconds + micros / 1e6, queues=[GRADE_QUEUES["cpu"]], grader_revision=revision
        )
        grading_redis.hset(WORKERS_KEY, "w1", status.model_dump_json())

    lives()
    return lives


@pytest.fixture
def graded(submit: Submit) -> Grade:
    """Hands in, and has a worker report."""

    def hand_in(source: bytes = RIGHT, *, learner: User | None = None, **changes: Any) -> Submission:
        submission = submit(source, learner=learner) if learner else submit(source)
        if not submission.verdict:
            assert services.record_report(make_report(attempt_of(submission), **changes)) is None
        return Submission.objects.get(pk=submission.pk)

    return hand_in


def test_the_same_files_get_the_same_verdict_at_once(graded: Grade, submit: Submit, grading_redis: Redis) -> None:
    first = graded(verdict="partial", score=2.0)
    rung = len(jobs_in(grading_redis))
    second = submit()
    assert (second.verdict, second.score, second.max_score, second.same_as) == ("partial", 2.0, 5.0, first)
    assert len(jobs_in(grading_redis)) == rung
    attempt = attempt_of(second)
    assert attempt.state == GradeAttempt.State.FINISHED
    assert attempt.report is not None
    assert attempt.report["submission_id"] == str(second.pk)
    assert attempt.report["message"] == "Passed: 2 of 2 tests."


def test_a_third_time_refers_to_the_one_that_was_judged(graded: Grade, submit: Submit) -> None:
    first = graded()
    submit()
    assert submit().same_as == first


def test_other_files_and_other_learners_are_graded(graded: Grade, submit: Submit, reviewer: User) -> None:
    graded()
    assert submit(RIGHT + b"\n").verdict == ""
    assert submit(learner=reviewer).verdict == ""


@pytest.mark.parametrize("verdict", ["held", "time_limit"])
def test_what_a_person_or_a_busy_machine_decided_is_graded_again(verdict: str, graded: Grade, submit: Submit) -> None:
    graded(verdict=verdict, score=0.0)
    assert submit().verdict == ""


def test_another_grader_grades(graded: Grade, submit: Submit, worker: Callable[..., None]) -> None:
    graded()
    worker("r2")
    assert submit().verdict == ""


def test_another_revision_of_the_lab_grades(graded: Grade, tiny_lab: Lab, submit: Submit) -> None:
    submission = graded()
    GradeAttempt.objects.filter(submission=submission).update(lab_digest="0" * 64)
    assert submit().verdict == ""


def test_a_verdict_that_was_changed_is_not_taken_over(graded: Grade, submit: Submit) -> None:
    submission = graded()
    Submission.objects.filter(pk=submission.pk).update(verdict="partial", score=1)
    assert submit().verdict == ""


def test_without_a_word_from_the_grading_side_it_is_graded(
    graded: Grade, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded()

    def nobody() -> list[WorkerStatus]:
        raise grading_side.Unreachable("down")

    monkeypatch.setattr(grading_side, "worker_statuses", nobody)
    assert submit().verdict == ""


def test_the_page_says_so_and_grading_again_is_one_click(
    graded: Grade, submit: Submit, learner: User, browser_of: Callable[[User], Client], grading_redis: Redis
) -> None:
    first = graded()
    second = submit()
    browser = browser_of(learner)
    page = browser.get(second.get_absolute_url()).content.decode()
    assert f"/submissions/{first.pk}/" in page
    assert "same verdict" in page

    rung = len(jobs_in(grading_redis))
    for _ in range(2):
        answer = browser.post(f"/submissions/{second.pk}/again/")
        assert answer.headers["Location"] == second.get_absolute_url()
    assert len(jobs_in(grading_redis)) == rung + 1
    assert Submission.objects.get(pk=second.pk).verdict == "accepted"
    again = attempt_of(second)
    assert (again.number, again.state, again.rejudge) == (2, GradeAttempt.State.QUEUED, False)
    assert services.record_report(make_report(again, verdict="partial", score=2.0)) is None
    assert Submission.objects.get(pk=second.pk).verdict == "partial"
    assert "same verdict" not in browser.get(second.get_absolute_url()).content.decode()


def test_what_waits_for_a_gpu_is_graded_again(graded: Grade, submit: Submit) -> None:
    graded(**STATES["waiting for a GPU"])
    assert submit().verdict == ""


def test_while_a_regrade_looks_at_it_the_learner_is_told_why_it_cannot_be_graded_again_and_afterwards_it_can(
    graded: Grade, submit: Submit, tiny_lab: Lab, learner: User, admin: User, browser_of: Callable[[User], Client]
) -> None:
    graded()
    second = submit()
    correct(tiny_lab)
    regrade = services.start_regrade(by=admin, reason="It was wrong.", lab=tiny_lab)
    browser = browser_of(learner)
    page = browser.post(f"/submissions/{second.pk}/again/", follow=True).content.decode()
    assert "are being graded again at the moment" in page
    assert "same verdict" in page
    services.discard_regrade(regrade=regrade, by=admin)
    page = browser.post(f"/submissions/{second.pk}/again/", follow=True).content.decode()
    assert "are being graded again at the moment" not in page
    again = attempt_of(second)
    assert (again.state, again.trial) == (GradeAttempt.State.QUEUED, False)


def test_nobody_else_can_have_it_graded_again(
    graded: Grade, submit: Submit, reviewer: User, admin: User, browser_of: Callable[[User], Client]
) -> None:
    first = graded()
    second = submit()
    for other in (reviewer, admin):
        assert browser_of(other).post(f"/submissions/{second.pk}/again/").status_code == 404
    with pytest.raises(PermissionError):
        services.grade_again(second, by=reviewer)
    with pytest.raises(services.NothingToGrade):
        services.grade_again(first, by=first.learner)


def test_the_same_key_still_gives_the_same_submission(graded: Grade, tiny_lab: Lab, learner: User) -> None:
    graded()
    key = uuid4()
    first, second = (
        services.submit(learner=learner, lab=tiny_lab, files={"main.py": RIGHT}, key=key) for _ in range(2)
    )
    assert first == second
