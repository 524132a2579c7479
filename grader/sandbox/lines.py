"""What a program that stays in its box is connected with, and how long its threads were kept waiting."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox.layout import Descriptors
from grader.sandbox.supervise import Life


@dataclass(frozen=True)
class Lines:
    """The grader's ends of what a program was given."""

    request: int
    reply: int
    exchange: int
    exchange_bytes: int

    @classmethod
    def lay(cls, inherited: Descriptors, exchange_bytes: int) -> Lines:
        """Make them; the program's ends become its next three descriptors, in the order request, reply, exchange."""
        request_read, request_write = os.pipe()
        inherited.add(request_read)
        reply_read = inherited.pipe()
        exchange = sealed_memory(exchange_bytes)
        inherited.add(os.dup(exchange))
        for fd in (request_write, reply_read):
            os.set_blocking(fd, False)
        return cls(request_write, reply_read, exchange, exchange_bytes)

    def close(self) -> None:
        """Close all of them."""
        for fd in (self.request, self.reply, self.exchange):
            os.close(fd)


def sealed_memory(size: int) -> int:
    """An unnamed file in memory whose size nobody can change any more; its memory is the caller's, not the box's."""
    fd = os.memfd_create("exchange", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.posix_fallocate(fd, 0, size)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    return fd


def waited_seconds(thread: int) -> float:
    """How long a thread was ready to run and did not, so far; 0 where the kernel does not say."""
    try:
        return int(Path(f"/proc/{thread}/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


@dataclass(frozen=True)
class Box:
    """A started box. `control` is the supervisor's pipe, None where the box has no supervisor."""

    life: Life
    stdout: int
    stderr: int
    control: int | None
