"""Fixtures of the grader's tests."""

from tests.grader.machine import sandbox, toolchain

__all__ = ["sandbox", "toolchain"]
