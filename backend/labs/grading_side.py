"""The Redis that grading machines share with us: bells out, signs of life, events and bundles.

Everything that touches it is here. Its content may vanish at any time; Postgres holds the truth.
"""

from __future__ import annotations

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
    EVENT_TTL_SECONDS,
    GRADE_QUEUES,
    GRADE_TASK,
    HEARTBEAT_TIMEOUT_SECONDS,
    WORKERS_KEY,
    EventKind,
    GradeEvent,
    GradeJob,
    WorkerStatus,
    bundle_key,
    claim_key,
    events_key,
    heartbeat_key,
)

Unreachable = RedisError
"""What every function here raises when the grading side cannot be reached."""
BELL_SECONDS = 15
"""For so long a bell counts as heard; after that, or once it is gone, it is rung again."""
REJUDGE_PRIORITY = 6
"""Celery's Redis transport takes 0 first; regrades wait behind what a learner waits for."""
_PRIORITIES = (0, REJUDGE_PRIORITY)
_ALL_STEPS = (0, 3, 6, 9)

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


def signs(attempt_ids: Sequence[UUID]) -> dict[UUID, Sign]:
    """Signs of life of attempts, in one round trip."""
    if not attempt_ids:
        return {}
    pipe = redis().pipeline(transaction=False)
    for attempt_id in attempt_ids:
        pipe.get(claim_key(attempt_id))
        pipe.pttl(heartbeat_key(attempt_id))
        pipe.exists(_bell_key(attempt_id))
    answers = pipe.execute()
    found: dict[UUID, Sign] = {}
    for index, attempt_id in enumerate(attempt_ids):
        claim, left, bell = answers[3 * index : 3 * index + 3]
        silent = timedelta(seconds=max(0.0, HEARTBEAT_TIMEOUT_SECONDS - left / 1000)) if left >= 0 else None
        # The claim reads "token:worker".
        worker = claim.decode("utf-8", "replace").partition(":")[2] or "?" if claim else ""
        found[attempt_id] = Sign(claimed_by=worker[:200], silent_for=silent, rung=bool(bell))
    return found


def is_young() -> bool:
    """Whether Redis started so recently that workers had no time to renew their heartbeats."""
    answer = cast(Mapping[str, Any], redis().info("server"))
    return int(answer["uptime_in_seconds"]) < HEARTBEAT_TIMEOUT_SECONDS


def has_finished(attempt_id: UUID) -> bool:
    """Whether the worker said that it is done, so that only the report is still under way."""
    last = cast(list[tuple[bytes, dict[bytes, bytes]]], redis().xrevrange(events_key(attempt_id), count=1))
    event = _event(last[0][1]) if last else None
    return event is not None and event.kind is EventKind.FINISHED


def waiting_in(queue: str) -> int:
    """How many bells lie in a queue, of all priorities."""
    name = GRADE_QUEUES[queue]
    pipe = redis().pipeline(transaction=False)
    for step in _ALL_STEPS:
        pipe.llen(f"{name}\x06\x16{step}" if step else name)
    return int(sum(pipe.execute()))


def send(job: GradeJob, *, queue: str, rejudge: bool) -> bool:
    """Ring the bell for an attempt; False when somebody did a moment ago.

    Raises:
        Unreachable: the broker does not answer; nothing was sent.
    """
    bell = _bell_key(job.attempt_id)
    if not redis().set(bell, "1", nx=True, ex=BELL_SECONDS):
        return False
    try:
        current_app.send_task(
            GRADE_TASK,
            kwargs={"job": job.model_dump(mode="json")},
            queue=GRADE_QUEUES[queue],
            priority=_PRIORITIES[rejudge],
            retry=False,
            ignore_result=True,
        )
    except (OperationalError, OSError) as error:
        raise Unreachable(str(error)) from error
    return True


def publish(digest: str, bundle: bytes) -> None:
    """Lay a lab bundle where workers look for it."""
    redis().set(bundle_key(digest), bundle, ex=EVENT_TTL_SECONDS)


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
    """What every worker last said of itself, whether or not it is still alive."""
    rows = cast(dict[bytes, bytes], redis().hgetall(WORKERS_KEY))
    found = []
    for value in rows.values():
        try:
            found.append(WorkerStatus.model_validate_json(value))
        except ValidationError:
            log.warning("unreadable worker status")
    return found
