"""Two attempts at a lab beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.labs import plots
from backend.labs.differences import MAX_ROWS, Row, differences
from backend.labs.models import Submission, SubmissionFile
from backend.labs.selectors.benchmarks import ShownBenchmark
from backend.labs.selectors.reports import ReportView, ShownTest, readable, report_for
from grader.contract import BenchmarkResult

MOST_CHOICES = 50


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """One file in both attempts."""

    name: str
    state: str
    """same, changed, or where only one of them has it: added, removed."""
    rows: Sequence[Row]
    cut: bool
    """Whether there is more than is shown."""
    removed: int = 0
    added: int = 0
    """How many lines."""


@dataclass(frozen=True, slots=True)
class ComparedTest:
    """One test in both attempts."""

    title: str
    hidden: bool
    old: ShownTest | None
    new: ShownTest | None

    @property
    def both(self) -> tuple[ShownTest | None, ShownTest | None]:
        """Older, newer."""
        return self.old, self.new

    @property
    def change(self) -> str:
        """better, worse, or empty."""
        if self.old is None or self.new is None or self.old.result.points == self.new.result.points:
            return ""
        return "better" if self.new.result.points > self.old.result.points else "worse"


@dataclass(frozen=True, slots=True)
class ComparedBenchmark:
    """One benchmark in both attempts, drawn on one scale."""

    title: str
    old: ShownBenchmark | None
    new: ShownBenchmark | None
    old_plot: plots.RatioPlot | None
    new_plot: plots.RatioPlot | None
    change: str
    """better, worse, close, or empty where one of them was not measured."""

    @property
    def both(self) -> tuple[tuple[str, ShownBenchmark | None, plots.RatioPlot | None], ...]:
        """(name, benchmark, plot) of the older and the newer."""
        return ("Older", self.old, self.old_plot), ("Newer", self.new, self.new_plot)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that the page of a comparison shows."""

    old: Submission
    new: Submission
    old_report: ReportView | None
    new_report: ReportView | None
    files: Sequence[ComparedFile]
    tests: Sequence[ComparedTest]
    benchmarks: Sequence[ComparedBenchmark]

    @property
    def both(self) -> tuple[Submission, Submission]:
        """Older, newer."""
        return self.old, self.new

    @property
    def other_lab(self) -> bool:
        """Whether different revisions of the lab judged."""
        return self._differ("lab_digest")

    @property
    def other_machine(self) -> bool:
        """Whether different kinds of machine measured."""
        reports = [view.report.environment for view in (self.old_report, self.new_report) if view is not None]
        return len({(one.cpu, one.gpu) for one in reports}) > 1

    def _differ(self, field: str) -> bool:
        reports = [view.report for view in (self.old_report, self.new_report) if view is not None]
        return len({getattr(report, field) for report in reports}) > 1


def others_of(submission: Submission) -> list[Submission]:
    """What a submission can be compared with: the latest 50 others of the learner and lab, newest first. One query."""
    same = Submission.objects.filter(learner_id=submission.learner_id, lab_id=submission.lab_id)
    return list(same.exclude(pk=submission.pk).order_by("-created_at")[:MOST_CHOICES])


def compare(one: Submission, other: Submission) -> Comparison:
    """Two attempts, the older first. Three queries."""
    old, new = sorted((one, other), key=lambda submission: submission.created_at)
    files: dict[UUID, dict[str, bytes]] = {old.pk: {}, new.pk: {}}
    for file in SubmissionFile.objects.filter(submission__in=[old, new]):
        files[file.submission_id][file.name] = bytes(file.content)
    before, after = report_for(old), report_for(new)
    return Comparison(
        old=old,
        new=new,
        old_report=before,
        new_report=after,
        files=_files(files[old.pk], files[new.pk]),
        tests=_tests(before.tests if before else (), after.tests if after else ()),
        benchmarks=_benchmarks(before.benchmarks if before else (), after.benchmarks if after else ()),
    )


def _files(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[ComparedFile]:
    return [_file(name, old.get(name), new.get(name)) for name in sorted({*old, *new})]


def _file(name: str, old: bytes | None, new: bytes | None) -> ComparedFile:
    if old == new:
        return ComparedFile(name, "same", (), cut=False)
    # Line ends alone do not show in a listing, so they are left in: a line that got another one counts as changed.
    rows = differences(_lines(old), _lines(new))
    state = "added" if old is None else "removed" if new is None else "changed"
    removed, added = (sum(row.kind == kind for row in rows) for kind in ("removed", "added"))
    return ComparedFile(name, state, rows[:MAX_ROWS], len(rows) > MAX_ROWS, removed, added)


def _lines(content: bytes | None) -> list[str]:
    return readable(content).split("\n") if content else []


def _names(old: Sequence[str], new: Sequence[str]) -> list[str]:
    return [*new, *(name for name in old if name not in new)]


def _tests(old: Sequence[ShownTest], new: Sequence[ShownTest]) -> list[ComparedTest]:
    before, after = ({test.result.name: test for test in tests} for tests in (old, new))
    rows = []
    for name in _names(list(before), list(after)):
        result = (after.get(name) or before[name]).result
        rows.append(ComparedTest(result.title, result.hidden, before.get(name), after.get(name)))
    return rows


def _benchmarks(old: Sequence[ShownBenchmark], new: Sequence[ShownBenchmark]) -> list[ComparedBenchmark]:
    before, after = ({shown.result.name: shown for shown in rows} for rows in (old, new))
    rows = []
    for name in _names(list(before), list(after)):
        mine, yours = before.get(name), after.get(name)
        first, second = mine.result if mine else None, yours.result if yours else None
        rows.append(
            ComparedBenchmark(
                title=(after.get(name) or before[name]).result.title,
                old=mine,
                new=yours,
                old_plot=plots.ratio_plot(first, beside=second) if first else None,
                new_plot=plots.ratio_plot(second, beside=first) if second else None,
                change=_change(first, second),
            )
        )
    return rows


def _change(old: BenchmarkResult | None, new: BenchmarkResult | None) -> str:
    if old is None or new is None or min(old.ratio_low, new.ratio_low) <= 0:
        return ""
    if new.ratio_low > old.ratio_high:
        return "better"
    return "worse" if new.ratio_high < old.ratio_low else "close"
