"""Runs a set of processes as one: their output in one place, their crashes repaired, their end in order."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from backend.config import lifeline

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 30.0
"""A child that ran this long has recovered: its next crash counts as the first."""
_TICK_SECONDS = 0.25
_REAP_SECONDS = 5.0
_LONGEST_LINE = 8192


@dataclass
class Child:
    """One process to keep.

    Attributes:
        name: stands before each line it prints.
        command: program and arguments.
        environment: the whole environment it gets.
        once: it is a job that ends; started again only when it fails.
        stage: children of a lower stage are ended first.
        grace: seconds it may take to end by itself.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    once: bool = False
    stage: int = 0
    grace: float = 3.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    rest: bytes = field(default=b"", repr=False)


class Supervisor:
    """Starts children, shows what they print, starts crashed ones again, and ends them all.

    Args:
        children: in the order of their start.
        say: takes one line for people: who says it, and what.
        notes: file in which the children are written down for the next run, should this one be killed.
        each_tick: called a few times a second while all runs; may raise to end everything.
        neighbours: processes that somebody else started here and will end.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        say: Callable[[str, str], None],
        notes: Path,
        each_tick: Callable[[], None] = lambda: None,
        neighbours: Callable[[], Sequence[int]] = list,
    ) -> None:
        self._children = list(children)
        self._say = say
        self._notes = notes
        self._each_tick = each_tick
        self._neighbours = neighbours
        self._selector = selectors.DefaultSelector()
        self._signals = 0
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_reader, False)
        os.set_blocking(self._wake_writer, False)
        self._selector.register(self._wake_reader, selectors.EVENT_READ)
        self._reap_at = 0.0

    def run(self) -> None:
        """Keep the children until SIGINT, SIGTERM or SIGHUP comes; none is left when this returns."""
        lifeline.adopt_orphans()
        earlier = {number: signal.signal(number, self._on_signal) for number in _ENDING}
        try:
            for child in self._children:
                self._start(child)
            while not self._signals:
                self._read(_TICK_SECONDS)
                self._look_after()
                self._each_tick()
        finally:
            try:
                self._stop()
            finally:
                for number, handler in earlier.items():
                    signal.signal(number, handler)
                self._selector.close()
                os.close(self._wake_reader)
                os.close(self._wake_writer)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_writer, b".")

    def _start(self, child: Child) -> None:
        child.process = lifeline.start(
            list(child.command),
            env=dict(child.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        child.started_at = time.monotonic()
        assert child.process.stdout is not None
        os.set_blocking(child.process.stdout.fileno(), False)
        self._selector.register(child.process.stdout, selectors.EVENT_READ, child)
        self._write_notes()

    def _write_notes(self) -> None:
        lifeline.note_children(self._notes, [*self._living(), *self._neighbours()])

    def _living(self) -> list[int]:
        return [child.process.pid for child in self._children if child.process is not None]

    def _read(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_reader, 64)
                continue
            child: Child = key.data
            chunk = b""
            with contextlib.suppress(BlockingIOError):
                chunk = os.read(key.fd, 65536)
                if not chunk:
                    self._selector.unregister(key.fileobj)
            self._print(child, chunk)

    def _print(self, child: Child, chunk: bytes, *, all_of_it: bool = False) -> None:
        *lines, child.rest = (child.rest + chunk).split(b"\n")
        if len(child.rest) > _LONGEST_LINE or (all_of_it and child.rest):
            lines.append(child.rest)
            child.rest = b""
        for line in lines:
            if text := line.decode(errors="replace").rstrip():
                self._say(child.name, text)

    def _look_after(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if child.start_again_at and now >= child.start_again_at:
                    child.start_again_at = 0.0
                    self._start(child)
            elif child.process.poll() is not None:
                self._ended(child, now)
        if now >= self._reap_at:
            self._reap_at = now + _REAP_SECONDS
            lifeline.reap_adopted([*self._living(), *self._neighbours()])

    def _ended(self, child: Child, now: float) -> None:
        process = self._forget(child)
        # What it started and left behind would hold its port or its files.
        lifeline.signal_group(process.pid, signal.SIGKILL)
        if child.once and process.returncode == 0:
            return
        if now - child.started_at > STEADY_SECONDS:
            child.pause = FIRST_PAUSE_SECONDS
        self._say("up", f"{child.name} {_how(process.returncode)}; it starts again in {child.pause:g} s.")
        child.start_again_at = now + child.pause
        child.pause = min(2 * child.pause, LONGEST_PAUSE_SECONDS)

    def _forget(self, child: Child) -> subprocess.Popen[bytes]:
        process = child.process
        assert process is not None
        assert process.stdout is not None
        with contextlib.suppress(OSError):
            while chunk := os.read(process.stdout.fileno(), 65536):
                self._print(child, chunk)
        self._print(child, b"", all_of_it=True)
        with contextlib.suppress(KeyError):
            self._selector.unregister(process.stdout)
        process.stdout.close()
        child.process = None
        return process

    def _stop(self) -> None:
        asked = self._signals
        for stage in sorted({child.stage for child in self._children}):
            ending = [child for child in self._children if child.stage == stage and child.process is not None]
            for child in ending:
                assert child.process is not None
                child.process.terminate()
            deadline = time.monotonic() + max((child.grace for child in ending), default=0.0)
            # A second Ctrl-C means: now.
            while _running(ending) and time.monotonic() < deadline and self._signals <= max(asked, 1):
                self._read(0.05)
            for child in ending:
                assert child.process is not None
                if child.process.poll() is None:
                    self._say("up", f"{child.name} did not end by itself and was killed.")
                lifeline.signal_group(child.process.pid, signal.SIGKILL)
                child.process.wait()
                self._forget(child)
        lifeline.end_descendants(spare=self._neighbours())
        lifeline.reap_adopted(self._neighbours())


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _running(children: Sequence[Child]) -> bool:
    return any(child.process is not None and child.process.poll() is None for child in children)


def _how(status: int) -> str:
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
