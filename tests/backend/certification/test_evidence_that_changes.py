"""A regrade may change what a dossier shows: reviewers read of it first, and a certificate says when it is in doubt."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from backend.accounts.models import User
from backend.certification import services
from backend.certification.errors import EvidenceChanged, EvidenceLost
from backend.certification.models import Certificate, CertificationRequest
from backend.certification.standing import since_request
from backend.curriculum.models import Track
from backend.labs.models import Submission, VerdictChange
from backend.labs.services.verdicts import Result, change_verdict
from backend.quizzes.models import QuizAttempt
from tests.backend.certification.ready import submit, take_quiz

BrowserOf = Callable[[User], Client]


@pytest.fixture
def asked(ready: User, track: Track) -> CertificationRequest:
    return services.request_certificate(learner=ready, track=track)


@transaction.atomic
def regrade(submission: Submission, admin: User, verdict: str, score: float) -> None:
    """What applying a regrade does to one submission."""
    change_verdict(
        submission,
        Result(verdict, score, submission.max_score),
        cause=VerdictChange.Cause.REGRADE,
        by=admin,
        reason="The lab was corrected.",
    )


def first_of(learner: User) -> Submission:
    submission = Submission.objects.filter(learner=learner).order_by("created_at").first()
    assert submission is not None
    return submission


def test_granting_waits_until_the_change_was_read(
    asked: CertificationRequest, ready: User, reviewer: User, admin: User
) -> None:
    regrade(first_of(ready), admin, "accepted", 90.0)
    with pytest.raises(EvidenceChanged):
        services.grant(request=asked, by=reviewer)
    assert services.grant(request=asked, by=reviewer, read_to=since_request(asked).last_change).learner == ready


def test_the_page_shows_the_change_and_its_form_says_that_it_was_read(
    asked: CertificationRequest, ready: User, reviewer: User, admin: User, browser_of: BrowserOf
) -> None:
    browser, address = browser_of(reviewer), asked.get_absolute_url()
    stale = {"action": "grant", "read_to": "0"}
    regrade(first_of(ready), admin, "accepted", 90.0)
    refused = browser.post(address, stale, follow=True).content.decode()
    assert "changed after you opened it" in refused
    assert not Certificate.objects.exists()
    assert "Changed since the request" in refused
    assert "The lab was corrected." in refused
    change = since_request(asked).last_change
    assert f'name="read_to" value="{change}"' in refused
    browser.post(address, {**stale, "read_to": str(change)})
    assert Certificate.objects.get().learner == ready


def test_a_lab_that_is_not_accepted_any_more_is_never_granted_on(
    asked: CertificationRequest, ready: User, reviewer: User, admin: User
) -> None:
    lost = first_of(ready)
    regrade(lost, admin, "partial", 40.0)
    read = since_request(asked).last_change
    with pytest.raises(EvidenceLost, match=lost.lab.title):
        services.grant(request=asked, by=reviewer, read_to=read)
    submit(ready, lost.lab)
    assert services.grant(request=asked, by=reviewer, read_to=read).learner == ready


def test_a_certificate_says_that_it_is_under_review_when_its_evidence_is_lost(
    asked: CertificationRequest, ready: User, reviewer: User, admin: User, client: Client
) -> None:
    certificate = services.grant(request=asked, by=reviewer)
    assert "Valid" in client.get(certificate.get_absolute_url()).content.decode()
    lost = first_of(ready)
    regrade(lost, admin, "wrong_answer", 0.0)
    page = client.get(certificate.get_absolute_url()).content.decode()
    assert "Under review" in page
    assert lost.lab.title not in page, "the public page says nothing of the learner's work"
    submit(ready, lost.lab)
    assert "Under review" not in client.get(certificate.get_absolute_url()).content.decode()


def test_a_quiz_that_is_not_passed_any_more_is_never_granted_on_and_puts_a_certificate_under_review(
    asked: CertificationRequest, ready: User, reviewer: User, browser_of: BrowserOf, client: Client
) -> None:
    attempt = QuizAttempt.objects.get(learner=ready)

    def key_corrected(score: float) -> None:
        QuizAttempt.objects.filter(pk=attempt.pk).update(score=score, passed=score >= 0.7)

    key_corrected(0.6)
    with pytest.raises(EvidenceLost, match=f"Quiz of {attempt.module}"):
        services.grant(request=asked, by=reviewer)
    page = browser_of(reviewer).get(asked.get_absolute_url()).content.decode()
    assert f"Does not stand any more: Quiz of {attempt.module}." in page
    take_quiz(ready, attempt.module_id, 0.9)
    certificate = services.grant(request=asked, by=reviewer)
    assert "Under review" not in client.get(certificate.get_absolute_url()).content.decode()
    QuizAttempt.objects.filter(learner=ready).update(passed=False)
    page = client.get(certificate.get_absolute_url()).content.decode()
    assert "Under review" in page
    assert attempt.module.title not in page


@pytest.mark.parametrize("read_to", ["", "x", "-1", "9" * 40])
def test_a_form_that_says_nonsense_has_read_nothing(
    asked: CertificationRequest, ready: User, reviewer: User, admin: User, browser_of: BrowserOf, read_to: str
) -> None:
    regrade(first_of(ready), admin, "accepted", 90.0)
    browser_of(reviewer).post(asked.get_absolute_url(), {"action": "grant", "read_to": read_to})
    assert not Certificate.objects.exists()
