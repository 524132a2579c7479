"""The curriculum as rows: a cache of the files in `content/`, keyed by slugs that never change.

A piece whose file is gone is retired, never deleted: what learners did with it stays.
"""

from __future__ import annotations

from django.db import models
from django.urls import reverse


class Status(models.TextChoices):
    """How far a piece is. Only what is ready can be done."""

    READY = "ready", "Ready"
    IN_PROGRESS = "in_progress", "In progress"
    PLANNED = "planned", "Planned"


class Module(models.Model):
    """One of the nine modules."""

    slug = models.SlugField(max_length=100, unique=True)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    summary = models.TextField()
    difficulty = models.CharField(max_length=60)
    hours_low = models.PositiveSmallIntegerField()
    hours_high = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices)
    topics = models.JSONField(default=list)
    promised = models.JSONField(default=dict, help_text="Counts that the finished module reaches at least.")
    outcomes = models.JSONField(default=list)
    self_assessment = models.JSONField(default=list)
    mini_project = models.JSONField(default=dict, help_text="title, summary")
    body_html = models.TextField(blank=True)
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=models.Q(retired=False), name="module_has_own_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("module", args=[self.slug])


class Section(models.Model):
    """A heading under which a module's lessons stand."""

    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)

    class Meta:
        ordering = ["module", "position"]
        constraints = [models.UniqueConstraint(fields=["module", "position"], name="section_has_own_position")]

    def __str__(self) -> str:
        return self.title


class Lesson(models.Model):
    """A page to read: a lesson, or a tutorial to follow step by step."""

    class Kind(models.TextChoices):
        LESSON = "lesson", "Lesson"
        TUTORIAL = "tutorial", "Tutorial"

    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="lessons")
    section = models.ForeignKey(Section, on_delete=models.SET_NULL, null=True, related_name="lessons")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    slug = models.CharField(max_length=100, unique=True)
    number = models.CharField(max_length=8, help_text="Such as 1.10; shown, never sorted by.")
    position = models.PositiveSmallIntegerField(help_text="Order within the module, lessons first.")
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    objectives = models.JSONField(default=list)
    requires = models.JSONField(default=list, help_text="Slugs of pieces to know first.")
    minutes = models.PositiveSmallIntegerField(default=0)
    words = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=12, choices=Status.choices)
    body_html = models.TextField(blank=True, help_text="Rendered and sanitised when loaded.")
    contents = models.JSONField(default=list, help_text="Headings: id, title, level.")
    digest = models.CharField(max_length=64, blank=True, help_text="Revision of the text.")
    source_path = models.CharField(max_length=300, blank=True, help_text="File below content/.")
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["module", "position"]
        indexes = [models.Index(fields=["module", "position"])]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("lesson", args=[self.slug])


class Example(models.Model):
    """A program of a module that learners read, copy and run at home."""

    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="examples")
    name = models.CharField(max_length=100, help_text="File name.")
    language = models.CharField(max_length=12)
    summary = models.TextField(blank=True, help_text="First sentence of the file's own description.")
    source = models.TextField()
    source_html = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["module", "name"]
        constraints = [models.UniqueConstraint(fields=["module", "name"], name="example_has_own_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("example", args=[self.module.slug, self.name])


class Figure(models.Model):
    """A drawing that the pages of a module show."""

    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="figures")
    name = models.CharField(max_length=100, help_text="File name.")
    svg = models.TextField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["module", "name"]
        constraints = [models.UniqueConstraint(fields=["module", "name"], name="figure_has_own_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("figure", args=[self.module.slug, self.name])


class Lab(models.Model):
    """A programming task that the grader judges."""

    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="labs")
    slug = models.CharField(max_length=100, unique=True)
    number = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    objectives = models.JSONField(default=list)
    requires = models.JSONField(default=list, help_text="Slugs of pieces to know first.")
    language = models.CharField(max_length=12)
    device = models.CharField(max_length=8, default="cpu")
    minutes = models.PositiveSmallIntegerField(default=0)
    capstone = models.BooleanField(default=False)
    status = models.CharField(max_length=12, choices=Status.choices)
    instructions_html = models.TextField(blank=True)
    contents = models.JSONField(default=list, help_text="Headings: id, title, level.")
    max_score = models.FloatField(default=0)
    digest = models.CharField(max_length=64, blank=True, help_text="Revision new submissions are graded with.")
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["module", "position"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("lab", args=[self.slug])


class LabRevision(models.Model):
    """Everything a grade of a lab depends on, by digest. Kept for as long as a submission names it."""

    lab = models.ForeignKey(Lab, on_delete=models.CASCADE, related_name="revisions")
    digest = models.CharField(max_length=64, unique=True)
    bundle = models.BinaryField(help_text="As packed by grader.lab.pack.")
    loaded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.lab} at {self.digest[:12]}"


class Question(models.Model):
    """A question of a module's bank."""

    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="questions")
    slug = models.CharField(max_length=100, unique=True)
    position = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=20)
    difficulty = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    lesson = models.ForeignKey(Lesson, on_delete=models.SET_NULL, null=True, related_name="questions")
    current = models.ForeignKey(
        "QuestionRevision", on_delete=models.PROTECT, null=True, related_name="+", help_text="Drawn for new attempts."
    )
    open = models.ForeignKey(
        "OpenQuestionRevision",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Asked in interview practice; null when the question has no open form.",
    )
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["module", "position"]

    def __str__(self) -> str:
        return self.slug


