"""How texts fall into words. PostgreSQL's own parser breaks identifiers, flags and paths, so they are split here.

`llama_kv_cache`, `--n-gpu-layers`, `Q4_K_M` and `src/llama-kv-cache.cpp` are found whole and by their parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"\w+(?:(?:::|->|[-./+])\w+)*")
_PART = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_CPP = re.compile(r"\b[cC]\+\+")
_LONGEST = 100


@dataclass(frozen=True)
class Token:
    """A word or an identifier."""

    parts: tuple[str, ...]
    """Lower case, without punctuation; a plain word has one."""
    whole: str
    """The identifier as one word, in lower case."""

    @property
    def is_identifier(self) -> bool:
        """Whether it has more than one part."""
        return len(self.parts) > 1


# Texts use the same words again and again.
@lru_cache(maxsize=1 << 16)
def _token(text: str) -> Token:
    found = (part for piece in _PART.findall(text) for part in _CAMEL.split(piece))
    return Token(tuple(part.lower()[:_LONGEST] for part in found if part), text.strip("_").lower()[:_LONGEST])


def tokens(text: str) -> list[Token]:
    """The words and identifiers of a text, in order."""
    found = (_token(one) for one in _TOKEN.findall(_CPP.sub("cpp", text)))
    return [token for token in found if token.parts]


def spaced(found: Iterable[Token]) -> str:
    """The parts with blanks between, which no parser can break in other places."""
    return " ".join(part for token in found for part in token.parts)


def identifiers(found: Iterable[Token]) -> set[str]:
    """The identifiers as whole words."""
    return {token.whole for token in found if token.is_identifier}


def quoted(lexeme: str) -> str:
    """A lexeme as the text form of tsvector and tsquery wants it."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
