"""Answers for administrators; read only, and without the text, which is the learner's own."""

from __future__ import annotations

from django.contrib import admin

from backend.common.admin import ReadOnlyAdmin
from backend.interviews.models import PracticeAnswer


@admin.register(PracticeAnswer)
class PracticeAnswerAdmin(ReadOnlyAdmin):
    """Who practised which question."""

    list_display = ("learner", "question", "started_at", "answered_at", "rated_at", "rating")
    list_filter = ("rating", "question__category")
    search_fields = ("learner__email", "question__slug")
    list_select_related = ("learner", "question")
    fields = ("learner", "question", "started_at", "answered_at", "confidence", "rated_at", "rating")
