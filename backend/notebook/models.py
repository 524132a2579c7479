"""What a learner writes beside the curriculum: notes, bookmarks, steps done, self-assessment, reports of mistakes."""

from __future__ import annotations

from django.conf import settings
from django.db import models

NOTE_CHARACTERS = 4000


class Entry(models.Model):
    """One mark at one heading of a lesson or tutorial.

    Headings are kept by their id and their title: when an author renames or removes one, the entry is still there and
    says where it was.
    """

    class Kind(models.TextChoices):
        BOOKMARK = "bookmark", "Bookmark"
        STEP = "step", "Step done"
        NOTE = "note", "Note"

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notebook")
    lesson = models.ForeignKey("curriculum.Lesson", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    heading = models.CharField(max_length=120, blank=True, help_text="Id of the heading; empty for the whole page.")
    heading_title = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True, max_length=NOTE_CHARACTERS, help_text="Of a note; plain text.")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["learner", "lesson", "kind", "heading"], name="one_entry_per_heading"),
            models.CheckConstraint(
                condition=models.Q(kind="note") & ~models.Q(text="") | ~models.Q(kind="note") & models.Q(text=""),
                name="text_is_of_notes",
            ),
        ]
        indexes = [models.Index(fields=["learner", "-changed_at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.learner} at {self.lesson}"


class SelfRating(models.Model):
    """How well a learner thinks to master one line of a module's self-assessment."""

    class Level(models.IntegerChoices):
        NOT_YET = 0, "Not yet"
        WITH_HELP = 1, "With help"
        ALONE = 2, "On my own"

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="self_ratings")
    module = models.ForeignKey("curriculum.Module", on_delete=models.CASCADE, related_name="+")
    line = models.CharField(max_length=500, help_text="As it read: another wording is another question.")
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    rated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["learner", "module", "line"], name="one_rating_per_line"),
            models.CheckConstraint(condition=models.Q(level__lte=2), name="level_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.learner}: {self.line}: {self.get_level_display()}"


class PageReport(models.Model):
    """Somebody says that a page is wrong; an author answers."""

    class Kind(models.TextChoices):
        WRONG = "wrong", "Something is not true"
        BROKEN = "broken", "A command or program does not do what the page says"
        UNCLEAR = "unclear", "I cannot follow it"
        OTHER = "other", "Something else"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        FIXED = "fixed", "Fixed"
        KEPT = "kept", "Stays as it is"

    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="page_reports")
    lesson = models.ForeignKey("curriculum.Lesson", on_delete=models.PROTECT, related_name="reports")
    lesson_digest = models.CharField(max_length=64, help_text="Revision of the text that was read.")
    heading = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.TextField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.TextField(blank=True, max_length=2000)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", answered_at=None) | ~models.Q(state="open") & ~models.Q(answer=""),
                name="ended_reports_have_an_answer",
            )
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(state="open"), name="open_page_reports"),
            models.Index(fields=["reporter", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.lesson}"
