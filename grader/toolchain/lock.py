"""One build at a time, across processes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.toolchain.errors import BuildRunningError


@contextmanager
def exclusive(path: Path, *, wait: bool = True) -> Iterator[int]:
    """Hold the lock; yields its descriptor.

    A child process that inherits the descriptor keeps the lock after its parent was killed, so nobody
    builds in a folder that an orphaned compiler still writes to.

    Raises:
        BuildRunningError: another process holds it and `wait` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise BuildRunningError(
                "Another process is building the toolchain.", cure="Wait for it, or watch it with `status`."
            ) from error
        yield descriptor
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether some process holds the lock now."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
