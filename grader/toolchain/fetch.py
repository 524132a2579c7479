"""Getting the pinned source distribution through the machine's own pip."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from grader.toolchain import archive as archives
from grader.toolchain.errors import ToolchainError
from grader.toolchain.manifest import file_digest
from grader.toolchain.process import Runner
from grader.toolchain.recipe import Recipe
from grader.toolchain.store import Place, Store

_OPTIONS = (
    *("--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--require-hashes"),
    *("--disable-pip-version-check", "--no-input", "--progress-bar", "off"),
)
_COMMIT_FILE = ".git/modules/vendor/llama.cpp/HEAD"


def fetch(recipe: Recipe, store: Store, place: Place, runner: Runner) -> Path:
    """Path of the verified archive; downloads it unless a good copy is there.

    Raises:
        ToolchainError: no index could be reached, or the archive is not the pinned one.
    """
    archive = store.downloads / recipe.archive_name
    if archive.exists() and file_digest(archive) == recipe.sha256:
        return archive
    partial = store.downloads / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    requirement = partial / "requirement.txt"
    requirement.write_text(recipe.pin_line + "\n")
    runner.run(
        [place.python, "-m", "pip", "download", *_OPTIONS, "--dest", partial, "--requirement", requirement],
        cure=f"Check the network and pip's configuration (`pip config list`), or put {recipe.archive_name} "
        f"with the sha256 {recipe.sha256} into {store.downloads} yourself.",
    )
    verify(partial / recipe.archive_name, recipe)
    (partial / recipe.archive_name).replace(archive)
    shutil.rmtree(partial)
    return archive


def verify(archive: Path, recipe: Recipe) -> None:
    """Compare the archive with the pin.

    Raises:
        ToolchainError: it is absent or another one.
    """
    if not archive.exists() or file_digest(archive) != recipe.sha256:
        raise ToolchainError(
            f"{archive.name} is not the pinned source distribution: its digest differs.",
            cure="Delete it and build again; if that does not help, the package index serves another file.",
        )


def unpack(archive: Path, recipe: Recipe, place: Place) -> None:
    """Unpack the verified archive and note the llama.cpp commit it was made from."""
    verify(archive, recipe)
    archives.unpack(archive, place.source)
    place.commit.write_text((archives.read_member(archive, _COMMIT_FILE) or "unknown").strip() + "\n")


def cmake_version(cmakelists: Path, prefix: str) -> str:
    """Version that a CMakeLists.txt states as PREFIX_VERSION_MAJOR, _MINOR and _PATCH."""
    text = cmakelists.read_text()
    numbers = [re.search(rf"set\({prefix}_VERSION_{part}\s+(\d+)\)", text) for part in ("MAJOR", "MINOR", "PATCH")]
    return ".".join(number[1] if number else "?" for number in numbers)
