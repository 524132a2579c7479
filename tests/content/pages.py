"""The published pages, taken apart: code blocks with their lines, and the prose around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from backend.curriculum.rendering import fences
from backend.curriculum.rendering.fences import Fence
from grader.toolchain.recipe import PROJECT

CONTENT = PROJECT / "content"
_READY = re.compile(r"\A---\n(?:.*\n)*?status: ready\n(?:.*\n)*?---\n")
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


@dataclass(frozen=True)
class Page:
    """One Markdown file.

    Attributes:
        path: where it lies.
        module: folder of the module it belongs to.
        fences: its code blocks, in order.
        prose: line number and text of every line outside of code blocks.
    """

    path: Path
    module: Path
    fences: tuple[Fence, ...]
    prose: tuple[tuple[int, str], ...]

    @property
    def file(self) -> str:
        """Path as a failure names it, from the folder of the project."""
        return name_of(self.path)

    def marked(self, marker: str) -> list[Fence]:
        """The blocks with this marker."""
        return [fence for fence in self.fences if fence.marker == marker]

    def expected(self, fence: Fence) -> str | None:
        """What the page says that a block prints; None when it says nothing."""
        after = self.fences[self.fences.index(fence) + 1 :][:1]
        return after[0].code if after and after[0].language == fences.OUTPUT else None

    def spans(self) -> list[tuple[int, str]]:
        """Line and text of everything in backticks."""
        return [(line, span[2].strip()) for line, text in self.prose for span in _SPAN.finditer(text)]


def name_of(path: Path) -> str:
    """A path from the folder of the project, where it lies in it."""
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)


def read(path: Path) -> Page:
    """Take one file apart. Its module is two folders up, as `docs/` and `tutorials/` are laid out."""
    text = path.read_text(encoding="utf-8")
    found: list[Fence] = []

    def stand_in(fence: Fence) -> str:
        found.append(fence)
        return f"\0{len(found) - 1}"

    replaced = fences.replace(text, stand_in).split("\n")
    return Page(path, path.parent.parent, tuple(found), tuple(_numbered(replaced, found, text.split("\n"))))


def _numbered(replaced: list[str], found: list[Fence], source: list[str]) -> list[tuple[int, str]]:
    """The lines of prose with their numbers in the file; a block took one blank line on each side of its stand-in."""
    prose: list[tuple[int, str]] = []
    line, at = 1, 0
    while at < len(replaced):
        following = replaced[at + 1].lstrip() if at + 1 < len(replaced) else ""
        if following.startswith("\0"):
            fence = found[int(following[1:])]
            line = _line_after(fence, source)
            at += 3
        else:
            prose.append((line, replaced[at]))
            line += 1
            at += 1
    return prose


def _line_after(fence: Fence, source: list[str]) -> int:
    """Number of the line after the closing backticks."""
    if fence.code:
        return fence.line + fence.code.count("\n") + 3
    closed_at_once = source[fence.line].lstrip().startswith(("`", "~"))
    return fence.line + (2 if closed_at_once else 3)


def is_ready(path: Path) -> bool:
    """Whether the front matter publishes the file."""
    return _READY.match(path.read_text(encoding="utf-8")) is not None


def ready_pages(content: Path = CONTENT) -> list[Page]:
    """Every published lesson and tutorial, modules in order, and every page of the library."""
    paths = [*content.glob("modules/*/docs/*.md"), *content.glob("modules/*/tutorials/*.md")]
    paths += [*content.glob("papers/*/*.md"), *content.glob("resources/setup-guides/*.md")]
    return [read(path) for path in sorted(paths) if is_ready(path)]
