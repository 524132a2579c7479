"""Writes of the labs: hand-ins, drafts, and the life of a grade attempt."""

from backend.labs.services.dispatching import dispatch
from backend.labs.services.drafts import DraftOutdated, reset_draft, save_draft
from backend.labs.services.held import DecisionRefused, decide_held
from backend.labs.services.notices import mail_notices, mark_read
from backend.labs.services.receiving import receive_report
from backend.labs.services.regrading import (
    RegradeRefused,
    add_submissions,
    apply_regrade,
    discard_regrade,
    follow_up,
    start_regrade,
)
from backend.labs.services.rejudging import NothingToRejudge, rejudge
from backend.labs.services.reporting import Refusal, publish_bundle, record_report
from backend.labs.services.reusing import BusyWithRegrade, NothingToGrade, grade_again
from backend.labs.services.ringing import feed, hand_back, ring
from backend.labs.services.submitting import LabNotOpen, RateLimited, UploadRejected, submit

__all__ = [
    "BusyWithRegrade",
    "DecisionRefused",
    "DraftOutdated",
    "LabNotOpen",
    "NothingToGrade",
    "NothingToRejudge",
    "RateLimited",
    "Refusal",
    "RegradeRefused",
    "UploadRejected",
    "add_submissions",
    "apply_regrade",
    "decide_held",
    "discard_regrade",
    "dispatch",
    "feed",
    "follow_up",
    "grade_again",
    "hand_back",
    "mail_notices",
    "mark_read",
    "publish_bundle",
    "receive_report",
    "record_report",
    "rejudge",
    "reset_draft",
    "ring",
    "save_draft",
    "start_regrade",
    "submit",
]
