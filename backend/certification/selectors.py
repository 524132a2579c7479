"""Reads of evidence, requests and certificates. What a person may not see does not exist for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.certification.assessment import Assessment, assess
from backend.certification.models import Certificate, CertificationRequest, Evidence
from backend.certification.rules import criteria
from backend.curriculum.models import Track
from backend.progress.selectors import current_enrolment

QUEUE_LENGTH = 200
"""Most entries of a kind that the queue shows; the oldest come first, so none is lost."""


@dataclass(frozen=True)
class CertificationPage:
    """Where a learner stands on their current track, and everything they asked for before."""

    assessment: Assessment | None
    """None without a current track."""
    requests: Sequence[CertificationRequest]
    """Of the current track, newest first."""
    certificates: Sequence[Certificate]
    """Of all tracks, newest first."""

    @property
    def open_request(self) -> CertificationRequest | None:
        """The one that waits for a reviewer."""
        return next((row for row in self.requests if row.state == CertificationRequest.State.OPEN), None)

    @property
    def valid_certificate(self) -> Certificate | None:
        """The one of the current track."""
        if self.assessment is None:
            return None
        track = self.assessment.track.pk
        return next((row for row in self.certificates if row.track_id == track and row.revoked_at is None), None)


@dataclass(frozen=True)
class QueueEntry:
    """Something that waits for, or got, a decision."""

    item: Evidence | CertificationRequest
    kind: str
    """evidence or request."""
    title: str
    since: datetime
    age: timedelta


@dataclass(frozen=True)
class Queue:
    """What reviewers see: entries, oldest first, and how many there are of each kind."""

    entries: Sequence[QueueEntry]
    evidence: int
    requests: int
    kind: str
    track: str
    tracks: Sequence[Track]


def certification_page(learner: User, now: datetime) -> CertificationPage:
    """Everything on a learner's certification page. Nine queries with the session, whatever there is."""
    enrolment = current_enrolment(learner)
    rows = list(
        CertificationRequest.objects.filter(learner=learner)
        .select_related("certificate", "reviewer", "track")
        .order_by("-requested_at")
    )
    track = enrolment.track if enrolment else None
    return CertificationPage(
        assessment=assess(learner, track, now) if track else None,
        requests=[row for row in rows if track and row.track_id == track.pk],
        certificates=[row.certificate for row in rows if hasattr(row, "certificate")],
    )


def requests_of(learner: User | AnonymousUser) -> QuerySet[CertificationRequest]:
    """A learner's own requests."""
    if not isinstance(learner, User):
        return CertificationRequest.objects.none()
    return CertificationRequest.objects.filter(learner=learner)


def evidence_for(reviewer: User | AnonymousUser) -> QuerySet[Evidence]:
    """Evidence that a reviewer may look at and judge: everybody's but their own."""
    if not _may_review(reviewer):
        return Evidence.objects.none()
    return Evidence.objects.exclude(learner_id=reviewer.pk).select_related("learner", "track", "reviewer")


def requests_for(reviewer: User | AnonymousUser) -> QuerySet[CertificationRequest]:
    """Requests that a reviewer may look at and decide: everybody's but their own."""
    if not _may_review(reviewer):
        return CertificationRequest.objects.none()
    return CertificationRequest.objects.exclude(learner_id=reviewer.pk).select_related(
        "learner", "track", "reviewer", "certificate", "certificate__revoked_by"
    )


def earlier_evidence(evidence: Evidence) -> list[Evidence]:
    """Other tries at the same criterion, newest first."""
    return list(
        Evidence.objects.filter(learner=evidence.learner_id, track=evidence.track_id, criterion=evidence.criterion)
        .exclude(pk=evidence.pk)
        .select_related("reviewer")
        .order_by("-submitted_at")
    )


def earlier_requests(request: CertificationRequest) -> list[CertificationRequest]:
    """Other requests for the same certificate, newest first."""
    return list(
        CertificationRequest.objects.filter(learner=request.learner_id, track=request.track_id)
        .exclude(pk=request.pk)
        .select_related("reviewer")
        .order_by("-requested_at")
    )


def review_queue(reviewer: User, *, kind: str = "", track: str = "") -> Queue:
    """What waits, oldest first; `kind` is evidence or request, `track` a slug. Three queries."""
    evidence = list(evidence_for(reviewer).filter(state=Evidence.State.WAITING).order_by("submitted_at")[:QUEUE_LENGTH])
    requests = list(
        requests_for(reviewer)
        .filter(state=CertificationRequest.State.OPEN)
        .defer("dossier")
        .order_by("requested_at")[:QUEUE_LENGTH]
    )
    titles = {criterion.id: criterion.title for criterion in criteria().criteria}
    now = timezone.now()
    entries = [
        QueueEntry(row, "evidence", titles.get(row.criterion, row.criterion), row.submitted_at, now - row.submitted_at)
        for row in evidence
        if kind != "request" and track in {"", row.track.slug}
    ] + [
        QueueEntry(row, "request", "Request for the certificate", row.requested_at, now - row.requested_at)
        for row in requests
        if kind != "evidence" and track in {"", row.track.slug}
    ]
    return Queue(
        entries=sorted(entries, key=lambda entry: entry.since),
        evidence=len(evidence),
        requests=len(requests),
        kind=kind,
        track=track,
        tracks=list(Track.objects.filter(retired=False).order_by("position")),
    )


def certificate(pk: Any) -> QuerySet[Certificate]:
    """The certificate at a public address, with the dossier it was granted on."""
    return Certificate.objects.filter(pk=pk).select_related("request")


def _may_review(user: User | AnonymousUser) -> bool:
    return isinstance(user, User) and user.is_active and user.can_review
