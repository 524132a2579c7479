"""Place and expected wait of what is queued, and what stands in its way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from redis import Redis

from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lab
from backend.labs import services
from backend.labs.models import GradeAttempt, Submission
from backend.labs.selectors import queue_state
from backend.labs.selectors.queue import place_of
from backend.labs.services.queueing import queue_for
from grader.contract import GRADE_QUEUES, SCHEMA_VERSION, WORKERS_KEY, WorkerStatus
from grader.lab import load_lab
from tests.backend.labs.hand import Submit, attempt_of, make_report
from tests.factories import UserFactory
from tests.stack import ROOT, OwnRedis

pytestmark = pytest.mark.django_db(transaction=True)
MEASURED_ON_A_GPU = ROOT / "content/modules/04-gpu-acceleration/labs/lab-4.3-tiled-matmul"


def say_alive(redis: Redis, queue: str = GRADE_QUEUES["cpu"], *, at_once: int = 1) -> None:
    """A machine that takes from a queue."""
    seconds, _ = redis.time()
    said = WorkerStatus(name=queue, at=seconds, queues=[queue], toolchain="t1", at_once=at_once)
    redis.hset(WORKERS_KEY, queue, said.model_dump_json())


def graded_within(submission: Submission, seconds: float) -> None:
    """One more attempt of the lab whose duration is known."""
    services.receive_report(make_report(attempt_of(submission)))
    now = timezone.now()
    GradeAttempt.objects.filter(submission=submission).update(
        claimed_at=now - timedelta(seconds=seconds), finished_at=now
    )


def test_the_wait_is_what_is_ahead_shared_among_the_machines(submit: Submit, grading_redis: Redis) -> None:
    graded_within(submit(learner=UserFactory.create()), 8.0)
    say_alive(grading_redis, at_once=2)
    waiting = [attempt_of(submit(learner=UserFactory.create())) for _ in range(5)]
    GradeAttempt.objects.filter(pk__in=[waiting[0].pk, waiting[1].pk]).update(state=GradeAttempt.State.RUNNING)
    last = GradeAttempt.objects.get(pk=waiting[-1].pk)
    state = queue_state(last)
    # Two half done and two whole ones ahead, eight seconds each, two at a time.
    assert (state.position, state.waiting, state.machines) == (3, 3, 2)
    assert state.expected_seconds == pytest.approx(12.0)


def test_who_finds_a_free_place_waits_for_nobody(submit: Submit, grading_redis: Redis) -> None:
    say_alive(grading_redis, at_once=2)
    assert queue_state(attempt_of(submit())).expected_seconds == 0.0


def test_a_flood_counts_with_one_attempt_for_each_turn(submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.labs.services.submitting.ring", lambda attempt: False)
    flood, other = UserFactory.create(), UserFactory.create()
    first = [attempt_of(submit(learner=flood)) for _ in range(5)]
    mine = attempt_of(submit(learner=other))
    assert [place_of(attempt)[0] for attempt in first] == [1, 3, 4, 5, 6]
    assert place_of(mine) == (2, 6)


def test_without_a_gpu_machine_the_place_is_known_and_the_wait_is_not(submit: Submit, grading_redis: Redis) -> None:
    say_alive(grading_redis)
    for _ in range(3):
        submit(learner=UserFactory.create())
    GradeAttempt.objects.update(queue="gpu")
    last = GradeAttempt.objects.order_by("queued_at").last()
    assert last is not None
    state = queue_state(last)
    assert (state.position, state.waiting, state.machines, state.expected_seconds) == (3, 3, 0, None)
    assert "No grading machine with a GPU" in state.obstacle
    say_alive(grading_redis, GRADE_QUEUES["gpu"])
    assert queue_state(last).obstacle == ""


def test_what_only_a_gpu_measures_waits_for_one_as_long_as_one_is_ready(tiny_lab: Lab, grading_redis: Redis) -> None:
    measured = load_lab(MEASURED_ON_A_GPU).spec
    plain = curriculum.lab_bundle(tiny_lab.digest).spec
    say_alive(grading_redis)
    assert [queue_for(spec) for spec in (plain, measured)] == ["cpu", "cpu"]
    say_alive(grading_redis, GRADE_QUEUES["gpu"])
    assert [queue_for(spec) for spec in (plain, measured)] == ["cpu", "gpu"]
    for_one_alone = measured.model_copy(update={"device": "gpu"})
    grading_redis.delete(WORKERS_KEY)
    assert [queue_for(spec) for spec in (measured, for_one_alone)] == ["cpu", "gpu"]


def test_what_can_do_without_a_gpu_waits_for_none_that_is_gone(
    submit: Submit, tiny_lab: Lab, grading_redis: Redis
) -> None:
    say_alive(grading_redis)
    old, new = (attempt_of(submit(learner=UserFactory.create())) for _ in range(2))
    GradeAttempt.objects.update(queue="gpu")
    GradeAttempt.objects.filter(pk=old.pk).update(queued_at=timezone.now() - timedelta(minutes=3))
    assert services.dispatch().moved == 0  # this lab needs one
    Lab.objects.filter(pk=tiny_lab.pk).update(device="cpu+gpu")
    say_alive(grading_redis, GRADE_QUEUES["gpu"])
    assert services.dispatch().moved == 0
    grading_redis.hdel(WORKERS_KEY, GRADE_QUEUES["gpu"])
    assert services.dispatch().moved == 1
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.queue, new.queue) == ("cpu", "gpu")
    services.dispatch()
    assert GradeAttempt.objects.get(pk=old.pk).rung_at is not None


def test_machines_of_another_version_take_nothing_and_the_page_says_that_none_runs(
    submit: Submit, grading_redis: Redis
) -> None:
    attempt = attempt_of(submit())
    say_alive(grading_redis, f"grade.cpu.v{SCHEMA_VERSION - 1}")
    state = queue_state(attempt)
    assert (state.machines, state.expected_seconds) == (0, None)
    assert "being updated" in state.obstacle


def test_a_grading_side_that_is_away_is_said_and_not_raised(
    submit: Submit, redis_server: OwnRedis, grading_redis: Redis
) -> None:
    attempt = attempt_of(submit())
    redis_server.stop()
    try:
        state = queue_state(attempt)
    finally:
        redis_server.start()
    assert (state.position, state.expected_seconds) == (1, None)
    assert "cannot be reached" in state.obstacle
