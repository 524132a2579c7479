"""Finding identifiers that a lab forbids, by tokens: comments and strings do not count.

Learner files are never parsed by a real parser in the grader's own process, so a file made to break one cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.lab import ForbiddenSpec

_CPP = re.compile(
    r"""
    //(?:\\\n|[^\n])*
  | /\*.*?(?:\*/|\Z)
  | (?:u8|[uUL])?R"(?P<raw>[^()\\\s]{0,16})\(.*?(?:\)(?P=raw)"|\Z)
  | "(?:\\.|[^"\\\n])*"?
  | (?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])*'?
  | (?P<name>(?:::\s*)?[A-Za-z_]\w*(?:\s*(?:::|\.|->)\s*[A-Za-z_]\w*)*)
  | (?P<newline>\n)
    """,
    re.X | re.S,
)
_PYTHON = re.compile(
    r"""
    \#[^\n]*
  | (?P<formatted>[rR]?[fF][rR]?
      (?:(?P<quotes>\"{3}|'{3})(?:\\.|.)*?(?:(?P=quotes)|\Z)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))
  | [bBrRuU]{0,2}(?P<triple>\"{3}|'{3})(?:\\.|.)*?(?:(?P=triple)|\Z)
  | [bBrRuU]{0,2}"(?:\\.|[^"\\\n])*"?
  | [bBrRuU]{0,2}'(?:\\.|[^'\\\n])*'?
  | (?P<name>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)
  | (?P<newline>\n)
    """,
    re.X | re.S,
)
_REPLACEMENT = re.compile(r"\{([^{}]*)\}")
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n#;]+)", re.M)
_FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]*\(?([^\n#;)]+)", re.M)
_SEPARATOR = re.compile(r"\s*(?:::|\.|->)\s*")


@dataclass(frozen=True)
class Finding:
    """A forbidden identifier and where it stands."""

    file: str
    line: int
    symbol: str
    reason: str


def _names(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line, dotted name) of every identifier chain outside comments and strings."""
    line, position = 1, 0
    for match in pattern.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        groups = match.groupdict()
        if (formatted := groups.get("formatted")) is not None:
            for part in _REPLACEMENT.findall(formatted):
                for _, chain in _names(part, pattern):
                    yield line, chain
        elif match["name"] is not None:
            yield line, tuple(part for part in _SEPARATOR.split(match["name"]) if part)


def _aliases(text: str) -> dict[str, tuple[str, ...]]:
    """Python: local name -> full dotted name, from import statements."""
    found: dict[str, tuple[str, ...]] = {}
    for match in _IMPORT.finditer(text):
        for part in match[1].split(","):
            words = part.split()
            if len(words) == 3 and words[1] == "as":
                found[words[2]] = tuple(words[0].split("."))
    for match in _FROM.finditer(text):
        for part in match[2].split(","):
            words = part.split()
            if words and words[0] != "*":
                found[words[-1]] = (*match[1].split("."), words[0])
    return found


def _contains(chain: Sequence[str], symbol: Sequence[str]) -> bool:
    width = len(symbol)
    return any(tuple(chain[start : start + width]) == tuple(symbol) for start in range(len(chain) - width + 1))


def find(files: Mapping[str, bytes], rules: Sequence[ForbiddenSpec], language: str) -> Finding | None:
    """The first forbidden identifier, in order of file and line."""
    wanted = [
        (rule, tuple(part for part in _SEPARATOR.split(rule.symbol.replace(".", "::")) if part)) for rule in rules
    ]
    if not wanted:
        return None
    for file, content in files.items():
        text = content.decode("utf-8", errors="replace")
        aliases = _aliases(text) if language == "python" else {}
        if language != "python":
            text = text.replace("\\\n", "")
        for line, chain in _names(text, _PYTHON if language == "python" else _CPP):
            full = (*aliases.get(chain[0], chain[:1]), *chain[1:])
            for rule, symbol in wanted:
                if _contains(chain, symbol) or _contains(full, symbol):
                    return Finding(file, line, rule.symbol, rule.reason)
    return None
