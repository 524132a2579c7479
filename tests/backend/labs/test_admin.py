"""Staff read everything, change nothing, and have submissions judged again."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.labs import services
from backend.labs.models import GradeAttempt
from tests.backend.labs.hand import Submit, attempt_of, make_report

BrowserOf = Callable[[User], Client]
LIST = "admin:labs_submission_changelist"


def test_the_action_judges_again_what_is_done_and_leaves_what_is_running(
    submit: Submit, admin: User, browser_of: BrowserOf
) -> None:
    done, running = submit(), submit()
    services.record_report(make_report(attempt_of(done)))
    chosen = {"action": "judge_again", "_selected_action": [str(done.pk), str(running.pk)]}
    response = browser_of(admin).post(reverse(LIST), chosen, follow=True)
    assert "1 will be judged again. 1 left alone" in response.content.decode()
    again = attempt_of(done)
    assert (again.number, again.state, again.rejudge) == (2, GradeAttempt.State.QUEUED, True)
    assert again.requested_by == admin
    assert attempt_of(running).number == 1


def test_nothing_is_added_changed_or_deleted_by_hand(submit: Submit, admin: User, browser_of: BrowserOf) -> None:
    submission, browser = submit(), browser_of(admin)
    change = reverse("admin:labs_submission_change", args=[submission.pk])
    assert browser.post(change, {"verdict": "accepted"}).status_code == 403
    assert browser.post(reverse("admin:labs_submission_delete", args=[submission.pk])).status_code == 403
    assert browser.get(reverse("admin:labs_submission_add")).status_code == 403
    submission.refresh_from_db()
    assert submission.verdict == ""


def test_the_record_of_changes_is_read_and_never_written(submit: Submit, admin: User, browser_of: BrowserOf) -> None:
    submission, browser = submit(), browser_of(admin)
    services.record_report(make_report(attempt_of(submission), verdict="held", score=2.0))
    services.decide_held(submission=submission, by=admin, accept=True, score=4.0, reason="Measured by hand.")
    change = submission.changes.get()
    assert "Measured by hand." in browser.get(reverse("admin:labs_verdictchange_changelist")).content.decode()
    row = reverse("admin:labs_verdictchange_change", args=[change.pk])
    assert browser.get(row).status_code == 200
    assert browser.post(row, {"reason": "x"}).status_code == 403
    assert browser.post(reverse("admin:labs_verdictchange_delete", args=[change.pk])).status_code == 403


def test_reviewers_do_not_enter(submit: Submit, reviewer: User, browser_of: BrowserOf) -> None:
    submit()
    assert browser_of(reviewer).get(reverse(LIST)).status_code == 302
