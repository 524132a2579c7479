"""Reports of pages, to look at. What learners note for themselves is nobody else's."""

from __future__ import annotations

from django.contrib import admin

from backend.common.admin import ReadOnlyAdmin
from backend.notebook.models import PageReport


@admin.register(PageReport)
class PageReportAdmin(ReadOnlyAdmin):
    """Reports with their answers."""

    list_display = ["created_at", "lesson", "kind", "state", "reporter"]
    list_filter = ["state", "kind"]
    list_select_related = ["lesson", "reporter"]