class QuestionRevision(models.Model):
    """One wording of a question. Attempts keep the revision that was answered."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="revisions")
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, help_text="Of this wording; the question may have become another kind.")
    prompt_html = models.TextField()
    explanation_html = models.TextField()
    choices = models.JSONField(
        default=list,
        help_text="What a learner picks from or sorts: a list of id, html; for match: left, right (a list each). "
        "Says nothing about what is right.",
    )
    key = models.JSONField(
        default=dict,
        help_text="What is right: correct (ids) and reasons (id -> html); answer, tolerance (relative), unit; "
        "accepted, case_sensitive; order (ids); pairs (left id -> right id). Never leaves the server early.",
    )
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "digest"], name="question_revision_once")]

    def __str__(self) -> str:
        return f"{self.question} at {self.digest[:12]}"


class OpenQuestionRevision(models.Model):
    """One wording of a question as an interviewer asks it. Answers keep the revision they were given to."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="open_revisions")
    digest = models.CharField(max_length=64)
    prompt_html = models.TextField()
    model_answer_html = models.TextField(help_text="Never leaves the server before the learner's own answer is stored.")
    follow_ups = models.JSONField(default=list, help_text="Questions to go on with, as HTML.")
    rubric = models.JSONField(default=list, help_text="What a good answer has, one line of HTML each.")
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "digest"], name="open_question_revision_once")]

    def __str__(self) -> str:
        return f"{self.question}, open, at {self.digest[:12]}"


class Track(models.Model):
    """A way through the curriculum for one goal."""

    slug = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    audience = models.TextField()
    summary = models.TextField()
    hours_low = models.PositiveSmallIntegerField()
    hours_high = models.PositiveSmallIntegerField()
    outcomes = models.JSONField(default=list)
    skips = models.JSONField(default=list)
    pace_plans = models.JSONField(default=list, help_text="slug, title, hours_per_period, period, periods, strategy")
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("track", args=[self.slug])


class TrackModule(models.Model):
    """What a track takes from one module."""

    class Scope(models.TextChoices):
        FULL = "full", "Whole module"
        PARTIAL = "partial", "Part of the module"
        KEY = "key", "Key lessons"
        BRIDGE = "bridge", "Single lessons to build on"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="modules")
    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="in_tracks")
    scope = models.CharField(max_length=8, choices=Scope.choices)
    lessons = models.ManyToManyField(Lesson, related_name="+", help_text="Count for the track.")
    optional_lessons = models.ManyToManyField(Lesson, related_name="+", help_text="Suggested; count nothing.")
    labs = models.ManyToManyField(Lab, related_name="+", help_text="Count for the track.")
    optional_labs = models.ManyToManyField(Lab, related_name="+", help_text="Suggested; count nothing.")

    class Meta:
        ordering = ["track", "module__number"]
        constraints = [models.UniqueConstraint(fields=["track", "module"], name="module_once_per_track")]

    def __str__(self) -> str:
        return f"{self.track}: {self.module}"

    @property
    def has_quiz(self) -> bool:
        """Whether the module's quiz counts for the track."""
        return self.scope != self.Scope.BRIDGE


class ContentState(models.Model):
    """The one row that says which state of the content folder the rows show."""

    singleton = models.BooleanField(primary_key=True, default=True)
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(singleton=True), name="one_content_state")]

    def __str__(self) -> str:
        return self.digest[:12]


# The app's other tables. They name the ones above, so they come last.
import backend.curriculum.library.models  # noqa: E402
import backend.curriculum.search.models  # noqa: E402, F401
