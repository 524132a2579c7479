"""How far a learner is."""

from __future__ import annotations

from rest_framework import serializers

from backend.progress.selectors import LabProgress, LessonProgress, ModuleProgress, NextStep, TrackProgress
from backend.quizzes.selectors import QuizResult


class LessonProgressSerializer(serializers.Serializer[LessonProgress]):
    """One lesson of the track."""

    slug = serializers.CharField(source="lesson.slug")
    status = serializers.CharField(source="lesson.status")
    done = serializers.BooleanField()


class LabProgressSerializer(serializers.Serializer[LabProgress]):
    """One lab of the track; the result is that of the best submission."""

    slug = serializers.CharField(source="lab.slug")
    status = serializers.CharField(source="lab.status")
    accepted = serializers.BooleanField()
    verdict = serializers.CharField(source="result.verdict", default=None)
    score = serializers.FloatField(source="result.score", default=None)
    max_score = serializers.FloatField(source="lab.max_score")
    submissions = serializers.IntegerField(source="result.submissions", default=0)


class QuizResultSerializer(serializers.Serializer[QuizResult]):
    """The quiz of a module; the score is a share of the points, 0 to 1."""

    best_score = serializers.FloatField()
    passed = serializers.BooleanField()
    attempts = serializers.IntegerField()


class ModuleProgressSerializer(serializers.Serializer[ModuleProgress]):
    """One module of the track."""

    slug = serializers.CharField(source="module.slug")
    scope = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    published = serializers.IntegerField()
    percent = serializers.IntegerField()
    lessons = LessonProgressSerializer(many=True)
    labs = LabProgressSerializer(many=True)
    quiz_required = serializers.BooleanField()
    quiz = QuizResultSerializer()


class NextStepSerializer(serializers.Serializer[NextStep]):
    """One thing to do next."""

    title = serializers.CharField()
    page = serializers.CharField(source="url")
    minutes = serializers.IntegerField()
    reason = serializers.CharField()


class ProgressSerializer(serializers.Serializer[TrackProgress]):
    """Progress on a track: pieces done of those that it asks for, and of those published so far."""

    track = serializers.CharField(source="track.slug")
    title = serializers.CharField(source="track.title")
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    published = serializers.IntegerField()
    percent = serializers.IntegerField()
    modules = ModuleProgressSerializer(many=True)
