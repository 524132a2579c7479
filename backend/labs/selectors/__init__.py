"""Reads of submissions, what became of them, and what is happening to them now."""

from backend.labs.selectors.drafts import LabFile, draft_of, files_to_edit
from backend.labs.selectors.fleet import Fleet, fleet
from backend.labs.selectors.live import (
    ExpectedWait,
    LiveState,
    expected_wait,
    is_settled,
    latest_attempt,
    live_state,
    version_of,
)
from backend.labs.selectors.reports import ReportView, neighbours, readable, report_for, shown_tests
from backend.labs.selectors.results import (
    LabResult,
    accepted_lab_ids,
    files_of,
    lab_results,
    submissions_of,
    submissions_visible_to,
)

__all__ = [
    "ExpectedWait",
    "Fleet",
    "LabFile",
    "LabResult",
    "LiveState",
    "ReportView",
    "accepted_lab_ids",
    "draft_of",
    "expected_wait",
    "files_of",
    "files_to_edit",
    "fleet",
    "is_settled",
    "lab_results",
    "latest_attempt",
    "live_state",
    "neighbours",
    "readable",
    "report_for",
    "shown_tests",
    "submissions_of",
    "submissions_visible_to",
    "version_of",
]
