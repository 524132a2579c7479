"""The real thing: a hand-in, a worker with its beat, grading machines, the pinned engine and the sandbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from backend.labs.models import GradeAttempt, Submission, Verdict
from grader.contract import heartbeat_key
from tests.backend.labs.hand import RIGHT, Submit, attempt_of
from tests.stack import LiveStack, OwnRedis, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# Takes most of the two seconds that the lab allows, so that there is a middle to be interrupted in.
SLOW = b"import time\ntime.sleep(1.7)\n" + RIGHT


@pytest.fixture
def stack(tmp_path: Path, redis_server: OwnRedis) -> Iterator[LiveStack]:
    """The web side's worker with its beat; tests add grading machines."""
    stack = LiveStack(tmp_path, redis_server.url)
    stack.start_backend()
    yield stack
    stack.stop()


def verdict_of(submission: Submission, stack: LiveStack, seconds: float = 60.0) -> str:
    """The verdict, once there is one."""

    def look() -> str:
        submission.refresh_from_db()
        return submission.verdict

    started = time.monotonic()
    while not look():
        assert time.monotonic() - started < seconds, stack.logs()
        time.sleep(0.1)
    return submission.verdict


def test_a_right_solution_is_accepted_and_a_wrong_one_is_not(stack: LiveStack, submit: Submit) -> None:
    stack.start_grader()
    right, wrong = submit(), submit(b"print(0)\n")
    assert verdict_of(right, stack) == Verdict.ACCEPTED
    assert verdict_of(wrong, stack) == Verdict.WRONG_ANSWER
    assert (right.score, wrong.score) == (5, 0)
    report = attempt_of(right).report
    assert report is not None
    assert report["environment"]["llama_cpp_commit"]
    assert report["environment"]["sandbox"].startswith("bubblewrap")


def test_a_worker_killed_in_mid_grade_costs_the_learner_nothing(
    stack: LiveStack, submit: Submit, grading_redis: Redis
) -> None:
    machine = stack.start_grader("w1")
    submission = submit(SLOW)
    first = attempt_of(submission)
    wait_for(lambda: grading_redis.exists(heartbeat_key(first.pk)), why=stack.logs)
    machine.kill()
    killed = time.monotonic()
    wait_for(lambda: submission.attempts.count() == 2, why=stack.logs)
    assert time.monotonic() - killed < 15
    first.refresh_from_db()
    assert first.state == GradeAttempt.State.LOST
    stack.start_grader("w2")
    assert verdict_of(submission, stack) == Verdict.ACCEPTED
    assert attempt_of(submission).worker == "w2"


def test_five_queued_when_the_broker_was_flushed_all_get_their_verdict(
    stack: LiveStack, submit: Submit, grading_redis: Redis
) -> None:
    submissions = [submit() for _ in range(5)]
    grading_redis.flushall()
    stack.start_grader()
    assert {verdict_of(submission, stack) for submission in submissions} == {Verdict.ACCEPTED}


def test_a_broker_restarted_empty_under_a_running_stack_loses_no_verdict(
    stack: LiveStack, submit: Submit, redis_server: OwnRedis, grading_redis: Redis
) -> None:
    stack.start_grader()
    submissions = [submit(SLOW) for _ in range(3)]
    wait_for(lambda: grading_redis.exists(heartbeat_key(attempt_of(submissions[0]).pk)), why=stack.logs)
    redis_server.stop()
    redis_server.start()
    assert {verdict_of(submission, stack, 90) for submission in submissions} == {Verdict.ACCEPTED}


def test_a_frozen_worker_that_wakes_up_late_changes_nothing(
    stack: LiveStack, submit: Submit, grading_redis: Redis
) -> None:
    zombie = stack.start_grader("w1")
    submission = submit(SLOW)
    wait_for(lambda: grading_redis.exists(heartbeat_key(attempt_of(submission).pk)), why=stack.logs)
    zombie.pause()
    wait_for(lambda: submission.attempts.count() == 2, why=stack.logs)
    stack.start_grader("w2")
    assert verdict_of(submission, stack) == Verdict.ACCEPTED
    graded_at = submission.graded_at
    zombie.resume()
    wait_for(lambda: b"report refused" in stack.log_of("backend"), why=stack.logs)
    submission.refresh_from_db()
    assert submission.graded_at == graded_at
    assert list(submission.attempts.values_list("state", flat=True)) == ["lost", "finished"]
