"""The record that makes a toolchain complete, and the check that it still tells the truth."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.toolchain.errors import ManifestError


class Manifest(BaseModel):
    """What was built, from what, with what. Every grade report quotes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    llama_cpp_python_version: str
    llama_cpp_version: str
    llama_cpp_commit: str
    ggml_version: str
    compiler: str
    cmake: str
    flags: tuple[str, ...]
    python_version: str
    """Version of the runtime interpreter, such as "3.11"."""
    python_prefix: Path
    """Installation the runtime's interpreter belongs to; a sandbox must be able to read it."""
    machine: str
    built_at: datetime
    source_sha256: str
    files: dict[str, str]
    """Path below the engine folder -> sha256, for every library, tool and public header."""

    @property
    def description(self) -> str:
        """One line for people: version, commit, compiler."""
        return (
            f"llama.cpp {self.llama_cpp_version} ({self.llama_cpp_commit}), ggml {self.ggml_version}, {self.compiler}"
        )


def read(path: Path) -> Manifest:
    """Load a manifest.

    Raises:
        ManifestError: there is none, or it is not a manifest.
    """
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ManifestError(f"No manifest at {path}: {error.strerror}.") from error
    except ValidationError as error:
        raise ManifestError(f"The manifest {path} is damaged ({error.error_count()} errors).") from error


def verify(manifest: Manifest, engine: Path) -> None:
    """Compare every recorded file with the one on disk.

    A file whose size, inode and modification time are unchanged since this process last hashed it is
    not hashed again, so that asking before every grade attempt stays cheap.

    Raises:
        ManifestError: a file is missing or differs; names the first.
    """
    for name, expected in manifest.files.items():
        path = engine / name
        try:
            status = path.stat()
        except OSError as error:
            raise ManifestError(f"{name} is missing from the toolchain.") from error
        if _digest(path, status.st_ino, status.st_size, status.st_mtime_ns) != expected:
            raise ManifestError(f"{name} is not the file that was built: its digest differs.")


def digests(engine: Path, paths: Iterable[Path]) -> dict[str, str]:
    """Digest of each file, by its path below the engine folder, in order of name."""
    return {str(path.relative_to(engine)): file_digest(path) for path in sorted(paths)}


def file_digest(path: Path) -> str:
    """The sha256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=1024)
def _digest(path: Path, inode: int, size: int, modified: int) -> str:
    return file_digest(path)
