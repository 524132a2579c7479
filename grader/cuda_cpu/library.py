"""The emulator's runtime as an object file, compiled once in the sandbox and kept for all later programs."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import tempfile
import threading
from functools import cache
from pathlib import Path

from grader.cuda_cpu import INCLUDE, RUNTIME
from grader.sandbox import Limits, Mount, Sandbox, SandboxFault
from grader.sandbox.interface import MIB
from grader.text import clip

PLAIN = "plain.o"
TRACED = "traced.o"
HEADERS = "/runtime/cuda/include"
OBJECTS = "/runtime/cuda/objects"
SOURCES = "/runtime/cuda/source"
LIMITS = Limits(
    cpu_seconds=60, wall_seconds=120, memory_bytes=2048 * MIB, output_bytes=64 * 1024, processes=64,
    disk_bytes=256 * MIB, files_bytes=64 * MIB,
)  # fmt: skip
MAX_KEPT = 4
"""Versions of the runtime."""
_COMPILER = "g++"
_FLAGS = ("-std=c++17", "-O2", "-fPIE", "-Wall", "-Wextra")
_lock = threading.Lock()


def header_mount() -> Mount:
    """The headers, as every compilation of CUDA sees them."""
    return Mount(INCLUDE, HEADERS)


@cache
def _key(image: str) -> str:
    """Names the sources, the compiler and the machine; another one of these is another object file.

    `image` is what a sandbox compiles with that brings a compiler and a C library of its own.
    """
    outer = hashlib.sha256(repr((_FLAGS, platform.machine(), _compiler_identity(), image)).encode())
    for root in (INCLUDE, RUNTIME):
        for path in sorted(root.rglob("*")):
            if path.is_file():
                outer.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return outer.hexdigest()[:32]


def _compiler_identity() -> tuple[str, int, int]:
    """Changes when the compiler does; asking it for its version would start a process outside the sandbox."""
    found = Path(shutil.which(_COMPILER) or _COMPILER).resolve()
    status = found.stat() if found.exists() else None
    return (str(found), status.st_size, status.st_mtime_ns) if status else (str(found), 0, 0)


def cache_folder(sandbox: Sandbox) -> Path:
    """Where the object files of this version lie that fit the programs of a sandbox."""
    base = os.environ.get("GRADER_CUDA_DIR") or Path.home() / ".cache" / "llsys" / "cuda"
    return Path(base) / _key(str(getattr(sandbox, "identity", "")))


def ready(sandbox: Sandbox) -> bool:
    """Whether the object files have been made."""
    return (cache_folder(sandbox) / TRACED).is_file()


def object_mount(sandbox: Sandbox) -> Mount:
    """The folder of object files, made on first use.

    Raises:
        SandboxFault: the runtime does not compile here; the message has the compiler's words.
    """
    folder = cache_folder(sandbox)
    with _lock:
        if not ready(sandbox):
            _make(folder, sandbox)
    return Mount(folder, OBJECTS)


def _make(folder: Path, sandbox: Sandbox) -> None:
    objects = {name: _compile(options, sandbox) for name, options in ((PLAIN, ()), (TRACED, ("-DCUDA_CPU_TRACE",)))}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as made:
        place = Path(made) / "set"
        place.mkdir()
        for name, content in objects.items():
            (place / name).write_bytes(content)
            (place / name).chmod(0o644)
        place.chmod(0o755)
        try:
            place.rename(folder)
        except OSError:
            if not ready(sandbox):  # Not merely another process that was quicker.
                raise
    _drop_old_versions(folder.parent)


def _drop_old_versions(cache: Path) -> None:
    """Keep what was made last; a box that still has an older folder mounted keeps its files."""
    kept = sorted(cache.glob("*/" + TRACED), key=lambda path: path.stat().st_mtime)
    for path in kept[:-MAX_KEPT]:
        shutil.rmtree(path.parent, ignore_errors=True)


def _compile(options: tuple[str, ...], sandbox: Sandbox) -> bytes:
    """All sources into one relocatable object."""
    sources = sorted(
        path for path in RUNTIME.rglob("*") if path.suffix in (".cpp", ".S") and (options or "trace" not in path.parts)
    )
    names = [f"{SOURCES}/{path.relative_to(RUNTIME).as_posix()}" for path in sources]
    command = [_COMPILER, *_FLAGS, *options, "-I", HEADERS, "-I", SOURCES, "-r", "-nostdlib", "-o", "/box/out.o"]
    outcome = sandbox.run(
        [*command, *names], limits=LIMITS, mounts=[header_mount(), Mount(RUNTIME, SOURCES)], files_out=["out.o"]
    )
    made = outcome.files.get("out.o")
    if outcome.exit_code != 0 or made is None:
        raise SandboxFault(f"the CUDA emulator does not compile: {clip(outcome.stderr[-2000:], 2000)}")
    return made
