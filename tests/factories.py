"""Rows for tests, each valid by itself."""

from __future__ import annotations

from typing import Any

import factory
from factory.django import DjangoModelFactory

from backend.accounts.models import User
from backend.curriculum import models as curriculum


class UserFactory(DjangoModelFactory[User]):
    """A learner."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person-{n}@example.org")
    display_name = factory.Sequence(lambda n: f"Person {n}")


class ModuleFactory(DjangoModelFactory[curriculum.Module]):
    """A ready module."""

    class Meta:
        model = curriculum.Module

    number = factory.Sequence(lambda n: n + 1)
    slug = factory.LazyAttribute(lambda o: f"{o.number:02d}-module")
    title = factory.LazyAttribute(lambda o: f"Module {o.number}")
    summary = "What it is about."
    difficulty = "Beginner"
    hours_low = 10
    hours_high = 12
    status = curriculum.Status.READY


class LessonFactory(DjangoModelFactory[curriculum.Lesson]):
    """A ready lesson."""

    class Meta:
        model = curriculum.Lesson

    module = factory.SubFactory(ModuleFactory)
    kind = curriculum.Lesson.Kind.LESSON
    position = factory.Sequence(lambda n: n + 1)
    number = factory.LazyAttribute(lambda o: f"{o.module.number}.{o.position}")
    slug = factory.Sequence(lambda n: f"lesson-{n}")
    title = factory.Sequence(lambda n: f"Lesson {n}")
    summary = "One question, answered."
    minutes = 20
    status = curriculum.Status.READY
    body_html = "<h2 id='why'>Why</h2><p>Because.</p>"
    digest = "a" * 64


class LabFactory(DjangoModelFactory[curriculum.Lab]):
    """A ready lab without a bundle."""

    class Meta:
        model = curriculum.Lab

    module = factory.SubFactory(ModuleFactory)
    position = factory.Sequence(lambda n: n + 1)
    number = factory.LazyAttribute(lambda o: f"{o.module.number}.{o.position}")
    slug = factory.Sequence(lambda n: f"lab-{n}")
    title = factory.Sequence(lambda n: f"Lab {n}")
    language = "cpp"
    status = curriculum.Status.READY
    max_score = 100


class TrackFactory(DjangoModelFactory[curriculum.Track]):
    """A track without modules."""

    class Meta:
        model = curriculum.Track

    slug = factory.Sequence(lambda n: f"track-{n}")
    position = factory.Sequence(lambda n: n)
    title = factory.Sequence(lambda n: f"Track {n}")
    audience = "Engineers."
    summary = "A way through."
    hours_low = 80
    hours_high = 100


class QuestionFactory(DjangoModelFactory[curriculum.Question]):
    """A question with one wording: `QuestionFactory.create(kind="order", choices=[...], key={...})`."""

    class Meta:
        model = curriculum.Question

    module = factory.SubFactory(ModuleFactory)
    slug = factory.Sequence(lambda n: f"question-{n}")
    position = factory.Sequence(lambda n: n + 1)
    category = "concepts"
    difficulty = 1
    kind = "single"

    @classmethod
    def _create(cls, model_class: type[curriculum.Question], *args: Any, **fields: Any) -> curriculum.Question:
        names = ("right", "wrong-1", "wrong-2", "wrong-3")
        wording = {
            "choices": fields.pop("choices", [{"id": name, "html": f"<p>Option {name[-1]}</p>"} for name in names]),
            "key": fields.pop("key", {"correct": ["right"], "reasons": {"wrong-1": "<p>The reason why not.</p>"}}),
            "prompt_html": fields.pop("prompt_html", "<p>Which one?</p>"),
            "explanation_html": fields.pop("explanation_html", "<p>The explanation.</p>"),
        }
        question = model_class.objects.create(**fields)
        question.current = curriculum.QuestionRevision.objects.create(
            question=question, digest="a" * 64, kind=question.kind, **wording
        )
        question.save(update_fields=["current"])
        return question
