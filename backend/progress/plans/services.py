"""Making a plan, resting, planning anew, and asking for reminders."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from backend.accounts.models import User
from backend.curriculum.models import Track
from backend.progress.models import Plan, PlanPause
from backend.progress.plans.work import done_dates, pieces_of


class NothingLeft(Exception):
    """Everything of the track is done: there is nothing to plan."""


def digits(weekdays: Iterable[int]) -> str:
    """Days of the week as a plan keeps them."""
    return "".join(str(day) for day in sorted(set(weekdays)))


def today_of(plan: Plan, now: datetime) -> date:
    """The day it is where the learner is."""
    return now.astimezone(ZoneInfo(plan.time_zone)).date()


@transaction.atomic
def make_plan(
    *,
    learner: User,
    track: Track,
    pace: str,
    hours_per_week: int,
    weekdays: Iterable[int],
    time_zone: str,
    starts_on: date,
) -> Plan:
    """Plan what is left of a track from a day on. A plan that is there is replaced; feed and reminders stay.

    Raises:
        NothingLeft: there is no work left.
    """
    pieces = done_dates(learner, pieces_of(track), ZoneInfo(time_zone))
    minutes = sum(piece.minutes for piece in pieces if piece.done_on is None)
    if not minutes:
        raise NothingLeft(track.title)
    values = {
        "track": track,
        "pace": pace,
        "hours_per_week": hours_per_week,
        "weekdays": digits(weekdays),
        "time_zone": time_zone,
        "starts_on": starts_on,
        "minutes": minutes,
    }
    plan, made = Plan.objects.update_or_create(learner=learner, defaults=values)
    if not made:
        plan.pauses.all().delete()
    return plan


def plan_anew(plan: Plan, *, now: datetime) -> Plan:
    """The same hours and days for what is left, from today on: what was missed is no longer counted.

    Raises:
        NothingLeft: there is no work left.
    """
    return make_plan(
        learner=plan.learner,
        track=plan.track,
        pace=plan.pace,
        hours_per_week=plan.hours_per_week,
        weekdays=(int(day) for day in plan.weekdays),
        time_zone=plan.time_zone,
        starts_on=today_of(plan, now),
    )


def follow(learner: User, track: Track, *, now: datetime) -> bool:
    """Have the learner's plan be for their new track, in the same rhythm; False when there is nothing to change."""
    plan = Plan.objects.select_related("learner").filter(learner=learner).exclude(track=track).first()
    if plan is None:
        return False
    plan.track = track
    try:
        plan_anew(plan, now=now)
    except NothingLeft:
        return False
    return True


@transaction.atomic
def pause(plan: Plan, *, now: datetime) -> None:
    """Rest from today on; nothing happens when it rests already."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    PlanPause.objects.get_or_create(plan=plan, ends_on=None, defaults={"starts_on": today_of(plan, now)})


@transaction.atomic
def resume(plan: Plan, *, now: datetime) -> None:
    """Work again from today on; a rest that began today was none."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    yesterday = today_of(plan, now) - timedelta(days=1)
    running = plan.pauses.filter(ends_on=None)
    running.filter(starts_on__gt=yesterday).delete()
    running.update(ends_on=yesterday)


def drop(plan: Plan) -> None:
    """Do without a plan. What was done stays done."""
    plan.delete()


def renew_feed(plan: Plan) -> None:
    """Give the feed a new address; the old one is gone."""
    plan.feed_token = secrets.token_urlsafe(32)
    plan.save(update_fields=["feed_token"])


def set_reminders(plan: Plan, *, weekdays: Iterable[int], at: time) -> None:
    """Have reminders sent on these days; with none, no more are sent."""
    plan.remind_on, plan.remind_at = digits(weekdays), at
    plan.save(update_fields=["remind_on", "remind_at"])
