"""What comes from grading machines, in whatever way it arrives: by message, or left behind when a message was lost."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import structlog

from backend.labs import grading_side
from backend.labs.services.reporting import Refusal, record_report
from backend.labs.services.ringing import feed, hand_back
from grader.contract import SCHEMA_VERSION

log = structlog.get_logger("labs")


def receive_report(raw: Mapping[str, Any]) -> Refusal | None:
    """Record a report, and tell the queues who is next.

    A machine of another version may have judged by rules that are not ours: its attempt is taken back, not charged.
    """
    attempt_id = str(raw.get("attempt_id"))
    if raw.get("schema_version") != SCHEMA_VERSION and hand_back(attempt_id, str(raw.get("attempt_token"))):
        log.warning("report of another version", attempt=attempt_id[:64], version=str(raw.get("schema_version"))[:10])
        return Refusal.MALFORMED
    refusal = record_report(raw)
    if refusal is None:
        with contextlib.suppress(grading_side.Unreachable):
            grading_side.forget_report(UUID(attempt_id))
    feed()
    return refusal


def receive_left_reports(attempt_ids: Iterable[UUID]) -> int:
    """Record the reports that workers left behind and whose messages were lost; how many were accepted.

    Raises:
        Unreachable: the grading side is away.
    """
    accepted = 0
    for attempt_id in attempt_ids:
        raw = grading_side.left_report(attempt_id)
        if raw is not None and raw.get("attempt_id") == str(attempt_id) and receive_report(raw) is None:
            accepted += 1
        else:
            # Useless, and would be found again and again.
            grading_side.forget_report(attempt_id)
    return accepted
