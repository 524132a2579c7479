"""What can go wrong with the toolchain, said with a cure."""

from __future__ import annotations


class ToolchainError(Exception):
    """The toolchain cannot be built or used; the message names the cause, `cure` what to do."""

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(message)
        self.cure = cure

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message} {self.cure}" if self.cure else message


class ManifestError(ToolchainError):
    """A manifest is absent, unreadable, or does not match the files beside it."""


class BuildRunningError(ToolchainError):
    """Another process holds the toolchain lock and the caller did not want to wait."""
