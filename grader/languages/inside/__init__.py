"""Programs that run inside a box beside a learner's files. They import nothing of the grader's."""

from __future__ import annotations

from pathlib import Path

FOLDER = "/harness"
"""Where the package stands in a box: `python -m inside.call` finds it with this folder on its path."""


def files(*names: str) -> dict[str, bytes]:
    """Modules of this package at their places in a box; the package's own file stays out."""
    here = Path(__file__)
    return {f"{FOLDER}/inside/{name}.py": here.with_name(f"{name}.py").read_bytes() for name in names}
