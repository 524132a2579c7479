"""Which questions a learner wants to be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

CATEGORIES = {
    "system-design": "System design",
    "coding": "Coding",
    "concepts": "Concepts",
    "debugging": "Debugging",
}
"""The styles of question that interviews have: name in the content -> for people."""
DIFFICULTIES = {1: "Foundation", 2: "Working knowledge", 3: "Expert"}
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


@dataclass(frozen=True, slots=True)
class Filters:
    """A choice; empty values choose everything."""

    category: str = ""
    module: str = ""
    """Slug."""
    difficulty: int = 0

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Filters:
        """From a query or a form. What makes no sense chooses everything."""
        category, module, level = (str(given.get(name, "")) for name in ("category", "module", "difficulty"))
        return cls(
            category=category if category in CATEGORIES else "",
            module=module if _SLUG.fullmatch(module) else "",
            difficulty=int(level) if level in {"1", "2", "3"} else 0,
        )

    @property
    def chosen(self) -> dict[str, str]:
        """What is not empty, for forms."""
        values = {"category": self.category, "module": self.module, "difficulty": str(self.difficulty or "")}
        return {name: value for name, value in values.items() if value}

    @property
    def query(self) -> str:
        """For the end of an address, with its question mark."""
        return f"?{urlencode(self.chosen)}" if self.chosen else ""

    def fits(self, *, category: str, module: str, difficulty: int) -> bool:
        """Whether a question is among the chosen."""
        return self.category in {"", category} and self.module in {"", module} and self.difficulty in {0, difficulty}
