"""Compiler settings that a submission brings itself: allowed, but said, because a lab's flags are the same for all."""

from __future__ import annotations

import re
from collections.abc import Mapping

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
_SETTING = re.compile(
    r"#\s*pragma\s+(?:GCC|clang|omp|STDC)\s+\w+"
    r"|_Pragma\s*\([^)\n]*\)"
    r"|(?:__attribute__\s*\(\(|\[\[\s*gnu::)\s*(?:__)?(?:optimize|target|target_clones|simd)(?:__)?\b",
)
MAX_SHOWN = 3


def own_flags(files: Mapping[str, bytes]) -> str:
    """One sentence that names them with their lines, "" when there are none."""
    found: list[str] = []
    for name, content in sorted(files.items()):
        text = content.decode(errors="replace").replace("\\\r\n", "\n").replace("\\\n", "\n")
        text = _COMMENT.sub(lambda match: "\n" * match[0].count("\n") or " ", text)
        for match in _SETTING.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{name}:{line} “{' '.join(match[0].split())[:60]}”")
    if not found:
        return ""
    more = f" and {len(found) - MAX_SHOWN} more" if len(found) > MAX_SHOWN else ""
    return f"The code sets compiler flags of its own: {', '.join(found[:MAX_SHOWN])}{more}."
