"""Live interviews: one learner for each time, in whatever zone they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from backend.accounts.models import Role, User
from backend.interviews.clock import database_time
from backend.interviews.models import Booking, InterviewSlot
from backend.interviews.slots import selectors, services, zones
from backend.interviews.slots.calendar import entry
from backend.interviews.slots.errors import CannotBook, CannotCancel, CannotOffer, SlotTaken
from backend.interviews.slots.mailing import mail_bookings
from tests.backend.interviews.at_once import at_once
from tests.factories import UserFactory

Browser = Callable[[User], Client]
BERLIN, TOKYO = "Europe/Berlin", "Asia/Tokyo"


def slot_of(reviewer: User, hours: float = 48, minutes: int = 60) -> InterviewSlot:
    starts_at = (database_time() + timedelta(hours=hours)).replace(second=0, microsecond=0)
    return services.offer(
        reviewer=reviewer, starts_at=starts_at, minutes=minutes, time_zone=BERLIN, place="https://call.example/room"
    )


def hold(slot: InterviewSlot, learner: User, wish: str = "") -> Booking:
    return services.book(slot=slot, learner=learner, time_zone=TOKYO, wish=wish)


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(response.content.decode())).split())


@pytest.mark.parametrize(
    ("local", "zone", "utc"),
    [
        ((2026, 1, 15, 9), BERLIN, (2026, 1, 15, 8)),
        ((2026, 7, 15, 9), BERLIN, (2026, 7, 15, 7)),
        ((2026, 10, 25, 2, 30), BERLIN, (2026, 10, 25, 0, 30)),
        ((2026, 7, 15, 9), "Asia/Kolkata", (2026, 7, 15, 3, 30)),
    ],
)
def test_a_local_time_is_a_moment(local: tuple[int, ...], zone: str, utc: tuple[int, ...]) -> None:
    assert zones.instant(datetime(*local), zone) == datetime(*utc, tzinfo=UTC)  # type: ignore[arg-type,misc]


def test_a_time_that_clocks_skip_is_refused() -> None:
    with pytest.raises(zones.NoSuchTime, match="put forward"):
        zones.instant(datetime(2026, 3, 29, 2, 30), BERLIN)


def test_every_suggested_zone_is_known() -> None:
    assert all(zones.known(name) for name in zones.COMMON)
    assert not zones.known("Mars/Olympus")


def test_a_slot_is_held_by_one_and_free_again_when_given_back(learner: User, reviewer: User) -> None:
    slot, other = slot_of(reviewer), UserFactory.create()
    booking = hold(slot, learner)
    assert hold(slot, learner) == booking
    with pytest.raises(SlotTaken):
        hold(slot, other)
    assert slot not in selectors.free_slots(other, database_time())
    services.cancel(booking=booking, by=learner)
    services.cancel(booking=booking, by=learner)
    assert slot in selectors.free_slots(other, database_time())
    assert hold(slot, other).learner == other
    assert Booking.objects.get(pk=booking.pk).sequence == 1


def test_a_reviewer_who_cancels_takes_the_time_back_as_well(learner: User, reviewer: User) -> None:
    slot = slot_of(reviewer)
    booking = hold(slot, learner)
    services.cancel(booking=booking, by=reviewer)
    assert not selectors.free_slots(learner, database_time())
    with pytest.raises(SlotTaken):
        hold(slot, learner)


def test_withdrawing_cancels_the_booking(learner: User, reviewer: User) -> None:
    slot = slot_of(reviewer)
    booking = hold(slot, learner)
    with pytest.raises(CannotCancel):
        services.withdraw(slot=slot, by=learner)
    services.withdraw(slot=slot, by=reviewer)
    booking.refresh_from_db()
    assert booking.cancelled_by == reviewer
    assert slot_of(reviewer, 48).pk != slot.pk


def test_what_cannot_be_offered(learner: User, reviewer: User) -> None:
    with pytest.raises(CannotOffer, match="Only reviewers"):
        slot_of(learner)
    for hours in (-5, 0.5, 24 * 200):
        with pytest.raises(CannotOffer, match="between an hour"):
            slot_of(reviewer, hours)
    slot = slot_of(reviewer, 48)
    assert slot_of(reviewer, 48) == slot
    with pytest.raises(CannotOffer, match="overlaps"):
        slot_of(reviewer, 48.5)
    slot_of(reviewer, 49)


def test_what_cannot_be_booked(learner: User, reviewer: User) -> None:
    with pytest.raises(CannotBook, match="your own"):
        hold(slot_of(reviewer), reviewer)
    soon = slot_of(reviewer, 2)
    InterviewSlot.objects.filter(pk=soon.pk).update(starts_at=database_time() + timedelta(minutes=30))
    with pytest.raises(CannotBook, match="within the hour"):
        hold(soon, learner)
    hold(slot_of(reviewer, 72), learner)
    other = UserFactory.create(role=Role.REVIEWER)
    with pytest.raises(CannotBook, match="at that time"):
        hold(slot_of(other, 72.5), learner)
    hold(slot_of(other, 96), learner)
    with pytest.raises(CannotBook, match="Others need a turn"):
        hold(slot_of(other, 120), learner)


def test_what_has_begun_is_no_longer_cancelled(learner: User, reviewer: User) -> None:
    slot = slot_of(reviewer)
    booking = hold(slot, learner)
    InterviewSlot.objects.update(starts_at=database_time() - timedelta(minutes=1))
    for act in (
        lambda: services.cancel(booking=booking, by=learner),
        lambda: services.withdraw(slot=slot, by=reviewer),
        lambda: services.cancel(booking=booking, by=UserFactory.create()),
    ):
        with pytest.raises(CannotCancel):
            act()


def test_the_database_holds_a_slot_for_one_whatever_the_services_do(learner: User, reviewer: User) -> None:
    slot = slot_of(reviewer)
    hold(slot, learner)
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(slot=slot, learner=UserFactory.create(), time_zone="UTC")


@pytest.mark.django_db(transaction=True)
def test_fifty_bookings_at_once_give_one(reviewer: User) -> None:
    slot = slot_of(reviewer)
    learners = UserFactory.create_batch(50)
    results = at_once(lambda number: hold(slot, learners[number]))
    assert sum(isinstance(result, Booking) for result in results) == 1
    assert sum(isinstance(result, SlotTaken) for result in results) == 49
    assert Booking.objects.get() in results


@pytest.mark.django_db(transaction=True)
def test_one_learner_at_many_slots_at_once_holds_no_more_than_allowed(learner: User, reviewer: User) -> None:
    slots = [slot_of(reviewer, 24 * day) for day in range(2, 18)]
    at_once(lambda number: hold(slots[number], learner), times=16)
    assert Booking.objects.count() == services.MOST_AHEAD


def test_the_calendar_entry_is_the_moment_and_keeps_its_identity(learner: User, reviewer: User) -> None:
    slot = slot_of(reviewer)
    booking = hold(slot, learner, wish="Routing, and a; comma")
    first = Calendar.from_ical(entry(booking))
    event = first.walk("VEVENT")[0]
    assert event.decoded("dtstart") == slot.starts_at
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(hours=1)
    assert "Routing, and a; comma" in str(event["description"])
    cancelled = Calendar.from_ical(entry(services.cancel(booking=booking, by=learner)))
    after = cancelled.walk("VEVENT")[0]
    assert after["uid"] == event["uid"]
    assert (event["sequence"], after["sequence"]) == (0, 1)
    assert (str(event["status"]), str(after["status"])) == ("CONFIRMED", "CANCELLED")


def test_both_are_told_in_their_own_time_once_of_each_change(learner: User, reviewer: User) -> None:
    slot = slot_of(reviewer)
    booking = hold(slot, learner)
    assert mail_bookings() == 1
    assert mail_bookings() == 0
    own, theirs = mail.outbox
    assert own.to == [learner.email]
    assert theirs.to == [reviewer.email]
    for message, zone in ((own, TOKYO), (theirs, BERLIN)):
        assert f"{slot.starts_at.astimezone(ZoneInfo(zone)):%H:%M} ({zone}), 60 minutes" in str(message.body)
        assert message.attachments[0][0] == "interview.ics"
        assert learner.email not in str(theirs.body)
    services.cancel(booking=booking, by=learner)
    assert mail_bookings() == 1
    assert all("is cancelled" in message.subject for message in mail.outbox[2:])
    assert b"METHOD:CANCEL" in str(mail.outbox[3].attachments[0][1]).encode()


def test_of_a_booking_that_was_cancelled_at_once_nobody_is_told(learner: User, reviewer: User) -> None:
    services.cancel(booking=hold(slot_of(reviewer), learner), by=learner)
    mail_bookings()
    assert not mail.outbox


def test_a_mail_server_that_fails_loses_no_mail(learner: User, reviewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(slot_of(reviewer), learner)
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", _unreachable)
        assert mail_bookings() == 0
    assert mail_bookings() == 1
    assert len(mail.outbox) == 2


def _unreachable(*_: object) -> None:
    raise ConnectionRefusedError


def test_offer_book_and_cancel_in_the_browser_in_both_time_zones(
    learner: User, reviewer: User, browser_of: Browser
) -> None:
    day = (database_time() + timedelta(days=20)).date()
    form = {"starts": f"{day}T18:00", "zone": BERLIN, "minutes": "45", "place": "https://call.example/room"}
    offered = browser_of(reviewer).post(reverse("live_offer"), form, follow=True)
    assert f"{day:%B} {day.year}, 18:00 {BERLIN}, 45 minutes" in text_of(offered)
    slot = InterviewSlot.objects.get()
    browser = browser_of(learner)
    page = browser.get(reverse("live_interviews") + f"?zone={TOKYO}")
    there = slot.starts_at.astimezone(ZoneInfo(TOKYO))
    assert f"{there:%A}, {there.day} {there:%B %Y}, {there:%H:%M} {TOKYO}" in text_of(page)
    assert f"for {reviewer.name} {day:%A}, 18:00 {BERLIN}" in text_of(page)
    assert "call.example" not in page.content.decode()
    xss = "<img src=x onerror=alert(1)>"
    booked = browser.post(reverse("live_book", args=[slot.pk]), {"zone": TOKYO, "wish": xss}, follow=True)
    assert "call.example" in booked.content.decode()
    assert xss not in booked.content.decode()
    mine = text_of(browser_of(reviewer).get(reverse("live_offer")))
    assert f"booked by {learner.name}" in mine
    assert f"{there:%H:%M} {TOKYO}" in mine
    booking = Booking.objects.get()
    for person in (learner, reviewer):
        calendar = browser_of(person).get(reverse("live_calendar", args=[booking.pk]))
        assert calendar.headers["Content-Type"].startswith("text/calendar")
        assert Calendar.from_ical(calendar.content).walk("VEVENT")[0].decoded("dtstart") == slot.starts_at
    assert TOKYO in text_of(browser.get(reverse("live_interviews")))
    done = browser.post(reverse("live_cancel", args=[booking.pk]), follow=True)
    assert "It is cancelled" in text_of(done)


def test_a_stranger_sees_and_changes_nothing_of_a_booking(
    learner: User, reviewer: User, admin: User, browser_of: Browser
) -> None:
    booking = hold(slot_of(reviewer), learner)
    for stranger in (UserFactory.create(), admin):
        browser = browser_of(stranger)
        assert browser.get(reverse("live_calendar", args=[booking.pk])).status_code == 404
        assert browser.post(reverse("live_cancel", args=[booking.pk])).status_code == 404
        assert browser.post(reverse("live_withdraw", args=[booking.slot_id])).status_code == 404
    assert browser_of(learner).get(reverse("live_offer")).status_code == 404
    assert Booking.objects.get().cancelled_at is None


@pytest.mark.parametrize(
    "change",
    [
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"starts": "soon"},
        {"starts": "9999-12-31T23:59", "zone": "America/Los_Angeles"},
        {"starts": "2027-03-28T02:30"},
        {"minutes": "7"},
        {"place": "javascript:alert(1)"},
        {"place": "http://call.example"},
    ],
)
def test_an_offer_that_cannot_be_is_sent_back(reviewer: User, browser_of: Browser, change: dict[str, str]) -> None:
    day = (database_time() + timedelta(days=20)).date()
    form = {"starts": f"{day}T18:00", "zone": BERLIN, "minutes": "45", "place": "https://call.example"}
    page = browser_of(reviewer).post(reverse("live_offer"), form | change)
    assert page.status_code == 422
    assert page.context["form"].errors
    assert not InterviewSlot.objects.exists()


def test_odd_queries_and_forms_break_nothing(learner: User, reviewer: User, browser_of: Browser) -> None:
    browser, slot = browser_of(learner), slot_of(reviewer)
    for zone in ("%00", "Mars/Olympus", "x" * 3000, "../UTC"):
        page = browser.get(reverse("live_interviews") + f"?zone={zone}")
        assert page.status_code == 200
        assert "There is no such time zone" in text_of(page)
    for form in ({}, {"zone": "\0"}, {"zone": "UTC", "wish": "x" * 501}, {"zone": "UTC", "wish": "\0"}):
        assert browser.post(reverse("live_book", args=[slot.pk]), form).status_code == 302
    assert browser.post(reverse("live_book", args=[uuid4()]), {"zone": "UTC"}).status_code == 404
    assert not Booking.objects.exists()


def test_pages_ask_the_database_as_often_for_many_slots_as_for_few(
    learner: User, reviewer: User, browser_of: Browser, django_assert_max_num_queries: Any
) -> None:
    hold(slot_of(reviewer, 24), learner)
    slot_of(reviewer, 30)
    visits = [(learner, reverse("live_interviews")), (reviewer, reverse("live_offer"))]
    counts: list[list[int]] = []
    for start in (48, 2000):
        counts.append([])
        for user, address in visits:
            browser = browser_of(user)
            with django_assert_max_num_queries(8) as seen:
                assert browser.get(address).status_code == 200
            counts[-1].append(len(seen))
        for number in range(20):
            slot = slot_of(reviewer, start + 2 * number)
            if number % 2:
                hold(slot, UserFactory.create())
    assert counts[0] == counts[1]
