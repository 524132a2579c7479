"""Attempts for administrators, read only, and the rules of quizzes."""

from __future__ import annotations

from django.contrib import admin

from backend.common.admin import ReadOnlyAdmin
from backend.quizzes.models import QuizAttempt, QuizRules


@admin.register(QuizAttempt)
class QuizAttemptAdmin(ReadOnlyAdmin):
    """Who took which quiz, and the score."""

    list_display = ("learner", "module", "started_at", "finished_at", "percent", "passed")
    list_filter = ("module", "passed")
    search_fields = ("learner__email",)
    list_select_related = ("learner", "module")
    date_hierarchy = "started_at"


@admin.register(QuizRules)
class QuizRulesAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """How the quiz of a module is asked, where it differs from the defaults. Django keeps who changed what."""

    list_display = ("module", "questions", "timing", "time_limit_minutes", "cooldown_minutes", "attempt_limit")
    list_select_related = ("module",)
