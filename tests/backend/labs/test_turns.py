"""Whose turn it is: one learner's flood, or a rejudge of everything, does not keep the next person waiting."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis import Redis

from backend.accounts.models import User
from backend.labs import services
from backend.labs.models import GradeAttempt
from backend.labs.services import ringing, turns
from grader.contract import GRADE_QUEUES, WORKERS_KEY, WorkerStatus
from tests.backend.labs.hand import Submit, attempt_of, jobs_in, make_report
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Submitting leaves the attempts waiting, so that a test decides when the next are chosen."""
    monkeypatch.setattr("backend.labs.services.submitting.ring", lambda attempt: False)
    monkeypatch.setattr("backend.labs.services.submitting.MAX_UNFINISHED", 1000)
    monkeypatch.setattr("backend.labs.services.submitting.MAX_PER_HOUR", 1000)
    monkeypatch.setattr("backend.labs.services.submitting.MAX_PER_HOUR_WITH_FAULTS", 1000)


def people(number: int) -> list[User]:
    """Learners."""
    return [UserFactory.create() for _ in range(number)]


def learners_of(chosen: list[UUID]) -> list[int]:
    """Whose attempts were chosen, in the order of the choice."""
    owner = dict(GradeAttempt.objects.filter(pk__in=chosen).values_list("pk", "submission__learner_id"))
    return [owner[attempt_id] for attempt_id in chosen]


def finish(attempt_ids: list[UUID]) -> None:
    """What happens to attempts that were graded."""
    GradeAttempt.objects.filter(pk__in=attempt_ids).update(
        state=GradeAttempt.State.FINISHED, finished_at=timezone.now(), claimed_at=timezone.now()
    )


def test_a_flood_takes_every_place_but_the_last(submit: Submit) -> None:
    flood, other = people(2)
    for _ in range(10):
        submit(learner=flood)
    assert learners_of(turns.choose("cpu", slots=4)) == [flood.pk] * 3
    submit(learner=other)
    assert learners_of(turns.choose("cpu", slots=4)) == [other.pk]


def test_learners_take_turns_however_much_one_has_handed_in(submit: Submit) -> None:
    flood, *others = people(4)
    for _ in range(5):
        submit(learner=flood)
    for learner in others:
        submit(learner=learner)
        submit(learner=learner)
    order = []
    for _ in range(8):
        chosen = turns.choose("cpu", slots=1)
        order += learners_of(chosen)
        finish(chosen)
    assert len(order) >= 8
    rounds = [order[:4], order[4:8]]
    assert [set(learners) for learners in rounds] == [{flood.pk, *(learner.pk for learner in others)}] * 2


def test_a_place_is_given_to_each_of_many_and_few_bells_wait(submit: Submit) -> None:
    for learner in people(20):
        submit(learner=learner)
    assert len(turns.choose("cpu", slots=4)) == 4 + turns.AHEAD
    assert turns.choose("cpu", slots=4) == []


def test_rejudges_never_start_while_somebody_waits(submit: Submit, admin: User) -> None:
    judged = [submit(learner=learner) for learner in people(6)]
    for submission in judged:
        services.record_report(make_report(attempt_of(submission)))
        submission.refresh_from_db()
        services.rejudge(submission, by=admin)
    first = turns.choose("cpu", slots=3)
    assert GradeAttempt.objects.filter(pk__in=first, rejudge=True).count() == len(first) == 2
    live = submit(learner=UserFactory.create())
    assert turns.choose("cpu", slots=3) == [attempt_of(live).pk]
    finish(first)
    # The bell of the live one is still unheard.
    assert turns.choose("cpu", slots=3) == []
    finish([attempt_of(live).pk])
    assert len(turns.choose("cpu", slots=3)) == 2


def test_who_has_several_under_way_and_rejudges_yield_the_processors(
    submit: Submit, grading_redis: Redis, admin: User
) -> None:
    flood, other = people(2)
    graded = submit(learner=other)
    assert services.receive_report(make_report(attempt_of(graded))) is None
    several, single = [submit(learner=flood) for _ in range(3)], submit(learner=other)
    again = services.rejudge(graded, by=admin)
    rung = [*(attempt_of(submission) for submission in (*several, single)), again]
    ringing.ring_all([attempt.pk for attempt in rung])
    jobs = [*jobs_in(grading_redis), *jobs_in(grading_redis, f"{GRADE_QUEUES['cpu']}\x06\x166")]
    yields = {job.attempt_id: job.yields for job in jobs}
    assert [yields[attempt.pk] for attempt in rung] == [True, True, True, False, True]


def test_a_report_makes_place_for_the_next(submit: Submit, grading_redis: Redis) -> None:
    learner = UserFactory.create()
    first, second = submit(learner=learner), submit(learner=learner)
    services.feed("cpu")
    assert [job.submission_id for job in jobs_in(grading_redis)] == [first.pk]
    services.receive_report(make_report(attempt_of(first)))
    assert {job.submission_id for job in jobs_in(grading_redis)} == {first.pk, second.pk}


def test_places_are_counted_from_the_machines_that_are_alive(submit: Submit, grading_redis: Redis) -> None:
    for learner in people(10):
        submit(learner=learner)
    seconds, _ = grading_redis.time()
    for name, ago in (("w1", 1), ("w2", 2), ("dead", 300)):
        said = WorkerStatus(name=name, at=seconds - ago, queues=[GRADE_QUEUES["cpu"]], toolchain="t", at_once=2)
        grading_redis.hset(WORKERS_KEY, name, said.model_dump_json())
    services.feed()
    assert len(jobs_in(grading_redis)) == 4 + turns.AHEAD


def test_choosing_takes_no_more_queries_for_hundreds_than_for_a_few(submit: Submit) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            finish(turns.choose("cpu", slots=2))
        return len(seen)

    for learner in people(4):
        submit(learner=learner)
    few = queries()
    for learner in people(3):
        for _ in range(40):
            submit(learner=learner)
    assert queries() <= few


def test_who_was_served_a_while_ago_comes_before_who_was_served_just_now(submit: Submit) -> None:
    early, late = people(2)
    for learner in (early, late, early, late):
        submit(learner=learner)
    finish(turns.choose("cpu", slots=1))
    mine = GradeAttempt.objects.filter(submission__learner=early)
    mine.filter(state="finished").update(rung_at=timezone.now() + timedelta(seconds=1))
    assert learners_of(turns.choose("cpu", slots=1))[0] == late.pk
