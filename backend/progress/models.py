"""What a learner has chosen, read and finished."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Enrolment(models.Model):
    """A learner on a track. Changing tracks keeps the old rows; at most one is current."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments")
    track = models.ForeignKey("curriculum.Track", on_delete=models.PROTECT, related_name="enrolments")
    current = models.BooleanField(default=True)
    enrolled_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["learner", "track"], name="enrolled_once_per_track"),
            models.UniqueConstraint(fields=["learner"], condition=models.Q(current=True), name="one_current_track"),
        ]

    def __str__(self) -> str:
        return f"{self.learner} on {self.track}"


class Completion(models.Model):
    """A learner's own word that a lesson or tutorial is done. Taking it back deletes the row."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="completions")
    lesson = models.ForeignKey("curriculum.Lesson", on_delete=models.PROTECT, related_name="completions")
    lesson_digest = models.CharField(max_length=64, help_text="Revision of the text that was read.")
    completed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["learner", "lesson"], name="completed_once")]

    def __str__(self) -> str:
        return f"{self.learner}: {self.lesson}"


class Visit(models.Model):
    """Where a learner last was in a lesson, so that they can go on there."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="visits")
    lesson = models.ForeignKey("curriculum.Lesson", on_delete=models.CASCADE, related_name="+")
    heading = models.CharField(max_length=120, blank=True, help_text="Id of the heading last read.")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["learner", "lesson"], name="one_visit_per_lesson")]
        indexes = [models.Index(fields=["learner", "-at"])]

    def __str__(self) -> str:
        return f"{self.learner} at {self.lesson}"
