"""The curriculum for administrators. It is changed in the content folder, so here it can only be looked at."""

from __future__ import annotations

from django.contrib import admin

from backend.common.admin import ReadOnlyAdmin
from backend.curriculum import models


@admin.register(models.Module)
class ModuleAdmin(ReadOnlyAdmin):
    """Modules."""

    list_display = ("number", "title", "status", "hours_low", "hours_high", "retired")
    list_filter = ("status", "retired")


@admin.register(models.Lesson)
class LessonAdmin(ReadOnlyAdmin):
    """Lessons and tutorials."""

    list_display = ("number", "title", "kind", "module", "status", "minutes", "words", "retired")
    list_filter = ("module", "kind", "status", "retired")
    list_select_related = ("module",)
    search_fields = ("slug", "title")


@admin.register(models.Lab)
class LabAdmin(ReadOnlyAdmin):
    """Labs."""

    list_display = ("number", "title", "module", "language", "device", "status", "max_score", "digest", "retired")
    list_filter = ("module", "language", "device", "status", "retired")
    list_select_related = ("module",)
    search_fields = ("slug", "title")


@admin.register(models.LabRevision)
class LabRevisionAdmin(ReadOnlyAdmin):
    """Every revision of a lab that was ever loaded."""

    list_display = ("lab", "digest", "loaded_at")
    list_filter = ("lab",)
    list_select_related = ("lab",)
    exclude = ("bundle",)


@admin.register(models.Example)
class ExampleAdmin(ReadOnlyAdmin):
    """Programs to read and run."""

    list_display = ("name", "module", "language", "summary")
    list_filter = ("module", "language")
    list_select_related = ("module",)


@admin.register(models.Figure)
class FigureAdmin(ReadOnlyAdmin):
    """Drawings."""

    list_display = ("name", "module", "width", "height")
    list_filter = ("module",)
    list_select_related = ("module",)


@admin.register(models.Question)
class QuestionAdmin(ReadOnlyAdmin):
    """Questions."""

    list_display = ("slug", "module", "kind", "category", "difficulty", "lesson", "retired")
    list_filter = ("module", "kind", "category", "difficulty", "retired")
    list_select_related = ("module", "lesson")
    search_fields = ("slug",)


@admin.register(models.QuestionRevision)
class QuestionRevisionAdmin(ReadOnlyAdmin):
    """Every wording of a question that was ever loaded."""

    list_display = ("question", "digest", "loaded_at")
    list_select_related = ("question",)
    search_fields = ("question__slug",)


@admin.register(models.Track)
class TrackAdmin(ReadOnlyAdmin):
    """Tracks."""

    list_display = ("title", "slug", "hours_low", "hours_high", "retired")


@admin.register(models.TrackModule)
class TrackModuleAdmin(ReadOnlyAdmin):
    """What a track takes from a module."""

    list_display = ("track", "module", "scope")
    list_filter = ("track", "scope")
    list_select_related = ("track", "module")


@admin.register(models.ContentState)
class ContentStateAdmin(ReadOnlyAdmin):
    """Which state of the content folder is loaded."""

    list_display = ("digest", "loaded_at")
