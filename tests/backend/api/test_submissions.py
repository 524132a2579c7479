"""Following one's own work."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import Role, User
from backend.curriculum.models import Lab
from backend.labs import services
from backend.labs.models import GradeAttempt, Submission, Verdict
from tests.backend.api.conftest import BrowserOf, QueriesOf
from tests.backend.labs.hand import Submit, attempt_of, make_report
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def address(submission: Submission) -> str:
    return f"/api/v1/submissions/{submission.pk}/"


def make_rows(learner: User, lab: Lab, count: int) -> None:
    """Judged submissions, a minute between each two."""
    now = timezone.now()
    rows = Submission.objects.bulk_create(
        Submission(
            learner=learner, lab=lab, lab_digest=lab.digest, idempotency_key=uuid4(), verdict=Verdict.PARTIAL,
            score=2, max_score=5, graded_at=now,
        )
        for _ in range(count)
    )  # fmt: skip
    for number, row in enumerate(rows):
        Submission.objects.filter(pk=row.pk).update(created_at=now - timedelta(minutes=number))


def test_the_state_is_in_the_words_of_the_page(submit: Submit, learner: User, browser_of: BrowserOf) -> None:
    browser, submission = browser_of(learner), submit()
    page = browser.get(f"/submissions/{submission.pk}/status/").content.decode()
    state = browser.get(address(submission)).json()["state"]
    assert state["text"] == "Queued: 1 of 1"
    assert f"<strong>{state['text']}.</strong>" in page
    assert state["obstacle"]
    assert state["obstacle"] in page
    services.record_report(make_report(attempt_of(submission)))
    state = browser.get(address(submission)).json()["state"]
    assert (state["stage"], state["text"], state["done"]) == ("done", "Done", True)


def test_a_judged_submission_comes_with_its_report_and_without_any_token(
    submit: Submit, learner: User, browser_of: BrowserOf
) -> None:
    submission = submit()
    attempt = attempt_of(submission)
    services.record_report(make_report(attempt, verdict="partial", score=2.0, message="Passed: 1 of 2 tests."))
    answer = browser_of(learner).get(address(submission))
    document = answer.json()
    assert (document["verdict"], document["score"], document["max_score"]) == ("partial", 2.0, 5.0)
    assert document["report"]["message"] == "Passed: 1 of 2 tests."
    assert [test["title"] for test in document["report"]["tests"]] == ["Adds a few numbers", "Adds many numbers"]
    assert "token" not in (text := answer.content.decode())
    assert attempt.token not in text


def test_nothing_is_sent_again_until_something_changes(submit: Submit, learner: User, browser_of: BrowserOf) -> None:
    browser, submission = browser_of(learner), submit()
    first = browser.get(address(submission))
    same = browser.get(address(submission), headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content, same["ETag"]) == (HTTPStatus.NOT_MODIFIED, b"", first["ETag"])
    assert "private" in first["Cache-Control"]
    services.record_report(make_report(attempt_of(submission)))
    changed = browser.get(address(submission), headers={"If-None-Match": first["ETag"]})
    assert (changed.status_code, changed.json()["verdict"]) == (HTTPStatus.OK, "accepted")


def test_an_etag_of_ones_own_opens_nothing_of_anothers(submit: Submit, learner: User, browser_of: BrowserOf) -> None:
    submission = submit()
    etag = browser_of(learner).get(address(submission))["ETag"]
    answer = browser_of(UserFactory.create()).get(address(submission), headers={"If-None-Match": etag})
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert not answer.has_header("ETag")


@pytest.mark.parametrize(
    ("role", "status"), [(Role.LEARNER, 404), (Role.AUTHOR, 404), (Role.REVIEWER, 200), (Role.ADMIN, 200)]
)
def test_only_reviewers_and_administrators_see_anothers_submission(
    submit: Submit, browser_of: BrowserOf, role: Role, status: int
) -> None:
    submission, browser = submit(), browser_of(UserFactory.create(role=role))
    answer = browser.get(address(submission))
    assert answer.status_code == status
    if status == HTTPStatus.NOT_FOUND:
        unknown = browser.get(f"/api/v1/submissions/{uuid4()}/")
        assert (unknown.status_code, unknown.content) == (answer.status_code, answer.content), (
            "nothing tells them apart"
        )
    assert browser.get("/api/v1/submissions/").json()["results"] == [], "the list is one's own"


def test_a_visitor_is_told_to_sign_in(submit: Submit, client: Client) -> None:
    submission = submit()
    for path in (address(submission), "/api/v1/submissions/", "/api/v1/labs/lab-tiny/", "/api/v1/progress/"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_authenticated"), path
    answer = client.post("/api/v1/labs/lab-tiny/submissions/", data="{", content_type="application/json")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert Submission.objects.count() == 1


def test_somebody_whose_account_is_closed_is_a_visitor(submit: Submit, learner: User, browser_of: BrowserOf) -> None:
    submission, browser = submit(), browser_of(learner)
    User.objects.filter(pk=learner.pk).update(is_active=False)
    assert browser.get(address(submission)).status_code == HTTPStatus.UNAUTHORIZED


def test_pages_of_the_list_hold_every_submission_once_newest_first(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf
) -> None:
    make_rows(learner, tiny_lab, 45)
    make_rows(UserFactory.create(), tiny_lab, 3)
    browser, following, pages = browser_of(learner), "/api/v1/submissions/", []
    while following:
        document = browser.get(following).json()
        pages.append([row["id"] for row in document["results"]])
        following = document["next"]
    newest_first = Submission.objects.filter(learner=learner).order_by("-created_at")
    assert [len(page) for page in pages] == [20, 20, 5]
    assert [row for page in pages for row in page] == [str(submission.pk) for submission in newest_first]


def test_the_list_takes_as_many_queries_for_twenty_rows_as_for_two(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, queries_of: QueriesOf
) -> None:
    browser, taken = browser_of(learner), []
    for count in (2, 18):
        make_rows(learner, tiny_lab, count)
        taken.append(queries_of(browser, "submissions/"))
    assert taken == [3, 3]


def test_one_submission_takes_as_many_queries_after_ten_rejudges(
    submit: Submit, learner: User, admin: User, browser_of: BrowserOf, queries_of: QueriesOf
) -> None:
    submission, browser = submit(), browser_of(learner)
    services.record_report(make_report(attempt_of(submission)))
    before = queries_of(browser, f"submissions/{submission.pk}/")
    for _ in range(10):
        submission.refresh_from_db()
        services.record_report(make_report(services.rejudge(submission, by=admin)))
    assert GradeAttempt.objects.count() == 11
    assert queries_of(browser, f"submissions/{submission.pk}/") == before <= 8
