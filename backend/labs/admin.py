"""Submissions for staff: everything to read, one thing to do."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from backend.accounts.models import User
from backend.labs import services
from backend.labs.models import GradeAttempt, Submission, VerdictChange


class _ReadOnly:
    """Nothing is added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AttemptInline(_ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The attempts of a submission, without their tokens."""

    model = GradeAttempt
    fk_name = "submission"
    fields = (
        "number", "tries", "state", "trial", "queue", "worker", "queued_at", "claimed_at", "finished_at",
        "requested_by", "lab_digest", "grader_revision",
    )  # fmt: skip
    readonly_fields = fields
    ordering = ("number",)
    extra = 0


@admin.register(Submission)
class SubmissionAdmin(_ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who handed in what, and what became of it."""

    list_display = ("created_at", "learner", "lab", "verdict", "score", "max_score", "graded_at")
    list_filter = ("verdict", "lab__module")
    list_select_related = ("learner", "lab")
    search_fields = ("id", "learner__email", "lab__slug")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    fields = (*list_display, "lab_digest")
    inlines = (AttemptInline,)
    actions = ("judge_again", "judge_again_as_corrected")

    @admin.action(description="Judge again, with the lab as it was")
    def judge_again(self, request: HttpRequest, queryset: QuerySet[Submission]) -> None:
        """Order a rejudge of each; what is being graded already is left alone."""
        self._judge_again(request, queryset, corrected=False)

    @admin.action(description="Judge again, with the lab as it is now")
    def judge_again_as_corrected(self, request: HttpRequest, queryset: QuerySet[Submission]) -> None:
        """The same after a lab was corrected."""
        self._judge_again(request, queryset, corrected=True)

    def _judge_again(self, request: HttpRequest, queryset: QuerySet[Submission], *, corrected: bool) -> None:
        ordered = left = 0
        for submission in queryset.select_related("lab").order_by("created_at"):
            try:
                services.rejudge(submission, by=cast(User, request.user), corrected=corrected)
                ordered += 1
            except (services.NothingToRejudge, services.UploadRejected):
                left += 1
        note = f"{ordered} will be judged again."
        if left:
            note += f" {left} left alone: being graded now, or their files do not fit the lab any more."
        self.message_user(request, note, messages.INFO if not left else messages.WARNING)


@admin.register(VerdictChange)
class VerdictChangeAdmin(_ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Every verdict that was changed: by whom, when, from what to what, and why."""

    list_display = ("at", "cause", "by", "submission", "old_verdict", "old_score", "new_verdict", "new_score", "reason")
    list_filter = ("cause", "new_verdict")
    list_select_related = ("by", "submission__learner", "submission__lab")
    search_fields = ("submission__id", "submission__learner__email", "submission__lab__slug", "reason")
    date_hierarchy = "at"
    ordering = ("-at",)
    fields = (*list_display, "regrade", "attempt")
