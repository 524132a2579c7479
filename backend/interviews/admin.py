"""What was practised, held and booked, for administrators; read only, and without what learners wrote."""

from __future__ import annotations

from django.contrib import admin

from backend.common.admin import ReadOnlyAdmin
from backend.interviews.models import Booking, MockSession, PracticeAnswer


@admin.register(PracticeAnswer)
class PracticeAnswerAdmin(ReadOnlyAdmin):
    """Who practised which question."""

    list_display = ("learner", "question", "started_at", "answered_at", "rated_at", "rating")
    list_filter = ("rating", "question__category")
    search_fields = ("learner__email", "question__slug")
    list_select_related = ("learner", "question")
    fields = ("learner", "question", "started_at", "answered_at", "confidence", "rated_at", "rating")


@admin.register(MockSession)
class MockSessionAdmin(ReadOnlyAdmin):
    """Who held which mock interview, and who scored it."""

    list_display = (
        "learner",
        "title",
        "kind",
        "started_at",
        "finished_at",
        "self_scored_at",
        "reviewer",
        "reviewed_at",
    )
    list_filter = ("kind",)
    search_fields = ("learner__email", "slug")
    list_select_related = ("learner",)
    fields = ("learner", "title", "kind", "lab", "started_at", "ends_at", "finished_at", "reviewer", "reviewed_at")


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    """Who booked which live interview."""

    list_display = ("learner", "slot", "booked_at", "cancelled_at", "cancelled_by")
    search_fields = ("learner__email", "slot__reviewer__email")
    list_select_related = ("learner", "slot__reviewer", "cancelled_by")
    fields = ("learner", "slot", "booked_at", "cancelled_at", "cancelled_by")
