"""Where the words stand: the section that has most of them, a piece of its text, and marks. Escaped first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from backend.curriculum.search.asking import Term

_LENGTH = 190
_BEFORE = 24
_ENDING = re.compile(r"(?:i[sz]ations?|i[sz](?:e|ed|es|er|ing)|ations?|ings?|edly|ed|ers?|es|s|e)$")
_SHORTEST_STEM = 4


@dataclass(frozen=True)
class Snippet:
    """A piece of an entry's text."""

    anchor: str
    """Of the section it is from; empty for the page itself."""
    heading: SafeString
    text: SafeString


class Marker:
    """Marks the terms of one search in plain text."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = [re.compile(_pattern(term), re.IGNORECASE) for term in terms]
        self._any = re.compile("|".join(pattern.pattern for pattern in self._terms), re.IGNORECASE)

    def mark(self, text: str) -> SafeString:
        """The text as HTML with each term in `<mark>`."""
        out: list[str] = []
        at = 0
        for found in self._any.finditer(text):
            out += [escape(text[at : found.start()]), "<mark>", escape(found[0]), "</mark>"]
            at = found.end()
        return mark_safe("".join([*out, escape(text[at:])]))  # noqa: S308 - every piece is escaped

    def snippet(self, summary: str, sections: list[dict[str, Any]]) -> Snippet:
        """The best piece of an entry: of the section with most terms, or of the summary when that has all."""
        in_summary = self._score(summary)
        best, best_score = None, 0
        for section in sections:
            score = self._score(f"{section['title']} {section['text']}") * 2 + self._score(section["title"])
            if score > best_score:
                best, best_score = section, score
        if best is None or (summary and (in_summary == len(self._terms) or not best["text"])):
            return Snippet("", SafeString(""), self.mark(_cut(summary, 0)))
        found = self._densest(best["text"])
        return Snippet(best["anchor"], self.mark(best["title"]), self.mark(_cut(best["text"], found)))

    def _score(self, text: str) -> int:
        return sum(pattern.search(text) is not None for pattern in self._terms)

    def _densest(self, text: str) -> int:
        starts = [found.start() for found in self._any.finditer(text)]
        counts = [sum(start <= other < start + _LENGTH - _BEFORE for other in starts) for start in starts]
        return starts[counts.index(max(counts))] if starts else 0


def _cut(text: str, at: int) -> str:
    """About `_LENGTH` characters around a place, at whole words."""
    start = max(0, at - _BEFORE)
    if start:
        start = text.rfind(" ", 0, start + 1) + 1 or start
    piece = text[start : start + _LENGTH]
    if start + _LENGTH < len(text):
        piece = (piece.rsplit(" ", 1)[0] if " " in piece else piece) + " …"
    return ("… " if start else "") + piece


def _pattern(term: Term) -> str:
    if len(term.parts) > 1:
        between = r"\W+" if term.phrase else r"[\W_]*"
        end = "" if term.unfinished or not term.phrase else r"(?![^\W_])"
        return r"(?<![^\W_])" + between.join(map(re.escape, term.parts)) + end
    word = term.parts[0]
    stem = _ENDING.sub("", word)
    rest = r"[^\W_]*" if term.unfinished or len(stem) >= _SHORTEST_STEM else r"s?"
    return r"(?<![^\W_])" + re.escape(stem if len(stem) >= _SHORTEST_STEM else word) + rest + r"(?![^\W_])"
