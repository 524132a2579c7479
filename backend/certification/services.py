"""Putting evidence forward, judging it, requesting, granting, returning and revoking."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from backend.accounts.models import Role, User
from backend.certification.assessment import assess
from backend.certification.dossier import all_met, compile_dossier
from backend.certification.errors import (
    AlreadyCertified,
    AlreadyDecided,
    AlreadyMet,
    CriteriaNotMet,
    EvidenceChanged,
    EvidenceLost,
    EvidenceWaiting,
    NameMissing,
    NoSuchCriterion,
    NotAllowed,
    OwnWork,
    ReasonMissing,
    TooEarly,
)
from backend.certification.models import Certificate, CertificationRequest, Evidence
from backend.certification.standing import since_request
from backend.curriculum.models import Track


@transaction.atomic
def put_forward_evidence(*, learner: User, track: Track, criterion: str, address: str, account: str) -> Evidence:
    """Hand work to the reviewers for a criterion that people judge. Earlier tries stay as they are.

    Raises:
        NoSuchCriterion: not a criterion that a reviewer judges.
        EvidenceWaiting: one is with the reviewers already.
        AlreadyMet: nothing more is needed.
        TooEarly: the last try was judged not met too recently; carries the time.
    """
    _take_turns(learner)
    assessment = assess(learner, track, timezone.now())
    finding = assessment.finding(criterion)
    if finding is None or not finding.criterion.by_reviewer:
        raise NoSuchCriterion
    if finding.met:
        raise AlreadyMet
    if finding.waiting:
        raise EvidenceWaiting
    if finding.next_try_at is not None:
        raise TooEarly(finding.next_try_at)
    return Evidence.objects.create(
        learner=learner,
        track=track,
        criterion=criterion,
        criteria_version=assessment.criteria.version,
        address=address,
        account=account,
    )


@transaction.atomic
def judge_evidence(*, evidence: Evidence, by: User, met: bool, comment: str) -> Evidence:
    """Sign for whether evidence meets its criterion; once, and never for one's own.

    Raises:
        NotAllowed: not a reviewer.
        OwnWork: the evidence is the reviewer's own.
        ReasonMissing: not met needs a comment.
        AlreadyDecided: somebody was quicker.
    """
    _need_reviewer(by, evidence.learner_id)
    comment = comment.strip()
    if not met and not comment:
        raise ReasonMissing
    locked = Evidence.objects.select_for_update().get(pk=evidence.pk)
    if locked.state != Evidence.State.WAITING:
        raise AlreadyDecided(locked.get_state_display())
    locked.state = Evidence.State.MET if met else Evidence.State.NOT_MET
    locked.reviewer, locked.comment, locked.judged_at = by, comment, Now()
    locked.save(update_fields=["state", "reviewer", "comment", "judged_at"])
    locked.refresh_from_db(fields=["judged_at"])
    return locked


@transaction.atomic
def request_certificate(*, learner: User, track: Track) -> CertificationRequest:
    """Ask for the certificate of a track, with a dossier of everything as it stands; the open request if there is one.

    Raises:
        AlreadyCertified: the learner holds a valid one.
        CriteriaNotMet: something is missing; says what.
        NameMissing: the learner has not said what the certificate should call them.
    """
    _take_turns(learner)
    waiting = CertificationRequest.objects.filter(
        learner=learner, track=track, state=CertificationRequest.State.OPEN
    ).first()
    if waiting is not None:
        return waiting
    if Certificate.objects.filter(learner=learner, track=track, revoked_at__isnull=True).exists():
        raise AlreadyCertified
    assessment = assess(learner, track, timezone.now())
    if not assessment.all_met:
        raise CriteriaNotMet(assessment.open_titles)
    if not learner.display_name:
        raise NameMissing
    return CertificationRequest.objects.create(
        learner=learner,
        track=track,
        criteria_version=assessment.criteria.version,
        dossier=compile_dossier(learner, assessment),
    )


@transaction.atomic
def withdraw(*, request: CertificationRequest, by: User) -> CertificationRequest:
    """Take one's own open request back.

    Raises:
        NotAllowed: somebody else's.
        AlreadyDecided: it is not open any more.
    """
    if request.learner_id != by.pk:
        raise NotAllowed("the person who asked")
    locked = _locked_open(request)
    locked.state, locked.decided_at = CertificationRequest.State.WITHDRAWN, Now()
    locked.save(update_fields=["state", "decided_at"])
    locked.refresh_from_db(fields=["decided_at"])
    return locked


@transaction.atomic
def grant(*, request: CertificationRequest, by: User, read_to: int = 0) -> Certificate:
    """Issue the certificate that a request asks for, on the dossier as it was handed in.

    Granting again, by whomever and however often at once, gives the same certificate.

    Args:
        read_to: the newest change of a result that the reviewer has seen (`Since.last_change`).

    Raises:
        NotAllowed: not a reviewer.
        OwnWork: the request is the reviewer's own.
        AlreadyDecided: returned or withdrawn.
        CriteriaNotMet: the dossier does not show every criterion as met.
        EvidenceChanged: a result in the dossier changed, and the reviewer has not read of it.
        EvidenceLost: a submission in the dossier is not accepted any more, or a quiz not passed.
        NameMissing: the learner took their name out of the profile since.
    """
    _need_reviewer(by, request.learner_id)
    locked = CertificationRequest.objects.select_for_update().get(pk=request.pk)
    if locked.state == CertificationRequest.State.GRANTED:
        return Certificate.objects.get(request=locked)
    if locked.state != CertificationRequest.State.OPEN:
        raise AlreadyDecided(locked.get_state_display())
    if not all_met(locked.dossier):
        raise CriteriaNotMet([item["title"] for item in locked.dossier["criteria"] if item.get("met") is not True])
    since = since_request(locked)
    if since.last_change > read_to:
        raise EvidenceChanged
    if since.lost:
        raise EvidenceLost(since.lost)
    learner = User.objects.get(pk=locked.learner_id)
    if not learner.display_name:
        raise NameMissing
    _decide(locked, by, CertificationRequest.State.GRANTED)
    return Certificate.objects.create(
        request=locked,
        learner=learner,
        track_id=locked.track_id,
        name=learner.display_name,
        track_title=locked.dossier["track"]["title"],
        criteria_version=locked.criteria_version,
    )


@transaction.atomic
def return_request(*, request: CertificationRequest, by: User, reason: str) -> CertificationRequest:
    """Send a request back with what is missing; the learner may ask again.

    Raises:
        NotAllowed: not a reviewer.
        OwnWork: the request is the reviewer's own.
        ReasonMissing: no reason given.
        AlreadyDecided: it is not open any more.
    """
    _need_reviewer(by, request.learner_id)
    if not reason.strip():
        raise ReasonMissing
    return _decide(_locked_open(request), by, CertificationRequest.State.RETURNED, reason.strip())


@transaction.atomic
def revoke(*, certificate: Certificate, by: User, reason: str) -> Certificate:
    """Withdraw what a certificate says; its page stays and shows since when. Revoking again changes nothing.

    Raises:
        NotAllowed: not an administrator.
        OwnWork: the administrator's own.
        ReasonMissing: no reason given.
    """
    if by.role != Role.ADMIN or not by.is_active:
        raise NotAllowed("an administrator")
    if certificate.learner_id == by.pk:
        raise OwnWork
    if not reason.strip():
        raise ReasonMissing
    locked = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if locked.revoked_at is None:
        locked.revoked_at, locked.revoked_by, locked.revocation_reason = Now(), by, reason.strip()[:300]
        locked.save(update_fields=["revoked_at", "revoked_by", "revocation_reason"])
        locked.refresh_from_db(fields=["revoked_at"])
    return locked


def _take_turns(learner: User) -> None:
    """Make simultaneous acts of one learner wait for each other."""
    User.objects.select_for_update().get(pk=learner.pk)


def _need_reviewer(by: User, learner_id: int) -> None:
    if not (by.can_review and by.is_active):
        raise NotAllowed("a reviewer")
    if by.pk == learner_id:
        raise OwnWork


def _locked_open(request: CertificationRequest) -> CertificationRequest:
    locked = CertificationRequest.objects.select_for_update().get(pk=request.pk)
    if locked.state != CertificationRequest.State.OPEN:
        raise AlreadyDecided(locked.get_state_display())
    return locked


def _decide(request: CertificationRequest, by: User, state: str, reason: str = "") -> CertificationRequest:
    request.state, request.reviewer, request.reason, request.decided_at = state, by, reason, Now()
    request.save(update_fields=["state", "reviewer", "reason", "decided_at"])
    request.refresh_from_db(fields=["decided_at"])
    return request
