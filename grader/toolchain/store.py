"""Where toolchains live on disk.

<store>/lock               held while a build runs
<store>/progress.json      how far it is
<store>/current            id of the toolchain in use
<store>/downloads/         source distributions
<store>/<id>/engine/       include, lib, bin, python: what a sandbox mounts as /engine
<store>/<id>/source/       the unpacked source distribution
<store>/<id>/build/        object files, gone once installed
<store>/<id>/models/       fixture models
<store>/<id>/steps/        one mark per finished step
<store>/<id>/manifest.json written last
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.toolchain.recipe import PROJECT

ENVIRONMENT_VARIABLE = "LLSYS_TOOLCHAIN_DIR"


@dataclass(frozen=True)
class Store:
    """The folder that holds toolchains; its properties name the files in it."""

    path: Path

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def progress(self) -> Path:
        return self.path / "progress.json"

    @property
    def pointer(self) -> Path:
        return self.path / "current"

    @property
    def downloads(self) -> Path:
        return self.path / "downloads"

    def place(self, toolchain_id: str) -> Place:
        """The folder of one toolchain, whether or not it exists."""
        return Place(self.path / toolchain_id)


@dataclass(frozen=True)
class Place:
    """The folder of one toolchain."""

    path: Path

    @property
    def engine(self) -> Path:
        return self.path / "engine"

    @property
    def python_environment(self) -> Path:
        return self.engine / "python"

    @property
    def python(self) -> Path:
        return self.python_environment / "bin" / "python"

    @property
    def source(self) -> Path:
        return self.path / "source"

    @property
    def llama_cpp(self) -> Path:
        return self.source / "vendor" / "llama.cpp"

    @property
    def commit(self) -> Path:
        return self.path / "commit"

    @property
    def build(self) -> Path:
        return self.path / "build"

    @property
    def models(self) -> Path:
        return self.path / "models"

    @property
    def steps(self) -> Path:
        return self.path / "steps"

    @property
    def log(self) -> Path:
        return self.path / "build.log"

    @property
    def manifest(self) -> Path:
        return self.path / "manifest.json"


def default_store() -> Store:
    """The store named by LLSYS_TOOLCHAIN_DIR, otherwise `.data/toolchain` in the project."""
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    return Store(Path(named).expanduser().resolve() if named else PROJECT / ".data" / "toolchain")


def write_atomically(path: Path, text: str) -> None:
    """Replace a file so that a reader sees the old text or the new, and never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
