"""Text that is saved while it is typed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class TypedText(models.Model):
    """What somebody types, with what it takes to notice that two windows type at the same time."""

    text = models.TextField(blank=True)
    draft_revision = models.PositiveIntegerField(default=0, help_text="Counts the saves, so that no old one wins.")
    draft_window = models.UUIDField(null=True, blank=True, help_text="Window of the browser that saved last.")
    saved_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True
