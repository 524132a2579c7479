"""Every attempt ends in a verdict, whatever became of bells, brokers and workers."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from typing import Any, cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis import Redis

from backend.accounts.models import User
from backend.labs import grading_side, services
from backend.labs.models import GradeAttempt, Submission, Verdict
from backend.labs.selectors import fleet
from backend.labs.services import turns
from backend.labs.services.ringing import MAX_HANDED_BACK
from grader.contract import (
    CLAIM_SECONDS,
    GRADE_QUEUES,
    HEARTBEAT_TIMEOUT_SECONDS,
    MAX_ATTEMPTS,
    REPORT_COPY_SECONDS,
    WORKERS_KEY,
    WorkerStatus,
    claim_key,
    claim_value,
    heartbeat_key,
    report_key,
)
from tests.backend.labs.hand import Submit, attempt_of, jobs_in, make_report
from tests.factories import UserFactory
from tests.stack import OwnRedis

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timedelta(seconds=HEARTBEAT_TIMEOUT_SECONDS + 1)


@pytest.fixture(autouse=True)
def grown_up_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server count as one that has run for a while."""
    monkeypatch.setattr(grading_side, "is_young", lambda: False)


def claim(redis: Redis, attempt: GradeAttempt, *, worker: str = "w1", beats: bool = True) -> None:
    """What a worker does when it takes an attempt."""
    redis.set(claim_key(attempt.pk), claim_value(attempt.token, worker), ex=CLAIM_SECONDS)
    if beats:
        redis.set(heartbeat_key(attempt.pk), worker, ex=HEARTBEAT_TIMEOUT_SECONDS)


def lose(redis: Redis, attempt: GradeAttempt) -> None:
    """What is left of an attempt whose worker died a while ago."""
    claim(redis, attempt, beats=False)
    services.dispatch()
    GradeAttempt.objects.filter(pk=attempt.pk).update(heard_at=timezone.now() - LONG_AGO)


def test_what_was_rung_a_moment_ago_is_not_rung_again(submit: Submit, grading_redis: Redis) -> None:
    submit()
    assert services.dispatch().rung == 0
    assert len(jobs_in(grading_redis)) == 1


def test_everything_is_rung_again_after_the_broker_was_flushed(submit: Submit, grading_redis: Redis) -> None:
    submissions = [submit(learner=UserFactory.create()) for _ in range(3)]
    grading_redis.flushall()
    assert services.dispatch().rung == 3
    assert {job.submission_id for job in jobs_in(grading_redis)} == {submission.pk for submission in submissions}
    assert services.dispatch().rung == 0


def test_everything_is_rung_again_after_the_broker_was_restarted_empty(
    submit: Submit, redis_server: OwnRedis, grading_redis: Redis
) -> None:
    submit()
    redis_server.stop()
    redis_server.start()
    assert services.dispatch().rung == 1
    assert len(jobs_in(grading_redis)) == 1


def test_a_bell_that_was_never_rung_is_rung(submit: Submit, grading_redis: Redis) -> None:
    submit()
    grading_redis.flushall()
    GradeAttempt.objects.update(rung_at=None)
    assert services.dispatch().rung == 1


def test_a_bell_that_lies_in_the_queue_is_not_rung_again(submit: Submit, grading_redis: Redis) -> None:
    for _ in range(3):
        submit(learner=UserFactory.create())
    for key in grading_redis.scan_iter("llsys:attempt:*:bell"):
        grading_redis.delete(key)
    assert services.dispatch().rung == 0
    assert len(jobs_in(grading_redis)) == 3


def test_a_claimed_attempt_is_running_at_its_worker(submit: Submit, grading_redis: Redis) -> None:
    attempt = attempt_of(submit())
    claim(grading_redis, attempt, worker="w7")
    assert services.dispatch().started == 1
    attempt.refresh_from_db()
    assert (attempt.state, attempt.worker) == (GradeAttempt.State.RUNNING, "w7")


