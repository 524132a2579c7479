"""Sessions of mock interviews and what is written in them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse

from backend.interviews.models.typed import TypedText


class MockSession(models.Model):
    """One mock interview of one learner. It keeps the script that it was begun with.

    Times are the database's. After the end nothing of it changes but the scores, each of which is given once.
    """

    class Kind(models.TextChoices):
        SYSTEM_DESIGN = "system_design", "System design"
        CODING = "coding", "Coding"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mock_sessions")
    kind = models.CharField(max_length=13, choices=Kind.choices)
    slug = models.CharField(max_length=100, help_text="File of the script, without .yml.")
    title = models.CharField(max_length=200)
    script = models.JSONField(help_text="Phases, turns, rubric and reference, rendered.")
    script_digest = models.CharField(max_length=64)
    lab = models.ForeignKey(
        "curriculum.Lab", on_delete=models.PROTECT, null=True, blank=True, related_name="mock_sessions"
    )
    lab_known = models.BooleanField(default=False, help_text="The learner had an accepted submission before.")
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    moved_on = models.JSONField(default=dict, help_text="Number of a phase -> second at which it was left early.")
    hints_taken = models.JSONField(default=list, help_text="phase (id), number, second; in the order taken.")

    self_levels = models.JSONField(null=True, blank=True, help_text="Id of a criterion -> level.")
    self_evidence = models.JSONField(default=dict, blank=True, help_text="Id of a criterion -> why that level.")
    self_scored_at = models.DateTimeField(null=True, blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="reviewed_mock_sessions"
    )
    reviewer_levels = models.JSONField(null=True, blank=True)
    reviewer_comments = models.JSONField(default=dict, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner"], condition=models.Q(finished_at__isnull=True), name="one_running_mock_per_learner"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("started_at"))
                & (
                    models.Q(finished_at__isnull=True)
                    | models.Q(finished_at__gte=models.F("started_at"), finished_at__lte=models.F("ends_at"))
                ),
                name="mock_ends_in_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(self_scored_at__isnull=True, self_levels__isnull=True)
                | models.Q(self_scored_at__isnull=False, self_levels__isnull=False, finished_at__isnull=False),
                name="mock_self_score_after_the_end",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewer__isnull=True, reviewed_at__isnull=True, reviewer_levels__isnull=True)
                | models.Q(
                    reviewer__isnull=False,
                    reviewed_at__isnull=False,
                    reviewer_levels__isnull=False,
                    self_scored_at__isnull=False,
                ),
                name="mock_review_after_self_score",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewer__isnull=True) | ~models.Q(reviewer=models.F("learner")),
                name="nobody_reviews_own_mock",
            ),
        ]
        indexes = [
            models.Index(fields=["learner", "-started_at"]),
            models.Index(
                fields=["self_scored_at"],
                condition=models.Q(self_scored_at__isnull=False, reviewed_at__isnull=True),
                name="mocks_waiting_for_review",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learner}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("mock_session", args=[self.pk])


class MockNote(TypedText):
    """What is written in one field of one phase."""

    class Part(models.TextChoices):
        NOTES = "notes", "Notes"
        DIAGRAM = "diagram", "Diagram (Mermaid)"

    session = models.ForeignKey(MockSession, on_delete=models.CASCADE, related_name="notes")
    phase = models.CharField(max_length=40, help_text="Id in the script.")
    part = models.CharField(max_length=7, choices=Part.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "phase", "part"], name="one_note_per_field")]

    def __str__(self) -> str:
        return f"{self.session}: {self.phase}, {self.part}"
