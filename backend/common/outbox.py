"""Mails whose rows are in the database: each goes out once, and what a mail server refuses keeps nobody waiting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any, TypeVar

import structlog
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

AT_ONCE = 100
"""Mails that one round sends."""
REFUSED_FOR = timedelta(days=1)
"""How long an address that the mail server refused is left alone."""

log = structlog.get_logger("mail")
_Row = TypeVar("_Row", bound=Model)
Letter = tuple[str, str, str]
"""Address, subject and text."""


def mail_due(rows: QuerySet[_Row], letter: Callable[[_Row], Letter], *, at_once: int = AT_ONCE) -> int:
    """Send what was not mailed yet, the oldest first; how many went out.

    A mail server that fails ends the round; the next one goes on where it ended. An address that the server refuses
    keeps nobody else waiting, and is tried again a day later.

    Args:
        rows: of a model with `created_at`, `mailed_at` and `refused_at`.
    """
    sent = 0
    while sent < at_once:
        try:
            went_out = _mail_next(rows, letter)
        except (SMTPException, OSError) as error:
            log.warning("not mailed", rows=rows.model._meta.label, reason=str(error))
            break
        if went_out is None:
            break
        sent += went_out
    return sent


@transaction.atomic
def _mail_next(rows: QuerySet[_Row], letter: Callable[[_Row], Letter]) -> bool | None:
    """Whether the oldest letter that is due went out; None when none is due."""
    due = Q(refused_at=None) | Q(refused_at__lt=timezone.now() - REFUSED_FOR)
    row: Any = (
        rows.filter(due, mailed_at=None)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("created_at")
        .first()
    )
    if row is None:
        return None
    address, subject, text = letter(row)
    try:
        send_mail(" ".join(subject.split()), text, None, [address])
    except SMTPRecipientsRefused as error:
        log.warning("refused", row=f"{rows.model._meta.label} {row.pk}", reason=str(error))
        row.refused_at = timezone.now()
    else:
        row.mailed_at = timezone.now()
    row.save(update_fields=["mailed_at", "refused_at"])
    return row.mailed_at is not None
