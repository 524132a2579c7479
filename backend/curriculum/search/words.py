"""How texts fall into words. PostgreSQL's own parser breaks identifiers, flags and paths, so they are split here.

`llama_kv_cache`, `--n-gpu-layers`, `Q4_K_M` and `src/llama-kv-cache.cpp` are found whole and by their parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r"\w+(?:(?:::|->|[-./+])\w+)*")
_PART = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_LONGEST = 100


@dataclass(frozen=True)
class Token:
    """A word or an identifier of a text."""

    text: str

    @property
    def parts(self) -> list[str]:
        """Lower case, without punctuation; a plain word has one."""
        found = (part for piece in _PART.findall(self.text) for part in _CAMEL.split(piece))
        return [part.lower()[:_LONGEST] for part in found if part]

    @property
    def whole(self) -> str:
        """The identifier as one word."""
        return self.text.strip("_").lower()[:_LONGEST]

    @property
    def is_identifier(self) -> bool:
        """Whether it has more than one part."""
        return len(self.parts) > 1


def tokens(text: str) -> Iterator[Token]:
    """The words and identifiers of a text, in order."""
    for found in _TOKEN.finditer(re.sub(r"\b[cC]\+\+", "cpp", text)):
        token = Token(found[0])
        if token.parts:
            yield token


def spaced(text: str) -> str:
    """The text as parts with blanks between, which no parser can break in other places."""
    return " ".join(part for token in tokens(text) for part in token.parts)


def identifiers(text: str) -> set[str]:
    """The identifiers of a text as whole words."""
    return {token.whole for token in tokens(text) if token.is_identifier}


def quoted(lexeme: str) -> str:
    """A lexeme as the text form of tsvector and tsquery wants it."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
