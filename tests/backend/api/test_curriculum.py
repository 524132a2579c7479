"""Modules and tracks, for everybody."""

from __future__ import annotations

import pytest
from django.test import Client

from backend.curriculum.models import ContentState, Example, Lesson, Module, Section, Status, TrackModule
from tests.backend.api.conftest import QueriesOf
from tests.factories import LabFactory, LessonFactory, ModuleFactory, TrackFactory

pytestmark = pytest.mark.django_db


def test_a_visitor_gets_the_modules_in_order(client: Client) -> None:
    ModuleFactory.create(number=2, title="Second", status=Status.PLANNED)
    ModuleFactory.create(number=1, title="First")
    ModuleFactory.create(number=3, title="Gone", retired=True)
    modules = client.get("/api/v1/modules/").json()["results"]
    assert [(row["number"], row["title"], row["status"]) for row in modules] == [
        (1, "First", "ready"),
        (2, "Second", "planned"),
    ]
    assert modules[0]["page"] == "/modules/01-module/"


def test_a_module_lists_its_pieces_with_how_far_each_is(client: Client) -> None:
    module = ModuleFactory.create()
    section = Section.objects.create(module=module, position=1, title="Basics")
    LessonFactory.create(module=module, section=section, slug="why", body_html="<p>the body</p>")
    LessonFactory.create(module=module, section=section, slug="later", status=Status.PLANNED)
    LessonFactory.create(module=module, slug="by-hand", kind=Lesson.Kind.TUTORIAL, status=Status.IN_PROGRESS)
    LabFactory.create(module=module, slug="lab-one", instructions_html="<p>the instructions</p>")
    Example.objects.create(module=module, name="a.cpp", language="cpp", source="the source", source_html="", digest="")
    answer = client.get(f"/api/v1/modules/{module.slug}/")
    document = answer.json()
    (basics,) = document["sections"]
    assert [(row["slug"], row["status"]) for row in basics["lessons"]] == [("why", "ready"), ("later", "planned")]
    assert [(row["slug"], row["status"]) for row in document["tutorials"]] == [("by-hand", "in_progress")]
    assert [(row["slug"], row["page"]) for row in document["labs"]] == [("lab-one", "/labs/lab-one/")]
    assert [row["name"] for row in document["examples"]] == ["a.cpp"]
    assert document["title"] == module.title
    assert "the body" not in (text := answer.content.decode())
    assert "the source" not in text
    assert "the instructions" not in text


def test_unknown_and_retired_modules_and_addresses_are_a_404_in_json(client: Client) -> None:
    ModuleFactory.create(slug="gone", retired=True)
    for address in ("modules/none/", "modules/gone/", "nothing/", "", "labs/x/y/z/"):
        answer = client.get(f"/api/v1/{address}")
        assert answer.status_code == 404, address
        assert answer.json() == {"error": {"code": "not_found", "message": "Not found."}}


def test_a_visitor_gets_the_tracks_with_what_they_take(client: Client) -> None:
    track = TrackFactory.create(slug="local", outcomes=["Runs a model."])
    TrackFactory.create(retired=True)
    share = TrackModule.objects.create(track=track, module=ModuleFactory.create(number=4), scope="bridge")
    share.lessons.add(LessonFactory.create(module=share.module, slug="why"))
    share.labs.add(LabFactory.create(module=share.module, slug="lab-one"))
    (row,) = client.get("/api/v1/tracks/").json()["results"]
    assert (row["slug"], row["outcomes"], row["page"]) == ("local", ["Runs a model."], "/tracks/local/")
    assert row["modules"] == [
        {
            "slug": share.module.slug,
            "number": 4,
            "title": "Module 4",
            "scope": "bridge",
            "quiz_required": False,
            "lessons": ["why"],
            "labs": ["lab-one"],
        }
    ]


def grow(pieces: int) -> None:
    """Rows in every list that a visitor can ask for."""
    for _ in range(pieces):
        module = ModuleFactory.create()
        share = TrackModule.objects.create(track=TrackFactory.create(), module=module, scope="full")
        share.lessons.set(LessonFactory.create_batch(2, module=module))
        share.labs.set(LabFactory.create_batch(2, module=module))


def fill(module: Module, pieces: int) -> None:
    """Pieces of every kind."""
    section = Section.objects.create(module=module, position=Section.objects.count(), title="Basics")
    LessonFactory.create_batch(pieces, module=module, section=section)
    LessonFactory.create_batch(pieces, module=module, kind=Lesson.Kind.TUTORIAL)
    LabFactory.create_batch(pieces, module=module)


def test_the_number_of_queries_for_modules_does_not_grow(client: Client, queries_of: QueriesOf) -> None:
    few: list[int] = []
    many: list[int] = []
    for numbers, pieces in ((few, 1), (many, 10)):
        grow(pieces)
        module = ModuleFactory.create()
        fill(module, pieces)
        numbers += [queries_of(client, address) for address in ("modules/", f"modules/{module.slug}/")]
    assert few == many
    assert max(many) <= 5


def test_tracks_are_read_once_for_each_state_of_the_content(client: Client, queries_of: QueriesOf) -> None:
    for pieces, digest in ((1, "one"), (10, "two")):
        grow(pieces)
        ContentState.objects.update_or_create(singleton=True, defaults={"digest": digest})
        client.get("/api/v1/tracks/")
        assert queries_of(client, "tracks/") == 2
