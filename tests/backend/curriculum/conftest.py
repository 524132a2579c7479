"""A small content folder that tests may change."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from backend.curriculum.faults import ContentError, Fault
from backend.curriculum.services import check_content, load_content

SMALL = Path(__file__).parent / "small"
FIRST = "modules/01-first"
LESSON = f"{FIRST}/docs/lesson-1.1-one.md"


class Folder:
    """A content folder. Paths are below it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> str:
        """A file's text."""
        return (self.root / path).read_text()

    def write(self, path: str, text: str) -> None:
        """Make or replace a file."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def change(self, path: str, old: str, new: str) -> int:
        """Replace text that must be there; the answer is the line where it was."""
        text = self.read(path)
        assert old in text
        self.write(path, text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def append(self, path: str, text: str) -> int:
        """Add lines; the answer is the line of the first one."""
        before = self.read(path)
        self.write(path, before + text)
        return before.count("\n") + 1

    def remove(self, path: str) -> None:
        """Delete a file or a folder."""
        target = self.root / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()

    def load(self) -> str:
        """Load it; the answer says what changed."""
        return str(load_content(self.root).changes)

    def faults(self) -> list[Fault]:
        """What is wrong with it."""
        try:
            check_content(self.root)
        except ContentError as error:
            return error.faults
        return []

    def fault(self, pattern: str) -> Fault:
        """The only fault, which has to match."""
        faults = self.faults()
        assert len(faults) == 1, faults
        assert re.search(pattern, faults[0].message), faults[0]
        assert faults[0].cure
        return faults[0]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A copy of the small content folder."""
    root = tmp_path / "content"
    shutil.copytree(SMALL, root)
    return Folder(root)
