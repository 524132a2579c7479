"""What a grade says, made ready for a page."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from backend.labs.models import GradeAttempt, Submission, Verdict
from backend.labs.selectors.benchmarks import ShownBenchmark, shown_benchmarks
from backend.labs.selectors.findings import FindingGroup, Place, ShownKernel, drawn, grouped, place_of
from grader.contract import Diagnostic, GradeReport, TestResult

SHOWN_BYTES = 64 * 1024
SHOWN_LINES = 2000
"""Of a longer file only the beginning is shown; the download is complete. Every line shown costs a page some markup."""
_HIDDEN: dict[str, Any] = {**dict.fromkeys(("detail", "command", "expected", "seen", "stderr"), ""), "kernels": []}


@dataclass(frozen=True, slots=True)
class ShownTest:
    """One row of the test table."""

    result: TestResult
    state: str
    """passed or failed."""
    opened: bool
    """Whether the row stands open: the first that failed."""
    findings: Sequence[FindingGroup] = ()
    kernels: Sequence[ShownKernel] = ()

    @property
    def wall(self) -> str:
        """Elapsed time of the test with its unit; empty where none was measured."""
        return _duration(self.result.wall_seconds)

    @property
    def cpu(self) -> str:
        """Processor time of the test with its unit; empty where none was measured."""
        return _duration(self.result.cpu_seconds)


@dataclass(frozen=True, slots=True)
class ShownDiagnostic:
    """A compiler message with its place."""

    diagnostic: Diagnostic
    place: Place | None


@dataclass(frozen=True)
class ReportView:
    """A report, and what pages say about it."""

    report: GradeReport
    attempt: GradeAttempt
    handed_in_for: str
    """Revision of the lab when it was handed in."""
    tests: Sequence[ShownTest]
    benchmarks: Sequence[ShownBenchmark] = ()

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return sum(test.state == "passed" for test in self.tests)

    @property
    def benchmarks_passed(self) -> int:
        """How many benchmarks passed."""
        return sum(shown.result.passed for shown in self.benchmarks)

    @property
    def undecided(self) -> list[ShownBenchmark]:
        """Benchmarks for which a person is needed."""
        return [shown for shown in self.benchmarks if shown.badge[0] == "held"]

    @property
    def messages(self) -> list[ShownDiagnostic]:
        """Compiler messages, errors first."""
        rows = sorted(self.report.diagnostics, key=lambda row: "error" not in row.severity)
        return [ShownDiagnostic(row, place_of(row)) for row in rows]

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """Compiler messages and findings for the editor's margin."""
        found = [finding for test in self.tests for finding in test.result.findings if finding.line > 0]
        rows = [row.model_dump() for row in self.report.diagnostics]
        return [*rows, *(row.model_dump(include={"file", "line", "column", "severity", "message"}) for row in found)]

    @property
    def other_revision(self) -> bool:
        """Whether another revision of the lab judged than the one it was handed in for."""
        return self.report.lab_digest != self.handed_in_for

    @property
    def command(self) -> str:
        """What repeats this grade on another machine, with the same inputs."""
        return f"python -m grader run --lab {shlex.quote(self.report.lab)} --submission . --seed {self.report.seed}"

    @property
    def seconds(self) -> float:
        """Time of all stages together."""
        return sum(self.report.phases.values())


def report_for(submission: Submission) -> ReportView | None:
    """The report behind a submission's verdict; None while there is no verdict, or none was ever sent. One query.

    Whatever a report says of a hidden test's input is left out, even if a grader sent it by mistake.
    """
    if not submission.verdict:
        return None
    reports = submission.attempts.filter(trial=False, report__isnull=False)
    if submission.verdict != Verdict.GRADER_ERROR:
        reports = reports.exclude(report__verdict=Verdict.GRADER_ERROR)
    attempt = reports.order_by("-number").first()
    if attempt is None:
        return None
    # Only the token is missing; nothing on a page may ever carry one.
    report = GradeReport.model_validate({**(attempt.report or {}), "attempt_token": ""}, extra="ignore")
    report = report.model_copy(update={"tests": [without_hidden(result) for result in report.tests]})
    return ReportView(
        report=report,
        attempt=attempt,
        handed_in_for=submission.lab_digest,
        tests=shown_tests(report.tests),
        benchmarks=shown_benchmarks(report.benchmarks),
    )


def without_hidden(result: TestResult) -> TestResult:
    """The result as a learner may see it."""
    return result.model_copy(update=_HIDDEN) if result.hidden else result


def shown_tests(results: Sequence[TestResult]) -> list[ShownTest]:
    """Rows of the test table, the first failure open."""
    first = next((result.name for result in results if not result.passed), None)
    return [
        ShownTest(
            result,
            "passed" if result.passed else "failed",
            opened=result.name == first,
            findings=grouped(result.findings),
            kernels=drawn(result.kernels),
        )
        for result in results
    ]


def neighbours(submission: Submission) -> tuple[Submission | None, Submission | None]:
    """The learner's submission of the same lab before this one, and the one after. One query."""
    same = Submission.objects.filter(learner_id=submission.learner_id, lab_id=submission.lab_id)
    before = same.filter(created_at__lt=submission.created_at).order_by("-created_at").values("pk")[:1]
    after = same.filter(created_at__gt=submission.created_at).order_by("created_at").values("pk")[:1]
    found = list(same.filter(Q(pk__in=before) | Q(pk__in=after)))
    return (
        next((other for other in found if other.created_at < submission.created_at), None),
        next((other for other in found if other.created_at > submission.created_at), None),
    )


def _duration(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    milliseconds = round(seconds * 1000)
    return f"{milliseconds} ms" if milliseconds else ""


def readable(content: bytes) -> str:
    """Learner bytes as text for a page: undecodable bytes and NUL become visible signs, the end may be cut."""
    text = content[:SHOWN_BYTES].decode("utf-8", errors="replace").replace("\0", "␀")
    lines = text.split("\n")
    if len(content) <= SHOWN_BYTES and len(lines) <= SHOWN_LINES + 1:
        return text
    shown = "\n".join(lines[:SHOWN_LINES])
    return f"{shown}\n… (cut here; the download is complete)"


def listed(name: str, content: bytes) -> list[tuple[Place, str]]:
    """The lines of a file, each with its place, for a listing that messages point into."""
    lines = readable(content).split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [(Place(name, number), line.rstrip("\r")) for number, line in enumerate(lines, start=1)]
