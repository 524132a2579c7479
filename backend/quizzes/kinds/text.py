"""Typed answers: a word or phrase (`short`), or what a program prints (`output`)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from backend.quizzes.kinds.base import Asked, Kind, Raw, always_complete, nothing_to_arrange, text_field

_QUOTES = "`\"'\u2018\u2019\u201c\u201d"


def read_short(asked: Asked, raw: Raw) -> str | None:
    """The text without surrounding space."""
    return text_field(raw).strip() or None


def read_output(asked: Asked, raw: Raw) -> str | None:
    """The lines with the line ends of Unix."""
    text = text_field(raw).replace("\r\n", "\n").replace("\r", "\n")
    return text if text.strip() else None


def comparable_short(text: str, *, case_sensitive: bool) -> str:
    """A form in which spacing, quotation marks around it and, unless they matter, capitals make no difference."""
    text = " ".join(unicodedata.normalize("NFKC", text).split()).strip(_QUOTES).strip()
    return text if case_sensitive else text.casefold()


def comparable_output(text: str, *, case_sensitive: bool) -> str:
    """A form in which space at line ends and empty lines around make no difference."""
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", text).replace("\r\n", "\n").split("\n")]
    text = "\n".join(lines).strip("\n")
    return text if case_sensitive else text.casefold()


def score_short(answer: str, key: Mapping[str, Any]) -> float:
    """1 for an accepted form, else 0. Capitals matter only where the key says so."""
    case = bool(key.get("case_sensitive", False))
    given = comparable_short(answer, case_sensitive=case)
    return float(any(given == comparable_short(form, case_sensitive=case) for form in key["accepted"]))


def score_output(answer: str, key: Mapping[str, Any]) -> float:
    """1 for exactly what is printed, else 0. Capitals matter unless the key says otherwise."""
    case = bool(key.get("case_sensitive", True))
    given = comparable_output(answer, case_sensitive=case)
    return float(any(given == comparable_output(form, case_sensitive=case) for form in key["accepted"]))


SHORT = Kind(
    "short", "Answer in a word or a few.", "text", nothing_to_arrange, read_short, score_short, always_complete
)
OUTPUT = Kind(
    "output",
    "Write what the program prints, line by line.",
    "lines",
    nothing_to_arrange,
    read_output,
    score_output,
    always_complete,
)
