"""The content folder as it is at one moment, and the digest that names that state."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from backend.curriculum.faults import Faults

CURRICULUM_FILE = "curriculum.yml"
MODULES = "modules"
_FOLDERS = (MODULES, "papers", "projects", "resources")
_NOT_SHOWN = {"__pycache__", "mutants"}
_RENDERER_PACKAGES = ("markdown", "pymdown-extensions", "pygments", "nh3")


@dataclass(frozen=True)
class Snapshot:
    """Bytes of every file that the rows depend on, by path below the content folder."""

    root: Path
    files: dict[str, bytes]

    @property
    def digest(self) -> str:
        """Changes when a file changes, or the code that turns files into rows."""
        outer = hashlib.sha256(_loader_digest().encode())
        for name in sorted(self.files):
            outer.update(f"{name}\0".encode())
            outer.update(hashlib.sha256(self.files[name]).digest())
        return outer.hexdigest()

    def text(self, name: str, faults: Faults) -> str | None:
        """A file as text with Unix line ends; None when it is not there (no fault) or not UTF-8 (a fault)."""
        content = self.files.get(name)
        if content is None:
            return None
        try:
            return content.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            faults.add(name, line, "Not UTF-8 text.", "Save the file as UTF-8.")
            return None

    def names_in(self, folder: str) -> list[str]:
        """Names of the files directly in a folder, sorted."""
        prefix = folder + "/"
        names = (name[len(prefix) :] for name in self.files if name.startswith(prefix))
        return sorted(name for name in names if "/" not in name)

    def folders_in(self, folder: str) -> list[str]:
        """Names of the folders directly in a folder, sorted."""
        prefix = folder + "/"
        names = (name[len(prefix) :] for name in self.files if name.startswith(prefix))
        return sorted({name.split("/", 1)[0] for name in names if "/" in name})


def take(root: Path, faults: Faults) -> Snapshot:
    """Read the content folder. Links are refused: they could point anywhere."""
    files: dict[str, bytes] = {}
    curriculum = root / CURRICULUM_FILE
    if not curriculum.is_file():
        faults.add(CURRICULUM_FILE, 1, f"There is none in {root}.", "Set LLSYS_CONTENT_DIR to the content folder.")
    for path in [curriculum, *(path for folder in _FOLDERS for path in sorted((root / folder).rglob("*")))]:
        relative = PurePosixPath(path.relative_to(root).as_posix())
        if _NOT_SHOWN.intersection(relative.parts) or any(part.startswith(".") for part in relative.parts):
            continue
        if path.is_symlink():
            faults.add(str(relative), 1, "Links are not allowed in the content.", "Put the file itself there.")
        elif path.is_file():
            files[str(relative)] = path.read_bytes()
    return Snapshot(root, files)


@cache
def _loader_digest() -> str:
    """Names the code that makes rows from files: ours and that of the renderer's packages."""
    outer = hashlib.sha256(" ".join(f"{name}={version(name)}" for name in _RENDERER_PACKAGES).encode())
    app = Path(__file__).resolve().parents[1]
    for folder in (app / "loading", app / "rendering", app / "library", app / "search"):
        for path in sorted(folder.glob("*.py")):
            outer.update(path.read_bytes())
    for name in ("faults.py", "models.py"):
        outer.update((app / name).read_bytes())
    return outer.hexdigest()
