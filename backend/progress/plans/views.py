"""The page of a plan, its feed, and the end of its reminders."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import User
from backend.interviews.slots import zones
from backend.progress.models import Enrolment, Plan
from backend.progress.plans import reminders, selectors, services
from backend.progress.plans.feed import calendar_of
from backend.progress.plans.forms import PlanForm, ReminderForm, initial_for, presets
from backend.progress.plans.plots import LinePlot, calendar_plot, line_plot
from backend.progress.plans.selectors import PlanView
from backend.progress.selectors import current_enrolment

SHOWN_WEEKS = 4
"""Weeks that are open on the page; the others are folded."""


def _learner(request: HttpRequest) -> User:
    return cast(User, request.user)


def _own(request: HttpRequest) -> Plan:
    """The learner's plan.

    Raises:
        Http404: there is none.
    """
    plan = selectors.plan_of(_learner(request))
    if plan is None:
        raise Http404
    return plan


def plot_of(view: PlanView) -> LinePlot:
    """Planned and done work from the plan's first day to its end."""
    done: Counter[date] = Counter()
    for piece in view.pieces:
        if piece.done_on and piece.done_on >= view.plan.starts_on:
            done[piece.done_on] += piece.minutes
    ends = [day for day in (view.planned_end, view.expected_end) if day]
    return line_plot(
        rhythm=view.rhythm,
        starts=view.plan.starts_on,
        today=view.today,
        ends=max([*ends, view.today]),
        minutes=view.plan.minutes,
        done=done,
    )


def overview(learner: User, *, now: datetime) -> dict[str, Any]:
    """What the dashboard shows of plan and activity. Up to ten queries."""
    own = selectors.plan_of(learner)
    zone = ZoneInfo(own.time_zone) if own else ZoneInfo("UTC")
    today = now.astimezone(zone).date()
    days = selectors.active_days(learner, zone=zone, today=today)
    counts = {day: active.total for day, active in days.items()}
    shown: dict[str, Any] = {
        "calendar": calendar_plot(counts, today=today, weeks=selectors.WEEKS_OF_CALENDAR),
        "active": list(reversed(days.values())),
        "weeks_in_a_row": selectors.weeks_in_a_row(days, today=today),
    }
    if own is not None:
        view = selectors.view_of(own, now=now)
        shown |= {"view": view, "plan": own, "plot": plot_of(view), "week": view.weeks[0] if view.weeks else None}
    return shown


@login_required
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """What is due when, and how far one is."""
    own = selectors.plan_of(_learner(request))
    if own is None:
        return redirect("plan_edit")
    view = selectors.view_of(own, now=timezone.now())
    form = ReminderForm(initial={"remind_on": [int(day) for day in own.remind_on], "remind_at": own.remind_at})
    return render(request, "progress/plan.html", _page(view, form))


