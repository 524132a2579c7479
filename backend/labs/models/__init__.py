"""Drafts, submissions, what became of them, and what a regrade changed."""

from backend.labs.models.regrades import Notice, Regrade, RegradeItem, VerdictChange
from backend.labs.models.submissions import (
    Draft,
    GradeAttempt,
    Submission,
    SubmissionFile,
    Verdict,
    new_attempt_token,
)

__all__ = [
    "Draft",
    "GradeAttempt",
    "Notice",
    "Regrade",
    "RegradeItem",
    "Submission",
    "SubmissionFile",
    "Verdict",
    "VerdictChange",
    "new_attempt_token",
]