def test_an_attempt_whose_heart_beats_is_left_alone(submit: Submit, grading_redis: Redis) -> None:
    attempt = attempt_of(submit())
    lose(grading_redis, attempt)
    claim(grading_redis, attempt)
    assert services.dispatch().replaced == 0
    attempt.refresh_from_db()
    assert attempt.heard_at is not None
    assert timezone.now() - attempt.heard_at < timedelta(seconds=2)


def test_a_lost_worker_gives_a_new_attempt_with_a_new_token_and_its_report_comes_too_late(
    submit: Submit, grading_redis: Redis
) -> None:
    submission = submit()
    first = attempt_of(submission)
    lose(grading_redis, first)
    outcome = services.dispatch()
    assert (outcome.replaced, outcome.rung) == (1, 1)
    second = attempt_of(submission)
    assert (second.number, second.tries, second.state) == (2, 2, GradeAttempt.State.QUEUED)
    assert second.token != first.token
    # Twice: the machine that fell silent may still be listening, and would keep the first to itself.
    assert [job.attempt_token for job in jobs_in(grading_redis)][:2] == [second.token] * 2

    assert services.record_report(make_report(first)) is services.Refusal.NOT_LIVE
    assert services.record_report(make_report(first, attempt_id=str(second.pk))) is services.Refusal.NOT_CURRENT
    submission.refresh_from_db()
    assert submission.verdict == ""
    assert services.record_report(make_report(second)) is None
    submission.refresh_from_db()
    assert submission.verdict == Verdict.ACCEPTED


def test_three_losses_end_as_our_fault_and_not_the_learners(submit: Submit, grading_redis: Redis) -> None:
    submission = submit()
    for _ in range(MAX_ATTEMPTS):
        lose(grading_redis, attempt_of(submission))
        outcome = services.dispatch()
    assert outcome.given_up == 1
    submission.refresh_from_db()
    assert submission.verdict == Verdict.GRADER_ERROR
    assert list(submission.attempts.values_list("state", flat=True)) == [GradeAttempt.State.LOST] * MAX_ATTEMPTS
    assert services.dispatch().rung == 0


def test_a_flush_in_mid_grade_does_not_take_the_attempt_from_a_living_worker(
    submit: Submit, grading_redis: Redis
) -> None:
    attempt = attempt_of(submit())
    claim(grading_redis, attempt)
    services.dispatch()
    grading_redis.flushall()
    assert services.dispatch().replaced == 0


