"""A corrected lab judges its submissions again: first for a look, then for good, and never twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from redis import Redis

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs import selectors, services
from backend.labs.models import GradeAttempt, Notice, Regrade, RegradeItem, Submission, Verdict, VerdictChange
from backend.labs.services import RegradeRefused
from grader.contract import MAX_ATTEMPTS
from tests.backend.labs.hand import Submit, attempt_of, make_report
from tests.backend.labs.revisions import correct, judge, judge_all
from tests.backend.labs.test_pages import say_alive
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "The third test expected a wrong sum."


@pytest.fixture
def wrong(submit: Submit) -> Submission:
    """A submission that the lab judged wrong."""
    submission = submit()
    judge(attempt_of(submission), "wrong_answer", 0.0)
    submission.refresh_from_db()
    return submission


def start(lab: Lab, by: User, **more: Any) -> Regrade:
    return services.start_regrade(by=by, reason=WHY, lab=lab, **more)


def carry_out(regrade: Regrade, by: User, *, never_lower: bool = True) -> None:
    services.apply_regrade(regrade=regrade, by=by, never_lower=never_lower)
    services.follow_up()


def test_the_preview_grades_with_the_corrected_lab_and_touches_no_verdict(
    wrong: Submission, tiny_lab: Lab, admin: User, grading_redis: Redis
) -> None:
    old, new = tiny_lab.digest, correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    attempt = attempt_of(wrong)
    assert (attempt.trial, attempt.rejudge, attempt.lab_digest) == (True, True, new)
    judge_all(regrade)
    wrong.refresh_from_db()
    assert (wrong.verdict, wrong.score, wrong.lab_digest) == (Verdict.WRONG_ANSWER, 0.0, old)
    summary = selectors.regrade_summary(regrade)
    (row,) = summary.transitions
    assert (row.old, row.new, row.count) == ("wrong_answer", "accepted", 1)
    assert (summary.waiting, summary.gained, summary.lost, summary.higher, summary.lower) == (0, 1, 0, 1, 0)
    assert not VerdictChange.objects.exists()
    view = selectors.report_for(wrong)
    assert view is not None
    assert view.report.verdict == "wrong_answer", "the page shows the report that counts"


def test_applying_replaces_the_verdict_with_a_record_a_notice_and_a_mail(
    wrong: Submission, tiny_lab: Lab, admin: User, learner: User
) -> None:
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    judge_all(regrade)
    carry_out(regrade, admin)
    wrong.refresh_from_db()
    regrade.refresh_from_db()
    assert (wrong.verdict, wrong.score, regrade.state) == (Verdict.ACCEPTED, 5.0, Regrade.State.APPLIED)
    change = VerdictChange.objects.get()
    assert (change.by, change.regrade, change.reason) == (admin, regrade, WHY)
    assert (change.old_verdict, change.old_score) == ("wrong_answer", 0.0)
    assert (change.new_verdict, change.new_score) == ("accepted", 5.0)
    assert services.mail_notices() == 1
    assert services.mail_notices() == 0
    (message,) = mail.outbox
    assert message.to == [learner.email]
    for part in ("Wrong answer, 0 of 5 points", "Accepted, 5 of 5 points", WHY, wrong.get_absolute_url()):
        assert part in message.body
    view = selectors.report_for(wrong)
    assert view is not None
    assert (view.report.lab_digest, view.other_revision) == (tiny_lab.digest, True)


def test_applying_again_and_again_at_once_changes_nothing_more(wrong: Submission, tiny_lab: Lab, admin: User) -> None:
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    judge_all(regrade)
    barrier = threading.Barrier(6)

    def one() -> None:
        barrier.wait()
        carry_out(regrade, admin)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    carry_out(regrade, admin, never_lower=False)
    regrade.refresh_from_db()
    assert regrade.never_lower, "the first decision stands"
    assert VerdictChange.objects.count() == Notice.objects.count() == 1


def test_a_round_that_was_cut_off_is_carried_on(submit: Submit, tiny_lab: Lab, admin: User) -> None:
    for _ in range(5):
        judge(attempt_of(submit()), "wrong_answer", 0.0)
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    judge_all(regrade)
    services.apply_regrade(regrade=regrade, by=admin, never_lower=True)
    assert services.follow_up(at_once=2) == 2
    regrade.refresh_from_db()
    assert (regrade.state, VerdictChange.objects.count()) == (Regrade.State.APPLYING, 2)
    services.follow_up()
    regrade.refresh_from_db()
    assert (regrade.state, VerdictChange.objects.count()) == (Regrade.State.APPLIED, 5)


@pytest.mark.parametrize(("never_lower", "verdict"), [(True, "accepted"), (False, "partial")])
def test_never_lower_keeps_what_would_get_worse(
    submit: Submit, tiny_lab: Lab, admin: User, never_lower: bool, verdict: str
) -> None:
    submission = submit()
    judge(attempt_of(submission))
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    judge_all(regrade, "partial", 2.0)
    assert selectors.regrade_summary(regrade).lost == 1
    carry_out(regrade, admin, never_lower=never_lower)
    submission.refresh_from_db()
    assert submission.verdict == verdict
    state = RegradeItem.objects.get().state
    assert state == (RegradeItem.State.KEPT if never_lower else RegradeItem.State.APPLIED)


def test_the_same_result_tells_nobody_and_is_not_looked_at_again(wrong: Submission, tiny_lab: Lab, admin: User) -> None:
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    judge_all(regrade, "wrong_answer", 0.0)
    carry_out(regrade, admin)
    assert RegradeItem.objects.get().state == RegradeItem.State.SAME
    assert not Notice.objects.exists()
    with pytest.raises(RegradeRefused, match="No submission fits"):
        start(tiny_lab, admin)


def test_what_is_being_graded_is_left_alone_and_can_be_added_later(
    wrong: Submission, submit: Submit, tiny_lab: Lab, admin: User
) -> None:
    late = submit()
    rejudged = submit()
    judge(attempt_of(rejudged), "wrong_answer", 0.0)
    services.rejudge(rejudged, by=admin)
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    assert [item.submission for item in RegradeItem.objects.all()] == [wrong]
    judge(attempt_of(late), "partial", 2.0)
    assert selectors.regrade_summary(regrade).ready == 1
    assert selectors.regrade_summary(regrade).under_way == 1
    assert services.add_submissions(regrade) == 1
    assert services.add_submissions(regrade) == 0


def test_a_submission_that_was_judged_otherwise_meanwhile_is_left_alone(
    wrong: Submission, tiny_lab: Lab, admin: User
) -> None:
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    judge_all(regrade)
    services.rejudge(wrong, by=admin)
    judge(attempt_of(wrong), "partial", 3.0)
    carry_out(regrade, admin)
    wrong.refresh_from_db()
    assert (wrong.verdict, RegradeItem.objects.get().state) == (Verdict.PARTIAL, RegradeItem.State.OVERTAKEN)


def test_what_a_person_decided_stays(submit: Submit, tiny_lab: Lab, admin: User, wrong: Submission) -> None:
    held = submit()
    judge(attempt_of(held), "held", 2.0)
    services.decide_held(submission=held, by=admin, accept=True, score=4.0, reason="Measured again by hand.")
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    assert [item.submission for item in RegradeItem.objects.all()] == [wrong]
    assert selectors.regrade_summary(regrade).decided == 1


def test_a_grader_that_fails_leaves_the_result_and_says_so(wrong: Submission, tiny_lab: Lab, admin: User) -> None:
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    for _ in range(MAX_ATTEMPTS):
        judge(attempt_of(wrong), "grader_error", 0.0, tests=[])
    assert RegradeItem.objects.get().state == RegradeItem.State.FAILED
    carry_out(regrade, admin)
    wrong.refresh_from_db()
    assert wrong.verdict == Verdict.WRONG_ANSWER


def test_what_a_failed_rejudge_did_not_judge_is_still_outdated(wrong: Submission, tiny_lab: Lab, admin: User) -> None:
    correct(tiny_lab)
    services.rejudge(wrong, by=admin, corrected=True)
    for _ in range(MAX_ATTEMPTS):
        judge(attempt_of(wrong), "grader_error", 0.0, tests=[])
    assert selectors.judging_revisions([wrong.pk]) == {wrong.pk: wrong.lab_digest}
    start(tiny_lab, admin)
    assert RegradeItem.objects.get().submission == wrong


def test_files_that_the_corrected_lab_does_not_take_are_named_and_not_graded(
    wrong: Submission, tiny_lab: Lab, admin: User
) -> None:
    correct(tiny_lab, main="solution")
    start(tiny_lab, admin)
    assert RegradeItem.objects.get().state == RegradeItem.State.UNFIT
    assert attempt_of(wrong).number == 1


def test_a_grader_revision_is_regraded_across_labs(submit: Submit, admin: User) -> None:
    bad, good = submit(), submit()
    report = make_report(attempt_of(bad), verdict="wrong_answer", score=0.0)
    report["environment"]["grader_revision"] = "r0"
    services.record_report(report)
    judge(attempt_of(good))
    assert selectors.grader_revisions() == ["r0", "r1"]
    services.start_regrade(by=admin, reason=WHY, judged_by_grader="r0")
    assert [item.submission for item in RegradeItem.objects.all()] == [bad]


def test_nothing_counts_while_it_is_still_being_graded(wrong: Submission, tiny_lab: Lab, admin: User) -> None:
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    with pytest.raises(RegradeRefused, match="1 of its submissions are still being graded"):
        services.apply_regrade(regrade=regrade, by=admin, never_lower=True)


def test_a_discarded_regrade_changes_nothing_and_frees_its_submissions(
    wrong: Submission, tiny_lab: Lab, admin: User
) -> None:
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    services.discard_regrade(regrade=regrade, by=admin)
    assert attempt_of(wrong).state == GradeAttempt.State.LOST
    with pytest.raises(RegradeRefused, match="discarded"):
        services.apply_regrade(regrade=regrade, by=admin, never_lower=True)
    assert start(tiny_lab, admin).items.count() == 1


@pytest.mark.parametrize("who", ["learner", "reviewer"])
def test_only_administrators_regrade(request: pytest.FixtureRequest, tiny_lab: Lab, who: str) -> None:
    with pytest.raises(PermissionError):
        start(tiny_lab, request.getfixturevalue(who))


@pytest.mark.parametrize("statement", ["UPDATE labs_verdictchange SET reason = 'x'", "DELETE FROM labs_verdictchange"])
def test_the_record_of_changes_cannot_be_rewritten(
    wrong: Submission, tiny_lab: Lab, admin: User, statement: str
) -> None:
    services.rejudge(wrong, by=admin)
    judge(attempt_of(wrong))
    assert VerdictChange.objects.get().cause == VerdictChange.Cause.REJUDGE
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_regrade_asks_the_database_the_same_number_of_times_however_large_it_is(
    submit: Submit, tiny_lab: Lab, admin: User, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(20):
        judge(attempt_of(submit(learner=UserFactory.create())), "wrong_answer", 0.0)
    correct(tiny_lab)
    with django_assert_max_num_queries(18):
        regrade = start(tiny_lab, admin)
    assert regrade.items.count() == 20
    judge_all(regrade)
    with django_assert_max_num_queries(3):
        selectors.regrade_summary(regrade)
    with django_assert_max_num_queries(2):
        list(selectors.regrade_items(regrade, show="changed", page="1"))


def test_a_result_that_was_taken_over_is_regraded_as_any_other(
    wrong: Submission, submit: Submit, tiny_lab: Lab, admin: User, learner: User, grading_redis: Redis
) -> None:
    say_alive(grading_redis, grader_revision="r1")
    copy = submit()
    assert (copy.verdict, copy.same_as) == ("wrong_answer", wrong)
    correct(tiny_lab)
    regrade = start(tiny_lab, admin)
    judge_all(regrade)
    carry_out(regrade, admin)
    copy.refresh_from_db()
    assert (copy.verdict, copy.same_as) == (Verdict.ACCEPTED, None)


def test_who_had_their_own_submission_graded_again_gets_no_mail(
    wrong: Submission, submit: Submit, learner: User, grading_redis: Redis
) -> None:
    say_alive(grading_redis, grader_revision="r1")
    copy = submit()
    services.grade_again(copy, by=learner)
    judge(attempt_of(copy))
    assert VerdictChange.objects.get().by == learner
    assert not Notice.objects.exists()
