"""Two texts, line against line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

CONTEXT = 3
"""Unchanged lines that are shown before and after a change."""
MAX_ROWS = 1500
"""Rows that a page shows of one file."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison, or a stretch of unchanged lines that is left out."""

    kind: str
    """same, added, removed or skipped."""
    text: str
    old: int = 0
    """Line in the older text, from 1; 0 where it has none."""
    new: int = 0
    """Line in the newer text, from 1; 0 where it has none."""

    @property
    def sign(self) -> str:
        """What stands before the line, so that colour never says it alone."""
        return {"added": "+", "removed": "-"}.get(self.kind, " ")


def differences(old: Sequence[str], new: Sequence[str]) -> list[Row]:
    """What has to be removed from `old` and added to make `new`, each change with a few lines around it.

    Empty where they are equal. Takes time in proportion to len(old) * len(new) / 64 whatever stands in them, where
    `difflib` can be made to take the cube.
    """
    rows: list[Row] = []
    added: list[Row] = []  # what is removed stands first, also where additions come before it
    for code in Indel.opcodes(old, new):
        if code.tag == "equal":
            rows += added
            added = []
            rows += [
                Row("same", old[at], at + 1, at + 1 + code.dest_start - code.src_start)
                for at in range(code.src_start, code.src_end)
            ]
        elif code.tag == "delete":
            rows += [Row("removed", old[at], old=at + 1) for at in range(code.src_start, code.src_end)]
        else:
            added += [Row("added", new[at], new=at + 1) for at in range(code.dest_start, code.dest_end)]
    rows += added
    return _near_changes(rows)


def _near_changes(rows: Sequence[Row]) -> list[Row]:
    """Leaves out what is far from every change."""
    changed = [place for place, row in enumerate(rows) if row.kind != "same"]
    near = {at for place in changed for at in range(place - CONTEXT, place + CONTEXT + 1)}
    shown: list[Row] = []
    far: list[Row] = []
    for place, row in enumerate(rows):
        if place not in near:
            far.append(row)
            continue
        shown += [*_gap(far), row]
        far = []
    return shown + _gap(far) if shown else []


def _gap(rows: Sequence[Row]) -> list[Row]:
    """A word in place of several lines; saying that one is left out takes as much room as the line."""
    return [Row("skipped", f"{len(rows)} unchanged lines")] if len(rows) > 1 else list(rows)
