"""Compiler settings that a submission brings itself: allowed, but said, because a lab's flags are the same for all."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SPLICED = re.compile(r"^(?:[^\n]*\\\r?\n)+[^\n]*", re.M)
# Strings too, or one that holds the beginning of a comment would hide what follows it.
_PASSED_OVER = re.compile(
    r"(?P<string>R\"(?P<mark>[^()\\\s]{0,16})\(.*?(?:\)(?P=mark)\"|\Z)|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])')"
    r"|//[^\n]*|/\*.*?(?:\*/|\Z)",
    re.S,
)
_NAMES = r"(?:__)?(?:optimize|target|target_clones|simd)(?:__)?\b"
_SETTING = re.compile(
    r"(?:#|%:)\s*pragma\s+(?:GCC|clang|omp|STDC)\s+\w+"
    r"|_Pragma\s*\([^)\n]{0,200}\)"
    rf"|(?:__attribute(?:__)?\s*\(\(|\[\[\s*(?:using\s+)?gnu\s*:)(?:[^()\]]|\([^()]*\)){{0,200}}?\b{_NAMES}"
    # Whatever macro stands for the attribute, its arguments are written out.
    r"|\b(?:__)?(?:optimize|target|target_clones)(?:__)?\s*\(\s*\"",
)
MAX_SHOWN = 3


def _joined(match: re.Match[str]) -> str:
    """Lines that a backslash joins, as the one line that a compiler sees; what follows keeps its line numbers."""
    return re.sub(r"\\\r?\n", "", match[0]) + "\n" * match[0].count("\n")


def _blanked(match: re.Match[str]) -> str:
    """Nothing of a comment, and of a string only what cannot be taken for a setting."""
    if match["string"] and "#" not in match[0]:
        return match[0]
    return '""' if match["string"] else "\n" * match[0].count("\n") or " "


def own_flags(files: Mapping[str, bytes]) -> str:
    """One sentence that names them with their lines, "" when there are none."""
    found: list[str] = []
    for name, content in sorted(files.items()):
        text = _SPLICED.sub(_joined, content.decode(errors="replace"))
        text = _PASSED_OVER.sub(_blanked, text)
        for match in _SETTING.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{name}:{line} “{' '.join(match[0].split())[:60]}”")
    if not found:
        return ""
    more = f" and {len(found) - MAX_SHOWN} more" if len(found) > MAX_SHOWN else ""
    return f"The code sets compiler flags of its own: {', '.join(found[:MAX_SHOWN])}{more}."
