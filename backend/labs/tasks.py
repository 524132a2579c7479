"""Tasks of the web side's worker. Grading machines address them by name."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from backend.labs import services
from grader.contract import BUNDLE_TASK, HAND_BACK_TASK, REPORT_TASK


@shared_task(name="labs.dispatch")
def dispatch() -> None:
    """See `services.dispatch`; the beat calls it every two seconds."""
    services.dispatch()


@shared_task(name="labs.follow_up")
def follow_up() -> None:
    """Carry out regrades that were applied, and mail what learners are told; the beat calls it every few seconds."""
    services.follow_up()
    services.mail_notices()


@shared_task(name=REPORT_TASK)
def record_report(report: dict[str, Any]) -> None:
    """See `services.receive_report`."""
    services.receive_report(report)


@shared_task(name=HAND_BACK_TASK)
def hand_back(attempt_id: str, token: str) -> None:
    """See `services.hand_back`."""
    services.hand_back(attempt_id, token)


@shared_task(name=BUNDLE_TASK)
def publish_bundle(digest: str) -> None:
    """See `services.publish_bundle`."""
    services.publish_bundle(digest)
