"""Built programs, kept by everything they were built from, so that unchanged source is not compiled again.

Nothing of the cache is ever mounted into a box: a program that was kept travels into the next box as bytes. Only the
grader writes here, and only what a boxed build of exactly that key gave; an entry that does not hold what was written
is thrown away. The least recently used entries go when the cache grows beyond its size.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from grader.contract import Diagnostic
from grader.environment import gpu_model, grader_revision
from grader.lab import LabSpec
from grader.languages import BuildResult, Program, SourceTree
from grader.sandbox import Mount, Sandbox
from grader.toolchain import Toolchain

DEFAULT_LIMIT_MB = 512
_SUFFIX = ".built"
_UNFINISHED = "new-"
UNFINISHED_SECONDS = 3600
"""An entry that is still being written after so long never will be: its grader was killed."""
_DIAGNOSTICS = TypeAdapter(tuple[Diagnostic, ...])


def key_of(
    source: SourceTree, spec: LabSpec, toolchain: Toolchain, sandbox: Sandbox, *, variant: Sequence[str] = ()
) -> str:
    """Digest of all that a build depends on; `variant` names flags that are not the lab's own."""
    compiler = shutil.which("g++")
    status = os.stat(os.path.realpath(compiler)) if compiler else None
    parts: list[object] = [
        grader_revision(),
        spec.language,
        spec.entry.model_dump(mode="json"),
        spec.build.model_dump(mode="json"),
        list(variant),
        toolchain.id,
        str(toolchain.root),
        toolchain.manifest.compiler,
        (compiler, status.st_size, status.st_mtime_ns) if status else None,
        sandbox.name,
        # What a sandbox with images of its own compiles with.
        str(getattr(sandbox, "identity", "")),
        # nvcc builds for the device that is there.
        gpu_model() if spec.language == "cuda" else "",
    ]
    outer = hashlib.sha256(json.dumps(parts, sort_keys=True, default=list).encode())
    for path, content in sorted(source.in_box().items()):
        outer.update(f"\0{path}\0{len(content)}\0".encode() + hashlib.sha256(content).digest())
    return outer.hexdigest()


class BuildCache:
    """Programs by key, in one folder.

    Args:
        folder: where entries lie; made when the first one comes.
        limit_bytes: size of all entries together.
    """

    def __init__(self, folder: Path, *, limit_bytes: int = DEFAULT_LIMIT_MB * 1024 * 1024) -> None:
        self.folder = folder
        self._limit_bytes = limit_bytes

    @classmethod
    def of_this_machine(cls) -> BuildCache:
        """The cache that the settings name: `GRADER_BUILD_CACHE_DIR` and `GRADER_BUILD_CACHE_MB`."""
        folder = os.environ.get("GRADER_BUILD_CACHE_DIR") or Path.home() / ".cache" / "llsys" / "builds"
        megabytes = int(os.environ.get("GRADER_BUILD_CACHE_MB") or DEFAULT_LIMIT_MB)
        return cls(Path(folder), limit_bytes=megabytes * 1024 * 1024)

    def get(self, key: str) -> BuildResult | None:
        """What was built for `key`; None when nothing was, or when the entry is damaged."""
        path = self.folder / f"{key}{_SUFFIX}"
        try:
            raw = path.read_bytes()
        except OSError:
            return None
        result = _decode(raw, key)
        with contextlib.suppress(OSError):
            if result is None:
                path.unlink()
            else:
                os.utime(path)
        return result

    def put(self, key: str, result: BuildResult) -> None:
        """Keep a program. A result without one is not kept, and a full disk only means that nothing is."""
        if result.program is None:
            return
        raw = _encode(result, key)
        if len(raw) > self._limit_bytes:
            return
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=_UNFINISHED, delete=False) as file:
                try:
                    file.write(raw)
                    file.flush()
                    os.replace(file.name, self.folder / f"{key}{_SUFFIX}")
                except OSError:
                    Path(file.name).unlink(missing_ok=True)
                    raise
            self._prune()

    def _prune(self) -> None:
        for path in self.folder.glob(f"{_UNFINISHED}*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > UNFINISHED_SECONDS:
                    path.unlink()
        entries: list[tuple[float, int, Path]] = []
        for path in self.folder.glob(f"*{_SUFFIX}"):
            with contextlib.suppress(OSError):
                status = path.stat()
                entries.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= self._limit_bytes:
                return
            path.unlink(missing_ok=True)
            total -= size


def _encode(result: BuildResult, key: str) -> bytes:
    program = result.program
    assert program is not None, "only programs are kept"
    head: dict[str, Any] = {
        "key": key,
        "command": program.command,
        "env": dict(program.env),
        "mounts": [[str(mount.source), mount.target] for mount in program.mounts],
        "files": [[path, len(content)] for path, content in program.files_in.items()],
        "log": len(result.log),
        "diagnostics": _DIAGNOSTICS.dump_python(result.diagnostics, mode="json"),
    }
    body = json.dumps(head).encode() + b"\n" + result.log + b"".join(program.files_in.values())
    return hashlib.sha256(body).digest() + body


def _decode(raw: bytes, key: str) -> BuildResult | None:
    digest, body = raw[:32], raw[32:]
    if hashlib.sha256(body).digest() != digest:
        return None
    line, _, rest = body.partition(b"\n")
    head = json.loads(line)
    if head["key"] != key:
        return None
    log, position = rest[: head["log"]], int(head["log"])
    files = {}
    for path, size in head["files"]:
        files[path] = rest[position : position + size]
        position += size
    mounts = tuple(Mount(Path(source), target) for source, target in head["mounts"])
    program = Program(tuple(head["command"]), files, mounts, head["env"])
    return BuildResult(program, log, _DIAGNOSTICS.validate_python(head["diagnostics"]))
