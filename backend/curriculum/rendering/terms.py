"""Links the first use of each glossary term in a page, and puts the definitions at its end.

A definition is a popover: without scripts it stays closed and the link leads to the glossary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import escape

_TAG = re.compile(r'(<[^>"]*(?:"[^"]*"[^>"]*)*>)')
_NAME = re.compile(r"</?([a-z0-9]+)", re.IGNORECASE)
_NOT_INSIDE = {"a", "code", "kbd", "samp", "var", "pre", "summary", "abbr", "sup", "th", "h2", "h3", "h4", "h5"}


@dataclass(frozen=True)
class GlossaryEntry:
    """A term that pages link."""

    slug: str
    names: tuple[str, ...]
    """The term itself, then its other names."""
    definition_html: str
    address: str
    lesson: tuple[str, str] | None
    """Title and address of the lesson that explains it."""


class TermLinker:
    """Links the terms of one glossary."""

    def __init__(self, entries: Sequence[GlossaryEntry] = ()) -> None:
        self._by_name = {name: entry for entry in entries for name in entry.names}
        names = sorted(self._by_name, key=len, reverse=True)
        self._pattern = (
            re.compile(r"(?<![\w./-])(?:" + "|".join(map(_pattern, names)) + r")(?![\w/-]|\.\w)") if names else None
        )
        self._by_lower = {name.lower(): entry for name, entry in self._by_name.items() if not _is_exact(name)}

    def link(self, html: str) -> tuple[str, str]:
        """The sanitised HTML with first uses linked, and the HTML of the definitions that they open."""
        if self._pattern is None:
            return html, ""
        used: dict[str, GlossaryEntry] = {}
        text = "".join(self._pieces(html, used))
        cards = "".join(map(_card, used.values()))
        return text, f'<div class="term-definitions">{cards}</div>' if cards else ""

    def _pieces(self, html: str, used: dict[str, GlossaryEntry]) -> Iterator[str]:
        depth = 0
        for at, piece in enumerate(_TAG.split(html)):
            if at % 2:
                name = _NAME.match(piece)
                if name and name[1].lower() in _NOT_INSIDE:
                    depth += -1 if piece.startswith("</") else 1
                yield piece
            elif depth or self._pattern is None:
                yield piece
            else:
                yield self._pattern.sub(lambda found: self._linked(found[0], used), piece)

    def _linked(self, name: str, used: dict[str, GlossaryEntry]) -> str:
        entry = self._entry(name)
        if entry is None or entry.slug in used:
            return name
        used[entry.slug] = entry
        return f'<a class="term" href="{escape(entry.address)}" aria-describedby="term-{entry.slug}">{name}</a>'

    def _entry(self, name: str) -> GlossaryEntry | None:
        name = " ".join(name.split())
        for form in (name, name.removesuffix("s"), name.removesuffix("es")):
            entry = self._by_name.get(form) or self._by_lower.get(form.lower())
            if entry is not None:
                return entry
        return None


def _is_exact(name: str) -> bool:
    """Names with capitals or digits are written in one way; others may begin a sentence."""
    return name != name.lower() or any(letter.isdigit() for letter in name)


def _pattern(name: str) -> str:
    words = r"\s+".join(map(re.escape, name.split()))
    return words + "s?" if _is_exact(name) else f"(?i:{words})(?:e?s)?"


def _card(entry: GlossaryEntry) -> str:
    links = f'<a href="{escape(entry.address)}">In the glossary</a>'
    if entry.lesson is not None:
        links += f' <a href="{escape(entry.lesson[1])}">{escape(entry.lesson[0])}</a>'
    return (
        f'<div class="term-card" id="term-{entry.slug}" popover="manual">'
        f'<p class="term-name">{escape(entry.names[0])}</p><div>{entry.definition_html}</div>'
        f'<p class="term-links">{links}</p></div>'
    )
