"""A number, right within a tolerance relative to the exact one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from backend.quizzes.kinds.base import Asked, InvalidAnswer, Kind, Raw, always_complete, nothing_to_arrange, text_field

_NUMBER = re.compile(
    r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[ _\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)"
    r"(?:[eE][-+]?\d{1,4})?)\s*(?P<unit>\D{0,20})",
    re.ASCII,
)
_ROUNDING = 1e-9


def parse(text: str, unit: str) -> float:
    """The number in a text such as `1,536`, `1.5e3` or `2.75 GiB`.

    Raises:
        InvalidAnswer: not a number, or in another unit than the question asks for.
    """
    example = f"Write a number, such as 1536, 0.75 or 1.5e3{f', in {unit}' if unit else ''}."
    match = _NUMBER.fullmatch(text.strip().replace("\u2212", "-"))
    if match is None:
        raise InvalidAnswer(example)
    given = match["unit"].strip()
    if given and given.casefold() != unit.casefold():
        raise InvalidAnswer(example)
    value = float(re.sub(r"[, _\u00a0\u202f]", "", match["number"]))
    if not math.isfinite(value):
        raise InvalidAnswer(example)
    return value


def read(asked: Asked, raw: Raw) -> str | None:
    """The number as typed."""
    text = text_field(raw).strip()
    if not text:
        return None
    parse(text, str(asked.key.get("unit") or ""))
    return text


def score(answer: str, key: Mapping[str, Any]) -> float:
    """1 within `tolerance` times the exact number (times 1 where that is 0), else 0."""
    value, exact = parse(answer, str(key.get("unit") or "")), float(key["answer"])
    allowed = float(key.get("tolerance") or 0) * (abs(exact) or 1.0) + _ROUNDING * abs(exact)
    return float(abs(value - exact) <= allowed)


NUMERIC = Kind("numeric", "Answer with a number.", "number", nothing_to_arrange, read, score, always_complete)
