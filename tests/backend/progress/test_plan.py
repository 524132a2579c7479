"""A learner's plan: made, changed, rested, followed by calendars and reminders, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from backend.accounts.models import User
from backend.curriculum.models import Track
from backend.progress import services as progress
from backend.progress.models import Completion, Plan
from backend.progress.plans import reminders, selectors, services
from backend.progress.plans.work import pieces_of
from tests.backend.progress.test_track import accepted, track_of
from tests.factories import TrackFactory, UserFactory

BrowserOf = Callable[[User], Client]
pytestmark = pytest.mark.django_db
PACES = [
    {
        "slug": slug,
        "title": title,
        "hours_per_period": [10, 15],
        "period": period,
        "periods": 9,
        "strategy": "Steadily.",
    }
    for slug, title, period in (("part-time", "Part-time", "week"), ("weekend", "Weekend", "weekend"))
]
FORM = {"pace": "part-time", "hours_per_week": "10", "weekdays": ["0", "2"], "zone": "Europe/Berlin"}


@pytest.fixture
def track() -> Track:
    return track_of(modules=2, lessons=3, labs=1, hours_low=20, hours_high=20, pace_plans=PACES)


def plan_for(learner: User, track: Track, *, starts_on: date, **values: Any) -> Plan:
    """Ten hours a week on Mondays and Wednesdays."""
    progress.enrol(learner=learner, track=track)
    wanted = {"pace": "part-time", "hours_per_week": 10, "weekdays": (0, 2), "time_zone": "Europe/Berlin", **values}
    return services.make_plan(learner=learner, track=track, starts_on=starts_on, **wanted)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_the_pieces_of_a_track_take_the_middle_of_its_hours(track: Track) -> None:
    pieces = pieces_of(track)
    assert len(pieces) == 10
    assert sum(piece.minutes for piece in pieces) == pytest.approx(20 * 60, abs=10)
    assert [piece.kind for piece in pieces[:5]] == ["lesson", "lesson", "lesson", "lab", "quiz"]


def test_after_the_choice_of_a_track_comes_the_pace_and_with_it_dates(
    learner: User, browser_of: BrowserOf, track: Track
) -> None:
    browser = browser_of(learner)
    assert browser.post(f"/tracks/{track.slug}/enrol/").headers["Location"] == "/plan/edit/"
    page = browser.get("/plan/edit/?pace=weekend").content.decode()
    assert re.search(r'name="weekdays" value="5"[^>]* checked', page)
    assert not re.search(r'name="weekdays" value="0"[^>]* checked', page)
    answer = browser.post("/plan/edit/", FORM | {"starts_on": timezone.now().date().isoformat()})
    assert answer.headers["Location"] == "/plan/"
    plan = Plan.objects.get()
    assert (plan.learner, plan.hours_per_week, plan.weekdays, plan.minutes) == (
        learner,
        10,
        "02",
        sum(piece.minutes for piece in pieces_of(track)),
    )
    page = browser.get("/plan/").content.decode()
    assert "On plan." in page
    assert all(piece.title in page for piece in pieces_of(track))
    assert browser.post(f"/tracks/{track.slug}/enrol/").headers["Location"] == "/"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weekdays": []}, "This field is required"),
        ({"weekdays": ["9"]}, "not one of the available choices"),
        ({"hours_per_week": "0"}, "greater than or equal to 1"),
        ({"hours_per_week": "50"}, "50 hours do not fit into 2 days"),
        ({"zone": "Mars/Olympus"}, "No such time zone"),
        ({"starts_on": "2031-01-01"}, "within a year"),
        ({"starts_on": "tomorrow"}, "Enter a valid date"),
    ],
)
def test_what_cannot_be_planned_is_said_at_its_field_and_nothing_is_lost(
    learner: User, browser_of: BrowserOf, track: Track, change: dict[str, Any], words: str
) -> None:
    progress.enrol(learner=learner, track=track)
    answer = browser_of(learner).post("/plan/edit/", FORM | {"starts_on": timezone.now().date().isoformat()} | change)
    assert answer.status_code == 400
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert not Plan.objects.exists()


def test_work_that_is_done_moves_the_line_and_missed_weeks_move_the_end(learner: User, track: Track) -> None:
    starts = date(2026, 11, 2)  # a Monday
    plan = plan_for(learner, track, starts_on=starts)
    first = selectors.view_of(plan, now=at(starts))
    assert (first.state, first.planned_end, first.expected_end) == ("on_plan", date(2026, 11, 11), date(2026, 11, 11))
    late = selectors.view_of(plan, now=at(date(2026, 11, 23)))
    assert (late.state, late.days_late, late.expected_end) == ("behind", 21, date(2026, 12, 2))
    assert late.due_minutes == plan.minutes
    lesson = track.modules.first().lessons.first()  # type: ignore[union-attr]
    assert lesson is not None
    progress.mark_done(learner=learner, lesson=lesson)
    Completion.objects.update(completed_at=at(date(2026, 11, 4)))
    done = selectors.view_of(plan, now=at(date(2026, 11, 23)))
    assert done.done_minutes == done.pieces[0].minutes
    assert len(done.left) == 9
    services.plan_anew(plan, now=at(date(2026, 11, 23)))
    fresh = Plan.objects.get()
    assert (fresh.starts_on, fresh.minutes) == (date(2026, 11, 23), plan.minutes - done.done_minutes)
    assert selectors.view_of(fresh, now=at(date(2026, 11, 23))).state == "on_plan"


def test_a_rest_moves_the_end_and_one_of_no_day_is_none(learner: User, track: Track) -> None:
    starts = date(2026, 11, 2)
    plan = plan_for(learner, track, starts_on=starts)
    services.pause(plan, now=at(starts))
    services.pause(plan, now=at(date(2026, 11, 3)))
    resting = selectors.view_of(plan, now=at(date(2026, 11, 8)))
    assert (resting.state, resting.resting_since, resting.planned_end) == ("resting", starts, None)
    services.resume(plan, now=at(date(2026, 11, 9)))
    again = selectors.view_of(plan, now=at(date(2026, 11, 9)))
    assert (again.state, again.planned_end) == ("on_plan", date(2026, 11, 18))
    services.pause(plan, now=at(date(2026, 11, 12)))
    services.resume(plan, now=at(date(2026, 11, 12)))
    assert plan.pauses.count() == 1


def test_the_plan_follows_a_change_of_track_and_keeps_what_is_done(
    learner: User, browser_of: BrowserOf, track: Track
) -> None:
    plan = plan_for(learner, track, starts_on=date(2026, 11, 2))
    lab = track.modules.first().labs.first()  # type: ignore[union-attr]
    accepted(learner, lab)
    other = TrackFactory.create(hours_low=30, hours_high=30, pace_plans=PACES)
    for share in track.modules.all():
        copy = other.modules.create(module=share.module, scope="full")
        copy.lessons.set(share.lessons.all())
        copy.labs.set(share.labs.all())
    answer = browser_of(learner).post(f"/tracks/{other.slug}/enrol/", follow=True)
    assert "Your plan follows it" in answer.content.decode()
    plan.refresh_from_db()
    lab_minutes = next(piece.minutes for piece in pieces_of(other) if piece.kind == "lab")
    assert (plan.track, plan.minutes) == (other, sum(piece.minutes for piece in pieces_of(other)) - lab_minutes)


def test_days_are_those_of_the_plans_time_zone(learner: User, track: Track) -> None:
    plan = plan_for(learner, track, starts_on=date(2027, 1, 1), time_zone="Pacific/Auckland")
    lesson = track.modules.first().lessons.first()  # type: ignore[union-attr]
    assert lesson is not None
    progress.mark_done(learner=learner, lesson=lesson)
    Completion.objects.update(completed_at=datetime(2026, 12, 31, 11, 30, tzinfo=UTC))
    view = selectors.view_of(plan, now=datetime(2026, 12, 31, 12, 0, tzinfo=UTC))
    assert (view.today, view.done_minutes) == (date(2027, 1, 1), view.pieces[0].minutes)


def test_the_feed_has_what_is_due_and_a_new_address_ends_the_old_one(
    learner: User, browser_of: BrowserOf, client: Client, track: Track
) -> None:
    plan = plan_for(learner, track, starts_on=timezone.now().date())
    address = f"/plan/feed/{plan.feed_token}.ics"
    answer = client.get(address)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    events = list(Calendar.from_ical(answer.content).walk("VEVENT"))
    assert sum(str(event["description"]).count("- ") for event in events) == 10
    assert all((event.decoded("dtend") - event.decoded("dtstart")).days == 7 for event in events)
    browser_of(learner).post("/plan/feed/")
    plan.refresh_from_db()
    assert client.get(address).status_code == 404
    assert client.get(f"/plan/feed/{plan.feed_token}.ics").status_code == 200
    User.objects.update(is_active=False)
    assert client.get(f"/plan/feed/{plan.feed_token}.ics").status_code == 404


@pytest.mark.parametrize("name", ["anew", "pause", "resume", "drop", "feed", "reminders"])
def test_without_a_plan_there_is_nothing_to_change_and_nobody_elses_is(
    learner: User, browser_of: BrowserOf, track: Track, name: str
) -> None:
    plan = plan_for(UserFactory.create(), track, starts_on=date(2026, 11, 2))
    before = Plan.objects.values().get()
    assert browser_of(learner).post(f"/plan/{name}/").status_code == 404
    assert Plan.objects.values().get() == before
    assert not plan.pauses.exists()


def test_removing_the_plan_leaves_what_is_done(learner: User, browser_of: BrowserOf, track: Track) -> None:
    plan_for(learner, track, starts_on=date(2026, 11, 2))
    progress.mark_done(learner=learner, lesson=track.modules.first().lessons.first())  # type: ignore[union-attr, arg-type]
    assert browser_of(learner).post("/plan/drop/").headers["Location"] == "/dashboard/"
    assert not Plan.objects.exists()
    assert Completion.objects.count() == 1


class TestReminders:
    """Sent when they were asked for, once, and never again after one click."""

    WEDNESDAY = date(2026, 11, 25)

    @pytest.fixture
    def plan(self, learner: User, track: Track) -> Plan:
        plan = plan_for(learner, track, starts_on=self.WEDNESDAY)
        services.set_reminders(plan, weekdays=(2,), at=datetime(2026, 1, 1, 18).time())
        return plan

    def test_they_come_at_the_learners_hour_once_a_day(self, plan: Plan) -> None:
        assert reminders.send_due(now=datetime(2026, 11, 25, 16, 59, tzinfo=UTC)) == 0  # 17:59 in Berlin
        assert reminders.send_due(now=datetime(2026, 11, 25, 17, 0, tzinfo=UTC)) == 1
        assert reminders.send_due(now=datetime(2026, 11, 25, 17, 1, tzinfo=UTC)) == 0
        assert reminders.send_due(now=datetime(2026, 11, 26, 18, 0, tzinfo=UTC)) == 0, "not on a Thursday"
        assert reminders.send_due(now=datetime(2026, 12, 2, 23, 30, tzinfo=UTC)) == 0, "Thursday in Berlin already"
        assert reminders.send_due(now=datetime(2026, 12, 2, 17, 0, tzinfo=UTC)) == 1
        assert len(mail.outbox) == 2
        assert "/lessons/" in mail.outbox[0].body
        assert mail.outbox[0].extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_none_come_while_the_plan_rests_or_the_account_is_closed(self, plan: Plan, learner: User) -> None:
        services.pause(plan, now=at(self.WEDNESDAY))
        assert reminders.send_due(now=at(self.WEDNESDAY, 18)) == 0
        services.resume(plan, now=at(self.WEDNESDAY))
        learner.is_active = False
        learner.save()
        assert reminders.send_due(now=at(self.WEDNESDAY + timedelta(days=7), 18)) == 0
        assert not mail.outbox

    @pytest.mark.parametrize("how", ["the link's page", "the mail program"])
    def test_one_click_ends_them_signed_out(self, plan: Plan, how: str) -> None:
        reminders.send_due(now=at(self.WEDNESDAY, 18))
        path = urlsplit(mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>")).path
        assert path in mail.outbox[0].body
        stranger = Client(enforce_csrf_checks=True)
        assert "End the reminders?" in stranger.get(path).content.decode()
        plan.refresh_from_db()
        assert plan.remind_on == "2", "looking at a link changes nothing"
        data = {"List-Unsubscribe": "One-Click"} if how == "the mail program" else {}
        assert "No more reminders" in stranger.post(path, data).content.decode()
        plan.refresh_from_db()
        assert plan.remind_on == ""
        assert stranger.post(path).status_code == 200, "twice is once"
        assert reminders.send_due(now=at(self.WEDNESDAY + timedelta(days=7), 18)) == 0

    def test_a_link_that_was_made_up_ends_nothing(self, plan: Plan, client: Client) -> None:
        path = urlsplit(reminders.link_to_stop(plan)).path
        for bad in (path[:-2] + "x/", "/plan/reminders/stop/1/", "/plan/reminders/stop/1:x:y/"):
            assert client.post(bad).status_code == 404
        plan.refresh_from_db()
        assert plan.remind_on == "2"
        plan.delete()
        assert client.get(path).status_code == 404

    def test_a_mail_server_that_fails_is_tried_again_and_one_that_refuses_is_not(
        self, plan: Plan, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(error: Exception) -> Callable[..., int]:
            def send(*_: object, **__: object) -> int:
                raise error

            return send

        now = at(self.WEDNESDAY, 18)
        with monkeypatch.context() as patch:
            patch.setattr("django.core.mail.EmailMessage.send", fail(SMTPServerDisconnected("gone")))
            assert reminders.send_due(now=now) == 0
        assert reminders.send_due(now=now) == 1
        with monkeypatch.context() as patch:
            patch.setattr("django.core.mail.EmailMessage.send", fail(SMTPRecipientsRefused({})))
            assert reminders.send_due(now=now + timedelta(days=7)) == 0
        assert reminders.send_due(now=now + timedelta(days=7)) == 0, "not again on that day"

    def test_the_form_turns_them_on_and_off(self, plan: Plan, browser_of: BrowserOf, learner: User) -> None:
        browser = browser_of(learner)
        browser.post("/plan/reminders/", {"remind_on": ["0", "4"], "remind_at": "07:30"})
        plan.refresh_from_db()
        assert (plan.remind_on, plan.remind_at.isoformat()) == ("04", "07:30:00")
        bad = browser.post("/plan/reminders/", {"remind_on": ["0"], "remind_at": "late"})
        assert bad.status_code == 400
        assert "Enter a valid time" in bad.content.decode()
        browser.post("/plan/reminders/", {"remind_at": "07:30"})
        plan.refresh_from_db()
        assert plan.remind_on == ""


def test_weeks_in_a_row_forgive_one_week_off(learner: User) -> None:
    days = {day: selectors.ActiveDay(day, 1) for day in (date(2026, 11, 3), date(2026, 11, 10), date(2026, 11, 24))}
    assert selectors.weeks_in_a_row(days, today=date(2026, 11, 25)) == 3
    assert selectors.weeks_in_a_row(days, today=date(2026, 12, 2)) == 3, "this week counts once there is something"
    assert selectors.weeks_in_a_row(days, today=date(2026, 12, 16)) == 0
    assert selectors.weeks_in_a_row({}, today=date(2026, 11, 25)) == 0


def test_the_pages_ask_the_same_few_questions_however_much_was_done(
    learner: User, browser_of: BrowserOf, django_assert_max_num_queries: Callable[..., Any], track: Track
) -> None:
    plan_for(learner, track, starts_on=timezone.now().date() - timedelta(days=30))
    browser = browser_of(learner)
    browser.get("/dashboard/")
    for address, most in (("/plan/", 12), ("/dashboard/", 28)):
        with django_assert_max_num_queries(most) as few:
            assert browser.get(address).status_code == 200
        for lesson in track.modules.first().lessons.all():  # type: ignore[union-attr]
            progress.mark_done(learner=learner, lesson=lesson)
        for _ in range(20):
            accepted(learner, track.modules.first().labs.first())  # type: ignore[union-attr]
        with django_assert_max_num_queries(most) as many:
            browser.get(address)
        assert len(few.captured_queries) == len(many.captured_queries)
        Completion.objects.all().delete()


def test_the_dashboard_shows_plan_and_year(learner: User, browser_of: BrowserOf, track: Track) -> None:
    progress.enrol(learner=learner, track=track)
    browser = browser_of(learner)
    assert "You learn without dates." in browser.get("/dashboard/").content.decode()
    plan_for(learner, track, starts_on=timezone.now().date())
    assert "On plan." in browser.get("/dashboard/").content.decode()
    accepted(learner, track.modules.first().labs.first())  # type: ignore[union-attr]
    page = browser.get("/dashboard/").content.decode()
    assert "days ahead." in page
    assert "1 day with work in the last year" in page
