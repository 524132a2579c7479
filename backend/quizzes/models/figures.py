"""What is kept of the statistics of large question banks."""

from __future__ import annotations

from django.db import models


class BankFigures(models.Model):
    """What the answers of a large bank said at one moment; small banks are counted whenever somebody looks."""

    module = models.OneToOneField("curriculum.Module", on_delete=models.CASCADE, related_name="quiz_figures")
    counted_at = models.DateTimeField()
    finished = models.PositiveIntegerField(help_text="Finished attempts at that moment.")
    figures = models.JSONField(help_text="By revision: question, answers, facility, right, discrimination, seconds.")
    chosen = models.JSONField(help_text="By revision and answer: how often it was given.")

    def __str__(self) -> str:
        return f"figures of {self.module} ({self.counted_at:%Y-%m-%d %H:%M})"
