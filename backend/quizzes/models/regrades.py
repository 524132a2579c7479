"""Scores that changed because a question's key was corrected, and what learners are told of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from backend.quizzes.models.attempts import QuizAttempt, QuizResponse


class KeyRegrade(models.Model):
    """Answers to one question, scored again with its corrected key in one batch."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey("curriculum.Question", on_delete=models.PROTECT, related_name="+")
    revision = models.ForeignKey(
        "curriculum.QuestionRevision", on_delete=models.PROTECT, related_name="+", help_text="Whose key was applied."
    )
    reason = models.TextField(max_length=1000, help_text="Shown to learners whose score changes.")
    never_lower = models.BooleanField(help_text="Scores that would get worse stayed as they were.")
    rescored = models.PositiveIntegerField(help_text="Answers that the corrected key was applied to.")
    kept = models.PositiveIntegerField(help_text="Answers left alone since their score would be lower.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="key_regrade_says_why")]

    def __str__(self) -> str:
        return f"{self.question}: scored again on {self.at:%Y-%m-%d %H:%M}"


class ScoreChange(models.Model):
    """Whose score was changed by which regrade, from what to what. The database refuses to change or delete rows."""

    regrade = models.ForeignKey(KeyRegrade, on_delete=models.PROTECT, related_name="changes")
    attempt = models.ForeignKey(QuizAttempt, on_delete=models.PROTECT, related_name="changes")
    response = models.ForeignKey(QuizResponse, on_delete=models.PROTECT, related_name="+")
    old_points = models.FloatField()
    new_points = models.FloatField()
    old_score = models.FloatField()
    new_score = models.FloatField()
    old_passed = models.BooleanField()
    new_passed = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["regrade", "response"], name="score_changed_once_per_regrade")]

    def __str__(self) -> str:
        return f"{self.response_id}: {self.old_points:g} -> {self.new_points:g}"


class ScoreNotice(models.Model):
    """What a learner is told of a changed score: on their pages until read, and once by mail."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="quiz_notices")
    change = models.OneToOneField(ScoreChange, on_delete=models.PROTECT, related_name="notice")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(
        null=True, blank=True, help_text="When the mail server last refused the learner's address."
    )

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["learner"], condition=models.Q(read_at__isnull=True), name="unread_quiz_notices"),
            models.Index(
                fields=["created_at"], condition=models.Q(mailed_at__isnull=True), name="unmailed_quiz_notices"
            ),
        ]

    def __str__(self) -> str:
        return self.text
