"""Fixtures of the attack suite."""

from tests.grader.machine import sandbox, toolchain

__all__ = ["sandbox", "toolchain"]
