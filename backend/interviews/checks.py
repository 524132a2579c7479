"""System checks: what `manage.py check` finds wrong before a page does."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error

from backend.interviews.mock.scripts import ContentError, scripts


def scripts_can_be_run(**_: Any) -> list[CheckMessage]:
    """Every script of a mock interview is valid."""
    try:
        scripts()
    except ContentError as error:
        return [
            Error(f"{fault.file}, line {fault.line}: {fault.message}", hint=fault.cure, id="interviews.E001")
            for fault in error.faults
        ]
    return []
