"""Harness code of the grader's own that is put beside a lab's harness where the lab has benchmarks in turns."""

from __future__ import annotations

from pathlib import Path

SERVE_ARGUMENT = "--serve"
"""The one argument of a program that is to be asked turn by turn."""
_FILES = {
    "cpp": ("llsys_serve.h",),
    "cuda": ("llsys_serve.h", "llsys_serve_staged.h"),
    "python": ("llsys_serve.py",),
}
STAGED = frozenset({"cuda"})
"""Languages whose turns have stages, because a device does the work."""


def harness_files(language: str) -> dict[str, bytes]:
    """File name -> content, for a lab's language; empty where none is needed."""
    return {name: (Path(__file__).parent / name).read_bytes() for name in _FILES.get(language, ())}
