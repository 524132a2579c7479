"""A report counts once, for the attempt whose token it carries, and never breaks anything."""

from __future__ import annotations

import dataclasses
import json
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from redis import Redis

from backend.curriculum.models import Lab, LabRevision
from backend.labs import services
from backend.labs.models import GradeAttempt, Verdict
from backend.labs.services import Refusal
from grader import lab as lab_format
from grader.contract import MAX_ATTEMPTS, SCHEMA_VERSION, bundle_key
from tests.backend.labs.hand import Submit, attempt_of, make_report, make_test
from tests.stack import OwnRedis

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_report_gives_the_verdict_and_is_stored_without_its_token(submit: Submit) -> None:
    submission = submit()
    attempt = attempt_of(submission)
    assert services.record_report(make_report(attempt, verdict="partial", score=2.0)) is None
    submission.refresh_from_db()
    attempt.refresh_from_db()
    assert (submission.verdict, submission.score, submission.max_score) == (Verdict.PARTIAL, 2.0, 5.0)
    assert submission.graded_at is not None
    assert (attempt.state, attempt.worker) == (GradeAttempt.State.FINISHED, "w1")
    assert attempt.token not in json.dumps(attempt.report)


def test_the_same_report_many_times_at_once_counts_once(submit: Submit) -> None:
    report = make_report(attempt_of(submit()))
    barrier, answers = threading.Barrier(10), []

    def one() -> None:
        barrier.wait()
        answers.append(services.record_report(report))
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["None"] + [str(Refusal.NOT_LIVE)] * 9


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"attempt_token": "x" * 43}, Refusal.NOT_CURRENT),
        ({"attempt_token": ""}, Refusal.NOT_CURRENT),
        ({"attempt_token": "ä" * 43}, Refusal.NOT_CURRENT),
        ({"attempt_id": str(uuid4())}, Refusal.UNKNOWN_ATTEMPT),
        ({"submission_id": str(uuid4())}, Refusal.OTHER_SUBMISSION),
        ({"lab": "lab-other"}, Refusal.OTHER_SUBMISSION),
        ({"lab_digest": "b" * 64}, Refusal.OTHER_SUBMISSION),
        ({"score": 6.0}, Refusal.IMPOSSIBLE_SCORE),
        ({"score": 0.0}, Refusal.IMPOSSIBLE_SCORE),
        ({"score": -1.0}, Refusal.MALFORMED),
        ({"score": float("nan")}, Refusal.MALFORMED),
        ({"max_score": float("inf")}, Refusal.MALFORMED),
        ({"phases": {"testing": float("inf")}}, Refusal.MALFORMED),
        ({"seed": 10**5000}, Refusal.MALFORMED),
        ({"seed": 10**400}, Refusal.MALFORMED),
        ({"tests": [make_test(memory_bytes=10**400)]}, Refusal.MALFORMED),
        ({"verdict": "excellent"}, Refusal.MALFORMED),
        ({"schema_version": SCHEMA_VERSION - 1}, Refusal.MALFORMED),
        ({"more": 1}, Refusal.MALFORMED),
        ({"environment": None}, Refusal.MALFORMED),
        ({"message": "x" * 2001}, Refusal.MALFORMED),
        ({"message": "\ud800"}, Refusal.MALFORMED),
        ({"tests": [make_test()] * 501}, Refusal.MALFORMED),
        ({"tests": [make_test(detail="x" * 7900, seen="y" * 7900)] * 400}, Refusal.TOO_LARGE),
    ],
)
def test_a_report_that_is_not_this_attempts_changes_nothing(
    submit: Submit, changes: dict[str, Any], refusal: Refusal
) -> None:
    submission = submit()
    attempt = attempt_of(submission)
    assert services.record_report(make_report(attempt, **changes)) is refusal
    submission.refresh_from_db()
    attempt.refresh_from_db()
    assert (submission.verdict, attempt.report, attempt.state) == ("", None, GradeAttempt.State.QUEUED)
    assert services.record_report(make_report(attempt)) is None


