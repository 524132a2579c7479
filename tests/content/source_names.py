"""Paths and names in prose, held against the pinned source tree."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

from backend.curriculum.faults import Faults
from tests.content.pages import Page

_LINK = re.compile(r"\]\(llama\.cpp:([^)#\s]+)")
_PATH = re.compile(r"(?:src|ggml|common|tools|include|app|examples|docs|cmake|gguf-py)/[\w./+*-]*")
_NAME = re.compile(r"(?<![\w./-])((?:llama|ggml|gguf|LLAMA|GGML|GGUF)_\w*+)(\*?)(?!\w*\.(?:py|cpp|h|gguf|md|so)\b)")
_DEFINITION = re.compile(r"-D((?:LLAMA|GGML)_\w+)")
_WORD = re.compile(rb"\b(?:llama|ggml|gguf|LLAMA|GGML|GGUF)_\w+")
_FOLDERS = ("include", "src", "ggml", "common", "tools", "app", "examples", "cmake", "gguf-py", "conversion")
_SOURCES = frozenset(
    [".h", ".hpp", ".c", ".cpp", ".cc", ".cu", ".cuh", ".m", ".metal", ".py", ".txt", ".cmake", ".in", ".wgsl", ".cl"]
)


class SourceTree:
    """The pinned llama.cpp."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, path: str) -> bool:
        """Whether a file or folder is there; `*` stands for any part of a name."""
        wanted = path.rstrip("/")
        return any(self.root.glob(wanted)) if "*" in wanted else (self.root / wanted).exists()

    def knows(self, name: str, *, beginning: bool = False) -> bool:
        """Whether sources or headers have this name, or one that begins so."""
        return any(one.startswith(name) for one in self.names) if beginning else name in self.names

    @cached_property
    def names(self) -> frozenset[str]:
        """Every llama_, ggml_ and gguf_ name, and those in capitals."""
        found: set[bytes] = set()
        files = [*self.root.glob("*.txt"), *self.root.glob("*.py")]
        for folder in _FOLDERS:
            files += (path for path in (self.root / folder).rglob("*") if path.suffix in _SOURCES)
        for path in files:
            found.update(_WORD.findall(path.read_bytes()))
        return frozenset(name.decode() for name in found)


def check_paths(page: Page, tree: SourceTree, faults: Faults) -> None:
    """Every link into llama.cpp and every path of its tree in backticks leads somewhere."""
    links = [(line, path) for line, text in page.prose for path in _LINK.findall(text)]
    for line, path in [*links, *((line, span) for line, span in page.spans() if _PATH.fullmatch(span))]:
        if not tree.has(path):
            cure = "Correct the path; it starts at the root of the pinned tree."
            faults.add(page.file, line, f"The pinned llama.cpp has no {path}.", cure)


def check_names(page: Page, tree: SourceTree, faults: Faults) -> None:
    """Every llama_, ggml_ or gguf_ name in backticks is one of the pinned source."""
    for line, span in page.spans():
        for name, star in _NAME.findall(span):
            if not tree.knows(name, beginning=bool(star) or name.endswith("_")):
                cure = "Correct the name, or write it without backticks if it is none of the engine's."
                faults.add(page.file, line, f"The pinned llama.cpp does not know {name}{star}.", cure)


def check_build_options(page: Page, tree: SourceTree, faults: Faults) -> None:
    """Every -DLLAMA_... and -DGGML_... of a block that is not run is an option of the pinned build."""
    for fence in page.marked("sketch"):
        if fence.language not in ("bash", "sh"):
            continue
        for number, text in enumerate(fence.code.split("\n"), start=fence.line + 1):
            for name in _DEFINITION.findall(text):
                if not tree.knows(name):
                    faults.add(page.file, number, f"The pinned build has no option {name}.", "Correct the option.")
