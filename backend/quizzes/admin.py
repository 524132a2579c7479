"""Attempts for administrators; read only."""

from __future__ import annotations

from django.contrib import admin

from backend.common.admin import ReadOnlyAdmin
from backend.quizzes.models import QuizAttempt


@admin.register(QuizAttempt)
class QuizAttemptAdmin(ReadOnlyAdmin):
    """Who took which quiz, and the score."""

    list_display = ("learner", "module", "started_at", "finished_at", "percent", "passed")
    list_filter = ("module", "passed")
    search_fields = ("learner__email",)
    list_select_related = ("learner", "module")
    date_hierarchy = "started_at"
