"""Labs, hand-ins and what becomes of them.

A lab's fields are listed one by one: whatever is added to a grading spec stays hidden until somebody shows it.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backend.curriculum.models import Lab
from backend.labs.models import Submission
from backend.labs.selectors import ExpectedWait, LabFile, LiveState, ReportView
from grader.lab import MAX_FILES, BenchmarkSpec, ForbiddenSpec, LabSpec, LimitsSpec, TestSpec


class LimitsSerializer(serializers.Serializer[LimitsSpec]):
    """Limits of one run of the learner's program."""

    cpu_seconds = serializers.FloatField()
    wall_seconds = serializers.FloatField()
    memory_mb = serializers.IntegerField()
    output_kb = serializers.IntegerField()
    processes = serializers.IntegerField()
    disk_mb = serializers.IntegerField()


class TestSerializer(serializers.Serializer[TestSpec]):
    """One row of the verdict table; of a hidden test the input is not shown."""

    __test__ = False

    id = serializers.CharField()
    title = serializers.CharField()
    points = serializers.FloatField()
    hidden = serializers.BooleanField()


class BenchmarkSerializer(serializers.Serializer[BenchmarkSpec]):
    """A measurement against the reference; thresholds are ratios of speed."""

    id = serializers.CharField()
    title = serializers.CharField()
    metric = serializers.CharField()
    threshold = serializers.FloatField()
    full_score = serializers.FloatField()
    points = serializers.FloatField()


class ForbiddenSerializer(serializers.Serializer[ForbiddenSpec]):
    """A name that must not appear in the learner's code."""

    symbol = serializers.CharField()
    reason = serializers.CharField()


class SpecSerializer(serializers.Serializer[LabSpec]):
    """What a learner may know of how the lab is graded."""

    entry_files = serializers.ListField(source="entry.files")
    signature = serializers.CharField(source="entry.signature")
    standard = serializers.CharField(source="build.standard")
    libraries = serializers.ListField(source="build.libraries")
    models = serializers.ListField()
    limits = LimitsSerializer()
    forbidden = ForbiddenSerializer(many=True)
    tests = TestSerializer(source="stages.tests", many=True)
    benchmarks = BenchmarkSerializer(source="stages.benchmarks", many=True)


class StarterSerializer(serializers.Serializer[LabFile]):
    """A file to start from."""

    name = serializers.CharField()
    text = serializers.CharField(source="starter")


class LabSerializer(serializers.ModelSerializer[Lab]):
    """A lab; `spec` and `starter` are null while it is planned. They come in the context, by these names."""

    module = serializers.CharField(source="module.slug")
    page = serializers.CharField(source="get_absolute_url")
    spec = serializers.SerializerMethodField()
    starter = serializers.SerializerMethodField()

    class Meta:
        model = Lab
        fields = [
            "slug", "number", "title", "summary", "module", "objectives", "requires", "language", "device", "minutes",
            "capstone", "max_score", "status", "digest", "page", "spec", "starter",
        ]  # fmt: skip

    def get_spec(self, lab: Lab) -> dict[str, Any] | None:
        """How it is graded."""
        spec = self.context.get("spec")
        return SpecSerializer(spec).data if spec else None

    def get_starter(self, lab: Lab) -> list[Any] | None:
        """What to start from."""
        files = self.context.get("starter")
        return None if files is None else list(StarterSerializer(files, many=True).data)


class TextsField(serializers.Field[Any, Any, Any, Any]):
    """File name -> text, read as file name -> bytes in UTF-8, unchanged. Which names and sizes fit, the lab says."""

    default_error_messages = {
        "not_an_object": "Give an object of file name and text.",
        "too_many": f"A submission has at most {MAX_FILES} files.",
        "not_text": "The content of every file must be text.",
        "surrogates": "Half a surrogate pair is no character; UTF-8 cannot hold it.",
    }

    def to_internal_value(self, data: Any) -> dict[str, bytes]:
        """The files as they are stored."""
        if not isinstance(data, dict):
            self.fail("not_an_object")
        if len(data) > MAX_FILES:
            self.fail("too_many")
        if not all(isinstance(text, str) for text in data.values()):
            self.fail("not_text")
        try:
            return {name: text.encode() for name, text in data.items()}
        except UnicodeEncodeError:
            self.fail("surrogates")


class KeyField(serializers.UUIDField):
    """A UUID in its usual form; a number or a list of bytes is none."""

    def to_internal_value(self, data: Any) -> Any:
        """The key."""
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class HandInSerializer(serializers.Serializer[Any]):
    """A submission as it comes in. The same key again stands for the same submission."""

    key = KeyField()
    files = TextsField()


class ExpectedSerializer(serializers.Serializer[ExpectedWait]):
    """Seconds from handing in to the verdict, lately: half were quicker, nine of ten were."""

    median = serializers.FloatField()
    ninth = serializers.FloatField()
    sample = serializers.IntegerField()


class LiveSerializer(serializers.Serializer[LiveState]):
    """Where a submission is, in the words of its page."""

    stage = serializers.CharField()
    text = serializers.CharField()
    done = serializers.BooleanField()
    since = serializers.DateTimeField()
    position = serializers.IntegerField()
    waiting = serializers.IntegerField()
    index = serializers.IntegerField()
    total = serializers.IntegerField()
    obstacle = serializers.CharField()
    retry_note = serializers.CharField()
    poll_seconds = serializers.IntegerField()
    expected = ExpectedSerializer()


class SubmissionSerializer(serializers.ModelSerializer[Submission]):
    """A submission in a list. `verdict` and `score` are null until there is a verdict."""

    lab = serializers.CharField(source="lab.slug")
    verdict = serializers.SerializerMethodField()
    score = serializers.SerializerMethodField()
    page = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Submission
        fields = ["id", "lab", "lab_digest", "created_at", "graded_at", "verdict", "score", "max_score", "page"]

    def get_verdict(self, submission: Submission) -> str | None:
        """The verdict that holds."""
        return submission.verdict or None

    def get_score(self, submission: Submission) -> float | None:
        """Points."""
        return submission.score if submission.verdict else None


class SubmissionStateSerializer(SubmissionSerializer):
    """One submission with its state and its report. They come in the context as `live` and `view`."""

    state = serializers.SerializerMethodField()
    report = serializers.SerializerMethodField()

    class Meta(SubmissionSerializer.Meta):
        fields = [*SubmissionSerializer.Meta.fields, "state", "report"]

    def get_state(self, submission: Submission) -> dict[str, Any]:
        """The words of the page."""
        return LiveSerializer(self.context["live"]).data

    def get_report(self, submission: Submission) -> dict[str, Any] | None:
        """The report; the token that proves a worker's right to send one is no part of it."""
        view: ReportView | None = self.context["view"]
        return view.report.model_dump(mode="json", exclude={"attempt_token"}) if view else None
