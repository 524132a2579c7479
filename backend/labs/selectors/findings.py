"""What instrumented runs found, grouped for a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.labs import plots
from grader.contract import Diagnostic, Finding, FindingKind, KernelProfile

_SEVERITIES = ("error", "warning", "note")
_TITLES = {
    FindingKind.OUT_OF_BOUNDS: "Access out of bounds",
    FindingKind.USE_AFTER_FREE: "Use after free",
    FindingKind.MISALIGNED: "Misaligned access",
    FindingKind.UNINITIALISED: "Use of memory that nobody wrote",
    FindingKind.RACE: "Race",
    FindingKind.DIVERGENT_BARRIER: "Barrier that not all threads reach",
    FindingKind.DEADLOCK: "Deadlock",
    FindingKind.UNCOALESCED: "Accesses that do not coalesce",
    FindingKind.BANK_CONFLICT: "Bank conflicts in shared memory",
    FindingKind.UNDEFINED: "Undefined behaviour",
    FindingKind.LEAK: "Memory that is never freed",
    FindingKind.OTHER: "Other findings",
}
_FILE_NAME = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,63}$")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file that was handed in."""

    file: str
    line: int

    @property
    def anchor(self) -> str:
        """Id of the line in the listing of a submission."""
        return f"L-{self.file}-{self.line}"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def place_of(row: Finding | Diagnostic) -> Place | None:
    """Where a message points to; None where it names no line of a learner's file."""
    name = row.file.rpartition("/")[2]
    return Place(name, row.line) if row.line > 0 and _FILE_NAME.match(name) else None


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One finding with its place."""

    finding: Finding
    place: Place | None


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one kind."""

    title: str
    severity: str
    """The worst of them."""
    count: int
    """How often anything of the kind was seen."""
    rows: Sequence[ShownFinding]


@dataclass(frozen=True, slots=True)
class ShownKernel:
    """A kernel's counts, drawn."""

    profile: KernelProfile
    plot: plots.BarPlot


def grouped(findings: Sequence[Finding]) -> list[FindingGroup]:
    """Findings by kind, the gravest kinds first, within a kind by place."""
    groups = []
    for kind, title in _TITLES.items():
        mine = sorted((f for f in findings if f.kind is kind), key=lambda f: (_rank(f), f.file, f.line))
        if mine:
            rows = [ShownFinding(finding, place_of(finding)) for finding in mine]
            groups.append(FindingGroup(title, mine[0].severity, sum(f.count for f in mine), rows))
    return sorted(groups, key=lambda group: _SEVERITIES.index(group.severity))


def _rank(finding: Finding) -> int:
    return _SEVERITIES.index(finding.severity)


def drawn(kernels: Sequence[KernelProfile]) -> list[ShownKernel]:
    """Kernels with their plots."""
    return [ShownKernel(profile, plots.kernel_plot(profile)) for profile in kernels]
