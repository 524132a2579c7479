"""How to build and run each language. A step is a function from values to values; it knows nothing of queues."""

from __future__ import annotations

from typing import Protocol

from grader.lab import LabSpec
from grader.languages import config, cpp, cuda, python
from grader.languages.source import BuildResult, Program, SourceTree
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain


class Language(Protocol):
    """What a language module offers."""

    def build(self, source: SourceTree, spec: LabSpec, toolchain: Toolchain, sandbox: Sandbox) -> BuildResult:
        """Compile and link inside the sandbox. Diagnostics carry file, line and column."""

    def flags(self, spec: LabSpec) -> str:
        """The fixed flags, as a report shows them."""


_LANGUAGES: dict[str, Language] = {"config": config, "cpp": cpp, "cuda": cuda, "python": python}


def language_of(spec: LabSpec) -> Language:
    """The language a lab is written in."""
    return _LANGUAGES[spec.language]


__all__ = ["BuildResult", "Language", "Program", "SourceTree", "language_of"]
