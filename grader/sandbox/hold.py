"""Having a running box in hand: stopping it, letting it go on, ending it, and counting what it used."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Protocol

from grader.sandbox.cgroups import Group

_STOP_SECONDS = 1.0


class Hold(Protocol):
    """What a conversation needs to do to a box."""

    def freeze(self) -> bool:
        """Stop everything in the box; False when that could not be done."""

    def thaw(self) -> None:
        """Let it go on."""

    def kill(self) -> None:
        """Kill everything in the box, stopped or not."""

    def threads(self) -> list[int]:
        """Every thread of every process, as this process numbers them."""

    def pin(self, cpu: int) -> None:
        """Have the threads, and those they start, run on one processor. Where their processor time is counted, a
        program may undo that and gains nothing.

        Raises:
            SandboxFault: it can neither be had nor counted.
        """

    def cpu_seconds(self) -> float:
        """Processor time of everything in the box so far."""

    def mark_start(self) -> None:
        """The program starts now: what preparing the box took is forgotten where that can be done."""

    def memory_bytes(self) -> int:
        """Highest memory use, 0 where it is not counted."""

    def out_of_memory(self) -> bool:
        """Whether the box reached its memory limit."""

    def refused_processes(self) -> bool:
        """Whether the box was refused a process or thread."""


def pin_threads(threads: list[int], cpu: int) -> None:
    """Ask the kernel to run threads on one processor; those that are gone are left alone."""
    for thread in threads:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(thread, {cpu})


def _descendants(pid: int) -> list[int]:
    """A process and all that came from it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{parent}/task"):
                children = Path(f"/proc/{parent}/task/{task}/children").read_text().split()
                found += [int(child) for child in children if int(child) not in found]
    return found


def _is_stopped(pid: int) -> bool:
    """Whether no thread of a process can run."""
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            state = Path(f"/proc/{pid}/task/{task}/stat").read_text().rpartition(")")[2].split()[0]
            if state not in "TtZX":
                return False
    except OSError:
        return True
    return True


class TreeHold:
    """A box without control groups: the processes that came from its first one, counted one by one.

    Processor time is the kernel's clock of every process that was seen alive; a child that lives and dies between two
    looks is missed.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._clocks: dict[int, float] = {}
        self._at_start = 0.0

    def freeze(self) -> bool:
        """See `Hold.freeze`. Looks again until nobody who could have started another process was missed."""
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline:
            running = [pid for pid in _descendants(self._pid) if not _is_stopped(pid)]
            if not running:
                return True
            self._signal(running, signal.SIGSTOP)
        return False

    def thaw(self) -> None:
        """See `Hold.thaw`."""
        self._signal(_descendants(self._pid), signal.SIGCONT)

    def kill(self) -> None:
        """See `Hold.kill`."""
        self.cpu_seconds()
        self._signal(_descendants(self._pid), signal.SIGKILL)

    def threads(self) -> list[int]:
        """See `Hold.threads`."""
        found: list[int] = []
        for pid in _descendants(self._pid):
            with contextlib.suppress(OSError):
                found += map(int, os.listdir(f"/proc/{pid}/task"))
        return found

    def pin(self, cpu: int) -> None:
        """See `Hold.pin`."""
        pin_threads(self.threads(), cpu)

    def cpu_seconds(self) -> float:
        """See `Hold.cpu_seconds`."""
        for pid in _descendants(self._pid):
            with contextlib.suppress(OSError):
                self._clocks[pid] = time.clock_gettime(_process_clock(pid))
        return sum(self._clocks.values()) - self._at_start

    def mark_start(self) -> None:
        """See `Hold.mark_start`."""
        self._at_start = 0.0
        self._at_start = self.cpu_seconds()

    def memory_bytes(self) -> int:
        """See `Hold.memory_bytes`."""
        return 0

    def out_of_memory(self) -> bool:
        """See `Hold.out_of_memory`."""
        return False

    def refused_processes(self) -> bool:
        """See `Hold.refused_processes`."""
        return False

    def _signal(self, pids: list[int], number: signal.Signals) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def _process_clock(pid: int) -> int:
    """The kernel's number for the processor-time clock of a process, all its threads together."""
    return (~pid << 3) | 2


class GroupHold:
    """A box in a control group of its own, stopped by the kernel's freezer where there is one."""

    def __init__(self, group: Group, pid: int) -> None:
        self._group = group
        self._pid = pid
        self._tree = None if group.can_freeze else TreeHold(pid)
        self._at_start = 0.0

    def freeze(self) -> bool:
        """See `Hold.freeze`."""
        return self._group.freeze() if self._tree is None else self._tree.freeze()

    def thaw(self) -> None:
        """See `Hold.thaw`."""
        if self._tree is None:
            self._group.thaw()
        else:
            self._tree.thaw()

    def kill(self) -> None:
        """See `Hold.kill`. The signal first: what is let go must not run on."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self._group.kill()
        self._group.thaw()

    def threads(self) -> list[int]:
        """See `Hold.threads`."""
        return self._group.members()

    def pin(self, cpu: int) -> None:
        """See `Hold.pin`."""
        pin_threads(self.threads(), cpu)

    def cpu_seconds(self) -> float:
        """See `Hold.cpu_seconds`."""
        return self._group.cpu_seconds() - self._at_start

    def mark_start(self) -> None:
        """See `Hold.mark_start`."""
        self._at_start = self._group.cpu_seconds()
        self._group.reset_peak()

    def memory_bytes(self) -> int:
        """See `Hold.memory_bytes`."""
        return self._group.peak_memory()

    def out_of_memory(self) -> bool:
        """See `Hold.out_of_memory`."""
        return self._group.out_of_memory()

    def refused_processes(self) -> bool:
        """See `Hold.refused_processes`."""
        return self._group.refused_processes()
