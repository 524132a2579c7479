"""Cards that come back when they are about to be forgotten, and the answers given to them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse

from backend.interviews.models.typed import TypedText


class Rating(models.IntegerChoices):
    """How well a learner knew the answer, as the scheduling algorithm asks for it."""

    AGAIN = 1, "Again"
    HARD = 2, "Hard"
    GOOD = 3, "Good"
    EASY = 4, "Easy"


class Confidence(models.IntegerChoices):
    """How sure a learner is of an answer before seeing the model answer."""

    GUESSING = 1, "Guessing"
    UNSURE = 2, "Unsure"
    FAIRLY_SURE = 3, "Fairly sure"
    CERTAIN = 4, "Certain"


class PracticeCard(models.Model):
    """What the scheduling algorithm knows of one learner and one question. Begins with the first rating."""

    class State(models.IntegerChoices):
        LEARNING = 1, "Learning"
        REVIEW = 2, "Review"
        RELEARNING = 3, "Relearning"

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="practice_cards")
    question = models.ForeignKey("curriculum.Question", on_delete=models.PROTECT, related_name="practice_cards")
    state = models.PositiveSmallIntegerField(choices=State.choices)
    step = models.PositiveSmallIntegerField(null=True, help_text="Of the short steps before days count.")
    stability = models.FloatField(help_text="Days until the chance to recall has fallen to 90 %.")
    difficulty = models.FloatField(help_text="1 to 10.")
    due = models.DateTimeField()
    last_review = models.DateTimeField()
    first_review = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["learner", "question"], name="one_card_per_question"),
            models.CheckConstraint(condition=models.Q(state__in=[1, 2, 3]), name="card_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(last_review__lte=models.F("due"), first_review__lte=models.F("last_review")),
                name="card_times_are_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(stability__gt=0, difficulty__gte=1, difficulty__lte=10),
                name="card_memory_is_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learner}: {self.question}"


class PracticeAnswer(TypedText):
    """One go at a question: a draft, then the learner's own answer, then its rating.

    The text is final once answered. A rating can be taken back while it is the learner's last.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="practice_answers")
    question = models.ForeignKey("curriculum.Question", on_delete=models.PROTECT, related_name="practice_answers")
    revision = models.ForeignKey("curriculum.OpenQuestionRevision", on_delete=models.PROTECT, related_name="answers")
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    confidence = models.PositiveSmallIntegerField(choices=Confidence.choices, null=True, blank=True)
    ticks = models.JSONField(default=list, help_text="Places of the rubric's lines that the answer has, from 0.")
    form_key = models.UUIDField(default=uuid.uuid4, help_text="A rating must carry it; another one after an undo.")
    rated_at = models.DateTimeField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(choices=Rating.choices, null=True, blank=True)
    card_before = models.JSONField(null=True, blank=True, help_text="The card before the rating; null: there was none.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "question"],
                condition=models.Q(rated_at__isnull=True),
                name="one_open_answer_per_question",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, confidence__isnull=True)
                | (models.Q(answered_at__isnull=False, confidence__in=[1, 2, 3, 4]) & ~models.Q(text="")),
                name="answered_in_own_words",
            ),
            models.CheckConstraint(
                condition=models.Q(rated_at__isnull=True, rating__isnull=True)
                | models.Q(answered_at__isnull=False, rated_at__isnull=False, rating__in=[1, 2, 3, 4]),
                name="rated_after_answering",
            ),
        ]
        indexes = [models.Index(fields=["learner", "question", "-rated_at"])]

    def __str__(self) -> str:
        return f"{self.learner}: {self.question}"

    def get_absolute_url(self) -> str:
        return reverse("practice_answer", args=[self.pk])
