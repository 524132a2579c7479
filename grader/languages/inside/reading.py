"""Bytes as text, documents as plain JSON, and the fault of a file. Runs in a box."""

from __future__ import annotations

import math
from typing import Any

MAX_DEPTH = 24
MAX_NODES = 50_000
MAX_TEXT = 20_000


class Fault(Exception):
    """Something the parser refuses."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.row = {"line": line, "column": column, "message": message[:1000]}


def text_of(path: str) -> str:
    """The file as text."""
    with open(path, "rb") as file:
        raw = file.read()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault("The file is not UTF-8 text.", raw[: error.start].count(b"\n") + 1) from error
    if "\0" in text:
        raise Fault("The file holds a NUL byte.", text[: text.index("\0")].count("\n") + 1)
    return text


def plain(value: Any, depth: int = 0, room: list[int] | None = None) -> Any:
    """A document as plain JSON, within bounds."""
    room = [MAX_NODES] if room is None else room
    room[0] -= 1
    if room[0] < 0:
        raise Fault(f"The document has more than {MAX_NODES} values.")
    if depth > MAX_DEPTH:
        raise Fault(f"The document is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, dict):
        return {str(key): plain(item, depth + 1, room) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item, depth + 1, room) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= 192 else str(value)
    return str(value)[:MAX_TEXT]
