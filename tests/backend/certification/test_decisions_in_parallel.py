"""Fifty at once: one request, one judgement, one certificate."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from backend.accounts.models import Role, User
from backend.certification import services
from backend.certification.errors import AlreadyDecided, EvidenceWaiting
from backend.certification.models import Certificate, CertificationRequest, Evidence
from backend.curriculum.models import Track
from tests.backend.certification.ready import enrol, make_ready, put_forward, small_track
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
_THREADS = 16


def at_once(action: Callable[[int], object], times: int = 50) -> list[object]:
    """What each call gave or raised, begun together as far as `_THREADS` connections allow."""
    barrier = Barrier(_THREADS)

    def call(number: int) -> object:
        try:
            if number < _THREADS:
                barrier.wait(timeout=30)
            return action(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(call, range(times)))


@pytest.fixture
def somebody_ready() -> tuple[User, Track, list[User]]:
    track, learner = small_track(), UserFactory.create()
    reviewers = UserFactory.create_batch(5, role=Role.REVIEWER)
    enrol(learner, track)
    make_ready(learner, track, reviewers[0])
    return learner, track, reviewers


def test_fifty_grants_issue_one_certificate(somebody_ready: tuple[User, Track, list[User]]) -> None:
    learner, track, reviewers = somebody_ready
    asked = services.request_certificate(learner=learner, track=track)
    given = at_once(lambda number: services.grant(request=asked, by=reviewers[number % 5]))
    assert set(given) == {Certificate.objects.get()}
    assert len(given) == 50


def test_fifty_requests_make_one(somebody_ready: tuple[User, Track, list[User]]) -> None:
    learner, track, _ = somebody_ready
    given = at_once(lambda _: services.request_certificate(learner=learner, track=track))
    assert set(given) == {CertificationRequest.objects.get()}


def test_of_grant_and_return_at_once_one_holds(somebody_ready: tuple[User, Track, list[User]]) -> None:
    learner, track, reviewers = somebody_ready
    asked = services.request_certificate(learner=learner, track=track)
    given = at_once(
        lambda number: (
            services.grant(request=asked, by=reviewers[0])
            if number % 2
            else services.return_request(request=asked, by=reviewers[1], reason="Not yet.")
        ),
        16,
    )
    asked.refresh_from_db()
    assert Certificate.objects.count() == (asked.state == "granted")
    assert all(isinstance(result, Certificate | CertificationRequest | AlreadyDecided) for result in given)


def test_evidence_put_forward_and_judged_at_once_is_one_with_one_judgement() -> None:
    track, learner = small_track(), UserFactory.create()
    reviewers = UserFactory.create_batch(5, role=Role.REVIEWER)
    given = at_once(lambda _: put_forward(learner, track, "take-home"))
    evidence = Evidence.objects.get()
    assert sum(isinstance(result, EvidenceWaiting) for result in given) == 49
    judged = at_once(
        lambda n: services.judge_evidence(evidence=evidence, by=reviewers[n % 5], met=n % 2 == 0, comment="Seen.")
    )
    assert sum(isinstance(result, Evidence) for result in judged) == 1
    assert sum(isinstance(result, AlreadyDecided) for result in judged) == 49
