"""Options in command lines, held against what the pinned tools say of themselves."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from backend.curriculum.faults import Faults
from backend.curriculum.rendering.fences import Fence
from grader.toolchain import Toolchain
from tests.content.pages import Page

_OPTION = re.compile(r"--?[A-Za-z][\w-]*")
_LISTED = re.compile(rf"^\s*((?:{_OPTION.pattern}\s*[,|/]?\s*)+)")
_IN_USAGE = re.compile(rf"\[({_OPTION.pattern})")
_SEPARATORS = re.compile(r"[|&;()<>]+")
_VARIABLE = re.compile(r"\w+=.*")


@dataclass(frozen=True)
class Command:
    """One command line: where it starts, counted from the block's first line of code as 0, and its words."""

    line: int
    words: tuple[str, ...]


def commands(code: str) -> Iterator[Command]:
    """The commands of a shell text; pipes and lists are taken apart, comments and variables left out."""
    lines = code.split("\n")
    at = 0
    while at < len(lines):
        start, text = at, lines[at]
        at += 1
        while True:
            try:
                words = _words(text)
            except ValueError:
                words = None
            if at >= len(lines) or (words is not None and not text.endswith("\\")):
                break
            text = (text[:-1] + " " if text.endswith("\\") else text + "\n") + lines[at]
            at += 1
        command: list[str] = []
        for word in [*(words or []), ";"]:
            if _SEPARATORS.fullmatch(word):
                if command:
                    yield Command(start, tuple(command))
                command = []
            elif command or not _VARIABLE.fullmatch(word):
                command.append(word)


def _words(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    return list(lexer)


def listed(help_text: str) -> frozenset[str]:
    """Options that a tool's `--help` explains, with their short forms."""
    found: set[str] = set()
    for line in help_text.splitlines():
        start = _LISTED.match(line)
        found.update(_OPTION.findall(start[1]) if start else [])
        found.update(_IN_USAGE.findall(line))
    return frozenset(found)


class Tools:
    """The programs of one engine."""

    def __init__(self, engine: Toolchain) -> None:
        self._folder = engine.root / "bin"
        self._help = lru_cache(maxsize=None)(self._ask)

    def options(self, words: tuple[str, ...]) -> frozenset[str] | None:
        """Options of the tool that a command line calls, by sub-command of `llama`; None when it is none of ours."""
        name = Path(words[0]).name
        if not (self._folder / name).is_file():
            return None
        sub = words[1:2] if name == "llama" and words[1:2] and not words[1].startswith("-") else ()
        return self._help((name, *sub))

    def _ask(self, command: tuple[str, ...]) -> frozenset[str]:
        done = subprocess.run(
            [self._folder / command[0], *command[1:], "--help"],
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        return listed(done.stdout + done.stderr)


def check_options(page: Page, fence: Fence, tools: Tools, faults: Faults, *, only_tools: bool) -> None:
    """Every option given to a pinned tool is one of its own. `only_tools`: the block may call nothing else."""
    for command in commands(fence.code):
        line, name = fence.line + 1 + command.line, command.words[0]
        known = tools.options(command.words)
        called = " ".join(command.words[:2]) if name == "llama" else name
        if known is None:
            if only_tools:
                cure = "A help block calls the pinned tools only; mark it run or sketch."
                faults.add(page.file, line, f"“{name}” is none of the engine's programs.", cure)
            continue
        for word in command.words[1:]:
            option = word.split("=", 1)[0]
            if _OPTION.fullmatch(option) and option not in known:
                cure = f"Look at `{called} --help` of the pinned version."
                faults.add(page.file, line, f"{called} has no option {option}.", cure)
