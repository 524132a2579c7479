"""What every sandbox offers: run one command on given files under given limits, and say what came of it.

Paths inside the box are fixed: `/box` is the working directory and the only place besides `/tmp` that can be
written, everything else is read-only. Nothing that a program writes outlives its run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

MIB = 1024 * 1024


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


@dataclass(frozen=True)
class Mount:
    """A file or folder of the host that the box sees read-only."""

    source: Path
    target: str


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

    def isolation(self) -> list[str]:
        """What is really enforced on this machine, in words."""
