"""Modules with their pieces, and tracks."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backend.curriculum.models import Example, Lab, Lesson, Module
from backend.curriculum.selectors import ModuleContents, SectionContents
from backend.progress.selectors import ModuleShare, TrackCard


class ModuleSerializer(serializers.ModelSerializer[Module]):
    """A module without its pieces; hours are what learners need, from and to."""

    page = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Module
        fields = ["slug", "number", "title", "summary", "difficulty", "hours_low", "hours_high", "status", "page"]


class LessonSerializer(serializers.ModelSerializer[Lesson]):
    """A lesson or a tutorial."""

    page = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Lesson
        fields = ["kind", "slug", "number", "title", "summary", "minutes", "status", "page"]


class LabPieceSerializer(serializers.ModelSerializer[Lab]):
    """A lab as a piece of its module."""

    page = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Lab
        fields = [
            "slug", "number", "title", "summary", "language", "device", "minutes", "capstone", "max_score", "status",
            "page",
        ]  # fmt: skip


class ExampleSerializer(serializers.ModelSerializer[Example]):
    """A program to read."""

    page = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Example
        fields = ["name", "language", "summary", "page"]


class SectionSerializer(serializers.Serializer[SectionContents]):
    """A heading and the lessons under it."""

    title = serializers.CharField(source="section.title")
    lessons = LessonSerializer(many=True)


class ModuleContentsSerializer(serializers.Serializer[ModuleContents]):
    """A module and everything in it, in order, each with how far it is."""

    def to_representation(self, instance: ModuleContents) -> dict[str, Any]:
        """The module's own fields and, beside them, its pieces."""
        module = ModuleSerializer(instance.module).data
        return {**module, **super().to_representation(instance)}

    sections = SectionSerializer(many=True)
    tutorials = LessonSerializer(many=True)
    labs = LabPieceSerializer(many=True)
    examples = ExampleSerializer(many=True)


class ShareSerializer(serializers.Serializer[ModuleShare]):
    """What a track takes from one module: the slugs of what counts."""

    slug = serializers.CharField(source="module.slug")
    number = serializers.IntegerField(source="module.number")
    title = serializers.CharField(source="module.title")
    scope = serializers.CharField()
    quiz_required = serializers.BooleanField()
    lessons = serializers.SlugRelatedField[Lesson](slug_field="slug", many=True, read_only=True)
    labs = serializers.SlugRelatedField[Lab](slug_field="slug", many=True, read_only=True)


class TrackSerializer(serializers.Serializer[TrackCard]):
    """A track and what it takes from each module."""

    slug = serializers.CharField(source="track.slug")
    title = serializers.CharField(source="track.title")
    audience = serializers.CharField(source="track.audience")
    summary = serializers.CharField(source="track.summary")
    hours_low = serializers.IntegerField(source="track.hours_low")
    hours_high = serializers.IntegerField(source="track.hours_high")
    outcomes = serializers.JSONField(source="track.outcomes")
    skips = serializers.JSONField(source="track.skips")
    pace_plans = serializers.JSONField(source="track.pace_plans")
    page = serializers.CharField(source="track.get_absolute_url")
    modules = ShareSerializer(source="shares", many=True)
