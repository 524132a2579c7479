"""Offering, booking and cancelling."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from backend.accounts.models import User
from backend.interviews.clock import database_time
from backend.interviews.models import Booking, InterviewSlot
from backend.interviews.slots.errors import CannotBook, CannotCancel, CannotOffer, SlotTaken

NOTICE = timedelta(hours=1)
"""Before its start a slot can be offered and booked until then."""
HORIZON = timedelta(days=180)
"""How far ahead a slot may lie."""
MOST_AHEAD = 2
"""Bookings that a learner may hold at a time."""


@transaction.atomic
def offer(*, reviewer: User, starts_at: datetime, minutes: int, time_zone: str, place: str) -> InterviewSlot:
    """Publish a time. The same time twice gives the same slot.

    Raises:
        CannotOffer: not a reviewer, too soon, too far ahead, or it overlaps with another slot of theirs.
    """
    if not reviewer.can_review:
        raise CannotOffer("Only reviewers offer interviews.")
    User.objects.select_for_update(no_key=True).get(pk=reviewer.pk)
    now, ends_at = database_time(), starts_at + timedelta(minutes=minutes)
    if not now + NOTICE <= starts_at <= now + HORIZON:
        raise CannotOffer(f"Choose a time between an hour and {HORIZON.days} days from now.")
    own = InterviewSlot.objects.filter(reviewer=reviewer, withdrawn_at__isnull=True)
    other = own.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).first()
    if other is not None and (other.starts_at, other.ends_at) == (starts_at, ends_at):
        return other
    if other is not None:
        raise CannotOffer(f"You offer {other.starts_at:%d %B, %H:%M} UTC already, which overlaps with it.")
    return InterviewSlot.objects.create(
        reviewer=reviewer, starts_at=starts_at, ends_at=ends_at, minutes=minutes, time_zone=time_zone, place=place
    )


@transaction.atomic
def withdraw(*, slot: InterviewSlot, by: User) -> InterviewSlot:
    """Take a slot back. Whoever booked it is told. Doing it again changes nothing.

    Raises:
        CannotCancel: not theirs, or it has begun.
    """
    locked = InterviewSlot.objects.select_for_update().get(pk=slot.pk)
    now = database_time()
    if by.pk != locked.reviewer_id or locked.starts_at <= now:
        raise CannotCancel("Only its reviewer can take a slot back, and only before it begins.")
    if locked.withdrawn_at is None:
        locked.withdrawn_at = now
        locked.save(update_fields=["withdrawn_at"])
        _cancel(Booking.objects.filter(slot=locked, cancelled_at__isnull=True).first(), by, now)
    return locked


def book(*, slot: InterviewSlot, learner: User, time_zone: str, wish: str) -> Booking:
    """Hold a slot. Booking one's own booking again gives the same one.

    Raises:
        SlotTaken: somebody else holds it, or it was withdrawn.
        CannotBook: it is one's own, begins within the hour, overlaps with another booking, or there are too many.
    """
    try:
        with transaction.atomic():
            return _book(slot, learner, time_zone, wish)
    except IntegrityError as error:
        # The constraint decides between people who book at the same moment.
        raise SlotTaken from error


def _book(slot: InterviewSlot, learner: User, time_zone: str, wish: str) -> Booking:
    User.objects.select_for_update(no_key=True).get(pk=learner.pk)
    # Against withdrawing at the same moment; others who book are left to the constraint.
    found = InterviewSlot.objects.select_for_update(no_key=True).get(pk=slot.pk)
    now = database_time()
    mine = Booking.objects.filter(learner=learner, cancelled_at__isnull=True)
    same = mine.filter(slot=found).first()
    if same is not None:
        return same
    if found.withdrawn_at is not None:
        raise SlotTaken
    if found.reviewer_id == learner.pk:
        raise CannotBook("This is your own slot.")
    if found.starts_at < now + NOTICE:
        raise CannotBook("This slot begins within the hour. Choose a later one.")
    ahead = mine.filter(slot__ends_at__gt=now)
    if ahead.filter(Q(slot__starts_at__lt=found.ends_at, slot__ends_at__gt=found.starts_at)).exists():
        raise CannotBook("You have another interview at that time.")
    if ahead.count() >= MOST_AHEAD:
        raise CannotBook(f"You hold {MOST_AHEAD} interviews already. Others need a turn; book again after one of them.")
    return Booking.objects.create(slot=found, learner=learner, time_zone=time_zone, wish=wish)


@transaction.atomic
def cancel(*, booking: Booking, by: User) -> Booking:
    """Give a booking back; the slot is free again when its learner does it. Doing it again changes nothing.

    Raises:
        CannotCancel: it has begun, or `by` is neither of the two people.
    """
    slot = InterviewSlot.objects.select_for_update().get(pk=booking.slot_id)
    locked = Booking.objects.select_for_update().get(pk=booking.pk)
    now = database_time()
    if by.pk not in {locked.learner_id, slot.reviewer_id}:
        raise CannotCancel("Only the two people of an interview can cancel it.")
    if locked.cancelled_at is None:
        if slot.starts_at <= now:
            raise CannotCancel("This interview has begun, so it can no longer be cancelled.")
        _cancel(locked, by, now)
        if by.pk == slot.reviewer_id:
            slot.withdrawn_at = now
            slot.save(update_fields=["withdrawn_at"])
    return locked


def _cancel(booking: Booking | None, by: User, now: datetime) -> None:
    if booking is None:
        return
    booking.cancelled_at, booking.cancelled_by = now, by
    booking.sequence += 1
    booking.save(update_fields=["cancelled_at", "cancelled_by", "sequence"])
