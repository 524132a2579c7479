"""Child processes that do not outlive their parent, and what a dead parent left behind."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None) if _LINUX else None


def start(
    command: list[str], *, last_signal: signal.Signals = signal.SIGTERM, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that Ctrl-C reaches this process alone.

    On Linux the kernel sends it `last_signal` when this process dies, whatever kills it. `options` are those of
    `subprocess.Popen`. Call this from the main thread only: the kernel takes the end of a thread for the parent's.
    """
    return subprocess.Popen(command, start_new_session=True, preexec_fn=_tie_to_parent(last_signal), **options)


def _tie_to_parent(last_signal: signal.Signals) -> Callable[[], None] | None:
    if _libc is None:
        return None
    libc, parent = _libc, os.getpid()

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, last_signal, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none can slip away (Linux)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_adopted(known: Iterable[int]) -> None:
    """Collect the exit status of ended orphans; `known` are the children somebody else waits for."""
    ours = set(known)
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error, ChildProcessError):
            if child.pid not in ours and child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process started by `start` and to all in its process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def end_descendants(*, spare: Iterable[int] = (), seconds: float = 2.0) -> int:
    """Kill every descendant of this process except `spare` and theirs; gives how many there were."""
    spared = set(spare)
    found = [p for p in psutil.Process().children(recursive=True) if not spared & _line_of(p)]
    return len(_kill(found, seconds))


def _line_of(process: psutil.Process) -> set[int]:
    with contextlib.suppress(psutil.Error):
        return {process.pid, *(parent.pid for parent in process.parents())}
    return {process.pid}


def _kill(found: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    living: list[psutil.Process] = []
    for process in found:
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                process.kill()
                living.append(process)
    psutil.wait_procs(found, timeout=seconds)
    return living


def note_children(path: Path, pids: Iterable[int]) -> None:
    """Write down children, so that `end_leftovers` finds them after this process was killed."""
    rows: list[tuple[int, float]] = []
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            rows.append((pid, psutil.Process(pid).create_time()))
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(rows))
    draft.replace(path)


def end_leftovers(path: Path, *, seconds: float = 5.0) -> int:
    """End what an earlier run noted and left running: asked first, killed after `seconds`; gives how many."""
    try:
        rows = json.loads(path.read_text())
    except (OSError, ValueError):
        return 0
    found: list[psutil.Process] = []
    for pid, created in rows:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            # The same number may belong to somebody else by now.
            if abs(process.create_time() - created) < 1:
                found += [process, *process.children(recursive=True)]
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    deadline = time.monotonic() + seconds
    _, living = psutil.wait_procs(found, timeout=max(0.0, deadline - time.monotonic()))
    _kill(living, 2.0)
    path.unlink(missing_ok=True)
    return len(found)


def end_server(pid: int, executable: Path, number: signal.Signals, *, seconds: float) -> None:
    """End a server that an earlier run left, found by its pid file; nothing if the number belongs to another."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if Path(process.exe()).resolve() != executable.resolve():
            return
        process.send_signal(number)
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(timeout=seconds)
            return
        _kill([process, *process.children(recursive=True)], seconds)
