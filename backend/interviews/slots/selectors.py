"""Reads of slots and bookings. What a person may not see does not exist for them."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from backend.accounts.models import User
from backend.interviews.models import Booking, InterviewSlot
from backend.interviews.slots.services import NOTICE

_SHOWN = 100


def _held() -> QuerySet[Booking]:
    return Booking.objects.filter(cancelled_at__isnull=True)


def bookable(user: User | AnonymousUser, now: datetime) -> QuerySet[InterviewSlot]:
    """Slots that a learner may book now, with their reviewers."""
    if not isinstance(user, User):
        return InterviewSlot.objects.none()
    return (
        InterviewSlot.objects.filter(
            ~Exists(_held().filter(slot=OuterRef("pk"))),
            withdrawn_at__isnull=True,
            starts_at__gte=now + NOTICE,
            reviewer__is_active=True,
        )
        .exclude(reviewer=user)
        .select_related("reviewer")
    )


def free_slots(learner: User, now: datetime) -> list[InterviewSlot]:
    """The next slots that a learner may book. One query."""
    return list(bookable(learner, now).order_by("starts_at")[:_SHOWN])


def bookings_of(learner: User, now: datetime) -> list[Booking]:
    """A learner's bookings that are still to come. One query."""
    coming = _held().filter(learner=learner, slot__ends_at__gt=now)
    return list(coming.select_related("slot__reviewer").order_by("slot__starts_at")[:_SHOWN])


def last_zone(learner: User) -> str:
    """The time zone of a learner's latest booking; "" without one. One query."""
    zones = Booking.objects.filter(learner=learner).order_by("-booked_at").values_list("time_zone", flat=True)
    return zones.first() or ""


def slots_of(reviewer: User, now: datetime) -> list[InterviewSlot]:
    """A reviewer's slots to come, each with `held`: its booking in a list, or nothing. Two queries."""
    held = Prefetch("bookings", _held().select_related("learner"), to_attr="held")
    own = InterviewSlot.objects.filter(reviewer=reviewer, withdrawn_at__isnull=True, ends_at__gt=now)
    return list(own.order_by("starts_at").prefetch_related(held)[:_SHOWN])


def own_slots(user: User | AnonymousUser) -> QuerySet[InterviewSlot]:
    """Slots that a person offers."""
    return InterviewSlot.objects.filter(reviewer=user) if isinstance(user, User) else InterviewSlot.objects.none()


def bookings_visible_to(user: User | AnonymousUser) -> QuerySet[Booking]:
    """Bookings of which a person is one of the two."""
    if not isinstance(user, User):
        return Booking.objects.none()
    both = Q(learner=user) | Q(slot__reviewer=user)
    return Booking.objects.filter(both).select_related("slot__reviewer", "learner")
