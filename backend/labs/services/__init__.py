"""Writes of the labs: hand-ins, drafts, and the life of a grade attempt."""

from backend.labs.services.dispatching import dispatch, ring
from backend.labs.services.drafts import DraftOutdated, reset_draft, save_draft
from backend.labs.services.rejudging import NothingToRejudge, rejudge
from backend.labs.services.reporting import Refusal, publish_bundle, record_report
from backend.labs.services.submitting import LabNotOpen, RateLimited, UploadRejected, submit

__all__ = [
    "DraftOutdated",
    "LabNotOpen",
    "NothingToRejudge",
    "RateLimited",
    "Refusal",
    "UploadRejected",
    "dispatch",
    "publish_bundle",
    "record_report",
    "rejudge",
    "reset_draft",
    "ring",
    "save_draft",
    "submit",
]
