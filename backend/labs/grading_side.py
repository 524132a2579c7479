"""The Redis that grading machines share with us: bells out, signs of life, events and bundles.

Everything that touches it is here. Its content may vanish at any time; Postgres holds the truth.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from pydantic import ValidationError
from redis import Redis, RedisError

from grader.contract import (
    CLAIM_SECONDS,
    EVENT_TTL_SECONDS,
    GRADE_QUEUES,
    GRADE_TASK,
    HEARTBEAT_TIMEOUT_SECONDS,
    REPORT_COPY_SECONDS,
    WORKERS_KEY,
    GradeEvent,
    GradeJob,
    WorkerStatus,
    bundle_key,
    claim_key,
    events_key,
    heartbeat_key,
    report_key,
)

Unreachable = RedisError
"""What every function here raises when the grading side cannot be reached."""
BELL_SECONDS = 5
"""For so long a bell counts as heard; after that, or once it is gone, it may be rung again."""
FRESH_SECONDS = 30
"""Workers renew their status every five seconds; one that is older is gone."""
FORGET_SECONDS = 24 * 3600
"""A machine that was not heard of for a day is struck off the list."""
REPORT_PATIENCE_SECONDS = 3
"""A report whose copy is older than this should have arrived; its message was lost."""
REJUDGE_PRIORITY = 6
"""Celery's Redis transport takes 0 first; regrades wait behind what a learner waits for."""
_PRIORITIES = (0, REJUDGE_PRIORITY)
_ALL_STEPS = (0, 3, 6, 9)

ABSENT_SECONDS = 10
"""How long the word that there is no such bundle stands."""

log = structlog.get_logger("labs")


def _bell_key(attempt_id: UUID) -> str:
    return f"llsys:attempt:{attempt_id}:bell"


@lru_cache(maxsize=1)
def _client(url: str) -> Redis:
    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=3, health_check_interval=30)


def redis() -> Redis:
    """The connection pool of this process."""
    return _client(settings.GRADER_REDIS_URL)


@dataclass(frozen=True, slots=True)
class Sign:
    """What the grading side knows of one attempt."""

    claimed_by: str
    """Name of the worker that has it; "" when none has."""
    silent_for: timedelta | None
    """Time since the worker's last heartbeat; None when there is no heartbeat at all."""
    rung: bool
    """Whether a bell for it went out a short while ago."""
    reported: bool = False
    """Whether its worker left a report that ought to have arrived by now."""
    claimed_for: timedelta = timedelta()
    """Time since it was claimed, by the broker's clock."""


def signs(attempt_ids: Sequence[UUID]) -> dict[UUID, Sign]:
    """Signs of life of attempts, in one round trip."""
    if not attempt_ids:
        return {}
    pipe = redis().pipeline(transaction=False)
    for attempt_id in attempt_ids:
        pipe.get(claim_key(attempt_id))
        pipe.pttl(claim_key(attempt_id))
        pipe.pttl(heartbeat_key(attempt_id))
        pipe.exists(_bell_key(attempt_id))
        pipe.pttl(report_key(attempt_id))
    answers = pipe.execute()
    found: dict[UUID, Sign] = {}
    for index, attempt_id in enumerate(attempt_ids):
        claim, claim_left, left, bell, report_left = answers[5 * index : 5 * index + 5]
        silent = timedelta(seconds=max(0.0, HEARTBEAT_TIMEOUT_SECONDS - left / 1000)) if left >= 0 else None
        # The claim reads "token:worker".
        worker = claim.decode("utf-8", "replace").partition(":")[2] or "?" if claim else ""
        late = 0 <= report_left < 1000 * (REPORT_COPY_SECONDS - REPORT_PATIENCE_SECONDS)
        found[attempt_id] = Sign(
            claimed_by=worker[:200],
            silent_for=silent,
            rung=bool(bell),
            reported=late,
            claimed_for=timedelta(seconds=max(0.0, CLAIM_SECONDS - claim_left / 1000)) if claim else timedelta(),
        )
    return found


def left_report(attempt_id: UUID) -> dict[str, Any] | None:
    """The report that a worker left under an attempt; None when there is none that could be one."""
    raw = cast(bytes | None, redis().get(report_key(attempt_id)))
    try:
        report = json.loads(raw) if raw else None
    except ValueError:
        return None
    return report if isinstance(report, dict) else None


def forget_report(attempt_id: UUID) -> None:
    """Drop the copy of a report that has been dealt with."""
    redis().delete(report_key(attempt_id))


