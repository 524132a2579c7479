"""Programs of a module: what they are, in their own words."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from backend.curriculum.faults import Faults
from backend.curriculum.rendering import code, fences

LANGUAGES = {
    ".py": "python",
    ".cpp": "cpp",
    ".h": "cpp",
    ".hpp": "cpp",
    ".c": "c",
    ".cu": "cuda",
    ".cuh": "cuda",
    ".sh": "bash",
    ".cmake": "cmake",
    ".yml": "yaml",
    ".yaml": "yaml",
    ".json": "json",
    ".js": "javascript",
    ".ts": "typescript",
    ".html": "html",
}
_NAMED = {"CMakeLists.txt": "cmake", "Makefile": "make", "Dockerfile": "docker"}
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")
_SENTENCE = re.compile(r"^(.*?[.?!])(?:\s|$)", re.DOTALL)


@dataclass(frozen=True)
class Program:
    """A file of `code/`."""

    name: str
    language: str
    summary: str
    text: str
    html: str


def read(path: str, text: str, faults: Faults) -> Program | None:
    """A program with the first sentence of its own description; None when it cannot be shown."""
    name = PurePosixPath(path).name
    language = _NAMED.get(name) or LANGUAGES.get(PurePosixPath(name).suffix)
    if language is None or not _NAME.match(name):
        known = ", ".join([*LANGUAGES, *_NAMED])
        faults.add(path, 1, "Programs of this kind are not shown.", f"Known are {known}.")
        return None
    summary = _summary(text, language, path, faults)
    if summary == "":
        faults.add(path, 1, "The program does not say what it does.", "Begin it with a comment or a docstring.")
    return Program(name, language, summary or "", text, code.highlight(text, language))


def read_regions(path: str, text: str, faults: Faults) -> dict[str, str] | None:
    """The named regions of a program; None when they are marked wrongly."""
    try:
        return fences.regions(text)
    except ValueError as error:
        line, _, message = str(error).partition(":")
        faults.add(path, int(line), message, "Write `region NAME` and `endregion NAME` in comments, each once.")
        return None


def _summary(text: str, language: str, path: str, faults: Faults) -> str | None:
    """The first sentence; empty when there is none, None when the file has another fault."""
    if language == "python":
        try:
            description = ast.get_docstring(ast.parse(text)) or ""
        except SyntaxError as error:
            faults.add(path, error.lineno or 1, f"Not valid Python: {error.msg}.", "Correct it.")
            return None
    elif language == "json":
        description = PurePosixPath(path).name
    else:
        description = _first_comment(text)
    flat = " ".join(description.split("\n\n")[0].split())
    sentence = _SENTENCE.match(flat)
    return sentence[1] if sentence else flat


def _first_comment(text: str) -> str:
    block = re.match(r"\s*(?:/\*+(?P<c>.*?)\*/|<!--(?P<html>.*?)-->)", text, re.DOTALL)
    if block:
        return re.sub(r"^\s*\*\s?", "", block["c"] or block["html"], flags=re.MULTILINE)
    lines = []
    for line in text.splitlines():
        if line.startswith("#!"):
            continue
        comment = re.match(r"^\s*(?://|#(?!include|pragma|define|if))+\s?(.*)$", line)
        if comment is None:
            break
        lines.append(comment[1])
    return "\n".join(lines)
