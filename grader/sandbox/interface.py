"""What every sandbox offers: run one command on given files under given limits, and say what came of it.

Paths inside the box are fixed: `/box` is the working directory and the only place besides `/tmp` that can be
written, everything else is read-only. Nothing that a program writes outlives its run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

MIB = 1024 * 1024
REQUEST_FD, REPLY_FD, EXCHANGE_FD = 3, 4, 5
"""Descriptors of a program that was started with `Sandbox.start`; besides 0, 1 and 2 it has no others."""
MAX_FRAME_BYTES = 4092
"""A frame is a little-endian 32-bit length and as many bytes; with its length it fits one atomic write to a pipe."""


class SandboxUnavailable(RuntimeError):
    """No sandbox works on this machine; the message says why and what to do about it."""


class SandboxFault(RuntimeError):
    """A box could not be started. The machine's fault, never the learner's."""


class Limit(StrEnum):
    """What ended a run before its program ended by itself."""

    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    OUTPUT = "output"


@dataclass(frozen=True)
class Limits:
    """Upper bounds of one run, over all its processes together where the machine can count so."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    output_bytes: int
    """For standard output and standard error, each."""
    processes: int
    disk_bytes: int
    """Size of `/box`; `/tmp` has the same. Both also count as memory."""
    files_bytes: int = 16 * MIB
    """What the collected files may have together; beyond it the rest is left behind."""
    yields: bool = False
    """The processors are for others first, where the machine can tell."""


@dataclass(frozen=True)
class Mount:
    """A file or folder of the host that the box sees read-only."""

    source: Path
    target: str
    device: bool = False
    """A device node below `/dev`, which the box may use and not only see; bubblewrap only, Docker has its own way."""


@dataclass(frozen=True)
class Outcome:
    """What one run left behind."""

    exit_code: int
    """Exit status, or minus the number of the signal that ended the program."""
    stdout: bytes
    stderr: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)
    wall_seconds: float = 0.0
    """From the program's start to its end; preparing the box does not count."""
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    """Highest use at any moment."""
    limit: Limit | None = None
    process_limit_hit: bool = False
    """The program asked for more processes or threads than it may have."""


@dataclass(frozen=True)
class Answer:
    """One reply of a program that was asked."""

    payload: bytes
    wall_seconds: float
    """From just before the request was written until the whole reply had been read."""


class Silence(StrEnum):
    """Why a program cannot be asked any more."""

    ENDED = "ended"
    """It ended by itself."""
    LIMIT = "limit"
    """A limit of the box ended it; `Outcome.limit` says which."""
    LATE = "late"
    """It did not answer within the time it was given."""
    OUT_OF_TURN = "out_of_turn"
    """It said something without being asked, or more than one reply."""
    GARBLED = "garbled"
    """What it sent is no frame, or it broke the exchange memory."""


class ConversationOver(RuntimeError):
    """The program has been ended and can only be looked at with `Conversation.end`."""

    def __init__(self, silence: Silence) -> None:
        super().__init__(f"the program can no longer be asked: {silence.value}")
        self.silence = silence


class Conversation(Protocol):
    """A program that stays in its box and answers one request at a time, and the memory it shares with the grader.

    The program finds an empty standard input, requests on `REQUEST_FD`, a place for replies on `REPLY_FD`, and the
    exchange memory, to be mapped shared and writable, as `EXCHANGE_FD`. Only one thread may use a conversation.
    Every method but `end` raises `ConversationOver` once the program is gone.
    """

    def ask(self, request: bytes, seconds: float) -> Answer:
        """Send a frame and wait for the one reply to it.

        The program must be running (not paused). It is ended when it does not answer within `seconds`, reaches a
        limit, or has already written a reply that nobody asked for.

        Raises:
            ConversationOver: there is no reply, and there will be none.
            ValueError: the request is longer than `MAX_FRAME_BYTES`.
        """

    def read(self, offset: int, size: int) -> bytes:
        """Bytes of the exchange memory. It is never mapped here: a program must not be able to cut it from under us."""

    def write(self, offset: int, content: bytes) -> None:
        """Put bytes into the exchange memory."""

    def pause(self) -> None:
        """Stop every process of the box; none has a cycle of processor time once this returns. Twice is once."""

    def resume(self) -> None:
        """Let the box go on."""

    def pin(self, cpu: int) -> None:
        """Ask the kernel to run the box's present threads, and those they start, on one processor."""

    def cpu_seconds(self) -> float:
        """Processor time of all processes and threads of the box since the program began, dead ones included."""

    def waited_seconds(self) -> float:
        """How long the box's threads were ready to run while others had the processor, one thread added to the next.

        0 where the kernel does not say. A program can make it larger, but only by using processor time.
        """

    def end(self) -> Outcome:
        """End everything in the box and clean up. Twice gives the same outcome.

        `Outcome.wall_seconds` counts the time that was not paused, which is what `Limits.wall_seconds` bounds;
        there are no files. A program that was still running has the exit code of SIGKILL.
        """


class Sandbox(Protocol):
    """Runs one command in a box of its own, which is gone afterwards."""

    name: str

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
        """Run `command` with `/box` as working directory.

        `files_in` maps absolute box paths to contents, placed read-only and executable; `files_out` names files
        below `/box` that come back when they are regular files; `env` is added to a small fixed environment.

        Raises:
            SandboxFault: the box could not be started.
        """

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
        """Start a program that is asked again and again; the caller must call `Conversation.end`.

        Everything `run` promises holds: the same surroundings and limits, no descriptors but those named, nothing
        left when it ends, and no box that outlives a killed grader. The exchange memory has `exchange_bytes` zero
        bytes and, where it can be had, cannot change its size; it does not count for the box's memory limit.

        Raises:
            SandboxFault: the box could not be started.
        """

    def session(self) -> AbstractContextManager[Sandbox]:
        """A sandbox for the runs of one program of one learner's attempt, as long as the context lasts.

        They may share a box, one after the other, where each finds it as empty as a new one; but the kernel's counters
        in it, of processes and of files, go on, so that one run can tell the next a number. Nothing else ever runs in
        such a box. Runs outside of a session share nothing.
        """

    def isolation(self) -> list[str]:
        """What is really enforced on this machine, in words."""
