"""What search reads. The rows follow from the content; loading it brings them up to date."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from backend.curriculum.models import Status


class SearchEntry(models.Model):
    """One thing that can be found. Only what is published has one."""

    class Kind(models.TextChoices):
        LESSON = "lesson", "Lessons"
        TUTORIAL = "tutorial", "Tutorials"
        LAB = "lab", "Labs"
        TERM = "term", "Glossary"
        EXAMPLE = "example", "Programs"
        QUESTION = "question", "Questions"
        PAPER = "paper", "Papers"
        PROJECT = "project", "Projects"
        GUIDE = "guide", "Setup guides"

    key = models.CharField(max_length=220, unique=True, help_text="Kind and slug.")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    label = models.CharField(max_length=100, blank=True, help_text="Such as a number; stands before the title.")
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    address = models.CharField(max_length=300)
    module = models.ForeignKey("curriculum.Module", on_delete=models.CASCADE, null=True, related_name="search_entries")
    status = models.CharField(max_length=12, choices=Status.choices)
    sections = models.JSONField(default=list, help_text="Plain text: anchor, title, text. A result leads to one.")
    boost = models.FloatField(default=1.0, help_text="Multiplies the rank.")
    digest = models.CharField(max_length=64, help_text="Of everything above and of how it is indexed.")
    vector = SearchVectorField(null=True)

    class Meta:
        indexes = [GinIndex(fields=["vector"], name="search_entry_vector")]

    def __str__(self) -> str:
        return self.key


class SearchWord(models.Model):
    """A word of the index, to correct what people type."""

    word = models.CharField(max_length=60, primary_key=True)
    entries = models.PositiveIntegerField(help_text="How many entries have it.")

    def __str__(self) -> str:
        return self.word


class SearchAllowance(models.Model):
    """How often one person or address searched in the current minute."""

    key = models.CharField(max_length=64, primary_key=True, help_text="A keyed digest: no address is stored.")
    started_at = models.DateTimeField(db_index=True)
    used = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.key[:12]
