"""Every state of a report in a real browser: both themes, phone and desk, by keyboard, and without scripts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from playwright.sync_api import expect

from backend.accounts.models import Role, User
from backend.curriculum.models import Lab
from backend.labs import services
from backend.labs.models import Submission
from tests.backend.labs.hand import attempt_of, make_report
from tests.backend.labs.reports import STATES
from tests.backend.labs.revisions import correct, judge, judge_all
from tests.e2e.person import PASSWORD, Person
from tests.stack import LiveStack, load_tiny_lab

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SOURCE = b"import sys\n\ntotal = 0\nfor word in sys.stdin.read().split():\n    total += int(word)\nprint(total)\n"
WIDTHS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}
PICTURES = os.environ.get("LLSYS_PICTURES", "")
"""A folder for pictures of every state, for people to look at."""


@pytest.fixture
def site(transactional_db: None, tmp_path: Path) -> Iterator[LiveStack]:
    """The web side alone, with the tiny lab."""
    cache.clear()
    call_command("collectstatic", interactive=False, verbosity=0)
    stack = LiveStack(tmp_path, settings.REDIS_URL)
    stack.start_web()
    yield stack
    stack.stop()


@pytest.fixture
def lab(site: LiveStack) -> Lab:
    """The tiny lab."""
    return load_tiny_lab()


def account(email: str, **fields: object) -> User:
    user = User.objects.create_user(email, PASSWORD, display_name="Ada", **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def submission_in(state: str, lab: Lab, learner: User) -> Submission:
    """A submission whose report is in a state."""
    submission = services.submit(learner=learner, lab=lab, files={"main.py": SOURCE}, key=uuid4())
    assert services.record_report(make_report(attempt_of(submission), **STATES[state])) is None
    return submission


def excess(person: Person) -> int:
    """By how many pixels the page is wider than the window."""
    return int(person.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_state_of_a_report_fits_and_can_be_read(
    person: Callable[..., Person], lab: Lab, theme: str, width: str
) -> None:
    ada = account("ada@example.org")
    submissions = {state: submission_in(state, lab, ada) for state in STATES}
    somebody = person("ada@example.org", viewport=WIDTHS[width], color_scheme=theme)
    somebody.sign_in()
    for state, submission in submissions.items():
        somebody.open(submission.get_absolute_url())
        tabs = somebody.page.get_by_role("tab")
        for index in range(tabs.count()):
            tabs.nth(index).click()
            assert excess(somebody) <= 0, (state, index)
            if PICTURES:
                name = re.sub(r"\W+", "-", f"{state}-{index}-{width}-{theme}")
                somebody.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
        for plot in somebody.page.locator("svg[role=img].plot-fluid").all():
            assert plot.get_attribute("aria-label")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("state", ["cuda", "held, too close"])
def test_the_lab_page_has_room_for_the_result(person: Callable[..., Person], lab: Lab, width: str, state: str) -> None:
    submission_in(state, lab, account("ada@example.org"))
    ada = person("ada@example.org", viewport=WIDTHS[width])
    ada.sign_in()
    ada.open(lab.get_absolute_url() + "#results")
    expect(ada.page.locator("#submission-status .tabs-panel:visible")).to_have_count(1)
    assert excess(ada) <= 0
    panel = "document.querySelector('#results .panel-body')"
    assert ada.page.evaluate(f"{panel}.scrollWidth - {panel}.clientWidth") <= 0
    picture(ada, f"lab-{width}-{state[:4]}")
    for index in range(ada.page.get_by_role("tab").count()):
        ada.page.get_by_role("tab").nth(index).click()
        assert ada.page.evaluate(f"{panel}.scrollWidth - {panel}.clientWidth") <= 0
        picture(ada, f"lab-{width}-{state[:4]}-{index}")


def test_a_message_leads_to_its_line_in_the_editor_and_in_the_listing(person: Callable[..., Person], lab: Lab) -> None:
    submission = submission_in("cuda", lab, account("ada@example.org"))
    ada = person("ada@example.org")
    ada.sign_in()
    ada.open(submission.get_absolute_url())
    ada.page.get_by_role("link", name="main.py:3").first.click()
    assert ada.page.url.endswith("#L-main.py-3")
    expect(ada.page.locator("#L-main\\.py-3")).to_contain_text("total = 0")
    ada.open(lab.get_absolute_url())
    ada.page.get_by_role("link", name="main.py:3").first.press("Enter")
    expect(ada.page.locator(".cm-editor.cm-focused .cm-activeLine")).to_be_visible()
    assert ada.page.url.endswith(lab.get_absolute_url()), "the page stays"


def test_the_result_is_all_there_without_scripts(person: Callable[..., Person], lab: Lab) -> None:
    submission = submission_in("benchmark passed", lab, account("ada@example.org"))
    ada = person("ada@example.org", java_script_enabled=False)
    ada.sign_in()
    ada.open(submission.get_absolute_url())
    for words in ("1.31 times the reference", "Share of what this machine can do", "python -m grader run"):
        expect(ada.page.get_by_role("main")).to_contain_text(words)
    expect(ada.page.locator("#result-benchmarks svg.plot-fluid").first).to_be_visible()


def test_result_tabs_stay_apart_from_headings_of_the_same_name(person: Callable[..., Person], lab: Lab) -> None:
    headings = "".join(f'<h2 id="{name}">About {name}</h2><p>Text.</p>' for name in ("tests", "log", "environment"))
    Lab.objects.update(instructions_html=headings)
    submission_in("cuda", lab, account("ada@example.org"))
    ada = person("ada@example.org")
    ada.sign_in()
    ada.open(lab.get_absolute_url() + "#environment")
    ids = ada.page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids)), "no id is there twice"
    expect(ada.page.locator("#result-tests")).to_be_visible()
    ada.page.get_by_role("tab", name="Environment").click()
    expect(ada.page.locator("#result-environment")).to_be_visible()
    expect(ada.page.get_by_role("heading", name="About tests")).to_be_visible()


def test_staff_regrade_a_lab_from_preview_to_notice(person: Callable[..., Person], lab: Lab) -> None:
    ada = account("ada@example.org")
    account("grace@example.org", role=Role.ADMIN)
    submission = submission_in("cuda", lab, ada)
    held = submission_in("held, implausible", lab, ada)
    accepted = submission_in("benchmark passed", lab, ada)
    correct(lab)
    grace, learner = person("grace@example.org"), person("ada@example.org", viewport=WIDTHS["phone"])
    grace.sign_in()
    learner.sign_in()
    grace.open("/staff/held/")
    grace.follow("Lab")
    picture(grace, "held")
    grace.page.get_by_label("Accept it").check()
    grace.page.locator("[name=reason]").fill("Measured again by hand.")
    grace.press("Record the decision")
    expect(grace.page.get_by_role("main")).to_contain_text("Nothing is held")
    grace.open("/staff/regrades/")
    picture(grace, "regrades")
    grace.page.locator("[name=lab]").select_option(str(lab.pk))
    grace.page.locator("[name=reason]").fill("The third test expected a wrong sum.")
    grace.press("Grade for a preview")
    expect(grace.page.get_by_role("button", name="Apply")).to_be_disabled()
    regrade = submission.attempts.get(trial=True).regrade
    assert regrade is not None
    judge(accepted.attempts.get(trial=True), "partial", 2.0)
    judge_all(regrade)
    expect(grace.page.get_by_role("button", name="Apply")).to_be_enabled(timeout=20_000)
    picture(grace, "preview")
    assert excess(grace) <= 0
    grace.press("Apply")
    services.follow_up()
    expect(grace.page.locator(".page-header")).to_contain_text("Applied", timeout=20_000)
    picture(grace, "applied")
    hand_held = person("grace@example.org", viewport=WIDTHS["phone"], color_scheme="dark")
    hand_held.sign_in()
    for name in ("/staff/regrades/", regrade.get_absolute_url(), "/staff/held/"):
        hand_held.open(name)
        assert excess(hand_held) <= 0, name
        picture(hand_held, f"phone{name.replace('/', '-')}"[:24])
    learner.open(submission.get_absolute_url())
    picture(learner, "notice")
    expect(learner.page.get_by_role("main")).to_contain_text("Reason: The third test expected a wrong sum.")
    assert excess(learner) <= 0
    learner.press("I have read this")
    expect(learner.page.get_by_role("button", name="I have read this")).to_have_count(0)
    learner.open(held.get_absolute_url())
    expect(learner.page.get_by_role("main")).to_contain_text("Measured again by hand.")


def picture(person: Person, name: str) -> None:
    """Keep a picture for people to look at, where a folder is named."""
    if PICTURES:
        person.page.screenshot(path=Path(PICTURES) / f"staff-{name}.png", full_page=True)
