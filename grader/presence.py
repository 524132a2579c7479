"""What a grading machine says of itself while it lives, and whether its ear for jobs still works."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import structlog
from redis import Redis, RedisError

from grader.contract import GRADE_QUEUES, WORKERS_KEY, WorkerStatus
from grader.environment import cpu_model, gpu_model, grader_revision
from grader.languages import nvcc
from grader.languages.gpu import NO_COMPILER, NO_DEVICE
from grader.machine import Machine
from grader.text import clip

STATUS_SECONDS = 5.0
DEAF_SECONDS = 30.0
"""Jobs lie in the queue and nothing arrives here for so long: the connection only looks alive."""
DEAF_EXIT_STATUS = 70
# Celery's Redis transport keeps a list for every step of priority.
_PRIORITY_SUFFIXES = ("", "\x06\x163", "\x06\x166", "\x06\x169")

log = structlog.get_logger("grader")


def status(machine: Machine, *, name: str, queues: Sequence[str], at_once: int, at: float) -> WorkerStatus:
    """What a machine says of itself now; `at` is the broker's time."""
    problem = machine.problem()
    if not problem and GRADE_QUEUES["gpu"] in queues:
        problem = NO_DEVICE if not gpu_model() else "" if nvcc.find_nvcc() else NO_COMPILER
    toolchain = machine.toolchain()
    return WorkerStatus(
        name=clip(name, 500),
        at=at,
        queues=list(queues),
        at_once=at_once,
        grader_revision=grader_revision(),
        toolchain=toolchain.id if toolchain else "",
        toolchain_progress=clip(machine.toolchain_progress(), 500),
        sandbox="" if problem else machine.sandbox().name,
        problem=clip(problem, 500),
        cpu=clip(cpu_model(), 500),
        gpu=clip(gpu_model(), 500),
    )


class Presence:
    """Publishes the status of a machine, and ends the process when jobs wait but no longer reach it.

    Args:
        end: called with an exit status when this machine has gone deaf; whoever keeps it starts it again.
    """

    def __init__(
        self,
        redis: Redis,
        machine: Machine,
        *,
        name: str,
        queues: Sequence[str],
        at_once: int,
        end: Callable[[int], Any] = os._exit,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._machine = machine
        self._name = name
        self._queues = list(queues)
        self._at_once = at_once
        self._end = end
        self._clock = clock
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._left = False
        self._at_work = 0
        self._heard_at = clock()
        self.takes_jobs = False
        """Set once jobs can arrive."""

    def start(self) -> None:
        """Speak up every few seconds from now on."""
        threading.Thread(target=self._speak_up, name="presence", daemon=True).start()

    def leave_soon(self) -> None:
        """Say nothing more; does not wait for anything, so that a signal handler may call it."""
        self._stop.set()

    def leave(self) -> None:
        """Say nothing more, and take the last word back. Only once: a successor may use the same name."""
        self._stop.set()
        if self._left:
            return
        self._left = True
        with contextlib.suppress(RedisError):
            self._redis.hdel(WORKERS_KEY, self._name)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Count a job that has arrived and is being worked on."""
        with self._lock:
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1
                self._heard_at = self._clock()

    def look(self) -> None:
        """One round: publish the status, and see whether jobs wait that never arrive.

        Raises:
            RedisError: the broker is away.
        """
        seconds, microseconds = self._redis.time()
        said = status(
            self._machine,
            name=self._name,
            queues=self._queues,
            at_once=self._at_once,
            at=seconds + microseconds / 1e6,
        )
        if self._stop.is_set():
            return
        self._redis.hset(WORKERS_KEY, self._name, said.model_dump_json())
        if not self.takes_jobs or self._at_work or not self._waiting():
            self._heard_at = self._clock()
        elif self._clock() - self._heard_at > DEAF_SECONDS:
            log.error("jobs wait but do not arrive; starting afresh", seconds=DEAF_SECONDS)
            self._end(DEAF_EXIT_STATUS)

    def _waiting(self) -> bool:
        pipe = self._redis.pipeline(transaction=False)
        for queue in self._queues:
            for suffix in _PRIORITY_SUFFIXES:
                pipe.llen(queue + suffix)
        return any(pipe.execute())

    def _speak_up(self) -> None:
        while True:
            try:
                self.look()
            except RedisError as error:
                # Nobody can hear jobs now; that is not deafness.
                self._heard_at = self._clock()
                log.warning("status not published", reason=str(error))
            except OSError as error:
                # Whatever this machine cannot tell of itself now, it is there and goes on.
                log.warning("status not known", reason=str(error))
            if self._stop.wait(STATUS_SECONDS):
                return
