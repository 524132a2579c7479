"""Regrades in batches, the record of every verdict that was changed, and what learners are told of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse

from backend.labs.models.submissions import GradeAttempt, Submission, Verdict


class Regrade(models.Model):
    """Submissions that are judged again together: first for a look, then, if somebody applies it, for good."""

    class State(models.TextChoices):
        PREVIEW = "preview", "Preview"
        APPLYING = "applying", "Being applied"
        APPLIED = "applied", "Applied"
        DISCARDED = "discarded", "Discarded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lab = models.ForeignKey(
        "curriculum.Lab",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: all labs.",
    )
    judged_by_grader = models.CharField(
        max_length=500, blank=True, help_text="Only what this grader revision judged; empty: whatever judged it."
    )
    outdated_only = models.BooleanField(
        default=True, help_text="Leave out what was judged with the lab's present revision."
    )
    reason = models.TextField(max_length=1000, help_text="Shown to learners whose result changes.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREVIEW)
    never_lower = models.BooleanField(default=True, help_text="Results that would get worse stay as they are.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="preview") | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="regrade_decided_by_somebody",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="regrade_says_why"),
        ]

    def __str__(self) -> str:
        return f"Regrade of {self.lab or 'all labs'} ({self.requested_at:%Y-%m-%d %H:%M})"

    def get_absolute_url(self) -> str:
        return reverse("regrade", args=[self.pk])


class RegradeItem(models.Model):
    """One submission of a regrade: what it had, what it would get, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be graded"
        JUDGED = "judged", "Graded"
        FAILED = "failed", "Our grader failed"
        UNFIT = "unfit", "The lab asks for other files now"
        APPLIED = "applied", "Changed"
        SAME = "same", "Unchanged"
        KEPT = "kept", "Kept, since it would be lower"
        OVERTAKEN = "overtaken", "Left alone, since it was judged otherwise meanwhile"

    regrade = models.ForeignKey(Regrade, on_delete=models.CASCADE, related_name="items")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="regrade_items")
    attempt = models.OneToOneField(
        GradeAttempt, on_delete=models.SET_NULL, null=True, blank=True, related_name="regrade_item",
        help_text="The attempt whose report says what it would get.",
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    old_verdict = models.CharField(max_length=16, choices=Verdict.choices)
    old_score = models.FloatField()
    old_max_score = models.FloatField()
    new_verdict = models.CharField(max_length=16, choices=Verdict.choices, blank=True)
    new_score = models.FloatField(default=0)
    new_max_score = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["regrade", "submission"], name="submission_once_per_regrade")]
        indexes = [models.Index(fields=["regrade", "state"])]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.old_verdict} -> {self.new_verdict or '?'}"

    @classmethod
    def waiting_for(cls, attempt: GradeAttempt) -> models.QuerySet[RegradeItem]:
        """The item that a trial's report is for, as long as it has none."""
        return cls.objects.filter(regrade=attempt.regrade, submission=attempt.submission_id, state=cls.State.WAITING)

    @property
    def loses_accepted(self) -> bool:
        """Whether an accepted submission would not be accepted any more."""
        return self.old_verdict == Verdict.ACCEPTED and self.new_verdict not in {"", Verdict.ACCEPTED}


class VerdictChange(models.Model):
    """Who changed which verdict, when, from what to what, and why. The database refuses to change or delete rows."""

    class Cause(models.TextChoices):
        REGRADE = "regrade", "Regrade"
        REJUDGE = "rejudge", "Judged again"
        DECISION = "decision", "Decided by a person"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="changes")
    attempt = models.ForeignKey(GradeAttempt, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    regrade = models.ForeignKey(Regrade, on_delete=models.PROTECT, null=True, blank=True, related_name="changes")
    cause = models.CharField(max_length=10, choices=Cause.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    old_verdict = models.CharField(max_length=16, choices=Verdict.choices)
    old_score = models.FloatField()
    old_max_score = models.FloatField()
    new_verdict = models.CharField(max_length=16, choices=Verdict.choices)
    new_score = models.FloatField()
    new_max_score = models.FloatField()
    reason = models.TextField(max_length=1000)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["regrade", "submission"],
                condition=models.Q(regrade__isnull=False),
                name="verdict_changed_once_per_regrade",
            ),
        ]
        indexes = [models.Index(fields=["submission", "at"])]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.old_verdict} -> {self.new_verdict}"


class Notice(models.Model):
    """What a learner is told of a changed verdict: on their pages until read, and once by mail."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    change = models.OneToOneField(VerdictChange, on_delete=models.PROTECT, related_name="notice")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    """When the mail server last refused the learner's address."""

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["learner"], condition=models.Q(read_at__isnull=True), name="unread_notices"),
            models.Index(fields=["created_at"], condition=models.Q(mailed_at__isnull=True), name="unmailed_notices"),
        ]

    def __str__(self) -> str:
        return self.text
