"""Findings and profiles from a trace.

A program can write any trace it likes. A forged one hides faults that would have failed a test by themselves; whether
the answer is right is judged from outputs, outside the box, by the lab's checks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.contract import Finding, FindingKind, KernelProfile
from grader.cuda_cpu.locate import Line
from grader.cuda_cpu.sentences import SENSES
from grader.cuda_cpu.trace import Seen, Site, Trace
from grader.text import clip

MAX_FINDINGS = 50
MAX_KERNELS = 20
WASTE = 1.5
"""From this ratio to the ideal on, wasted sectors or passes are worth a word."""
_RANK = {"error": 0, "warning": 1, "note": 2}
_CRASHES = ("illegal_address", "misaligned_crash")


@dataclass(frozen=True)
class Observed:
    """What a traced run told, located in the learner's files."""

    findings: tuple[Finding, ...] = ()
    kernels: tuple[KernelProfile, ...] = ()
    complete: bool = False
    """Whether the run came to its end and left a trace."""


def observed(trace: Trace, lines: dict[int, Line]) -> Observed:
    """Everything that has a line in a learner's file, the gravest first."""
    found = [*_errors(trace.findings, lines), *_waste(trace.sites, lines)]
    merged = _merge(found)
    merged.sort(key=lambda one: (_RANK[one.severity], one.file, one.line))
    return Observed(tuple(merged[:MAX_FINDINGS]), tuple(_profiles(trace)), complete=True)


def for_hidden_input(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest error alone, in words without numbers: more could carry a hidden input out to its author."""
    for one in findings:
        if one.severity == "error":
            return [one.model_copy(update={"message": _BRIEF.get(one.kind, "A fault was seen here."), "count": 1})]
    return []


_BRIEF = {sense.kind: sense.brief for sense in reversed(SENSES.values()) if sense.severity == "error"}
"""Of the kinds that have several words, the first one's."""


def _errors(findings: Iterable[Seen], lines: dict[int, Line]) -> Iterable[Finding]:
    explained = {str(lines[one.place]) for one in findings if one.what not in _CRASHES and one.place in lines}
    for one in findings:
        sense, line = SENSES.get(one.what), lines.get(one.place)
        if sense is None or line is None or not line.own:
            continue
        if one.what in _CRASHES and str(line) in explained:
            continue
        if one.what == "barrier_elsewhere" and str(lines.get(one.other)) == str(line):
            continue  # The compiler made two of one.
        severity = "warning" if one.what == "uninitialised" and one.space == "global" else sense.severity
        yield Finding(
            kind=sense.kind,
            severity=severity,
            file=line.file,
            line=line.number,
            message=clip(sense.full(one, lines), 2000),
            count=one.count,
        )


def _waste(sites: Iterable[Site], lines: dict[int, Line]) -> Iterable[Finding]:
    for site in sites:
        line = lines.get(site.place)
        if line is None or not line.own:
            continue
        does = "write" if site.writes else "read"
        if not site.shared and site.requests and site.sectors >= WASTE * site.ideal_sectors > 0:
            each, ideal = site.sectors / site.requests, site.ideal_sectors / site.requests
            yield Finding(
                kind=FindingKind.UNCOALESCED,
                severity="warning",
                file=line.file,
                line=line.number,
                message=f"A warp's {does} touches {each:.1f} sectors of 32 bytes where {ideal:.1f} would do: "
                "neighbouring lanes should use neighbouring addresses.",
                count=site.requests,
            )
        if site.shared and site.shared_requests and site.shared_passes >= WASTE * site.shared_requests:
            degree = site.shared_passes / site.shared_requests
            yield Finding(
                kind=FindingKind.BANK_CONFLICT,
                severity="warning",
                file=line.file,
                line=line.number,
                message=f"A warp's {does} of shared memory takes {degree:.1f} passes instead of one: several lanes use "
                "the same of the 32 banks for different words.",
                count=site.shared_requests,
            )


def _merge(findings: Iterable[Finding]) -> list[Finding]:
    """One for each kind, severity and line."""
    merged: dict[tuple[str, str, str, int], Finding] = {}
    for one in findings:
        key = (one.kind, one.severity, one.file, one.line)
        known = merged.get(key)
        merged[key] = one if known is None else known.model_copy(update={"count": known.count + one.count})
    return list(merged.values())


def _profiles(trace: Trace) -> Iterable[KernelProfile]:
    for one in trace.kernels[:MAX_KERNELS]:
        yield KernelProfile(
            kernel=clip(one.kernel, 500),
            launches=one.launches,
            grid=" x ".join(map(str, one.grid)),
            block=" x ".join(map(str, one.block)),
            shared_bytes=one.shared_bytes,
            bytes_read=one.bytes_read,
            bytes_written=one.bytes_written,
            requests=one.requests,
            sectors=one.sectors,
            ideal_sectors=one.ideal_sectors,
            shared_requests=one.shared_requests,
            shared_passes=one.shared_passes,
            barriers=one.barriers,
        )
