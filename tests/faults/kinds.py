"""The faults. Each breaks one thing, and says whether it really hit something that was under way."""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from redis import RedisError

from tests.faults.site import Site, labs
from tests.faults.stream import Stream

Fault = Callable[["Scene"], bool]
_MOMENT = 0.02


@dataclass
class Scene:
    """Where a fault happens.

    Attributes:
        spare: workers that no other fault of the same round has frozen or killed.
    """

    site: Site
    stream: Stream
    draw: random.Random
    spare: list[str]
    hit_at: float = 0.0
    """When the last fault hit, where that was before its end."""

    def go_on(self, seconds: float) -> None:
        """Let submissions flow for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.stream.pump()
            time.sleep(_MOMENT)

    def busy_worker(self, *, boxes: bool = False, seconds: float = 8.0) -> str | None:
        """A spare worker in the middle of an attempt; None when there is none for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.stream.pump()
            held = _held_by(self.stream)
            for name in self.draw.sample(self.spare, len(self.spare)):
                alive = self.site.workers[name].process.poll() is None
                if alive and held.get(name) and (not boxes or self.site.boxes_of(name)):
                    return name
            time.sleep(_MOMENT)
        return None

    def something_under_way(self) -> bool:
        """Whether anything is, once submissions have had a moment to start."""
        self.go_on(self.draw.uniform(0.0, 0.5))
        return bool(self.stream.under_way())


def _held_by(stream: Stream) -> dict[str, list[UUID]]:
    """Worker -> submissions that it grades at this moment, by the claims and heartbeats at the broker."""
    from backend.labs import grading_side
    from backend.labs.models import GradeAttempt

    attempts = dict(
        GradeAttempt.objects.filter(submission_id__in=stream.under_way(), state__in=["queued", "running"]).values_list(
            "pk", "submission_id"
        )
    )
    held: dict[str, list[UUID]] = {}
    with contextlib.suppress(RedisError):
        for attempt_id, sign in grading_side.signs(list(attempts)).items():
            if sign.claimed_by and sign.silent_for is not None and not grading_side.left_report(attempt_id):
                held.setdefault(sign.claimed_by, []).append(attempts[attempt_id])
    return held


def worker_killed(scene: Scene) -> bool:
    """kill -9 of a grading machine in mid-grade, with everything it runs."""
    name = scene.busy_worker()
    if name is None:
        return False
    scene.spare.remove(name)
    scene.site.workers[name].kill()
    return True


def worker_drained(scene: Scene) -> bool:
    """SIGTERM to a grading machine in mid-grade, as a deploy does."""
    name = scene.busy_worker()
    if name is None:
        return False
    scene.spare.remove(name)
    # The one process, not its group: the supervisor does the same.
    scene.site.workers[name].process.terminate()
    return True


def box_killed(scene: Scene) -> bool:
    """kill -9 of the sandbox of a running program, from outside."""
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        name = scene.busy_worker(boxes=True, seconds=2)
        boxes = scene.site.boxes_of(name) if name else []
        if boxes:
            with contextlib.suppress(Exception):
                scene.draw.choice(boxes).kill()
                return True
    return False


def worker_frozen(scene: Scene) -> bool:
    """A grading machine that stands still for longer than its lease, and goes on as if nothing had been."""
    name = scene.busy_worker()
    if name is None:
        return False
    scene.spare.remove(name)
    machine = scene.site.workers[name]
    machine.pause()
    scene.hit_at = time.time()
    try:
        scene.go_on(scene.draw.uniform(11, 15))
    finally:
        machine.resume()
    return True


def backend_killed(scene: Scene) -> bool:
    """kill -9 of the web side's worker, perhaps with a report in its hands."""
    if not scene.something_under_way() or scene.site.backend is None:
        return False
    scene.site.backend.kill()
    return True


def broker_flushed(scene: Scene) -> bool:
    """Everything the broker held is gone."""
    if not scene.something_under_way():
        return False
    with scene.site.redis.client() as client:
        client.flushall()
    return True


def broker_restarted(scene: Scene) -> bool:
    """The broker ends and comes back empty."""
    if not scene.something_under_way():
        return False
    scene.site.redis.stop()
    scene.site.redis.start()
    return True


