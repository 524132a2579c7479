"""Times at which a reviewer interviews, and who booked them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class InterviewSlot(models.Model):
    """A time at which a reviewer offers a live interview. Free until a booking holds it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="interview_slots")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64, help_text="In which the reviewer thinks of it.")
    place = models.URLField(max_length=300, help_text="Address of the call; shown to who booked.")
    published_at = models.DateTimeField(db_default=Now(), editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="slot_lasts"),
            models.UniqueConstraint(
                fields=["reviewer", "starts_at"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_slot_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.starts_at:%Y-%m-%d %H:%M} UTC"


class Booking(models.Model):
    """A learner's hold on a slot. A cancelled one stays as a record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slot = models.ForeignKey(InterviewSlot, on_delete=models.CASCADE, related_name="bookings")
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="interview_bookings")
    time_zone = models.CharField(max_length=64, help_text="In which the learner thinks of it.")
    wish = models.CharField(max_length=500, blank=True, help_text="What the learner would like to be asked about.")
    booked_at = models.DateTimeField(db_default=Now(), editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    sequence = models.PositiveSmallIntegerField(default=0, help_text="Of the calendar entry; a cancellation adds one.")
    mailed_sequence = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="What both people were last told by mail; null: nothing yet."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slot"], condition=models.Q(cancelled_at__isnull=True), name="slot_booked_once"
            ),
        ]
        indexes = [
            models.Index(fields=["learner", "-booked_at"]),
            models.Index(
                fields=["booked_at"],
                condition=models.Q(mailed_sequence__isnull=True) | models.Q(mailed_sequence__lt=models.F("sequence")),
                name="bookings_to_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learner} with {self.slot}"
