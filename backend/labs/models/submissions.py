"""Drafts, submissions and attempts at grading them."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse

from grader.contract import Verdict as ContractVerdict


def new_attempt_token() -> str:
    """A fencing token that nobody can guess."""
    return secrets.token_urlsafe(32)


class Verdict(models.TextChoices):
    """The verdicts of the grading contract, in words for people."""

    ACCEPTED = ContractVerdict.ACCEPTED.value, "Accepted"
    PARTIAL = ContractVerdict.PARTIAL.value, "Partly accepted"
    WRONG_ANSWER = ContractVerdict.WRONG_ANSWER.value, "Wrong answer"
    BUILD_ERROR = ContractVerdict.BUILD_ERROR.value, "Does not build"
    RUNTIME_ERROR = ContractVerdict.RUNTIME_ERROR.value, "Runtime error"
    TIME_LIMIT = ContractVerdict.TIME_LIMIT.value, "Over the time limit"
    MEMORY_LIMIT = ContractVerdict.MEMORY_LIMIT.value, "Over the memory limit"
    OUTPUT_LIMIT = ContractVerdict.OUTPUT_LIMIT.value, "Too much output"
    REJECTED = ContractVerdict.REJECTED.value, "Rejected"
    HELD = ContractVerdict.HELD.value, "Held for a person to look at"
    GRADER_ERROR = ContractVerdict.GRADER_ERROR.value, "Our grader failed"


class Draft(models.Model):
    """What a learner has typed and not submitted."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="lab_drafts")
    lab = models.ForeignKey("curriculum.Lab", on_delete=models.CASCADE, related_name="drafts")
    files = models.JSONField(help_text="File name -> text.")
    revision = models.PositiveIntegerField(default=1, help_text="Raised by every save; an older one never wins.")
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["learner", "lab"], name="one_draft_per_lab")]

    def __str__(self) -> str:
        return f"{self.learner}: draft of {self.lab}"


class Submission(models.Model):
    """One hand-in of one lab by one learner. Files never change after creation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="submissions")
    lab = models.ForeignKey("curriculum.Lab", on_delete=models.PROTECT, related_name="submissions")
    lab_digest = models.CharField(max_length=64, help_text="Revision of the lab it was handed in for.")
    idempotency_key = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)
    verdict = models.CharField(
        max_length=16, choices=Verdict.choices, blank=True, help_text="Empty until there is one."
    )
    score = models.FloatField(default=0)
    max_score = models.FloatField(default=0)
    graded_at = models.DateTimeField(null=True, blank=True)
    same_as = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The submission with the same files whose verdict this one took over.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["learner", "idempotency_key"], name="one_submission_per_key"),
            models.CheckConstraint(
                condition=models.Q(verdict="", graded_at__isnull=True)
                | (~models.Q(verdict="") & models.Q(graded_at__isnull=False)),
                name="graded_exactly_with_verdict",
            ),
        ]
        indexes = [
            models.Index(fields=["learner", "lab", "-created_at"]),
            models.Index(fields=["lab", "verdict"]),
        ]

    def __str__(self) -> str:
        return f"{self.learner}: {self.lab} ({self.created_at:%Y-%m-%d %H:%M})"

    def get_absolute_url(self) -> str:
        return reverse("submission", args=[self.pk])


class SubmissionFile(models.Model):
    """One file of a submission, byte for byte."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["submission", "name"], name="file_name_once_per_submission")]

    def __str__(self) -> str:
        return self.name


class GradeAttempt(models.Model):
    """One try at grading a submission. Only the holder of the current token may end it."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        LOST = "lost", "Lost"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField(help_text="From 1; a rejudge or a lost worker adds one.")
    tries = models.PositiveSmallIntegerField(default=1, help_text="Which try this is since submission or rejudge.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who asked for a rejudge; empty for the learner's own submission.",
    )
    rejudge = models.BooleanField(default=False, help_text="Waits behind submissions that a learner waits for.")
    lab_digest = models.CharField(max_length=64, help_text="Revision of the lab that judges.")
    regrade = models.ForeignKey(
        "labs.Regrade", on_delete=models.PROTECT, null=True, blank=True, related_name="attempts"
    )
    trial = models.BooleanField(
        default=False, help_text="Shows staff what a regrade would change, and decides nothing."
    )
    grader_revision = models.CharField(max_length=500, blank=True, help_text="Of the grader whose report it is.")
    token = models.CharField(max_length=64, unique=True, default=new_attempt_token)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    queue = models.CharField(max_length=16, default="cpu")
    queued_at = models.DateTimeField(auto_now_add=True)
    rung_at = models.DateTimeField(null=True, blank=True, help_text="When the queue was last told of it.")
    claimed_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True, help_text="When its worker last gave a sign of life.")
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    report = models.JSONField(null=True, blank=True, help_text="The GradeReport, without the token.")

    class Meta:
        ordering = ["submission", "number"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "number"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["submission"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_live_attempt_per_submission",
            ),
        ]
        indexes = [
            models.Index(
                fields=["queue", "queued_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="live_attempts_by_age",
            ),
            models.Index(fields=["grader_revision"], name="attempts_by_grader"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.submission_id}"
