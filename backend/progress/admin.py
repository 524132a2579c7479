"""Enrolments and completions for administrators; read only, they are the learner's own word."""

from __future__ import annotations

from django.contrib import admin

from backend.common.admin import ReadOnlyAdmin
from backend.progress.models import Completion, Enrolment


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    """Who is on which track."""

    list_display = ("learner", "track", "current", "enrolled_at")
    list_filter = ("track", "current")
    search_fields = ("learner__email",)
    list_select_related = ("learner", "track")


@admin.register(Completion)
class CompletionAdmin(ReadOnlyAdmin):
    """Who marked which lesson done."""

    list_display = ("learner", "lesson", "completed_at")
    search_fields = ("learner__email", "lesson__slug")
    list_select_related = ("learner", "lesson")
    date_hierarchy = "completed_at"
