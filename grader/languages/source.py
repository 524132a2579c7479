"""What goes into a build and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.contract import Diagnostic
from grader.sandbox import Mount
from grader.toolchain import Toolchain


@dataclass(frozen=True)
class SourceTree:
    """A learner's files and the lab's own, which are compiled or started with them."""

    files: Mapping[str, bytes]
    harness: Mapping[str, bytes] = field(default_factory=dict)

    def in_box(self) -> dict[str, bytes]:
        """Every file at its place in the box."""
        box = {f"/src/{name}": content for name, content in self.files.items()}
        return box | {f"/harness/{name}": content for name, content in self.harness.items()}


@dataclass(frozen=True)
class Program:
    """Something that can be run once for every case."""

    command: tuple[str, ...]
    files_in: Mapping[str, bytes]
    mounts: tuple[Mount, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BuildResult:
    """A program, or why there is none."""

    program: Program | None
    log: bytes = b""
    diagnostics: tuple[Diagnostic, ...] = ()
    message: str = ""
    """Why there is no program, in one sentence."""


def engine_mount(toolchain: Toolchain) -> Mount:
    """The pinned engine, as `/engine`."""
    return Mount(toolchain.root, "/engine")
