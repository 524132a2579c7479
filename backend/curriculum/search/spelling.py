"""Corrects what was typed by the words that the index has."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from backend.curriculum.search.models import SearchWord

_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 4
_TWO_ERRORS_FROM = 6
_RARE_BESIDE = 10
"""A word is taken for a slip when one next to it is in so many times as many entries."""


class Vocabulary:
    """The words of the index, and in how many entries each is."""

    def __init__(self, counts: dict[str, int]) -> None:
        self._counts = counts
        self._sorted = sorted(counts)

    def corrected(self, text: str, *, rare: bool = False) -> str | None:
        """The text with unknown words replaced by the nearest known ones; None when nothing can be corrected.

        The last word may be the beginning of a known one. `rare`: instead of unknown words, those that hardly any
        entry has are replaced, when a much more frequent one is near.
        """
        end = len(text.rstrip())

        def replace(found: re.Match[str]) -> str:
            word = found[0].lower()
            known = self._counts.get(word, 0)
            if bool(known) != rare or (found.end() == end and not known and self._begins_one(word)):
                return found[0]
            better = self._nearest(word, at_least=known * _RARE_BESIDE)
            return better or found[0]

        corrected = _WORD.sub(replace, text)
        return corrected if corrected != text else None

    def _begins_one(self, word: str) -> bool:
        at = bisect_left(self._sorted, word)
        return at < len(self._sorted) and self._sorted[at].startswith(word)

    def _nearest(self, word: str, *, at_least: int) -> str | None:
        if len(word) < _SHORTEST or word.isdecimal():
            return None
        errors = 1 if len(word) < _TWO_ERRORS_FROM else 2
        near = process.extract(word, self._sorted, scorer=OSA.distance, score_cutoff=errors, limit=20)
        candidates = [
            (distance, found[0] != word[0], -self._counts[found], found)
            for found, distance, _ in near
            if found != word and self._counts[found] >= at_least
        ]
        return min(candidates)[3] if candidates else None


def vocabulary(revision: str | None) -> Vocabulary:
    """The words of the index at one state of the content. Kept in memory; the first call takes one query."""
    return _read() if revision is None else _kept(revision)


@lru_cache(maxsize=2)
def _kept(revision: str) -> Vocabulary:
    return _read()


def _read() -> Vocabulary:
    return Vocabulary(dict(SearchWord.objects.values_list("word", "entries")))
