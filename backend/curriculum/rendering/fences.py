"""Code blocks of a page: found before Markdown sees them, so that their text stays exactly as written.

The first word after the backticks is the language; then a marker says how the block is checked (`run`, `compile`,
`help`, `sketch reason="..."`), or `include="../code/x.cpp" lines="region"` brings in a part of a program.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

MARKERS = ("run", "compile", "help", "sketch")
OUTPUT = "output"
_ATTRIBUTES = ("reason", "include", "lines")
_OPEN = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<words>[^`]*)$")
_WORD = re.compile(r'(?P<name>[\w+.#-]+)(?:="(?P<value>(?:[^"\\]|\\.)*)")?(?=\s|$)|(?P<bad>\S+)')


@dataclass(frozen=True)
class Fence:
    """One code block."""

    line: int
    """Line of the opening fence in the text given, from 1."""
    language: str
    """Empty when none was named."""
    marker: str | None
    attributes: dict[str, str]
    code: str
    problems: tuple[str, ...] = ()
    """What is wrong with the words after the backticks."""


def replace(text: str, stand_in: Callable[[Fence], str]) -> str:
    """The text with each code block replaced by a paragraph of its own, indented as the block was.

    A block that is never closed reaches to the end and says so in its problems.
    """
    lines = text.split("\n")
    out: list[str] = []
    at = 0
    while at < len(lines):
        opening = _OPEN.match(lines[at])
        if opening is None:
            out.append(lines[at])
            at += 1
            continue
        start, closing = at, re.compile(rf"^[ \t]*{opening['fence'][0]}{{{len(opening['fence'])},}}[ \t]*$")
        at += 1
        while at < len(lines) and not closing.match(lines[at]):
            at += 1
        code = "\n".join(_without_indent(line, len(opening["indent"])) for line in lines[start + 1 : at])
        fence = _read(opening["words"], start + 1, code, closed=at < len(lines), indent=len(opening["indent"]))
        out += ["", opening["indent"] + stand_in(fence), ""]
        at += 1
    return "\n".join(out)


def _without_indent(line: str, width: int) -> str:
    return line[min(width, len(line) - len(line.lstrip(" \t"))) :]


def _read(words: str, line: int, code: str, *, closed: bool, indent: int) -> Fence:
    language, marker, attributes = "", None, {}
    problems = [] if closed else ["The code block is never closed."]
    if indent in (1, 2, 3):
        problems.append(f"The code block is indented by {indent}; within a list it takes four spaces.")
    for position, word in enumerate(_WORD.finditer(words.strip())):
        name, value = word["name"], word["value"]
        if word["bad"] is not None:
            problems.append(f"The code block's “{word['bad']}” cannot be read.")
        elif value is not None:
            if name not in _ATTRIBUTES or name in attributes:
                problems.append(f'The code block\'s {name}="..." is unknown or given twice.')
            attributes[name] = re.sub(r"\\(.)", r"\1", value)
        elif position == 0:
            language = name
        elif name in MARKERS and marker is None:
            marker = name
        else:
            problems.append(f"The code block's word “{name}” is not a marker.")
    if marker == "sketch" and not attributes.get("reason"):
        problems.append("The code block is a sketch without a reason.")
    if "reason" in attributes and marker != "sketch":
        problems.append("The code block gives a reason, but only a sketch needs one.")
    if "lines" in attributes and "include" not in attributes:
        problems.append('The code block has lines="..." without include="...".')
    if "include" in attributes and code.strip():
        problems.append("The code block includes a file and holds text as well.")
    return Fence(line, language, marker, attributes, code, tuple(problems))


def regions(source: str) -> dict[str, str]:
    """Named regions of a program, between `region NAME` and `endregion NAME` in comments, dedented.

    Raises:
        ValueError: a region is opened twice, not closed, or closed without being open; says where.
    """
    found: dict[str, str] = {}
    opened: dict[str, list[str]] = {}
    for number, line in enumerate(source.splitlines(), start=1):
        mark = re.match(r"^\s*(?://|#)\s*(?P<end>end)?region\s+(?P<name>[\w-]+)\s*$", line)
        if mark is None:
            for body in opened.values():
                body.append(line)
        elif mark["end"]:
            if mark["name"] not in opened:
                raise ValueError(f"{number}:The region “{mark['name']}” ends but never began.")
            found[mark["name"]] = textwrap.dedent("\n".join(opened.pop(mark["name"]))).strip("\n")
        elif mark["name"] in opened or mark["name"] in found:
            raise ValueError(f"{number}:The region “{mark['name']}” begins twice.")
        else:
            opened[mark["name"]] = []
    if opened:
        raise ValueError(f"1:The region “{next(iter(opened))}” never ends.")
    return found
