"""Runs of one program of one attempt: they may share containers, and nobody else ever gets those."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from grader.sandbox.collect import check_names
from grader.sandbox.docker.container import Container
from grader.sandbox.docker.pool import Pool
from grader.sandbox.docker.running import Task
from grader.sandbox.docker.shape import Shape
from grader.sandbox.interface import MIB, Conversation, Limits, Mount, Outcome, Sandbox

if TYPE_CHECKING:
    from grader.sandbox.docker.sandbox import Docker

MAX_RUNS = 50
"""Runs in one container."""


class Session:
    """A sandbox for one program. A container is used again only after a run without any anomaly that left nothing."""

    name = "docker"

    def __init__(self, sandbox: Docker, pool: Pool, seccomp_filter: bytes) -> None:
        self._sandbox, self._pool, self._filter = sandbox, pool, seccomp_filter
        self._lock = threading.Lock()
        self._idle: list[Container] = []
        self._closed = False

    @property
    def identity(self) -> str:
        """See `Docker.identity`."""
        return self._sandbox.identity

    def isolation(self) -> list[str]:
        """See `Sandbox.isolation`."""
        return self._sandbox.isolation()

    def run(
        self,
        command: Sequence[str],
        *,
        limits: Limits,
        files_in: Mapping[str, bytes] | None = None,
        mounts: Sequence[Mount] = (),
        files_out: Sequence[str] = (),
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
    ) -> Outcome:
        """See `Sandbox.run`."""
        check_names(files_out)
        task = Task(command, limits, files_in or {}, files_out, env or {}, self._filter)
        shape = Shape.of(mounts, limits, list(task.files_in))
        container = self._used_before(shape) or self._pool.take(shape)
        again = False
        try:
            with self._pool.running():
                outcome, again = task.run(container, stdin)
            return outcome
        finally:
            self._put_aside(container, again)

    def start(
        self,
        command: Sequence[str],
        *,
        limits: Limits,
        files_in: Mapping[str, bytes] | None = None,
        mounts: Sequence[Mount] = (),
        env: Mapping[str, str] | None = None,
        exchange_bytes: int = MIB,
    ) -> Conversation:
        """See `Sandbox.start`: a conversation always has a container of its own."""
        return self._sandbox.start(
            command, limits=limits, files_in=files_in, mounts=mounts, env=env, exchange_bytes=exchange_bytes
        )

    @contextlib.contextmanager
    def session(self) -> Iterator[Sandbox]:
        """See `Sandbox.session`: another program needs another session."""
        with self._sandbox.session() as session:
            yield session

    def close(self) -> None:
        """End the session's containers."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for container in idle:
            self._pool.give_back(container)

    def _used_before(self, shape: Shape) -> Container | None:
        """A container of this session that is clean, as its agent says."""
        while True:
            with self._lock:
                fitting = [container for container in self._idle if container.shape == shape]
                if not fitting:
                    return None
                container = fitting[-1]
                self._idle.remove(container)
            if container.is_clean():
                return container
            self._pool.give_back(container)

    def _put_aside(self, container: Container, again: bool) -> None:
        with self._lock:
            if again and not self._closed and container.runs < MAX_RUNS:
                self._idle.append(container)
                return
        self._pool.give_back(container)
