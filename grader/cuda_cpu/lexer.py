"""Splitting C++ into tokens that, joined again, are the same text. One pass, linear time, no opinion about meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a token is."""

    SPACE = "space"
    """White space and comments."""
    WORD = "word"
    NUMBER = "number"
    TEXT = "text"
    """Strings and characters, raw ones included."""
    SIGN = "sign"


@dataclass(frozen=True)
class Token:
    """A piece of source text."""

    kind: Kind
    text: str


_TOKEN = re.compile(
    r"""
    (?P<space>(?:\s|\\\r?\n|//(?:\\\r?\n|[^\n])*|/\*.*?(?:\*/|\Z))+)
  | (?P<text>(?:u8|[uUL])?R"(?P<raw>[^()\\\s"]{0,16})\(.*?(?:\)(?P=raw)"|\Z)
      | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"?
      | (?:u8|[uUL])?'(?:\\.|[^'\\\n])*'?)
  | (?P<word>[^\W\d]\w*)
  | (?P<number>\.?\d(?:[eEpP][+-]|'(?=\w)|[\w.])*)
  | (?P<sign><<<|>>>|\[\[|::|->\*?|<<=|>>=|<=>|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%&|^]=|\.\.\.|.)
    """,
    re.X | re.S,
)


def tokens(source: str) -> list[Token]:
    """The tokens of a file; every character of it is in exactly one of them."""
    return [Token(Kind(match.lastgroup if match["raw"] is None else "text"), match[0]) for match in _iterate(source)]


def _iterate(source: str) -> list[re.Match[str]]:
    found, position = [], 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        assert match is not None, "the last alternative takes any character"
        found.append(match)
        position = match.end()
    return found
