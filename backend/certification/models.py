"""Evidence, requests and certificates."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse


class Evidence(models.Model):
    """What a learner puts forward for a criterion that a person judges, and the judgement.

    A judged row never changes; the next try is a new row.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a reviewer"
        MET = "met", "Met"
        NOT_MET = "not_met", "Not met yet"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="evidence")
    track = models.ForeignKey("curriculum.Track", on_delete=models.PROTECT, related_name="+")
    criterion = models.CharField(max_length=60, help_text="Id in certification.yml.")
    criteria_version = models.PositiveIntegerField()
    address = models.URLField(max_length=500, blank=True, help_text="Where the work can be seen.")
    account = models.TextField(max_length=5000, help_text="What was done and how it meets the criterion.")
    submitted_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="judged_evidence"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(max_length=5000, blank=True)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "track", "criterion"],
                condition=models.Q(state="waiting"),
                name="one_waiting_evidence_per_criterion",
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting", reviewer__isnull=True, judged_at__isnull=True)
                | (~models.Q(state="waiting") & models.Q(reviewer__isnull=False, judged_at__isnull=False)),
                name="judged_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewer__isnull=True) | ~models.Q(reviewer=models.F("learner")),
                name="nobody_judges_own_evidence",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="not_met") | ~models.Q(comment=""), name="not_met_says_why"
            ),
        ]
        indexes = [models.Index(fields=["state", "submitted_at"])]

    def __str__(self) -> str:
        return f"{self.learner}: {self.criterion}"

    def get_absolute_url(self) -> str:
        return reverse("review_evidence", args=[self.pk])


class CertificationRequest(models.Model):
    """A learner's request for the certificate of a track, with the evidence as it stood."""

    class State(models.TextChoices):
        OPEN = "open", "Waiting for a reviewer"
        GRANTED = "granted", "Granted"
        RETURNED = "returned", "Returned"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="certification_requests"
    )
    track = models.ForeignKey("curriculum.Track", on_delete=models.PROTECT, related_name="+")
    criteria_version = models.PositiveIntegerField()
    dossier = models.JSONField(help_text="Each criterion with its evidence, as it stood when requested.")
    requested_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="decided_requests"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(max_length=5000, blank=True, help_text="Shown to the learner.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "track"], condition=models.Q(state="open"), name="one_open_request_per_track"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "withdrawn"])
                | models.Q(reviewer__isnull=False, decided_at__isnull=False),
                name="decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewer__isnull=True) | ~models.Q(reviewer=models.F("learner")),
                name="nobody_decides_own_request",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="returned") | ~models.Q(reason=""), name="return_says_why"
            ),
        ]
        indexes = [models.Index(fields=["state", "requested_at"])]

    def __str__(self) -> str:
        return f"{self.learner}: {self.track}"

    def get_absolute_url(self) -> str:
        return reverse("review_request", args=[self.pk])


class Certificate(models.Model):
    """What was granted. The id is the public address and cannot be guessed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.OneToOneField(CertificationRequest, on_delete=models.PROTECT, related_name="certificate")
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certificates")
    track = models.ForeignKey("curriculum.Track", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80, help_text="The learner's name as certified.")
    track_title = models.CharField(max_length=120)
    criteria_version = models.PositiveIntegerField()
    issued_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revocation_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "track"],
                condition=models.Q(revoked_at__isnull=True),
                name="one_valid_certificate_per_track",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True, revocation_reason="")
                | (models.Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~models.Q(revocation_reason="")),
                name="revocation_says_who_and_why",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_by__isnull=True) | ~models.Q(revoked_by=models.F("learner")),
                name="nobody_revokes_own_certificate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.track_title}"

    def get_absolute_url(self) -> str:
        return reverse("certificate", args=[self.id])
