"""Mock interviews in a browser, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.interviews.mock import services
from backend.interviews.models import MockNote, MockSession
from backend.labs.models import Submission
from tests.backend.interviews.test_mock import LEVELS, REASONS, shift
from tests.factories import LabFactory, UserFactory

Browser = Callable[[User], Client]
_XSS = "<img src=x onerror=alert(1)>"


def url(session: MockSession, name: str = "mock_session", *more: str) -> str:
    return reverse(name, args=[session.pk, *more])


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(response.content.decode())).split())


def score_form() -> dict[str, str]:
    return {f"level-{name}": level for name, level in LEVELS.items()} | {
        f"reason-{name}": reason for name, reason in REASONS.items()
    }


def note_form(text: str = "Words") -> dict[str, str]:
    return {"text": text, "window": str(uuid4()), "seen": "0"}


@pytest.fixture
def session(two_scripts: None, learner: User) -> MockSession:
    return services.start(learner=learner, script="small-design")


@pytest.fixture
def scored(session: MockSession) -> MockSession:
    services.finish(session=session)
    return services.score_self(session=session, levels=LEVELS, reasons=REASONS)


def test_an_interview_from_the_list_to_the_reviewers_score(
    two_scripts: None, learner: User, reviewer: User, browser_of: Browser
) -> None:
    browser = browser_of(learner)
    assert "A small service" in text_of(browser.get(reverse("mocks")))
    before = text_of(browser.get(reverse("mock_script", args=["small-design"])))
    assert "20 minutes" in before
    started = browser.post(reverse("mock_start", args=["small-design"]), follow=True)
    assert "Brief-canary" in text_of(started)
    session = MockSession.objects.get()
    browser.post(url(session, "mock_note", "clarify", "notes"), note_form(f"I would ask. {_XSS}"))
    ended = browser.post(url(session, "mock_finish"), follow=True)
    assert "Reference-canary" in text_of(ended)
    assert _XSS not in ended.content.decode()
    done = browser.post(url(session, "mock_score"), score_form() | {"reason-depth": _XSS}, follow=True)
    assert "5 of 6 , passed (own judgement)" in text_of(done)
    assert "Waits for a reviewer" in text_of(done)
    judge = browser_of(reviewer)
    assert "A small service" in text_of(judge.get(reverse("mock_queue")))
    sheet = judge.get(url(session, "mock_review"))
    assert "I would ask." in text_of(sheet)
    assert _XSS not in sheet.content.decode()
    judge.post(url(session, "mock_review"), score_form() | {"level-depth": "2", "reason-depth": "Say where it ends."})
    result = text_of(browser.get(url(session)))
    assert "4 of 6 , passed" in result
    assert "Say where it ends." in result
    assert f"scored by {reviewer.name}" in result


def test_nothing_of_the_answer_leaves_the_server_before_the_end(
    session: MockSession, learner: User, browser_of: Browser
) -> None:
    browser = browser_of(learner)
    secrets = ["Reference-canary", "Number-canary", "Flag-canary", "Hint-canary", "Turn-canary", "Task-canary-two"]
    htmx = {"HX-Request": "true"}
    pages = [
        browser.get(reverse("mocks")),
        browser.get(reverse("mock_script", args=["small-design"])),
        browser.get(url(session)),
        browser.get(url(session, "mock_moment") + "?shown=0", headers=htmx),
        browser.post(url(session, "mock_note", "clarify", "notes"), note_form(), headers=htmx),
        browser.post(url(session, "mock_note", "draw", "diagram"), note_form(), headers=htmx),
        browser.post(url(session, "mock_score"), score_form()),
        browser.post(url(session, "mock_hint"), {"phase": "clarify", "number": "1"}, follow=True),
    ]
    for page in pages:
        seen = page.content.decode() + str(page.headers)
        assert not [secret for secret in secrets if secret in seen], page.request["PATH_INFO"]
    hint = browser.post(url(session, "mock_hint"), {"phase": "clarify", "number": "0"}, follow=True).content.decode()
    assert "Hint-canary-one" in hint
    assert "Hint-canary-two" not in hint


def test_a_reload_goes_on_where_it_was(session: MockSession, learner: User, browser_of: Browser) -> None:
    browser = browser_of(learner)
    browser.post(url(session, "mock_note", "clarify", "notes"), note_form("Kept"))
    shift(session, 6)
    page = browser.get(url(session))
    assert "Kept</textarea>" in page.content.decode()
    assert "Task-canary-two" in text_of(page)
    assert re.search(r"13:5\d left in all|14:00 left in all", text_of(page))
    assert 'id="draw-diagram"' in page.content.decode()


def test_the_page_hears_of_new_parts_and_of_the_end(session: MockSession, learner: User, browser_of: Browser) -> None:
    browser, htmx = browser_of(learner), {"HX-Request": "true"}
    same = browser.get(url(session, "mock_moment") + "?shown=1", headers=htmx).content.decode()
    assert "beforeend:#phases" not in same
    shift(session, 8.5)
    changed = browser.get(url(session, "mock_moment") + "?shown=1", headers=htmx).content.decode()
    assert "beforeend:#phases" in changed
    assert "Task-canary-two" in changed
    assert "Task-canary-one" not in changed
    assert "Turn-canary" in changed
    shift(session, 12)
    over = browser.get(url(session, "mock_moment") + "?shown=2", headers=htmx)
    assert over.headers["HX-Refresh"] == "true"
    assert "To be scored by you" in text_of(browser.get(url(session)))


def test_what_arrives_after_the_end_is_not_kept(session: MockSession, learner: User, browser_of: Browser) -> None:
    shift(session, 20)
    browser = browser_of(learner)
    late = browser.post(url(session, "mock_note", "clarify", "notes"), note_form(), headers={"HX-Request": "true"})
    assert late.headers["HX-Refresh"] == "true"
    browser.post(url(session, "mock_move_on"), {"number": "2"})
    assert not MockNote.objects.exists()


def test_an_incomplete_score_is_sent_back_with_what_was_written(
    session: MockSession, learner: User, browser_of: Browser
) -> None:
    services.finish(session=session)
    form = score_form() | {"level-depth": "", "reason-framing": "Written and kept"}
    page = browser_of(learner).post(url(session, "mock_score"), form)
    assert page.status_code == 422
    assert "Choose a level for “Depth”" in text_of(page)
    assert "Written and kept</textarea>" in page.content.decode()


def test_code_counts_that_was_handed_in_while_the_coding_part_was_open(
    two_scripts: None, learner: User, browser_of: Browser
) -> None:
    lab = LabFactory.create(slug="lab-mock", digest="d" * 64)
    session = services.start(learner=learner, script="small-kernel")
    assert not session.lab_known
    shift(session, 40)
    for minutes, score in ((2, 100), (6, 40), (20, 60), (29, 50), (31, 100)):
        made = Submission.objects.create(
            learner=learner,
            lab=lab,
            lab_digest="d" * 64,
            idempotency_key=uuid4(),
            verdict="partial",
            graded_at=session.ends_at,
            score=score,
            max_score=100,
        )
        Submission.objects.filter(pk=made.pk).update(created_at=session.started_at + timedelta(minutes=minutes))
    page = browser_of(learner).get(url(session))
    assert [one.score for one in page.context["result"].submissions] == [50, 60, 40]
    assert page.context["result"].best.score == 60
    assert "60 of 100 points (the best one)" in text_of(page)


@pytest.mark.parametrize("over", [False, True])
def test_somebody_elses_interview_does_not_exist(
    session: MockSession, learner: User, admin: User, reviewer: User, browser_of: Browser, over: bool
) -> None:
    if over:
        services.finish(session=session)
    before = MockSession.objects.values().get()
    for stranger in (UserFactory.create(), admin, reviewer):
        browser = browser_of(stranger)
        for name in ("mock_session", "mock_moment"):
            assert browser.get(url(session, name)).status_code == 404
        for name in ("mock_move_on", "mock_hint", "mock_finish", "mock_score"):
            assert browser.post(url(session, name), {"number": "0", "phase": "clarify"}).status_code == 404
        assert browser.post(url(session, "mock_note", "clarify", "notes"), note_form()).status_code == 404
        assert browser.get(url(session, "mock_review")).status_code == 404
    assert MockSession.objects.values().get() == before


def test_the_reviewers_pages_do_not_exist_for_others_nor_for_ones_own(
    scored: MockSession, learner: User, browser_of: Browser
) -> None:
    stranger = browser_of(UserFactory.create())
    assert stranger.get(reverse("mock_queue")).status_code == 404
    assert stranger.get(url(scored, "mock_review")).status_code == 404
    learner.role = "reviewer"
    learner.save()
    assert "Nothing waits" in text_of(browser_of(learner).get(reverse("mock_queue")))
    assert browser_of(learner).post(url(scored, "mock_review"), score_form()).status_code == 404


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("mock_move_on", {"number": "9" * 40}),
        ("mock_move_on", {}),
        ("mock_hint", {"phase": "\0", "number": "x"}),
        ("mock_score", {"level-framing": "\0", "reason-framing": "\0"}),
    ],
)
def test_nonsense_in_a_form_changes_nothing_and_breaks_nothing(
    session: MockSession, learner: User, browser_of: Browser, name: str, form: dict[str, str]
) -> None:
    before = MockSession.objects.values().get()
    browser = browser_of(learner)
    assert browser.post(url(session, name), form).status_code < 500
    assert browser.get(url(session, "mock_moment") + "?shown=%00").status_code == 200
    odd = browser.post(url(session, "mock_note", "clarify", "notes"), note_form("a\0b"))
    assert odd.status_code < 500
    assert MockSession.objects.values().get() == before
    assert not MockNote.objects.exists()


def test_pages_ask_the_database_as_often_for_many_sessions_as_for_few(
    scored: MockSession, learner: User, reviewer: User, browser_of: Browser, django_assert_max_num_queries: Any
) -> None:
    MockSession.objects.update(started_at=scored.started_at - timedelta(days=30))
    running = services.start(learner=learner, script="small-design")
    visits = [
        (learner, reverse("mocks")),
        (learner, url(running)),
        (learner, url(running, "mock_moment") + "?shown=1"),
        (learner, url(scored)),
        (reviewer, reverse("mock_queue")),
        (reviewer, url(scored, "mock_review")),
    ]
    counts: list[list[int]] = []
    for _ in range(2):
        counts.append([])
        for user, address in visits:
            browser = browser_of(user)
            with django_assert_max_num_queries(8) as seen:
                assert browser.get(address).status_code == 200
            counts[-1].append(len(seen))
        for other in UserFactory.create_batch(10):
            more = services.start(learner=other, script="small-design")
            services.finish(session=more)
            services.score_self(session=more, levels=LEVELS, reasons=REASONS)
            MockSession.objects.filter(pk=more.pk).update(learner=learner)
    assert counts[0] == counts[1]