def test_nobody_is_called_dead_while_redis_has_only_just_started(
    submit: Submit, grading_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(grading_redis, attempt_of(submit()))
    monkeypatch.setattr(grading_side, "is_young", lambda: True)
    assert services.dispatch().replaced == 0


def test_nobody_is_dead_while_redis_is_away(submit: Submit, redis_server: OwnRedis, grading_redis: Redis) -> None:
    lose(grading_redis, attempt_of(submit()))
    redis_server.stop()
    try:
        outcome = services.dispatch()
    finally:
        redis_server.start()
    assert outcome.problem
    assert not GradeAttempt.objects.filter(state=GradeAttempt.State.LOST).exists()


def leave_report(redis: Redis, attempt: GradeAttempt, *, ago: int = 10, **changes: Any) -> None:
    """What a worker leaves behind whose report was lost on its way."""
    redis.set(report_key(attempt.pk), json.dumps(make_report(attempt, **changes)), ex=REPORT_COPY_SECONDS - ago)


def test_a_report_whose_message_was_lost_is_recorded_all_the_same(submit: Submit, grading_redis: Redis) -> None:
    submission = submit()
    attempt = attempt_of(submission)
    lose(grading_redis, attempt)
    leave_report(grading_redis, attempt)
    outcome = services.dispatch()
    assert (outcome.collected, outcome.replaced) == (1, 0)
    submission.refresh_from_db()
    assert submission.verdict == Verdict.ACCEPTED
    assert not grading_redis.exists(report_key(attempt.pk))


def test_a_report_that_is_still_on_its_way_is_left_to_its_message(submit: Submit, grading_redis: Redis) -> None:
    attempt = attempt_of(submit())
    claim(grading_redis, attempt)
    leave_report(grading_redis, attempt, ago=0)
    assert services.dispatch().collected == 0
    assert grading_redis.exists(report_key(attempt.pk))


def test_a_useless_report_left_behind_does_not_keep_an_attempt_from_being_replaced(
    submit: Submit, grading_redis: Redis
) -> None:
    attempt = attempt_of(submit())
    lose(grading_redis, attempt)
    leave_report(grading_redis, attempt, attempt_token="f" * 43)
    assert services.dispatch().collected == 0
    assert services.dispatch().replaced == 1


def test_dispatchers_at_once_replace_an_attempt_once(submit: Submit, grading_redis: Redis) -> None:
    submission = submit()
    lose(grading_redis, attempt_of(submission))
    barrier = threading.Barrier(8)

    def one() -> None:
        barrier.wait()
        services.dispatch()
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert submission.attempts.count() == 2
    # One ringing of two bells, not eight.
    assert len([job for job in jobs_in(grading_redis) if job.attempt_id == attempt_of(submission).pk]) == 2


def test_a_rejudge_waits_behind_live_work_and_keeps_the_verdict_until_there_is_a_new_one(
    submit: Submit, grading_redis: Redis, admin: User
) -> None:
    old = submit()
    services.record_report(make_report(attempt_of(old)))
    grading_redis.flushall()
    old.refresh_from_db()
    again = services.rejudge(old, by=admin)
    live = submit(learner=UserFactory.create())
    assert services.dispatch().rung == 0
    assert [job.submission_id for job in jobs_in(grading_redis)] == [live.pk]
    services.receive_report(make_report(attempt_of(live)))
    assert [job.attempt_id for job in jobs_in(grading_redis, f"{GRADE_QUEUES['cpu']}\x06\x166")] == [again.pk]
    old.refresh_from_db()
    assert old.verdict == Verdict.ACCEPTED
    with pytest.raises(services.NothingToRejudge):
        services.rejudge(old, by=admin)
    services.record_report(make_report(again, verdict="partial", score=2.0))
    old.refresh_from_db()
    assert (old.verdict, old.score, again.number) == (Verdict.PARTIAL, 2.0, 2)


def test_a_rejudge_failing_by_our_fault_leaves_the_verdict(submit: Submit, grading_redis: Redis, admin: User) -> None:
    submission = submit()
    services.record_report(make_report(attempt_of(submission)))
    submission.refresh_from_db()
    services.rejudge(submission, by=admin)
    for _ in range(MAX_ATTEMPTS):
        lose(grading_redis, attempt_of(submission))
        services.dispatch()
    submission.refresh_from_db()
    assert submission.verdict == Verdict.ACCEPTED


def test_only_administrators_have_submissions_judged_again(submit: Submit, reviewer: User) -> None:
    with pytest.raises(PermissionError):
        services.rejudge(submit(), by=reviewer)


def test_the_number_of_queries_does_not_grow_with_what_is_under_way(
    submit: Submit, grading_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long this takes, no bell and no heart stops meanwhile.
    monkeypatch.setattr(grading_side, "BELL_SECONDS", 3600)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            services.dispatch()
        return len(seen)

    def add(count: int) -> None:
        for number in range(count):
            attempt = attempt_of(submit(learner=UserFactory.create()))
            if number % 2:
                claim(grading_redis, attempt)
                grading_redis.expire(heartbeat_key(attempt.pk), 3600)
        services.dispatch()

    add(4)
    few = queries()
    add(40)
    assert queries() == few <= 18
    assert Submission.objects.count() == 44


def test_a_queue_that_nobody_takes_from_hides_no_other(
    submit: Submit, grading_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        submit(learner=UserFactory.create())
    GradeAttempt.objects.update(queue="gpu")
    attempt = attempt_of(submit(learner=UserFactory.create()))
    claim(grading_redis, attempt)
    monkeypatch.setattr("backend.labs.services.dispatching.BATCH", 2)
    assert services.dispatch().started == 1


def test_many_waiting_do_not_flood_the_broker(submit: Submit, grading_redis: Redis) -> None:
    for _ in range(12):
        submit(learner=UserFactory.create())
    assert len(jobs_in(grading_redis)) == 1 + turns.AHEAD
    grading_redis.flushall()
    assert services.dispatch().rung == 1 + turns.AHEAD
    assert services.dispatch().rung == 0


def test_a_machine_that_gives_an_attempt_back_costs_no_try(submit: Submit, grading_redis: Redis) -> None:
    submission = submit()
    first = attempt_of(submission)
    claim(grading_redis, first)
    services.dispatch()
    assert not services.hand_back(str(first.pk), "f" * 43)
    assert not services.hand_back("nonsense", first.token)
    assert services.hand_back(str(first.pk), first.token)
    second = attempt_of(submission)
    assert (second.number, second.tries, second.state) == (2, 1, GradeAttempt.State.QUEUED)
    assert jobs_in(grading_redis)[0].attempt_token == second.token
    assert services.receive_report(make_report(first)) is services.Refusal.NOT_LIVE


def test_an_attempt_is_not_passed_round_for_ever(submit: Submit, grading_redis: Redis) -> None:
    submission = submit()
    for _ in range(MAX_HANDED_BACK + MAX_ATTEMPTS):
        attempt = attempt_of(submission)
        services.hand_back(str(attempt.pk), attempt.token)
    submission.refresh_from_db()
    assert submission.verdict == Verdict.GRADER_ERROR


def test_a_report_by_a_machine_of_another_version_is_taken_back_and_not_charged(
    submit: Submit, grading_redis: Redis
) -> None:
    submission = submit()
    old = attempt_of(submission)
    assert services.receive_report(make_report(old, schema_version=1)) is services.Refusal.MALFORMED
    again = attempt_of(submission)
    assert (again.number, again.tries) == (2, 1)
    assert services.receive_report(make_report(again)) is None
    submission.refresh_from_db()
    assert submission.verdict == Verdict.ACCEPTED


def test_machines_not_heard_of_for_a_day_are_forgotten(grading_redis: Redis, db: None) -> None:
    def says(name: str, ago: float) -> None:
        seconds, _ = grading_redis.time()
        said = WorkerStatus(name=name, at=seconds - ago, queues=[GRADE_QUEUES["cpu"]], toolchain="t1", at_once=3)
        grading_redis.hset(WORKERS_KEY, name, said.model_dump_json())

    says("here", 2)
    says("resting", 3600)
    says("gone", 25 * 3600)
    grading_redis.hset(WORKERS_KEY, "garbled", "{")
    services.dispatch()
    assert set(cast(list[bytes], grading_redis.hkeys(WORKERS_KEY))) == {b"here", b"resting"}
    assert grading_side.slots("cpu") == 3
    assert grading_side.slots("gpu") == 0


def test_the_clock_of_this_machine_does_not_decide_who_lives(
    grading_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds, _ = grading_redis.time()
    said = WorkerStatus(name="w1", at=seconds - 2, queues=[GRADE_QUEUES["cpu"]], toolchain="t1")
    grading_redis.hset(WORKERS_KEY, "w1", said.model_dump_json())
    real = time.time
    for jump in (0, 3600, -3600):
        monkeypatch.setattr("backend.labs.grading_side.time.time", lambda jump=jump: real() + jump)
        assert grading_side.slots("cpu") == 1
        assert [worker.name for worker in fleet().workers] == ["w1"]
