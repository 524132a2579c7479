"""Containers that are started ahead of need, and burying those that have been used.

A shape that is asked for a second time is kept warm from then on, the longest unused shape giving way. Starting a
container costs processor time that a program should have, so it is done while nothing runs, or after a while.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator

from grader.sandbox.bubblewrap import FIRST_UID, UIDS
from grader.sandbox.docker.container import Container
from grader.sandbox.docker.engine import Engine
from grader.sandbox.docker.owner import Owner
from grader.sandbox.docker.profile import profile
from grader.sandbox.docker.settings import Settings
from grader.sandbox.docker.shape import Shape
from grader.sandbox.interface import SandboxFault

WARM_OF_A_SHAPE = 3
MAX_SHAPES = 64
"""Shapes that are remembered; only so many containers as the settings allow are kept warm for them."""
PATIENCE_SECONDS = 1.0
"""How long a missing container waits for a moment in which nothing runs."""
BURIAL_SECONDS = 5.0
REAP_EVERY_SECONDS = 60.0
BACK_OFF_SECONDS = 10.0


class Pool:
    """Hands out containers nobody has used, and takes them back only to end them. For use from any thread."""

    def __init__(self, engine: Engine, settings: Settings, owner: Owner) -> None:
        self._engine, self._settings, self._owner = engine, settings, owner
        self._profile = profile()
        self._numbers = itertools.count(os.getpid() * 16)
        self._changed = threading.Condition()
        self._waiting: OrderedDict[Shape, list[Container]] = OrderedDict()
        self._asked: dict[Shape, int] = {}
        self._graves: list[tuple[float, Container]] = []
        self._running = 0
        self._missing_since = 0.0
        self._not_before = 0.0
        self._next_reaping = time.monotonic() + REAP_EVERY_SECONDS
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="docker-pool", daemon=True)
        self._thread.start()

    def take(self, shape: Shape) -> Container:
        """A container that no program has run in.

        Raises:
            SandboxFault: none could be started.
        """
        with self._changed:
            if self._closed:
                raise SandboxFault("the sandbox has been closed")
            self._asked[shape] = self._asked.get(shape, 0) + 1
            waiting = self._waiting.setdefault(shape, [])
            self._waiting.move_to_end(shape)
            while len(self._waiting) > MAX_SHAPES:
                dropped, containers = self._waiting.popitem(last=False)
                self._asked.pop(dropped, None)
                for container in containers:
                    self._bury(container)
            container_or_none = waiting.pop() if waiting else None
            self._changed.notify()
        return container_or_none or self._make(shape)

    def give_back(self, container: Container) -> None:
        """End a container; its removal goes on in the background."""
        container.let_go()
        with self._changed:
            self._bury(container)
            self._changed.notify()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Says that a program runs meanwhile, so that starting containers can wait."""
        with self._changed:
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify()

    def descriptors(self) -> set[int]:
        """Descriptors of this process that belong to waiting containers."""
        with self._changed:
            return {container.fileno() for waiting in self._waiting.values() for container in waiting}

    def settle(self, within: float = 120.0) -> bool:
        """Wait until all that should be warm is, and all that is used is gone; False when it takes too long."""
        deadline = time.monotonic() + within
        with self._changed:
            while self._wanted() is not None or self._graves:
                self._missing_since = 0.0
                if not self._changed.wait(0.05) and time.monotonic() > deadline:
                    return False
        return True

    def close(self) -> None:
        """End every container, and wait for their removal."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        self._thread.join(timeout=30)
        with self._changed:
            left = [container for waiting in self._waiting.values() for container in waiting]
            left += [container for _, container in self._graves]
            self._waiting.clear()
            self._graves.clear()
        for container in left:
            container.let_go()
        for container in left:
            container.destroy()

    def _bury(self, container: Container) -> None:
        container.let_go()
        self._graves.append((time.monotonic() + BURIAL_SECONDS, container))

    def _make(self, shape: Shape) -> Container:
        uid = FIRST_UID + next(self._numbers) % UIDS
        return Container(
            self._engine,
            self._settings,
            shape,
            owner=self._owner.name,
            folder=self._owner.folder,
            uid=uid,
            profile=self._profile,
        )

    def _wanted(self) -> Shape | None:
        """The shape that lacks a container most: the one used last comes first."""
        room = self._settings.warm
        for shape, waiting in reversed(self._waiting.items()):
            if self._asked.get(shape, 0) < 2:
                continue
            share = min(WARM_OF_A_SHAPE, room)
            if len(waiting) < share:
                return shape
            room -= share
        return None

    def _drop_surplus(self) -> None:
        """Let shapes that have not been used for long give way."""
        surplus = sum(map(len, self._waiting.values())) - self._settings.warm
        for waiting in self._waiting.values():
            while waiting and surplus > 0:
                self._bury(waiting.pop())
                surplus -= 1

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._is_due, timeout=0.25)
                if self._closed:
                    return
                shape = self._wanted() if self._may_start() else None
                graves = list(self._graves)
            if shape is not None:
                self._add(shape)
            self._look_after(graves)

    def _is_due(self) -> bool:
        return self._closed or (self._wanted() is not None and self._may_start())

    def _may_start(self) -> bool:
        now = time.monotonic()
        if self._wanted() is None:
            self._missing_since = 0.0
            return False
        if not self._missing_since:
            self._missing_since = now
        return now > self._not_before and (not self._running or now - self._missing_since > PATIENCE_SECONDS)

    def _add(self, shape: Shape) -> None:
        try:
            container = self._make(shape)
        except SandboxFault:
            # Whoever needs one meets the same fault and reports it; here it only must not be tried without pause.
            self._not_before = time.monotonic() + BACK_OFF_SECONDS
            return
        with self._changed:
            if self._closed or shape not in self._waiting:
                self._bury(container)
            else:
                self._waiting[shape].append(container)
                self._drop_surplus()
            self._changed.notify_all()

    def _look_after(self, graves: list[tuple[float, Container]]) -> None:
        """Forget what is gone, remove by force what should be by now, and what graders that are gone have left."""
        there = self._owner.containers(self._engine) if graves else set()
        for grave in graves:
            deadline, container = grave
            if container.id in there:
                if time.monotonic() < deadline:
                    continue
                container.destroy()
            with self._changed:
                if grave in self._graves:
                    self._graves.remove(grave)
                self._changed.notify_all()
        if time.monotonic() > self._next_reaping:
            self._next_reaping = time.monotonic() + REAP_EVERY_SECONDS
            self._owner.reap(self._engine)
