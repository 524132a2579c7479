"""Tokens of a source file, as far as names need them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from grader.lab import ForbiddenSpec

Chain = tuple[str, ...]
"""A name with its qualifiers, such as ("std", "sort")."""
MAX_PIECES = 4
_SEPARATOR = re.compile(r"::|\.|->")


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is name, string or sign."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True)
class Finding:
    """A forbidden identifier and where it stands."""

    file: str
    line: int
    symbol: str
    reason: str


@dataclass(frozen=True)
class Rule:
    """A forbidden name, in parts."""

    symbol: str
    reason: str
    parts: Chain

    @classmethod
    def of(cls, spec: ForbiddenSpec) -> Rule:
        """The rule of a lab's spec."""
        return cls(spec.symbol, spec.reason, tuple(part for part in _SEPARATOR.split(spec.symbol) if part))

    @property
    def last(self) -> str:
        """The name itself, without qualifiers."""
        return self.parts[-1]

    def in_chain(self, chain: Sequence[str]) -> bool:
        """Whether the parts stand one after another in a chain."""
        width = len(self.parts)
        return any(tuple(chain[start : start + width]) == self.parts for start in range(len(chain) - width + 1))

    def found(self, file: str, line: int) -> Finding:
        """The finding of this rule at a place."""
        return Finding(file, line, self.symbol, self.reason)


def chains(tokens: Sequence[Token], joints: Collection[str]) -> list[tuple[int, int, Chain]]:
    """(index of the first token, index behind the last, chain) of every name with its qualifiers."""
    found = []
    place = 0
    while place < len(tokens):
        if tokens[place].kind != "name":
            place += 1
            continue
        first, parts = place, [tokens[place].text]
        place += 1
        while place + 1 < len(tokens) and tokens[place].text in joints and tokens[place + 1].kind == "name":
            parts.append(tokens[place + 1].text)
            place += 2
        found.append((first, place, tuple(parts)))
    return found


def resolved(chain: Chain, aliases: dict[str, Chain]) -> Chain:
    """The chain with its first name replaced by what it stands for, as often as there is something."""
    for _ in range(MAX_PIECES):
        other = aliases.get(chain[0])
        if other is None or other[0] == chain[0]:
            return (*other, *chain[1:]) if other else chain
        chain = (*other, *chain[1:])
    return chain


def made_of(word: str, pieces: Collection[str], left: int = MAX_PIECES) -> bool:
    """Whether a word can be put together from at most so many pieces."""
    if word in pieces:
        return True
    return left > 1 and any(
        word[:cut] in pieces and made_of(word[cut:], pieces, left - 1) for cut in range(1, len(word))
    )


def speaks_of(word: str, texts: Iterable[str]) -> bool:
    """Whether a word stands as a word in one of the texts."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for text in texts)
