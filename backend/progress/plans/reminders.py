"""Reminders by mail: only for those who asked for them, once a day at most, and ended with one click."""

from __future__ import annotations

from datetime import datetime
from smtplib import SMTPException, SMTPRecipientsRefused
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from backend.progress.models import Plan
from backend.progress.plans.selectors import PlanView, view_of

AT_ONCE = 200
"""Reminders that one round sends."""
_SALT = "progress.plans.reminders"
log = structlog.get_logger("plans")


class UnknownLink(Exception):
    """The link is none of ours, or its plan is gone."""


def link_to_stop(plan: Plan) -> str:
    """The address that ends a plan's reminders for whoever has it, signed in or not."""
    return f"{settings.BASE_URL}{reverse('stop_reminders', args=[signing.dumps(plan.pk, salt=_SALT)])}"


def plan_behind(token: str) -> Plan:
    """The plan that a link to stop is about.

    Raises:
        UnknownLink: there is none.
    """
    try:
        plan = Plan.objects.select_related("learner").filter(pk=signing.loads(token, salt=_SALT)).first()
    except signing.BadSignature as error:
        raise UnknownLink from error
    if plan is None:
        raise UnknownLink
    return plan


def send_due(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """Send what is due; how many went out. A mail server that fails ends the round."""
    sent = 0
    zones = Plan.objects.exclude(remind_on="").order_by("time_zone").values_list("time_zone", flat=True).distinct()
    for zone in zones:
        while sent < at_once:
            try:
                went_out = _send_next(zone, now)
            except (SMTPException, OSError) as error:
                log.warning("reminder not mailed", reason=str(error))
                return sent
            if went_out is None:
                break
            sent += went_out
    return sent


@transaction.atomic
def _send_next(zone: str, now: datetime) -> bool | None:
    """Whether the next reminder in a time zone went out; None when none is due."""
    local = now.astimezone(ZoneInfo(zone))
    today = local.date()
    plan = (
        Plan.objects.filter(time_zone=zone, remind_on__contains=str(local.weekday()), remind_at__lte=local.time())
        .filter(Q(reminded_on=None) | Q(reminded_on__lt=today), learner__is_active=True)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("learner", "track")
        .order_by("remind_at", "pk")
        .first()
    )
    if plan is None:
        return None
    plan.reminded_on = today
    plan.save(update_fields=["reminded_on"])
    view = view_of(plan, now=now)
    if view.state in {"resting", "done"}:
        return False
    try:
        _message(view).send()
    except SMTPRecipientsRefused as error:
        log.warning("reminder refused", plan=plan.pk, reason=str(error))
        return False
    return True


def _message(view: PlanView) -> EmailMessage:
    plan = view.plan
    week = view.weeks[0] if view.weeks else None
    open_pieces = [piece for piece in (week.pieces if week else ()) if piece.published] or [
        piece for piece in view.left if piece.published
    ]
    lines = [f"- {piece.title}\n  {settings.BASE_URL}{piece.url}" for piece in open_pieces[:5]]
    stop = link_to_stop(plan)
    parts = [
        f"Hello {plan.learner.name},",
        f"your plan for {plan.track.title} has for these days:" if lines else "all that is published is done.",
        "\n".join(lines),
        f"Your plan: {settings.BASE_URL}{reverse('plan')}",
        f"You asked for this reminder. No more of them: {stop}",
        settings.SITE_NAME,
    ]
    message = EmailMessage(
        f"Your plan: {open_pieces[0].title}" if open_pieces else "Your plan",
        "\n\n".join(part for part in parts if part) + "\n",
        to=[plan.learner.email],
    )
    message.extra_headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return message
