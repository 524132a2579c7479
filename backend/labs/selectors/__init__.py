"""Reads of submissions, what became of them, and what is happening to them now."""

from backend.labs.selectors.results import (
    LabResult,
    accepted_lab_ids,
    files_of,
    lab_results,
    submissions_of,
    submissions_visible_to,
)

__all__ = [
    "LabResult",
    "accepted_lab_ids",
    "files_of",
    "lab_results",
    "submissions_of",
    "submissions_visible_to",
]
