"""The library as rows. Nothing a learner did hangs on them, so what has no file any more is deleted."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from backend.curriculum.models import Status


class GlossaryTerm(models.Model):
    """A word of the field, explained."""

    slug = models.SlugField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(help_text="Alphabetical.")
    term = models.CharField(max_length=80)
    also = models.JSONField(default=list, help_text="Other spellings and names.")
    definition_html = models.TextField()
    lesson = models.ForeignKey(
        "curriculum.Lesson", on_delete=models.SET_NULL, null=True, related_name="+", help_text="Explains it."
    )

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.term

    def get_absolute_url(self) -> str:
        return f"{reverse('glossary')}#{self.slug}"


class LibraryPage(models.Model):
    """A page beside the modules."""

    class Kind(models.TextChoices):
        PAPER = "paper", "Paper"
        PROJECT = "project", "Project"
        GUIDE = "guide", "Setup guide"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    slug = models.SlugField(max_length=100)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    summary = models.TextField()
    shelf = models.CharField(max_length=40, blank=True, help_text="What the list can be filtered by.")
    facts = models.JSONField(default=dict, help_text="What the kind has besides: see loading.library.")
    status = models.CharField(max_length=12, choices=Status.choices)
    body_html = models.TextField(blank=True)
    contents = models.JSONField(default=list, help_text="Headings: id, title, level.")
    words = models.PositiveIntegerField(default=0)
    lessons = models.ManyToManyField("curriculum.Lesson", related_name="library_pages", help_text="That use it.")
    source_path = models.CharField(max_length=300, help_text="File below content/.")

    class Meta:
        ordering = ["kind", "position"]
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="library_page_has_own_slug")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse(self.kind, args=[self.slug])


class Reference(models.Model):
    """Something outside that is worth reading, and what for."""

    position = models.PositiveSmallIntegerField(unique=True)
    section = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    address = models.URLField(max_length=300)
    purpose_html = models.TextField(help_text="What it is for.")
    checked_on = models.DateField(null=True, help_text="When somebody last saw it there; null when nobody has.")
    lessons = models.ManyToManyField("curriculum.Lesson", related_name="+", help_text="That use it.")

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title
