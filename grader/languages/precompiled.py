"""Precompiled headers, one for each set of headers that submissions really include.

Most of the time to compile a lab goes into the standard headers, and learners of a lab include the same ones. A set
is compiled once, in the sandbox, from a list of names only; later submissions with the same set start from it.
Because the set is exactly the learner's own, a missing `#include` is missing here too.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.languages.source import SourceTree, engine_mount
from grader.sandbox import Limits, Mount, Sandbox
from grader.sandbox.interface import MIB
from grader.toolchain import Toolchain

NAME = "headers.hpp"
MAX_KEPT = 32
MAX_HOPELESS = 1000
LIMITS = Limits(
    cpu_seconds=30, wall_seconds=60, memory_bytes=2048 * MIB, output_bytes=64 * 1024, processes=16,
    disk_bytes=512 * MIB, files_bytes=256 * MIB,
)  # fmt: skip
_INCLUDE = re.compile(
    rb'[ \t]*#[ \t]*include[ \t]*(?:<([a-z0-9_./+-]{1,60})>|"((?:llama|ggml|gguf)[a-z0-9_-]*\.h)")[ \t]*'
)
_COMMENT = re.compile(rb"//(?:\\\r?\n|[^\n])*|/\*.*?(?:\*/|\Z)", re.S)
"""A comment without an end goes to the end of the file: to look for it again from every "/*" would take minutes."""
_ENGINE = re.compile(r"^(llama|ggml|gguf)[a-z0-9_-]*\.h$")
_STANDARD = re.compile(r"^[a-z_]+$|^c?[a-z]+[0-9]*(\.h)?$")

_hopeless: set[str] = set()
"""Sets that could not be made or kept here: trying again for every submission would cost more than it could save."""


@dataclass(frozen=True)
class Header:
    """A precompiled header that fits a submission."""

    mount: Mount
    options: tuple[str, ...] = ("-include", f"/pch/{NAME}")


def included(source: SourceTree) -> tuple[str, ...]:
    """Known headers with which a one-file program begins, sorted; empty where a shortcut could differ.

    The first line that is neither comment nor include ends the list: behind it a macro, a condition or a string may
    change what an include means. Programs of several units are compiled plainly.
    """
    units = [*source.files.values(), *source.harness.values()]
    if len(units) != 1:
        return ()
    names: set[str] = set()
    for line in _COMMENT.sub(b" ", units[0]).splitlines():
        match = _INCLUDE.fullmatch(line)
        if match is not None:
            names.add((match[1] or match[2]).decode())
        elif line.strip():
            break
    return tuple(sorted(name for name in names if _ENGINE.match(name) or _STANDARD.match(name)))


def cache_folder(toolchain: Toolchain) -> Path:
    """Where precompiled headers of a toolchain lie."""
    base = os.environ.get("GRADER_PRECOMPILED_DIR") or Path.home() / ".cache" / "llsys" / "precompiled"
    return Path(base) / toolchain.id


def _key(headers: Sequence[str], flags: Sequence[str], toolchain: Toolchain) -> str:
    return hashlib.sha256(repr((headers, tuple(flags), toolchain.id)).encode()).hexdigest()[:32]


def find(source: SourceTree, flags: Sequence[str], toolchain: Toolchain) -> Header | None:
    """The precompiled header for a submission, when it has been made already."""
    headers = included(source)
    folder = cache_folder(toolchain) / _key(headers, flags, toolchain)
    if not headers or not (folder / f"{NAME}.gch").is_file():
        return None
    return Header(Mount(folder, "/pch"))


def make(source: SourceTree, flags: Sequence[str], toolchain: Toolchain, sandbox: Sandbox) -> bool:
    """Make the precompiled header for submissions like this one; False when there is none to make.

    Meant for the time after a report has been sent: nobody waits for it.
    """
    headers = included(source)
    key = _key(headers, flags, toolchain)
    if not headers or key in _hopeless or find(source, flags, toolchain) is not None:
        return False
    made = _make(headers, flags, toolchain, sandbox)
    if not made:
        if len(_hopeless) >= MAX_HOPELESS:
            _hopeless.clear()
        _hopeless.add(key)
    return made


def _make(headers: Sequence[str], flags: Sequence[str], toolchain: Toolchain, sandbox: Sandbox) -> bool:
    text = "".join(f"#include <{name}>\n" for name in headers).encode()
    command = ["g++", *flags, "-I/engine/include", "-x", "c++-header", "-o", "/box/out.gch", f"/pch/{NAME}"]
    outcome = sandbox.run(
        command, limits=LIMITS, files_in={f"/pch/{NAME}": text}, mounts=[engine_mount(toolchain)], files_out=["out.gch"]
    )
    made = outcome.files.get("out.gch")
    if outcome.exit_code != 0 or made is None:
        return False
    cache = cache_folder(toolchain)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="new-") as folder:
            place = Path(folder) / "set"
            place.mkdir()
            (place / NAME).write_bytes(text)
            (place / f"{NAME}.gch").write_bytes(made)
            place.chmod(0o755)
            for path in place.iterdir():
                path.chmod(0o644)
            place.rename(cache / _key(headers, flags, toolchain))
    except OSError:
        return False
    _drop_oldest(cache)
    return True


def _drop_oldest(cache: Path) -> None:
    kept = sorted(
        (place for place in cache.iterdir() if (place / NAME).exists()), key=lambda place: place.stat().st_mtime
    )
    for place in kept[:-MAX_KEPT]:
        for name in (f"{NAME}.gch", NAME):
            (place / name).unlink(missing_ok=True)
        place.rmdir()
