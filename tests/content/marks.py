"""What needs no engine to be seen: unfinished text, and blocks that are marked wrongly."""

from __future__ import annotations

import re

from backend.curriculum.faults import Faults
from tests.content.pages import Page

_PLACEHOLDER = re.compile(r"@@[\w-]*@@|\bTODO\b|\bFIXME\b|\bTBD\b")


def check_placeholders(page: Page, faults: Faults) -> None:
    """Nothing is left to be filled in, neither in prose nor in code."""
    for number, text in enumerate(page.path.read_text(encoding="utf-8").splitlines(), start=1):
        for placeholder in _PLACEHOLDER.findall(text):
            faults.add(page.file, number, f"{placeholder} is a placeholder.", "Put in what belongs there.")


def check_marks(page: Page, faults: Faults) -> None:
    """Every block says how it is checked, a sketch says why, and no output stands alone."""
    for before, fence in zip([None, *page.fences], page.fences, strict=False):
        for problem in fence.problems:
            faults.add(page.file, fence.line, problem, "The content guide lists what may stand after the backticks.")
        if fence.language == "output":
            if before is None or before.marker != "run":
                cure = "Put the block that printed it before it, marked run."
                faults.add(page.file, fence.line, "Nothing that is run prints this output.", cure)
        elif fence.marker is None and "include" not in fence.attributes:
            cure = 'Mark it run, compile, help or sketch reason="...", or include it from code/.'
            faults.add(page.file, fence.line, "The block does not say how it is checked.", cure)
