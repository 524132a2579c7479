"""Regrades and held submissions, as administrators meet them; for everybody else they do not exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs import services
from backend.labs.models import Notice, Regrade, Submission, Verdict, VerdictChange
from backend.labs.services import DecisionRefused
from tests.backend.certification.ready import enrol, small_track
from tests.backend.labs.hand import Submit, attempt_of, make_report
from tests.backend.labs.reports import STATES
from tests.backend.labs.revisions import correct, judge, judge_all
from tests.factories import UserFactory

BrowserOf = Callable[[User], Client]
WHY = "The third test expected a wrong sum."


@pytest.fixture
def staff(admin: User, browser_of: BrowserOf) -> Client:
    """An administrator's browser."""
    return browser_of(admin)


@pytest.fixture
def held(submit: Submit) -> Submission:
    """A submission with an implausible benchmark."""
    submission = submit()
    assert services.record_report(make_report(attempt_of(submission), **STATES["held, implausible"])) is None
    submission.refresh_from_db()
    return submission


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


@pytest.mark.parametrize("who", ["learner", "reviewer"])
def test_for_others_the_pages_do_not_exist(
    request: pytest.FixtureRequest, browser_of: BrowserOf, held: Submission, tiny_lab: Lab, admin: User, who: str
) -> None:
    correct(tiny_lab)
    regrade = services.start_regrade(by=admin, reason=WHY, lab=tiny_lab)
    browser = browser_of(request.getfixturevalue(who))
    for name, args in (
        ("regrades", []), ("regrade", [regrade.pk]), ("held", []), ("held_submission", [held.pk]),
    ):  # fmt: skip
        assert browser.get(reverse(name, args=args)).status_code == 404
        assert Client().get(reverse(name, args=args)).status_code == 302
    decide = browser.post(reverse("regrade_decide", args=[regrade.pk]), {"action": "discard"})
    assert decide.status_code == 404
    regrade.refresh_from_db()
    assert regrade.state == Regrade.State.PREVIEW