def _page(view: PlanView, form: ReminderForm) -> dict[str, Any]:
    return {
        "view": view,
        "plan": view.plan,
        "plot": plot_of(view),
        "soon": view.weeks[:SHOWN_WEEKS],
        "later": view.weeks[SHOWN_WEEKS:],
        "feed": settings.BASE_URL + reverse("plan_feed", args=[view.plan.feed_token]),
        "reminders": form,
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan_edit(request: HttpRequest) -> HttpResponse:
    """Choose hours, days and a first day."""
    learner = _learner(request)
    enrolment = current_enrolment(learner)
    if enrolment is None:
        messages.info(request, "First choose a track: a plan is for one.")
        return redirect("home")
    own = selectors.plan_of(learner)
    today = timezone.now().astimezone(ZoneInfo(own.time_zone) if own else ZoneInfo("UTC")).date()
    paces = presets(enrolment.track)
    asked = request.GET.get("pace", "")
    chosen = next((pace for pace in paces if pace["slug"] == asked), paces[0])
    kept = own if not asked else None
    form = PlanForm(request.POST or None, today=today, initial=initial_for(kept, chosen, today=today))
    if own and not kept:
        form.initial["zone"] = own.time_zone
    if request.method == "POST" and form.is_valid() and _make(request, form, enrolment, paces):
        return redirect("plan")
    context = {"form": form, "plan": own, "track": enrolment.track, "paces": paces, "zones": zones.COMMON}
    context["chosen"] = form["pace"].value()
    return render(request, "progress/plan_edit.html", context, status=400 if form.is_bound else 200)


def _make(request: HttpRequest, form: PlanForm, enrolment: Enrolment, paces: list[dict[str, Any]]) -> bool:
    wanted = form.cleaned_data
    known = {pace["slug"] for pace in paces}
    try:
        services.make_plan(
            learner=_learner(request),
            track=enrolment.track,
            pace=wanted["pace"] if wanted["pace"] in known else "own",
            hours_per_week=wanted["hours_per_week"],
            weekdays=wanted["weekdays"],
            time_zone=wanted["zone"],
            starts_on=wanted["starts_on"],
        )
    except services.NothingLeft:
        form.add_error(None, "Everything of your track is done: there is nothing left to plan.")
        return False
    messages.success(request, "Your plan is made. You can change it at any time; what is done stays done.")
    return True


@login_required
@require_POST
def plan_anew(request: HttpRequest) -> HttpResponse:
    """From today on, for what is left."""
    try:
        services.plan_anew(_own(request), now=timezone.now())
    except services.NothingLeft:
        messages.info(request, "Everything is done: there is nothing left to plan.")
    else:
        messages.success(request, "Planned anew from today on. What was missed is no longer counted.")
    return redirect("plan")


@login_required
@require_POST
def plan_pause(request: HttpRequest) -> HttpResponse:
    """Rest until further notice."""
    services.pause(_own(request), now=timezone.now())
    messages.success(request, "Your plan rests. No reminders are sent until you go on.")
    return redirect("plan")


@login_required
@require_POST
def plan_resume(request: HttpRequest) -> HttpResponse:
    """Go on after a rest."""
    services.resume(_own(request), now=timezone.now())
    messages.success(request, "Your plan goes on. Its end has moved by the days of rest.")
    return redirect("plan")


@login_required
@require_POST
def plan_drop(request: HttpRequest) -> HttpResponse:
    """Learn without dates."""
    services.drop(_own(request))
    messages.success(request, "The plan is gone, with its feed and reminders. What you did stays done.")
    return redirect("dashboard")


@login_required
@require_POST
def plan_feed_renew(request: HttpRequest) -> HttpResponse:
    """A new address for the feed."""
    services.renew_feed(_own(request))
    messages.success(request, "The feed has a new address. The old one no longer works.")
    return redirect("plan")


@login_required
@require_POST
def plan_reminders(request: HttpRequest) -> HttpResponse:
    """When to send reminders, or that none are wanted."""
    own = _own(request)
    form = ReminderForm(request.POST)
    if not form.is_valid():
        view = selectors.view_of(own, now=timezone.now())
        return render(request, "progress/plan.html", _page(view, form), status=400)
    wanted = form.cleaned_data
    services.set_reminders(own, weekdays=wanted["remind_on"], at=wanted["remind_at"])
    messages.success(request, "Reminders are on." if wanted["remind_on"] else "Reminders are off.")
    return redirect("plan")


@require_safe
def plan_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The plan for calendar programs, which have nothing but its address."""
    own = get_object_or_404(Plan.objects.select_related("track", "learner"), feed_token=token, learner__is_active=True)
    now = timezone.now()
    response = HttpResponse(calendar_of(selectors.view_of(own, now=now), now=now), content_type="text/calendar")
    response["Cache-Control"] = f"private, max-age={int(timedelta(hours=1).total_seconds())}"
    response["X-Robots-Tag"] = "noindex"
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_reminders(request: HttpRequest, token: str) -> HttpResponse:
    """End reminders from a link in one of them, signed in or not.

    Mail programs post here by themselves (RFC 8058), so there is no other token than the link's own; looking at the
    page changes nothing, because mail filters look at links.
    """
    try:
        own = reminders.plan_behind(token)
    except reminders.UnknownLink as error:
        raise Http404 from error
    if request.method == "POST":
        services.set_reminders(own, weekdays=(), at=own.remind_at)
    return render(request, "progress/stop_reminders.html", {"stopped": not own.remind_on, "address": own.learner.email})
