"""What is wrong with the content: every fault with its file, its line and its cure."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Fault:
    """One thing an author has to change."""

    file: str
    """Path below the content folder."""
    line: int
    """From 1."""
    message: str
    cure: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} {self.cure}"


class ContentError(Exception):
    """The content cannot be loaded. Carries all faults, sorted by file and line."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass
class Faults:
    """Collects faults, so that an author sees all of them at once."""

    found: list[Fault] = field(default_factory=list)

    def add(self, file: str, line: int, message: str, cure: str) -> None:
        """Note a fault and go on."""
        self.found.append(Fault(file, line, message, cure))

    def raise_if_any(self) -> None:
        """Raise ContentError when something was noted."""
        if self.found:
            raise ContentError(self.found)
