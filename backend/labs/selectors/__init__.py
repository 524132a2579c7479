"""Reads of submissions, what became of them, and what is happening to them now."""

from backend.labs.selectors.bests import PersonalBest, personal_best
from backend.labs.selectors.comparing import Comparison, compare, others_of
from backend.labs.selectors.drafts import LabFile, draft_of, files_to_edit
from backend.labs.selectors.evidence import changes_since, judging_revisions, no_longer_accepted
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
from backend.labs.selectors.queue import QueueState, queue_state
from backend.labs.selectors.regrades import (
    SHOWS,
    changes_of,
    grader_revisions,
    held_submissions,
    labs_with_submissions,
    regrade_items,
    regrade_summary,
    regrades,
    unread_notices,
)
from backend.labs.selectors.reports import ReportView, listed, neighbours, readable, report_for, shown_tests
from backend.labs.selectors.results import (
    LabResult,
    accepted_lab_ids,
    files_of,
    first_accepted,
    hand_ins_by_day,
    lab_results,
    submissions_of,
    submissions_visible_to,
)

__all__ = [
    "SHOWS",
    "Comparison",
    "ExpectedWait",
    "Fleet",
    "LabFile",
    "LabResult",
    "LiveState",
    "PersonalBest",
    "QueueState",
    "ReportView",
    "accepted_lab_ids",
    "changes_of",
    "changes_since",
    "compare",
    "draft_of",
    "expected_wait",
    "files_of",
    "files_to_edit",
    "first_accepted",
    "fleet",
    "grader_revisions",
    "hand_ins_by_day",
    "held_submissions",
    "is_settled",
    "judging_revisions",
    "lab_results",
    "labs_with_submissions",
    "latest_attempt",
    "listed",
    "live_state",
    "neighbours",
    "no_longer_accepted",
    "others_of",
    "personal_best",
    "queue_state",
    "readable",
    "regrade_items",
    "regrade_summary",
    "regrades",
    "report_for",
    "shown_tests",
    "submissions_of",
    "submissions_visible_to",
    "unread_notices",
    "version_of",
]
