"""Requesting, granting, returning, withdrawing, revoking."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import Role, User
from backend.certification import services
from backend.certification.errors import (
    AlreadyCertified,
    AlreadyDecided,
    CriteriaNotMet,
    NameMissing,
    NotAllowed,
    OwnWork,
    ReasonMissing,
)
from backend.certification.models import Certificate, CertificationRequest, Evidence
from backend.curriculum.models import Track
from tests.backend.certification.ready import do_the_work, enrol, make_ready, put_forward
from tests.factories import UserFactory


@pytest.fixture
def asked(ready: User, track: Track) -> CertificationRequest:
    return services.request_certificate(learner=ready, track=track)


def test_a_request_needs_every_criterion(learner: User, track: Track) -> None:
    do_the_work(learner, track)
    with pytest.raises(CriteriaNotMet) as refusal:
        services.request_certificate(learner=learner, track=track)
    assert len(refusal.value.titles) == 5
    assert not CertificationRequest.objects.exists()


def test_the_dossier_holds_every_criterion_with_the_rows_that_show_it(
    asked: CertificationRequest, ready: User, reviewer: User
) -> None:
    asked.refresh_from_db()
    by_id = {item["id"]: item for item in asked.dossier["criteria"]}
    assert asked.dossier["version"] == asked.criteria_version == 1
    assert all(item["met"] for item in by_id.values())
    submissions = {str(row.pk) for row in ready.submissions.all()}
    assert {row["submission"] for row in by_id["labs-accepted"]["evidence"]} == submissions
    assert by_id["quizzes-passed"]["evidence"][0]["score"] == 0.7
    judged = by_id["take-home"]["evidence"][0]
    assert (judged["reviewer"], judged["comment"]) == (reviewer.name, "Seen and run.")
    assert judged["evidence"] == str(Evidence.objects.get(learner=ready, criterion="take-home").pk)


def test_a_certificate_never_carries_a_part_of_the_address(
    asked: CertificationRequest, ready: User, reviewer: User, track: Track
) -> None:
    User.objects.filter(pk=ready.pk).update(display_name="")
    with pytest.raises(NameMissing):
        services.grant(request=asked, by=reviewer)
    services.withdraw(request=asked, by=ready)
    ready.refresh_from_db()
    with pytest.raises(NameMissing):
        services.request_certificate(learner=ready, track=track)
    assert not Certificate.objects.exists()


def test_asking_again_gives_the_open_request(asked: CertificationRequest, ready: User, track: Track) -> None:
    assert services.request_certificate(learner=ready, track=track) == asked


def test_a_grant_issues_one_certificate_with_name_title_and_version_frozen(
    asked: CertificationRequest, ready: User, reviewer: User, track: Track
) -> None:
    certificate = services.grant(request=asked, by=reviewer)
    assert services.grant(request=asked, by=reviewer) == certificate
    ready.display_name = "Somebody Else"
    ready.save()
    track.title = "Renamed"
    track.save()
    certificate = Certificate.objects.get()
    assert certificate.name == "Ada Ready"
    assert certificate.track_title != "Renamed"
    assert certificate.criteria_version == 1
    asked.refresh_from_db()
    assert (asked.state, asked.reviewer) == ("granted", reviewer)


def test_a_grant_goes_by_the_dossier_not_by_what_happened_since(
    asked: CertificationRequest, ready: User, reviewer: User
) -> None:
    ready.completions.all().delete()
    assert services.grant(request=asked, by=reviewer).learner == ready


def test_a_dossier_with_a_gap_cannot_be_granted(asked: CertificationRequest, reviewer: User) -> None:
    asked.dossier["criteria"][2]["met"] = False
    asked.save()
    with pytest.raises(CriteriaNotMet, match="lab"):
        services.grant(request=asked, by=reviewer)
    asked.dossier["criteria"] = []
    asked.save()
    with pytest.raises(CriteriaNotMet):
        services.grant(request=asked, by=reviewer)
    assert not Certificate.objects.exists()


def test_a_return_needs_a_reason_and_lets_the_learner_ask_again(
    asked: CertificationRequest, ready: User, reviewer: User, track: Track
) -> None:
    with pytest.raises(ReasonMissing):
        services.return_request(request=asked, by=reviewer, reason="  ")
    services.return_request(request=asked, by=reviewer, reason="The walk-through is missing.")
    with pytest.raises(AlreadyDecided, match="returned"):
        services.grant(request=asked, by=reviewer)
    again = services.request_certificate(learner=ready, track=track)
    assert again != asked
    assert services.grant(request=again, by=reviewer).request == again


def test_a_withdrawn_request_cannot_be_decided(asked: CertificationRequest, ready: User, reviewer: User) -> None:
    services.withdraw(request=asked, by=ready)
    with pytest.raises(AlreadyDecided, match="withdrawn"):
        services.grant(request=asked, by=reviewer)
    with pytest.raises(AlreadyDecided):
        services.withdraw(request=asked, by=ready)


def test_only_the_learner_withdraws(asked: CertificationRequest, reviewer: User) -> None:
    with pytest.raises(NotAllowed):
        services.withdraw(request=asked, by=reviewer)


def test_a_certificate_holders_next_request_is_refused_until_it_is_revoked(
    asked: CertificationRequest, ready: User, reviewer: User, admin: User, track: Track
) -> None:
    certificate = services.grant(request=asked, by=reviewer)
    with pytest.raises(AlreadyCertified):
        services.request_certificate(learner=ready, track=track)
    services.revoke(certificate=certificate, by=admin, reason="Copied work.")
    again = services.request_certificate(learner=ready, track=track)
    assert services.grant(request=again, by=reviewer) != certificate


def test_a_revocation_is_an_administrators_needs_a_reason_and_happens_once(
    asked: CertificationRequest, reviewer: User, admin: User
) -> None:
    certificate = services.grant(request=asked, by=reviewer)
    with pytest.raises(NotAllowed):
        services.revoke(certificate=certificate, by=reviewer, reason="No.")
    with pytest.raises(ReasonMissing):
        services.revoke(certificate=certificate, by=admin, reason=" ")
    first = services.revoke(certificate=certificate, by=admin, reason="Copied work.")
    again = services.revoke(certificate=certificate, by=admin, reason="Other.")
    assert (again.revoked_at, again.revocation_reason) == (first.revoked_at, "Copied work.")


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN])
def test_nobody_decides_their_own(track: Track, reviewer: User, role: Role) -> None:
    judge = UserFactory.create(role=role)
    enrol(judge, track)
    make_ready(judge, track, reviewer)
    asked = services.request_certificate(learner=judge, track=track)
    with pytest.raises(OwnWork):
        services.grant(request=asked, by=judge)
    with pytest.raises(OwnWork):
        services.return_request(request=asked, by=judge, reason="No.")
    certificate = services.grant(request=asked, by=reviewer)
    if role == Role.ADMIN:
        with pytest.raises(OwnWork):
            services.revoke(certificate=certificate, by=judge, reason="No.")


def test_nobody_judges_their_own_evidence(track: Track, reviewer: User) -> None:
    evidence = put_forward(reviewer, track, "take-home")
    with pytest.raises(OwnWork):
        services.judge_evidence(evidence=evidence, by=reviewer, met=True, comment="")
    with pytest.raises(IntegrityError, match="nobody_judges_own_evidence"), transaction.atomic():
        Evidence.objects.filter(pk=evidence.pk).update(state="met", reviewer=reviewer, judged_at=timezone.now())


def test_the_database_refuses_own_decisions_and_refusals_without_reason(
    asked: CertificationRequest, ready: User, reviewer: User, admin: User
) -> None:
    rows = CertificationRequest.objects.filter(pk=asked.pk)
    now = timezone.now()
    with pytest.raises(IntegrityError, match="nobody_decides_own_request"), transaction.atomic():
        rows.update(state="granted", reviewer=ready, decided_at=now)
    with pytest.raises(IntegrityError, match="return_says_why"), transaction.atomic():
        rows.update(state="returned", reviewer=reviewer, decided_at=now)
    certificate = services.grant(request=asked, by=reviewer)
    with pytest.raises(IntegrityError, match="revocation_says_who_and_why"), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(revoked_at=now)
    with pytest.raises(IntegrityError, match="nobody_revokes_own_certificate"), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(
            revoked_at=now, revoked_by=ready, revocation_reason="Mine."
        )


@pytest.mark.parametrize("role", [Role.LEARNER, Role.AUTHOR])
def test_only_reviewers_and_administrators_decide(asked: CertificationRequest, track: Track, role: Role) -> None:
    outsider = UserFactory.create(role=role)
    evidence = put_forward(UserFactory.create(), track, "take-home")
    with pytest.raises(NotAllowed):
        services.judge_evidence(evidence=evidence, by=outsider, met=True, comment="")
    with pytest.raises(NotAllowed):
        services.grant(request=asked, by=outsider)
    with pytest.raises(NotAllowed):
        services.return_request(request=asked, by=outsider, reason="No.")


def test_a_judgement_is_final_and_not_met_needs_a_comment(learner: User, reviewer: User, track: Track) -> None:
    evidence = put_forward(learner, track, "take-home")
    with pytest.raises(ReasonMissing):
        services.judge_evidence(evidence=evidence, by=reviewer, met=False, comment=" ")
    services.judge_evidence(evidence=evidence, by=reviewer, met=True, comment="")
    with pytest.raises(AlreadyDecided):
        services.judge_evidence(evidence=evidence, by=reviewer, met=False, comment="On second thought.")


def test_times_come_from_the_database(
    asked: CertificationRequest, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: real + timedelta(days=400))
    certificate = services.grant(request=asked, by=reviewer)
    asked.refresh_from_db()
    assert abs(certificate.issued_at - real) < timedelta(hours=1)
    assert asked.decided_at is not None
    assert abs(asked.decided_at - real) < timedelta(hours=1)
