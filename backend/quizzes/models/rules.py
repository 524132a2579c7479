"""How a module's quiz is asked, and how quickly a learner may send requests."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from backend.quizzes.rules import Timing, check_table


class QuizRules(models.Model):
    """How one module's quiz is asked, where it differs from `rules.DEFAULTS`."""

    module = models.OneToOneField("curriculum.Module", on_delete=models.CASCADE, related_name="quiz_rules")
    questions = models.PositiveSmallIntegerField(
        default=12, validators=[MinValueValidator(1), MaxValueValidator(100)], help_text="Asked in one attempt."
    )
    cooldown_minutes = models.PositiveSmallIntegerField(
        default=10, help_text="Between the end of an attempt that did not pass and the next."
    )
    attempt_limit = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1)], help_text="Attempts that may start within the hours below."
    )
    limit_hours = models.PositiveSmallIntegerField(default=24, validators=[MinValueValidator(1)])
    timing = models.CharField(max_length=8, choices=Timing.choices, default=Timing.OPTIONAL)
    time_limit_minutes = models.PositiveSmallIntegerField(
        default=20, validators=[MinValueValidator(1)], help_text="Of an attempt against the clock."
    )
    table = models.JSONField(
        default=dict,
        blank=True,
        validators=[check_table],
        help_text="category -> difficulty -> how many an attempt asks; what is left over is spread evenly. "
        'Such as {"concepts": {"1": 2, "2": 2}, "coding": {"2": 3}}.',
    )

    class Meta:
        verbose_name_plural = "quiz rules"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    questions__gte=1, attempt_limit__gte=1, limit_hours__gte=1, time_limit_minutes__gte=1
                ),
                name="quiz_rules_allow_an_attempt",
            ),
        ]

    def __str__(self) -> str:
        return f"Rules of the quiz of {self.module}"

    def clean(self) -> None:
        """Refuse a table that asks more than an attempt holds, of which the end would be left out silently."""
        try:
            check_table(self.table)
        except ValidationError:
            return
        wanted = sum(count for row in self.table.values() for count in row.values())
        if self.questions is not None and wanted > self.questions:
            words = f"The table asks {wanted} questions, an attempt {self.questions}. Raise the one or lower the other."
            raise ValidationError({"table": words})


class QuizAllowance(models.Model):
    """How much of the present minute's requests a learner has used."""

    learner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField()
    used = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.learner}: {self.used}"
