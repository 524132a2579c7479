"""Quiz attempts and the responses in them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from backend.curriculum.models import QuestionRevision


def percent(share: float) -> int:
    """A share as whole percent, rounded down but for the last bits of floating point."""
    return int(100 * share + 1e-6)


class QuizAttempt(models.Model):
    """One go at a module's quiz. The questions are drawn when it starts and never change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="quiz_attempts")
    module = models.ForeignKey("curriculum.Module", on_delete=models.PROTECT, related_name="quiz_attempts")
    started_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="When the time is over, by the database's clock; null without a time limit."
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True, help_text="Share of the points, 0 to 1; set when finished.")
    passed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "module"],
                condition=models.Q(finished_at__isnull=True),
                name="one_open_attempt_per_module",
            ),
            models.CheckConstraint(
                condition=models.Q(finished_at__isnull=True, score__isnull=True)
                | models.Q(finished_at__isnull=False, score__gte=0, score__lte=1),
                name="score_exactly_when_finished",
            ),
            models.CheckConstraint(
                condition=models.Q(passed=False) | models.Q(finished_at__isnull=False), name="passed_only_when_finished"
            ),
        ]
        indexes = [
            models.Index(fields=["learner", "module", "-started_at"]),
            models.Index(
                fields=["ends_at"],
                condition=models.Q(finished_at__isnull=True, ends_at__isnull=False),
                name="attempts_against_the_clock",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learner}: quiz of {self.module}"

    @property
    def percent(self) -> int:
        """Score in percent, rounded down so that it never looks passed when it is not."""
        return percent(self.score or 0.0)

    @property
    def ran_out(self) -> bool:
        """Whether its time ended it."""
        return self.ends_at is not None and self.finished_at == self.ends_at


class QuizResponse(models.Model):
    """One question of an attempt and what the learner answered."""

    attempt = models.ForeignKey(QuizAttempt, on_delete=models.CASCADE, related_name="responses")
    position = models.PositiveSmallIntegerField(help_text="From 1.")
    question = models.ForeignKey("curriculum.QuestionRevision", on_delete=models.PROTECT, related_name="responses")
    order = models.JSONField(default=list, help_text="Ids of the choices in the order shown.")
    answer = models.JSONField(null=True, blank=True, help_text="As the learner gave it; null when not answered.")
    flagged = models.BooleanField(default=False, help_text="To come back to.")
    shown_at = models.DateTimeField(null=True, blank=True, help_text="When it was first on the page.")
    first_answered_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    scored_by = models.ForeignKey(
        "curriculum.QuestionRevision",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The corrected wording whose key scores the answer; null for the one that was asked.",
    )
    points = models.FloatField(null=True, blank=True, help_text="0 to 1; set when the attempt is finished.")

    class Meta:
        ordering = ["attempt", "position"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "position"], name="one_response_per_position"),
            models.CheckConstraint(
                condition=models.Q(points__isnull=True) | models.Q(points__gte=0, points__lte=1),
                name="points_within_one_question",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attempt} #{self.position}"

    @property
    def scoring(self) -> QuestionRevision:
        """The wording whose key and explanation hold for this answer."""
        return self.scored_by or self.question
