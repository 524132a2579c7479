"""Plain text of rendered pages, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

_VOID = {"br", "hr", "img", "input", "wbr", "meta", "link"}
_BLOCKS = {"p", "li", "tr", "div", "pre", "dt", "dd", "summary", "figure", "figcaption", "blockquote", "table"}
_HEADINGS = {"h2", "h3"}
_NOT_TEXT = {"heading-link", "lineno", "code-caption", "footnote-backref", "term-definitions"}


@dataclass(frozen=True)
class Section:
    """What stands under one heading."""

    anchor: str
    """Id of the heading; empty above the first one."""
    title: str
    text: str


def sections(html: str, *, code: bool = True) -> list[Section]:
    """The sections of a page in order; those without title and text are left out.

    `code`: whether blocks of code are part of the text.
    """
    reader = _Reader(_NOT_TEXT if code else _NOT_TEXT | {"code-frame"})
    reader.feed(html)
    reader.close()
    return reader.done()


def plain(html: str, *, code: bool = True) -> str:
    """The whole text in one line."""
    return " ".join(f"{section.title} {section.text}".strip() for section in sections(html, code=code)).strip()


class _Reader(HTMLParser):
    def __init__(self, skipped: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._skipped = skipped
        self._depth = 0
        self._in_heading = False
        self._anchor = ""
        self._title: list[str] = []
        self._text: list[str] = []
        self._found: list[Section] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self._text.append(" ")
            return
        values = dict(attrs)
        if self._depth or self._skipped.intersection((values.get("class") or "").split()):
            self._depth += 1
            return
        if tag in _HEADINGS:
            self._end_section()
            self._anchor, self._in_heading = values.get("id") or "", True

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if self._depth:
            self._depth -= 1
        elif tag in _HEADINGS:
            self._in_heading = False
        elif tag in _BLOCKS:
            self._text.append("\n")
        elif tag in ("td", "th"):
            self._text.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._depth:
            (self._title if self._in_heading else self._text).append(data)

    def _end_section(self) -> None:
        title, text = " ".join("".join(self._title).split()), " ".join("".join(self._text).split())
        if title or text:
            self._found.append(Section(self._anchor, title, text))
        self._anchor, self._title, self._text = "", [], []

    def done(self) -> list[Section]:
        """Everything read so far."""
        self._end_section()
        return self._found
