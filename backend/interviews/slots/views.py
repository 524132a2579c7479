"""HTTP of live interviews."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.interviews.access import learners_only, person, reviewers_only
from backend.interviews.clock import database_time
from backend.interviews.errors import InterviewError
from backend.interviews.models import InterviewSlot
from backend.interviews.slots import selectors, services, zones
from backend.interviews.slots.calendar import entry
from backend.interviews.slots.errors import BookingError
from backend.interviews.slots.forms import BookForm, OfferForm


@learners_only
@require_safe
def live_interviews(request: HttpRequest) -> HttpResponse:
    """What is booked, and what can be."""
    learner, now = person(request), database_time()
    asked = request.GET.get("zone", "")
    chosen = asked if zones.known(asked) else selectors.last_zone(learner)
    context = {
        "bookings": selectors.bookings_of(learner, now),
        "slots": selectors.free_slots(learner, now),
        "zone": chosen or "UTC",
        "zone_is_known": bool(chosen),
        "zone_problem": bool(asked) and not zones.known(asked),
        "zones": zones.COMMON,
        "most": services.MOST_AHEAD,
    }
    return render(request, "interviews/live.html", context)


@learners_only
@require_POST
def live_book(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hold a slot."""
    learner, form = person(request), BookForm(request.POST)
    slot = get_object_or_404(InterviewSlot, pk=pk)
    if not form.is_valid():
        messages.warning(request, "Choose a time zone such as Europe/Berlin, and a wish of at most 500 characters.")
        return redirect("live_interviews")
    zone = form.cleaned_data["zone"]
    try:
        services.book(slot=slot, learner=learner, time_zone=zone, wish=form.cleaned_data["wish"])
    except BookingError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "It is booked. Both of you get a mail with an entry for the calendar.")
    return redirect("live_interviews")


@learners_only
@require_POST
def live_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a booking back."""
    booking, by = get_object_or_404(selectors.bookings_visible_to(request.user), pk=pk), person(request)
    try:
        services.cancel(booking=booking, by=by)
    except InterviewError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "It is cancelled. Both of you get a mail.")
    return redirect("live_interviews" if booking.learner_id == by.pk else "live_offer")


@learners_only
@require_safe
def live_calendar(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A booking as a file for the calendar."""
    booking = get_object_or_404(selectors.bookings_visible_to(request.user), pk=pk)
    headers = {"Content-Disposition": 'attachment; filename="interview.ics"'}
    return HttpResponse(entry(booking), content_type="text/calendar; charset=utf-8", headers=headers)


@reviewers_only
@require_http_methods(["GET", "HEAD", "POST"])
def live_offer(request: HttpRequest) -> HttpResponse:
    """A reviewer's slots, and a form for another."""
    reviewer, now = person(request), database_time()
    slots = selectors.slots_of(reviewer, now)
    form = OfferForm(request.POST or None, initial=_as_last(slots))
    if request.method == "POST" and form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("starts_at", "minutes", "place")}
        try:
            services.offer(reviewer=reviewer, time_zone=form.cleaned_data["zone"], **wanted)
        except BookingError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The slot is published.")
            return redirect("live_offer")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    context = {"form": form, "slots": slots, "zones": zones.COMMON}
    return render(request, "interviews/live_offer.html", context, status=status)


def _as_last(slots: list[InterviewSlot]) -> dict[str, object]:
    last = slots[-1] if slots else None
    return {"zone": last.time_zone, "place": last.place, "minutes": last.minutes} if last else {}


@reviewers_only
@require_POST
def live_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a slot back."""
    slot = get_object_or_404(selectors.own_slots(request.user), pk=pk)
    try:
        services.withdraw(slot=slot, by=person(request))
    except InterviewError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "The slot is taken back.")
    return redirect("live_offer")
