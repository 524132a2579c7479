"""Another learner's work does not exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.models import Role, User
from backend.labs import selectors, services
from backend.labs.models import Submission
from tests.backend.labs.hand import Submit, attempt_of, make_report
from tests.factories import UserFactory

BrowserOf = Callable[[User], Client]
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


def addresses(submission: Submission) -> list[str]:
    """Every address that names a submission."""
    return [
        reverse("submission", args=[submission.pk]),
        reverse("submission_status", args=[submission.pk]),
        reverse("submission_file", args=[submission.pk, "main.py"]),
    ]


@pytest.fixture
def theirs(submit: Submit) -> Submission:
    """A graded submission of somebody else."""
    submission = submit(learner=UserFactory.create())
    services.record_report(make_report(attempt_of(submission)))
    submission.refresh_from_db()
    return submission


@pytest.mark.parametrize("role", [Role.LEARNER, Role.AUTHOR])
@pytest.mark.parametrize("method", METHODS)
def test_others_get_404_for_every_address_and_405_for_what_no_address_does(
    theirs: Submission, browser_of: BrowserOf, role: Role, method: str
) -> None:
    browser = browser_of(UserFactory.create(role=role))
    expected = 404 if method == "get" else 405
    for address in addresses(theirs):
        assert getattr(browser, method)(address).status_code == expected
        unknown = address.replace(str(theirs.pk), "00000000-0000-4000-8000-000000000000")
        assert getattr(browser, method)(unknown).status_code == expected, "the answer tells nothing"


def test_a_visitor_is_sent_to_sign_in_whether_or_not_it_exists(theirs: Submission, client: Client) -> None:
    for address in addresses(theirs):
        unknown = address.replace(str(theirs.pk), "00000000-0000-4000-8000-000000000000")
        answers = [client.get(address), client.get(unknown)]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert answers[0]["Location"].replace(str(theirs.pk), "") == answers[1]["Location"].replace(
            "00000000-0000-4000-8000-000000000000", ""
        )


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN])
def test_reviewers_and_administrators_see_it(theirs: Submission, browser_of: BrowserOf, role: Role) -> None:
    browser = browser_of(UserFactory.create(role=role))
    assert [browser.get(address).status_code for address in addresses(theirs)] == [200, 200, 200]


def test_a_reviewer_who_is_one_no_more_sees_nothing_at_once(theirs: Submission, browser_of: BrowserOf) -> None:
    person = UserFactory.create(role=Role.REVIEWER)
    browser = browser_of(person)
    assert browser.get(theirs.get_absolute_url()).status_code == 200
    User.objects.filter(pk=person.pk).update(role=Role.LEARNER)
    assert browser.get(theirs.get_absolute_url()).status_code == 404


def test_the_lab_page_and_its_history_show_ones_own_work_only(
    theirs: Submission, browser_of: BrowserOf, learner: User
) -> None:
    browser = browser_of(learner)
    for address in (theirs.lab.get_absolute_url(), reverse("lab_history", args=[theirs.lab.slug])):
        assert str(theirs.pk) not in browser.get(address).content.decode()


def test_no_page_carries_a_token(theirs: Submission, browser_of: BrowserOf, admin: User) -> None:
    browser = browser_of(admin)
    staff = [
        reverse("admin:labs_submission_changelist"),
        reverse("admin:labs_submission_change", args=[theirs.pk]),
    ]
    for address in (*addresses(theirs), *staff):
        response = browser.get(address)
        assert response.status_code == 200
        assert attempt_of(theirs).token.encode() not in response.content


def test_pages_of_a_signed_in_person_stay_out_of_shared_caches(
    submit: Submit, browser_of: BrowserOf, learner: User
) -> None:
    browser = browser_of(learner)
    for address in addresses(submit()):
        assert "private" in browser.get(address)["Cache-Control"]


def test_results_say_the_best_verdict_the_last_submission_and_how_many(
    submit: Submit, learner: User, django_assert_num_queries: Callable[[int], object]
) -> None:
    best = submit()
    services.record_report(make_report(attempt_of(best)))
    fault = submit()
    for _ in range(3):
        services.record_report(make_report(attempt_of(fault), verdict="grader_error", score=0.0, tests=[]))
    last = submit()
    services.record_report(make_report(attempt_of(last), verdict="partial", score=2.0))
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        (result,) = selectors.lab_results(learner, [best.lab_id]).values()
    assert (result.verdict, result.score, result.percent, result.accepted) == ("accepted", 5.0, 100, True)
    assert (result.submission_id, result.submissions) == (last.pk, 3)
    assert selectors.accepted_lab_ids(learner) == {best.lab_id}
    assert selectors.lab_results(UserFactory.create(), [best.lab_id]) == {}


def test_a_result_of_our_own_fault_alone_is_none(submit: Submit, learner: User) -> None:
    fault = submit()
    for _ in range(3):
        services.record_report(make_report(attempt_of(fault), verdict="grader_error", score=0.0, max_score=1.0))
    (result,) = selectors.lab_results(learner, [fault.lab_id]).values()
    assert (result.verdict, result.score, result.percent, result.submissions) == ("", 0.0, 0, 1)
    assert selectors.accepted_lab_ids(learner) == set()


@pytest.mark.parametrize("page", ["lab", "submission", "status", "history"])
@pytest.mark.parametrize("graded", [True, False])
def test_a_page_asks_the_database_the_same_number_of_times_however_much_there_is(
    submit: Submit,
    browser_of: BrowserOf,
    learner: User,
    django_assert_max_num_queries: Callable[[int], object],
    page: str,
    graded: bool,
) -> None:
    def add() -> Submission:
        submission = submit()
        if graded:
            services.record_report(make_report(attempt_of(submission)))
        else:
            Submission.objects.update(created_at="2026-01-01T00:00:00Z")
        return submission

    newest = [add() for _ in range(2 if not graded else 15)][-1]
    lab = newest.lab
    address = {
        "lab": lab.get_absolute_url(),
        "submission": newest.get_absolute_url(),
        "status": reverse("submission_status", args=[newest.pk]),
        "history": reverse("lab_history", args=[lab.slug]),
    }[page]
    browser = browser_of(learner)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        assert browser.get(address).status_code == 200