def test_a_regrade_goes_from_the_form_to_the_notice(
    staff: Client, submit: Submit, tiny_lab: Lab, learner: User, browser_of: BrowserOf
) -> None:
    submission = submit()
    judge(attempt_of(submission), "wrong_answer", 0.0)
    correct(tiny_lab)
    form = {"lab": tiny_lab.pk, "reason": WHY, "outdated_only": "on"}
    address = staff.post(reverse("regrades"), form)["Location"]
    assert "0 of 1" in text_of(staff.get(address))
    decide = f"{address}decide/"
    assert "still being graded" in text_of(staff.post(decide, {"action": "apply"}, follow=True))
    judge_all(Regrade.objects.get())
    page = text_of(staff.get(address))
    assert "Newly accepted 1 Accepted lost 0" in page
    staff.post(decide, {"action": "apply", "never_lower": "on"})
    services.follow_up()
    assert "Applied" in text_of(staff.get(address))
    browser = browser_of(learner)
    assert WHY in text_of(browser.get(submission.get_absolute_url()))
    notice = Notice.objects.get()
    stranger = browser_of(UserFactory.create())
    stranger.post(reverse("notice_read", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at is None, "nobody puts away somebody else's notice"
    browser.post(reverse("notice_read", args=[notice.pk]))
    assert "I have read this" not in text_of(browser.get(submission.get_absolute_url()))


def test_the_dashboard_shows_a_notice_until_it_is_read(
    held: Submission, admin: User, learner: User, browser_of: BrowserOf
) -> None:
    enrol(learner, small_track())
    browser = browser_of(learner)
    assert "A result of yours changed" not in text_of(browser.get("/dashboard/"))
    services.decide_held(submission=held, by=admin, accept=True, score=4.0, reason="Measured again by hand.")
    page = browser.get("/dashboard/")
    assert "Before: Held for a person to look at, 4 of 5 points. Now: Accepted, 4 of 5 points." in text_of(page)
    assert held.get_absolute_url() in page.content.decode()
    address = reverse("notice_read", args=[Notice.objects.get().pk])
    back = browser.post(address, headers={"Referer": "http://testserver/dashboard/"})
    assert back["Location"] == "/dashboard/"
    assert browser.post(address, headers={"Referer": "http://evil.example//evil.example"})["Location"] == "/"
    assert "A result of yours changed" not in text_of(browser.get("/dashboard/"))


def test_a_form_without_reason_or_choice_says_so_and_starts_nothing(staff: Client, submit: Submit) -> None:
    judge(attempt_of(submit()), "wrong_answer", 0.0)
    no_reason = staff.post(reverse("regrades"), {"judged_by_grader": "r1"})
    no_choice = staff.post(reverse("regrades"), {"reason": WHY})
    assert (no_reason.status_code, no_choice.status_code) == (422, 422)
    assert "Choose a lab or a grader revision." in text_of(no_choice)
    assert not Regrade.objects.exists()


def test_accepting_what_was_held_gives_points_a_record_and_a_notice(
    staff: Client, admin: User, held: Submission, learner: User
) -> None:
    assert "Nothing is held" not in text_of(staff.get(reverse("held")))
    address = reverse("held_submission", args=[held.pk])
    assert "14.2 times the reference" in text_of(staff.get(address))
    assert staff.post(address, {"decision": "accept", "score": "5"}).status_code == 422
    staff.post(address, {"decision": "accept", "score": "5", "reason": "Measured again by hand."})
    held.refresh_from_db()
    assert (held.verdict, held.score) == (Verdict.ACCEPTED, 5.0)
    change = VerdictChange.objects.get()
    assert (change.by, change.cause, change.reason) == (admin, "decision", "Measured again by hand.")
    services.mail_notices()
    (message,) = mail.outbox
    assert message.to == [learner.email]
    assert "Measured again by hand." in message.body
    assert staff.get(address).status_code == 404


def test_refusing_keeps_the_points_of_the_tests(staff: Client, held: Submission) -> None:
    staff.post(reverse("held_submission", args=[held.pk]), {"decision": "refuse", "reason": "The output was cached."})
    held.refresh_from_db()
    assert (held.verdict, held.score) == (Verdict.PARTIAL, 4.0)


@pytest.mark.parametrize("score", [-1.0, 0.0, 5.1, float("nan"), float("inf")])
def test_impossible_points_are_refused(held: Submission, admin: User, score: float) -> None:
    with pytest.raises(DecisionRefused):
        services.decide_held(submission=held, by=admin, accept=True, score=score, reason="So.")


def test_nobody_decides_on_their_own_work(submit: Submit, admin: User) -> None:
    own = submit(learner=admin)
    judge(attempt_of(own), "held", 2.0)
    with pytest.raises(DecisionRefused, match="your own work"):
        services.decide_held(submission=own, by=admin, accept=True, score=5.0, reason="So.")


def test_a_mail_server_that_fails_costs_no_notice(
    held: Submission, admin: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.decide_held(submission=held, by=admin, accept=True, score=5.0, reason="So.")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert services.mail_notices() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert services.mail_notices() == 1
    assert len(mail.outbox) == 1


class RefusingBackend(EmailBackend):
    """A mail server that knows one of its people no more."""

    gone = "gone@example.org"

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        for message in messages:
            if self.gone in message.recipients():
                raise SMTPRecipientsRefused({self.gone: (550, b"no such user")})
        return super().send_messages(messages)


def test_an_address_that_is_refused_keeps_nobody_else_from_their_mail(
    submit: Submit, admin: User, settings: Any
) -> None:
    for address in (RefusingBackend.gone, "here@example.org"):
        submission = submit(learner=UserFactory.create(email=address))
        judge(attempt_of(submission), "held", 2.0)
        submission.refresh_from_db()
        services.decide_held(submission=submission, by=admin, accept=True, score=5.0, reason="So.")
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    assert services.mail_notices() == 1
    assert [message.to for message in mail.outbox] == [["here@example.org"]]
    assert [notice.learner.email for notice in Notice.objects.filter(mailed_at=None)] == [RefusingBackend.gone]
    # The server is not asked again every few seconds, but once a day, and one day takes it.
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert services.mail_notices() == 0
    Notice.objects.filter(mailed_at=None).update(refused_at=timezone.now() - timedelta(hours=25))
    assert services.mail_notices() == 1


@pytest.mark.parametrize("page", ["regrades", "regrade", "held", "held_submission"])
@pytest.mark.parametrize("size", [2, 20])
def test_the_pages_take_a_fixed_number_of_queries(
    staff: Client, admin: User, submit: Submit, tiny_lab: Lab, page: str, size: int,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:  # fmt: skip
    for _ in range(size):
        learner = UserFactory.create()
        judge(attempt_of(submit(learner=learner)), "wrong_answer", 0.0)
        judge(attempt_of(submit(learner=learner)), "held", 2.0)
    held = Submission.objects.filter(verdict=Verdict.HELD).first()
    correct(tiny_lab)
    regrade = services.start_regrade(by=admin, reason=WHY, lab=tiny_lab)
    judge_all(regrade)
    args = {"regrade": [regrade.pk], "held_submission": [held.pk if held else uuid4()]}.get(page, [])
    with django_assert_max_num_queries(8):
        assert staff.get(reverse(page, args=args)).status_code == 200
