"""Interview preparation in a real browser: by keyboard, on a phone, in two windows, across time zones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db.models import F
from playwright.sync_api import Page, expect

from backend.accounts.models import Role, User
from backend.interviews.clock import database_time
from backend.interviews.mock import services as mock
from backend.interviews.models import Booking, MockNote, MockSession, PracticeAnswer, PracticeCard
from backend.interviews.slots import services as slots
from tests.backend.interviews.cards import MODEL_ANSWER, open_question
from tests.e2e.person import PASSWORD, Person
from tests.stack import LiveStack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SCRIPT = "chat-api-5000-users"
_HEARD = 25_000
"""Milliseconds in which a page has asked the server at least once."""
_PHONE = {"width": 390, "height": 844}


@pytest.fixture
def site(transactional_db: None, tmp_path: Path) -> Iterator[LiveStack]:
    """The web side alone, with two questions and the published scripts."""
    cache.clear()
    call_command("collectstatic", interactive=False, verbosity=0)
    first = open_question(category="concepts")
    open_question(category="debugging", module=first.module)
    stack = LiveStack(tmp_path, settings.REDIS_URL)
    stack.start_web()
    yield stack
    stack.stop()


def account(email: str, name: str, **fields: object) -> User:
    user = User.objects.create_user(email, PASSWORD, display_name=name, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@pytest.fixture
def ada(site: LiveStack) -> User:
    return account("ada@example.org", "Ada")


@pytest.fixture
def signed_in(person: Callable[..., Person], site: LiveStack) -> Callable[..., Person]:
    """`signed_in(user)`: their browser, signed in."""

    def make(user: User, **options: object) -> Person:
        somebody = person(user.email, **options)
        somebody.sign_in()
        return somebody

    return make


def shift(minutes: int) -> None:
    """As if the interview that runs had begun so many minutes earlier."""
    earlier = timedelta(minutes=minutes)
    MockSession.objects.update(started_at=F("started_at") - earlier, ends_at=F("ends_at") - earlier)


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_practice_from_the_queue_to_the_rating_by_keyboard_alone(ada: User, signed_in: Callable[..., Person]) -> None:
    page = signed_in(ada).open("/interviews/")
    page.keyboard.press("n")
    page.wait_for_url("**/practice/**")
    assert MODEL_ANSWER not in page.content()
    page.locator("#text").focus()
    page.keyboard.type("Typed with 1 2 3 4 n and spaces")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Model answer")).to_be_visible()
    assert MODEL_ANSWER in page.content()
    page.get_by_label("Point-canary two").focus()
    page.keyboard.press("Space")
    expect(page.locator("#ticked")).to_contain_text("1 of 4 ticked")
    page.locator("main").focus()
    page.keyboard.press("3")
    expect(page.get_by_role("heading", name="Rated Good")).to_be_visible()
    answer = PracticeAnswer.objects.get()
    assert (answer.text, answer.rating, answer.ticks) == ("Typed with 1 2 3 4 n and spaces", 3, [1])
    page.keyboard.press("u")
    expect(page.get_by_role("heading", name="How well did you know it?")).to_be_visible()
    assert not PracticeCard.objects.exists()
    page.keyboard.press("4")
    expect(page.get_by_role("heading", name="Rated Easy")).to_be_visible()
    page.locator("main").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("Your answer")).to_be_visible()


def test_the_back_button_and_a_second_window_rate_nothing_twice(ada: User, signed_in: Callable[..., Person]) -> None:
    one = signed_in(ada)
    page = one.open("/interviews/")
    page.keyboard.press("n")
    page.wait_for_url("**/practice/**")
    address = page.url
    page.get_by_label("Your answer").fill("Mine")
    page.get_by_label("Unsure").check()
    one.press("Show the model answer")
    second = page.context.new_page()
    second.goto(address)
    page.get_by_role("button", name="Good").click()
    expect(page.get_by_role("heading", name="Rated Good")).to_be_visible()
    second.get_by_role("button", name="Again").click()
    expect(second.get_by_role("heading", name="Rated Good")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Rated Good")).to_be_visible()
    assert PracticeCard.objects.get().last_review == PracticeAnswer.objects.get().rated_at


def test_a_mock_interview_shows_new_parts_without_taking_the_keyboard_and_ends_by_itself(
    ada: User, signed_in: Callable[..., Person]
) -> None:
    somebody = signed_in(ada)
    page = somebody.open(f"/interviews/mocks/{SCRIPT}/")
    somebody.press("Start the clock")
    page.locator("#clarify-notes").fill("What does concurrent mean?")
    expect(page.locator("#saved-clarify-notes")).to_contain_text(re.compile(r"Saved \d"))
    shift(26)
    expect(page.locator("#deep-dive-notes")).to_be_visible(timeout=_HEARD)
    expect(page.locator("#turns")).to_contain_text("6,000 tokens")
    assert page.evaluate("document.activeElement.id") == "clarify-notes"
    page.locator("#architecture-diagram").fill("flowchart LR\n  client --> gateway")
    page.reload()  # at once, before the pause after which text is saved
    expect(page.locator("#architecture-diagram")).to_have_value("flowchart LR\n  client --> gateway")
    assert "What the question turns on" not in page.content()
    shift(30)
    expect(page.get_by_role("heading", name="Reference answer")).to_be_visible(timeout=_HEARD)
    expect(page.get_by_text("What does concurrent mean?")).to_be_visible()
    assert MockNote.objects.count() == 2


def test_a_time_is_offered_in_one_zone_and_booked_in_another(ada: User, signed_in: Callable[..., Person]) -> None:
    rita = account("rita@example.org", "Rita", role=Role.REVIEWER)
    day = (database_time() + timedelta(days=10)).date()
    offering = signed_in(rita, timezone_id="Europe/Berlin")
    page = offering.open("/interviews/live/offer/")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    page.get_by_label("Begins").fill(f"{day}T18:00")
    page.get_by_label("Address of the call").fill("https://call.example/rita")
    offering.press("Publish")
    booking = signed_in(ada, timezone_id="Asia/Tokyo", viewport=_PHONE)
    page = booking.open("/interviews/live/")
    page.wait_for_url("**zone=Asia%2FTokyo")
    assert fits(page)
    expect(page.get_by_text("Asia/Tokyo, 60 minutes with Rita")).to_be_visible()
    expect(page.get_by_text(re.compile("18:00 Europe/Berlin"))).to_be_visible()
    booking.press("Book", exact=True)
    expect(page.get_by_role("heading", name="Booked")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="For the calendar").click()
    assert "BEGIN:VEVENT" in Path(download.value.path()).read_text()
    assert Booking.objects.get().time_zone == "Asia/Tokyo"
    booking.press("Cancel", exact=True)
    expect(page.get_by_role("button", name="Book", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone_and_works_without_scripts(
    ada: User, signed_in: Callable[..., Person], scheme: str
) -> None:
    account("rita@example.org", "Rita", role=Role.REVIEWER)
    slots.offer(
        reviewer=User.objects.get(email="rita@example.org"),
        starts_at=database_time() + timedelta(days=2),
        minutes=60,
        time_zone="UTC",
        place="https://call.example",
    )
    somebody = signed_in(ada, viewport=_PHONE, color_scheme=scheme, java_script_enabled=False)
    page = somebody.page

    def looked_at() -> None:
        width = page.locator("html").bounding_box()
        body = page.locator("main").bounding_box()
        assert width is not None
        assert body is not None
        assert body["x"] + body["width"] <= _PHONE["width"]

    for address in ("/interviews/", "/interviews/questions/", "/interviews/mocks/", "/interviews/live/"):
        somebody.open(address)
        looked_at()
    somebody.open("/interviews/")
    somebody.press("Start")
    page.get_by_label("Your answer").fill("Without scripts")
    page.get_by_label("Certain").check()
    somebody.press("Show the model answer")
    looked_at()
    page.get_by_role("button", name="Hard").click()
    expect(page.get_by_role("heading", name="Rated Hard")).to_be_visible()
    looked_at()
    somebody.open(f"/interviews/mocks/{SCRIPT}/")
    somebody.press("Start the clock")
    page.locator("#clarify-notes").fill("Saved by a button")
    somebody.press("Save", exact=True)
    expect(page.locator("#clarify-notes")).to_have_value("Saved by a button")
    looked_at()
    mock.finish(session=MockSession.objects.get())
    page.reload()
    looked_at()
    expect(page.get_by_role("heading", name="Your score")).to_be_visible()
