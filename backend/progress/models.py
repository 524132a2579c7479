"""What a learner has chosen, read and finished."""

from __future__ import annotations

import secrets
from datetime import time

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


def _new_token() -> str:
    return secrets.token_urlsafe(32)


class Plan(models.Model):
    """When a learner means to work, and from when the plan counts. Planning anew changes the row."""

    learner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="plan")
    track = models.ForeignKey("curriculum.Track", on_delete=models.PROTECT, related_name="+")
    pace = models.SlugField(max_length=40, help_text="Slug of the pace that it began from.")
    hours_per_week = models.PositiveSmallIntegerField()
    weekdays = models.CharField(max_length=7, help_text="Days of work, in digits: 0 is Monday.")
    time_zone = models.CharField(max_length=64, help_text="In which its days and reminders are meant.")
    starts_on = models.DateField()
    minutes = models.PositiveIntegerField(help_text="Work that was left on the day it starts.")
    made_at = models.DateTimeField(auto_now_add=True)
    feed_token = models.CharField(max_length=43, unique=True, default=_new_token, help_text="Address of the feed.")
    remind_on = models.CharField(max_length=7, blank=True, help_text="Days of reminders; empty: none are sent.")
    remind_at = models.TimeField(default=time(18), help_text="In the plan's time zone.")
    reminded_on = models.DateField(null=True, blank=True, help_text="Day of the last reminder, in the time zone.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(hours_per_week__range=(1, 80)), name="plan_hours_in_a_week"),
            models.CheckConstraint(condition=models.Q(weekdays__regex=r"^[0-6]{1,7}$"), name="plan_has_days"),
            models.CheckConstraint(condition=models.Q(remind_on__regex=r"^[0-6]{0,7}$"), name="plan_reminder_days"),
        ]
        indexes = [models.Index(fields=["remind_at"], condition=~models.Q(remind_on=""), name="plans_with_reminders")]

    def __str__(self) -> str:
        return f"{self.learner}: {self.hours_per_week} h a week from {self.starts_on}"


class PlanPause(models.Model):
    """Days on which a plan rests; at most one goes on."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="pauses")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="Last day without work; empty while it goes on.")

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=models.Q(ends_on=None), name="one_running_pause"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")), name="pause_has_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}: rests from {self.starts_on}"
