"""The real thing: a hand-in, a worker with its beat, grading machines, the pinned engine and the sandbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from backend.accounts.models import Role, User
from backend.curriculum.models import Lab
from backend.labs import services
from backend.labs.models import GradeAttempt, Notice, Submission, Verdict
from backend.labs.selectors import queue_state
from grader.contract import HEARTBEAT_TIMEOUT_SECONDS, heartbeat_key
from tests.backend.labs.hand import RIGHT, Submit, attempt_of
from tests.backend.labs.revisions import correct
from tests.factories import UserFactory
from tests.stack import LiveStack, OwnRedis, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# Takes most of the two seconds that the lab allows, so that there is a middle to be interrupted in.
SLOW = b"import time\ntime.sleep(1.7)\n" + RIGHT

OF_ANOTHER_VERSION = """
from grader import contract
contract.SCHEMA_VERSION -= 1
contract.GRADE_QUEUES = {kind: f"grade.{kind}.v{contract.SCHEMA_VERSION}" for kind in contract.GRADE_QUEUES}
from grader import worker
worker.main()
"""


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


def test_a_corrected_lab_is_regraded_by_real_machines_from_preview_to_mail(
    stack: LiveStack, submit: Submit, tiny_lab: Lab, admin: User
) -> None:
    stack.start_grader()
    right, wrong = submit(), submit(b"print(0)\n")
    assert verdict_of(right, stack) == Verdict.ACCEPTED
    assert verdict_of(wrong, stack) == Verdict.WRONG_ANSWER
    # The corrected lab takes whatever is printed.
    correct(tiny_lab, "\n\ndef judge(case, run, context):\n    return right()\n")
    regrade = services.start_regrade(by=admin, reason="Every sum is right now.", lab=tiny_lab)
    wait_for(lambda: not regrade.items.filter(state="waiting").exists(), 60, why=stack.logs)
    wrong.refresh_from_db()
    assert wrong.verdict == Verdict.WRONG_ANSWER, "a look decides nothing"
    services.apply_regrade(regrade=regrade, by=admin, never_lower=True)

    def told() -> bool:
        return Notice.objects.exclude(mailed_at=None).exists()

    wait_for(told, 60, why=stack.logs)
    wrong.refresh_from_db()
    right.refresh_from_db()
    regrade.refresh_from_db()
    assert (wrong.verdict, wrong.score, regrade.state) == (Verdict.ACCEPTED, 5, "applied")
    assert right.verdict == Verdict.ACCEPTED
    assert Notice.objects.count() == 1, "whose result is the same is not told anything"


def test_a_machine_that_is_told_to_end_gives_back_what_it_cannot_finish_and_another_starts_it_at_once(
    stack: LiveStack, submit: Submit, grading_redis: Redis
) -> None:
    leaving = stack.start_grader("w1", drain_seconds=0.2)
    submission = submit(SLOW)
    first = attempt_of(submission)
    wait_for(lambda: grading_redis.exists(heartbeat_key(first.pk)), why=stack.logs)
    leaving.process.terminate()
    wait_for(lambda: submission.attempts.count() == 2, seconds=HEARTBEAT_TIMEOUT_SECONDS, why=stack.logs)
    assert leaving.process.wait(timeout=20) == 0
    assert attempt_of(submission).tries == 1
    stack.start_grader("w2")
    assert verdict_of(submission, stack) == Verdict.ACCEPTED
    assert attempt_of(submission).worker == "w2"


def test_during_a_deploy_jobs_wait_for_a_machine_of_their_version_and_lose_no_try(
    stack: LiveStack, submit: Submit, grading_redis: Redis
) -> None:
    stack.start_grader("old", script=OF_ANOTHER_VERSION)
    submission = submit()
    time.sleep(3)
    attempt = attempt_of(submission)
    assert (attempt.state, attempt.number) == (GradeAttempt.State.QUEUED, 1)
    assert "being updated" in queue_state(attempt).obstacle
    stack.start_grader("new")
    assert verdict_of(submission, stack) == Verdict.ACCEPTED
    attempt = attempt_of(submission)
    assert (attempt.number, attempt.worker) == (1, "new")


def test_a_gpu_machine_that_vanishes_returns_its_job_to_the_queue_and_labs_without_gpu_go_on(
    stack: LiveStack, submit: Submit, grading_redis: Redis
) -> None:
    machine = stack.start_grader("gpu", queues="grade.gpu")
    stack.start_grader("cpu")
    submission = submit(SLOW)
    assert verdict_of(submission, stack) == Verdict.ACCEPTED
    again = services.rejudge(submission, by=UserFactory.create(role=Role.ADMIN))
    GradeAttempt.objects.filter(pk=again.pk).update(queue="gpu")
    wait_for(lambda: grading_redis.exists(heartbeat_key(again.pk)), why=stack.logs)
    machine.kill()
    wait_for(lambda: submission.attempts.count() == 3, why=stack.logs)
    assert (attempt_of(submission).queue, attempt_of(submission).state) == ("gpu", GradeAttempt.State.QUEUED)
    other = submit()
    assert verdict_of(other, stack) == Verdict.ACCEPTED
    stack.start_grader("gpu-2", queues="grade.gpu")
    wait_for(lambda: attempt_of(submission).state == GradeAttempt.State.FINISHED, why=stack.logs)
    assert attempt_of(submission).worker == "gpu-2"


def test_a_lab_that_changes_while_it_is_graded_judges_with_the_revision_it_was_handed_in_for(
    stack: LiveStack, submit: Submit, tiny_lab: Lab
) -> None:
    submission = submit(SLOW)
    old = tiny_lab.digest
    Lab.objects.filter(pk=tiny_lab.pk).update(digest="b" * 64)
    stack.start_grader()
    assert verdict_of(submission, stack) == Verdict.ACCEPTED
    report = attempt_of(submission).report
    assert report is not None
    assert report["lab_digest"] == old