def is_young() -> bool:
    """Whether Redis started so recently that workers had no time to renew their heartbeats."""
    answer = cast(Mapping[str, Any], redis().info("server"))
    return int(answer["uptime_in_seconds"]) < HEARTBEAT_TIMEOUT_SECONDS


def waiting_in(queue: str) -> int:
    """How many bells lie in a queue, of all priorities."""
    name = GRADE_QUEUES[queue]
    pipe = redis().pipeline(transaction=False)
    for step in _ALL_STEPS:
        pipe.llen(f"{name}\x06\x16{step}" if step else name)
    return int(sum(pipe.execute()))


def send(job: GradeJob, *, queue: str, rejudge: bool, times: int = 1) -> bool:
    """Ring the bell for an attempt; False when somebody did a moment ago.

    Args:
        times: messages that go out. Only one is ever taken up: the first machine that hears one claims the attempt.

    Raises:
        Unreachable: the broker does not answer; nothing was sent.
    """
    bell = _bell_key(job.attempt_id)
    if not redis().set(bell, "1", nx=True, ex=BELL_SECONDS):
        return False
    try:
        for _ in range(times):
            current_app.send_task(
                GRADE_TASK,
                kwargs={"job": job.model_dump(mode="json")},
                queue=GRADE_QUEUES[queue],
                priority=_PRIORITIES[rejudge],
                retry=False,
                ignore_result=True,
            )
    except (OperationalError, OSError) as error:
        _forget_bell(bell)
        raise Unreachable(str(error)) from error
    return True


def _forget_bell(bell: str) -> None:
    with contextlib.suppress(Unreachable):
        redis().delete(bell)


def publish(digest: str, bundle: bytes) -> None:
    """Lay a lab bundle where workers look for it."""
    redis().set(bundle_key(digest), bundle, ex=EVENT_TTL_SECONDS)


def publish_absence(digest: str) -> None:
    """Say that there is no such bundle, so that nobody waits for it."""
    redis().set(bundle_key(digest), b"", ex=ABSENT_SECONDS)


def last_event_id(attempt_id: UUID) -> str:
    """Id of the newest event of an attempt; "" when there is none."""
    last = cast(list[tuple[bytes, Any]], redis().xrevrange(events_key(attempt_id), count=1))
    return last[0][0].decode() if last else ""


def events(attempt_id: UUID, *, after: str = "") -> list[tuple[str, GradeEvent]]:
    """Events of an attempt in order, with their ids; with `after` those behind that id only."""
    start = f"({after}" if after else "-"
    rows = cast(list[tuple[bytes, dict[bytes, bytes]]], redis().xrange(events_key(attempt_id), min=start))
    parsed = ((event_id.decode(), _event(fields)) for event_id, fields in rows)
    return [(event_id, event) for event_id, event in parsed if event is not None]


def _event(fields: Mapping[bytes, bytes]) -> GradeEvent | None:
    try:
        return GradeEvent.model_validate_json(fields.get(b"event", b""))
    except ValidationError as error:
        log.warning("unreadable event", faults=error.error_count())
        return None


def worker_statuses() -> list[WorkerStatus]:
    """What every worker last said of itself, whether or not it is still alive.

    `at` is set on this machine's clock: how long ago it was is a matter between the broker's clock and itself.
    """
    return list(_statuses().values())


def _statuses() -> dict[bytes, WorkerStatus]:
    pipe = redis().pipeline(transaction=False)
    pipe.time()
    pipe.hgetall(WORKERS_KEY)
    (seconds, microseconds), rows = pipe.execute()
    ahead = time.time() - (seconds + microseconds / 1e6)
    found: dict[bytes, WorkerStatus] = {}
    for name, value in rows.items():
        try:
            said = WorkerStatus.model_validate_json(value)
        except ValidationError:
            log.warning("unreadable worker status")
            found[name] = WorkerStatus(name=name.decode("utf-8", "replace")[:500], at=0, queues=[])
            continue
        found[name] = said.model_copy(update={"at": min(said.at + ahead, time.time())})
    return found


def slots(queue: str) -> int:
    """How many attempts of a queue can be graded side by side now."""
    oldest = time.time() - FRESH_SECONDS
    return sum(
        said.at_once
        for said in _statuses().values()
        if said.at > oldest and GRADE_QUEUES[queue] in said.queues and said.toolchain and not said.problem
    )


def forget_silent_workers() -> int:
    """Strike workers off the list that have not been heard of for a day; how many."""
    oldest = time.time() - FORGET_SECONDS
    gone = [name for name, said in _statuses().items() if said.at < oldest]
    if gone:
        redis().hdel(WORKERS_KEY, *gone)
    return len(gone)