@pytest.mark.parametrize("raw", [{}, {"attempt_id": "\0"}, {"attempt_id": 7, "tests": {"a": []}}])
def test_what_is_no_report_at_all_is_refused(db: None, raw: dict[str, Any]) -> None:
    assert services.record_report(raw) is Refusal.MALFORMED


def test_a_report_of_another_lab_with_its_own_true_token_is_refused(submit: Submit) -> None:
    mine, other = attempt_of(submit()), attempt_of(submit())
    forged = make_report(mine, attempt_id=str(other.pk), submission_id=str(other.submission_id))
    assert services.record_report(forged) is Refusal.NOT_CURRENT


def test_nul_in_a_report_becomes_visible_and_breaks_nothing(submit: Submit) -> None:
    attempt = attempt_of(submit())
    report = make_report(attempt, message="a\0b", build_log="\0", tests=[make_test(seen="c\0d")])
    report["environment"]["worker"] = "w\0"
    assert services.record_report(report) is None
    attempt.refresh_from_db()
    assert attempt.report is not None
    assert (attempt.report["message"], attempt.report["tests"][0]["seen"], attempt.worker) == ("a␀b", "c␀d", "w")


def test_our_own_fault_is_tried_again_before_it_is_told(submit: Submit) -> None:
    submission = submit()
    fault = {"verdict": "grader_error", "score": 0.0, "max_score": 1.0, "tests": []}
    for number in range(1, MAX_ATTEMPTS + 1):
        attempt = attempt_of(submission)
        assert (attempt.number, submission.verdict) == (number, "")
        assert services.record_report(make_report(attempt, **fault)) is None
        submission.refresh_from_db()
    assert submission.verdict == Verdict.GRADER_ERROR
    assert submission.attempts.count() == MAX_ATTEMPTS
    assert attempt_of(submission).report is not None


def test_a_bundle_is_published_for_a_while(tiny_lab: Lab, grading_redis: Redis) -> None:
    assert services.publish_bundle(tiny_lab.digest)
    blob: Any = grading_redis.get(bundle_key(tiny_lab.digest))
    assert lab_format.unpack(blob, digest=tiny_lab.digest).spec.title == tiny_lab.title
    assert 0 < grading_redis.ttl(bundle_key(tiny_lab.digest)) <= 24 * 3600


def test_a_lab_that_nobody_has_is_said_not_to_be_there_for_a_moment(db: None, grading_redis: Redis) -> None:
    assert not services.publish_bundle("b" * 64)
    assert grading_redis.get(bundle_key("b" * 64)) == b""
    assert 0 < grading_redis.ttl(bundle_key("b" * 64)) <= 10


@pytest.mark.parametrize("digest", ["B" * 64, "", "../x", "\0"])
def test_what_is_no_digest_of_ours_publishes_nothing(db: None, digest: str, grading_redis: Redis) -> None:
    assert not services.publish_bundle(digest)
    assert grading_redis.dbsize() == 0


def test_a_redis_that_is_down_does_not_break_publishing(tiny_lab: Lab, redis_server: OwnRedis) -> None:
    redis_server.stop()
    try:
        assert not services.publish_bundle(tiny_lab.digest)
    finally:
        redis_server.start()


def test_a_submission_is_graded_with_the_revision_it_was_handed_in_for(submit: Submit, tiny_lab: Lab) -> None:
    submission = submit()
    old = tiny_lab.digest
    revision = LabRevision.objects.get(digest=old)
    lab = lab_format.unpack(bytes(revision.bundle), digest=old)
    files = {**lab.files, "checks.py": lab.files["checks.py"] + b"\n# corrected\n"}
    newer = dataclasses.replace(lab, files=files, digest=lab_format.digest_of(files))
    LabRevision.objects.create(lab=tiny_lab, digest=newer.digest, bundle=lab_format.pack(newer))
    Lab.objects.filter(pk=tiny_lab.pk).update(digest=newer.digest)
    attempt = attempt_of(submission)
    assert services.record_report(make_report(attempt, lab_digest=newer.digest)) is Refusal.OTHER_SUBMISSION
    assert services.record_report(make_report(attempt)) is None