def broker_down(scene: Scene) -> bool:
    """The broker is away for a few seconds, and people hand in all the same."""
    if not scene.something_under_way():
        return False
    scene.site.redis.stop()
    try:
        for _ in range(scene.draw.randint(1, 3)):
            scene.stream.hand_in()
        scene.go_on(scene.draw.uniform(0.5, 4))
    finally:
        scene.site.redis.start()
    return True


def connections_dropped(scene: Scene) -> bool:
    """All connections to the broker break, ten times over; whoever listened has to listen again."""
    if not scene.something_under_way():
        return False
    for _ in range(10):
        with scene.site.redis.client() as client:
            client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        scene.go_on(0.1)
    return True


def postgres_restarted(scene: Scene) -> bool:
    """The database restarts under everything."""
    if not scene.something_under_way():
        return False
    scene.site.restart_postgres()
    return True


def delivered_thrice(scene: Scene) -> bool:
    """The messages of all attempts under way arrive three times more."""
    if not scene.something_under_way():
        return False
    return _ring_again(scene, state__in=["queued", "running"], submission_id__in=scene.stream.under_way()) > 0


def delivered_late(scene: Scene) -> bool:
    """Messages of attempts that ended long ago arrive again, and the broker has forgotten that they were claimed."""
    from backend.labs.models import GradeAttempt
    from grader.contract import claim_key

    if not scene.something_under_way():
        return False
    old = list(GradeAttempt.objects.filter(state__in=["finished", "lost"]).values_list("pk", flat=True)[:200])
    chosen = scene.draw.sample(old, min(2, len(old)))
    with scene.site.redis.client() as client:
        for attempt_id in chosen:
            client.delete(claim_key(attempt_id))
    return _ring_again(scene, pk__in=chosen) > 0


def _ring_again(scene: Scene, **which: Any) -> int:
    from celery import current_app

    from backend.labs.models import GradeAttempt
    from backend.labs.services.ringing import _job
    from grader.contract import GRADE_QUEUES, GRADE_TASK

    attempts = GradeAttempt.objects.filter(**which).exclude(submission_id__in=scene.stream.poisonous)
    sent = 0
    for attempt in attempts.select_related("submission__lab"):
        for _ in range(3):
            job = _job(attempt, yields=False).model_dump(mode="json")
            current_app.send_task(GRADE_TASK, kwargs={"job": job}, queue=GRADE_QUEUES[attempt.queue], retry=False)
            sent += 1
    return sent


def disk_full(scene: Scene) -> bool:
    """A grading machine's disk is full while it has bundles to keep, and is emptied again."""
    name = scene.busy_worker()
    if name is None:
        return False
    inside = f"/proc/{scene.site.workers[name].process.pid}/root{scene.site.disk_of(name)}"
    filler = f"{inside}/filler"
    with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
        while True:
            file.write(bytes(65536))
    for lab in labs(2):
        # Nobody has these yet, so that there is something to keep.
        scene.stream.hand_in(lab=lab)
    scene.go_on(scene.draw.uniform(0.5, 2))
    with contextlib.suppress(OSError):
        os.unlink(filler)
    return True


def clock_jumped(scene: Scene) -> bool:
    """The clock of a grading machine in mid-grade jumps by an hour."""
    name = scene.busy_worker()
    if name is None:
        return False
    offset = scene.draw.choice([3600, -3600, 0])
    (scene.site.folder / f"clock-{name}").write_text(str(offset))
    return True


def poison(scene: Scene) -> bool:
    """A submission that ends every machine that grades it."""
    if not scene.something_under_way():
        return False
    scene.stream.hand_in(poison=True)
    return True


KINDS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        worker_killed, worker_drained, box_killed, worker_frozen, backend_killed, broker_flushed, broker_restarted,
        broker_down, connections_dropped, postgres_restarted, delivered_thrice, delivered_late, disk_full,
        clock_jumped, poison,
    )
}  # fmt: skip
LOSES_A_WORKER = {"worker_killed", "worker_frozen"}
ALONE = {"poison"}
"""Its machine dies three times: no other fault that takes machines away may come between."""
