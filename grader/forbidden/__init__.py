"""Finding identifiers that a lab forbids, by tokens: comments and strings do not count.

Learner files are never parsed by a real parser in the grader's own process, so a file made to break one cannot. What
is found is what a reader of the code would find, under other names too: by alias, by `using`, by pieces that a macro
or a look-up by name puts together. Who goes further than that hides something, and a person may look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.forbidden import cpp, python
from grader.forbidden.tokens import Finding, Rule
from grader.lab import ForbiddenSpec

__all__ = ["Finding", "find"]


def find(files: Mapping[str, bytes], rules: Sequence[ForbiddenSpec], language: str) -> Finding | None:
    """The first forbidden identifier, in order of file and line."""
    wanted = [Rule.of(rule) for rule in rules]
    if not wanted:
        return None
    return python.find(files, wanted) if language == "python" else cpp.find(files, wanted)
