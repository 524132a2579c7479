"""Watching a started box: reading what it writes, counting what it uses, ending it when a limit is reached."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from grader.sandbox.cgroups import Group
from grader.sandbox.interface import MIB, Limit, Limits

POLL_SECONDS = 0.02
START_SECONDS = 30.0
"""How long a box may take to start on a busy machine; the program's own time begins after that."""
COLLECT_SECONDS = 10.0
"""How long collecting the files may take once the program has ended."""
STARTED = b"S"
ENDED = b"E"


@dataclass
class Watch:
    """What was seen of one run."""

    stdout: bytes = b""
    stderr: bytes = b""
    control: bytes = b""
    limit: Limit | None = None
    started: float = 0.0
    ended: float = 0.0
    cpu_at_start: float = 0.0
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    process_limit_hit: bool = False
    status: int = 0
    """As `os.waitstatus_to_exitcode` gives it, for the box, not for the program."""

    @property
    def wall_seconds(self) -> float:
        """From the program's start to its end."""
        return max(0.0, self.ended - self.started)


@dataclass(frozen=True)
class Ending:
    """How a box ended, in the words of whoever waited for it."""

    status: int
    """As `os.waitstatus_to_exitcode` gives it."""
    cpu_seconds: float
    memory_bytes: int


class Life(Protocol):
    """A running box, as `watch` follows it."""

    def fileno(self) -> int:
        """A descriptor that becomes readable when the box is gone."""

    def finish(self) -> Ending:
        """Wait for the end of a box that is gone or has been killed, and let go of it."""


class Child:
    """A box that is a child process of this one."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._fd = os.pidfd_open(pid)

    def fileno(self) -> int:
        """See `Life`."""
        return self._fd

    def finish(self) -> Ending:
        """See `Life`."""
        os.close(self._fd)
        _, status, usage = os.wait4(self._pid, 0)
        return Ending(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


class Channel:
    """One pipe, read up to a cap."""

    def __init__(self, fd: int, cap: int) -> None:
        self.fd = fd
        self.cap = cap
        self.parts: list[bytes] = []
        self.size = 0
        os.set_blocking(fd, False)

    def read(self) -> bool | None:
        """Take what is there: False at its end, None when the cap is passed."""
        try:
            part = os.read(self.fd, MIB)
        except BlockingIOError:
            return True
        if not part:
            return False
        room = self.cap - self.size
        self.parts.append(part[:room] if len(part) > room else part)
        self.size += len(part)
        return None if self.size > self.cap else True

    @property
    def content(self) -> bytes:
        return b"".join(self.parts)


def watch(
    life: Life,
    *,
    outputs: tuple[int, int],
    control: int | None,
    limits: Limits,
    group: Group | None,
    kill: Callable[[], None],
) -> Watch:
    """Follow a box until it is gone. With no `control` pipe the program starts when the box does.

    The file descriptors are closed on return; the box is waited for.
    """
    seen = Watch(started=time.monotonic())
    program_runs = control is None
    stdout, stderr = (Channel(fd, limits.output_bytes) for fd in outputs)
    channels = {channel.fd: channel for channel in (stdout, stderr)}
    protocol = Channel(control, limits.files_bytes + 2 * MIB) if control is not None else None
    if protocol is not None:
        channels[protocol.fd] = protocol
    exit_fd = life.fileno()
    poller = select.poll()
    for fd in (*channels, exit_fd):
        poller.register(fd, select.POLLIN)
    open_fds = set(channels)
    deadline = seen.started + (limits.wall_seconds if program_runs else START_SECONDS)
    look = seen.started + POLL_SECONDS
    gone = False

    def stop(limit: Limit | None) -> None:
        if seen.limit is None:
            seen.limit = limit
        kill()

    try:
        while not gone or open_fds:
            for fd, _ in poller.poll(POLL_SECONDS * 1000):
                if fd == exit_fd:
                    poller.unregister(exit_fd)
                    gone = True
                    continue
                result = channels[fd].read()
                if not result:
                    poller.unregister(fd)
                    open_fds.discard(fd)
                    if result is None:
                        stop(Limit.OUTPUT if fd != control else None)
            now = time.monotonic()
            if protocol is not None and not seen.ended and protocol.size:
                if not program_runs:
                    program_runs = True
                    seen.started = now
                    deadline = now + limits.wall_seconds
                    if group is not None:
                        seen.cpu_at_start = group.cpu_seconds()
                        group.reset_peak()
                if protocol.size > 1:
                    seen.ended = now
                    deadline = now + COLLECT_SECONDS
                    if group is not None:
                        # What collecting the files takes is not the program's.
                        seen.cpu_seconds = max(0.0, group.cpu_seconds() - seen.cpu_at_start)
            if gone:
                if group is not None:
                    group.kill()
                continue
            if now > deadline:
                stop(Limit.WALL if not seen.ended or control is None else None)
            elif group is not None and now >= look:
                look = now + POLL_SECONDS
                if group.out_of_memory():
                    stop(Limit.MEMORY)
                elif program_runs and not seen.ended and group.cpu_seconds() - seen.cpu_at_start > limits.cpu_seconds:
                    stop(Limit.CPU)
    finally:
        if not gone:
            kill()
        for fd in channels:
            os.close(fd)
        ending = life.finish()
    seen.status = ending.status
    if group is not None:
        if not seen.ended:
            seen.cpu_seconds = max(0.0, group.cpu_seconds() - seen.cpu_at_start)
        seen.memory_bytes = group.peak_memory()
        seen.process_limit_hit = group.refused_processes()
    else:
        seen.cpu_seconds = ending.cpu_seconds
        seen.memory_bytes = ending.memory_bytes if control is None else 0
    seen.ended = seen.ended or time.monotonic()
    if group is not None and group.out_of_memory():
        seen.limit = seen.limit or Limit.MEMORY
    elif seen.cpu_seconds > limits.cpu_seconds:
        seen.limit = seen.limit or Limit.CPU
    seen.stdout, seen.stderr = stdout.content, stderr.content
    seen.control = protocol.content if protocol is not None else b""
    return seen
