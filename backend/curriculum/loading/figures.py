"""Figures: SVG files that are safe to serve and have a size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.parsers import expat

from backend.curriculum.faults import Faults

_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{0,90}\.svg$")
_REFUSED = {"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "handler", "set"}
# A drawing shown as an image knows nothing of the page: it brings the page's ink and paper itself.
_INK = (
    "<style>:root{color-scheme:light dark;color:#1d2226;background:#fbfaf7}"
    "@media(prefers-color-scheme:dark){:root{color:#dfe3e5;background:#14171a}}</style>"
)


@dataclass(frozen=True)
class Drawing:
    """An SVG as it is served, and its size in CSS pixels."""

    name: str
    svg: str
    width: int
    height: int


def read(path: str, name: str, text: str, faults: Faults) -> Drawing | None:
    """Check a figure; None, with faults, when it cannot be served."""
    if not _NAME.match(name):
        faults.add(path, 1, "The name of a figure is lower case with hyphens, and ends in .svg.", "Rename it.")
        return None
    reader = _Reader(path, faults)
    before = len(faults.found)
    try:
        reader.parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        message = expat.errors.messages[error.code]
        faults.add(path, error.lineno, f"Not valid XML: {message}.", "Correct it.")
    if len(faults.found) > before:
        return None
    if reader.width < 1 or reader.height < 1:
        faults.add(path, 1, "The figure has no size.", "Give the svg element a viewBox, or width and height.")
        return None
    at = text.index(">", text.index("<svg")) + 1
    return Drawing(name, text[:at] + _INK + text[at:], reader.width, reader.height)


class _Reader:
    """Walks through an SVG, notes its size and what does not belong in it."""

    def __init__(self, path: str, faults: Faults) -> None:
        self.path = path
        self.faults = faults
        self.width = self.height = 0
        self._depth = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction

    def _fault(self, message: str) -> None:
        self.faults.add(self.path, self.parser.CurrentLineNumber, message, "Take it out; a figure only draws.")

    def _doctype(self, *_: object) -> None:
        self._fault("A figure has no DOCTYPE.")

    def _instruction(self, target: str, _: str) -> None:
        self._fault(f"A figure has no processing instruction such as {target}.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2].lower()
        if self._depth == 0:
            if name != "svg":
                self._fault(f"The file starts with <{tag}>, not <svg>.")
            self._size(attributes)
        self._depth += 1
        if name in _REFUSED:
            self._fault(f"A figure has no <{tag}>.")
        for attribute, value in attributes.items():
            plain = attribute.rpartition(":")[2].lower()
            if plain.startswith("on"):
                self._fault(f"A figure has no {attribute}=.")
            elif (plain == "href" and not value.startswith("#")) or re.search(r"url\(\s*['\"]?(?!#)", value):
                self._fault(f"A figure refers to nothing outside itself, as {attribute}={value[:60]!r} does.")

    def _size(self, attributes: dict[str, str]) -> None:
        box = [float(part) for part in re.findall(r"-?[\d.]+", attributes.get("viewBox", ""))]
        for position, name in ((2, "width"), (3, "height")):
            given = re.fullmatch(r"\s*([\d.]+)(?:px)?\s*", attributes.get(name, ""))
            size = float(given[1]) if given else box[position] if len(box) == 4 else 0
            setattr(self, name, min(round(size), 10_000))
