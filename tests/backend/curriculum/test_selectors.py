"""Reads: the right things in order, in a fixed number of queries."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.test import Client

from backend.accounts.models import User
from backend.curriculum import selectors
from backend.curriculum.models import Lab, Lesson, Module, Section, Status
from tests.backend.curriculum.conftest import FIRST, Folder
from tests.factories import LabFactory, LessonFactory, ModuleFactory

pytestmark = pytest.mark.django_db


def test_a_module_with_all_its_contents_in_order(folder: Folder, django_assert_num_queries: object) -> None:
    folder.load()
    with django_assert_num_queries(5):  # type: ignore[operator]
        contents = selectors.module_with_contents("01-first")
        numbers = [[lesson.number for lesson in part.lessons] for part in contents.sections]
        addresses = [lesson.get_absolute_url() for lesson in contents.lessons]
        addresses += [lab.get_absolute_url() for lab in contents.labs]
        addresses += [example.get_absolute_url() for example in contents.examples]
    assert [part.section.title for part in contents.sections] == ["Beginnings", "Ends"]
    assert numbers == [["1.1", "1.2"], ["1.3"]]
    assert [tutorial.slug for tutorial in contents.tutorials] == ["tutorial-1.1-try"]
    assert addresses[-2:] == ["/labs/lab-1.1-add/", "/modules/01-first/code/greet.py"]


def test_ten_times_the_rows_take_the_same_queries(django_assert_num_queries: object) -> None:
    module = ModuleFactory.create()
    section = Section.objects.create(module=module, position=1, title="All")
    LessonFactory.create_batch(40, module=module, section=section)
    LabFactory.create_batch(20, module=module)
    with django_assert_num_queries(5):  # type: ignore[operator]
        contents = selectors.module_with_contents(module.slug)
        assert len(contents.lessons) == 40
        assert {lesson.module.title for lesson in contents.lessons} == {module.title}


def test_neighbours_are_ready_pages_of_the_same_kind_across_modules() -> None:
    first, second = ModuleFactory.create(number=1), ModuleFactory.create(number=2)
    one = LessonFactory.create(module=first, position=1)
    LessonFactory.create(module=first, position=2, status=Status.PLANNED)
    LessonFactory.create(module=first, position=3, retired=True)
    LessonFactory.create(module=first, position=4, kind=Lesson.Kind.TUTORIAL)
    two = LessonFactory.create(module=second, position=1)
    assert selectors.neighbours(one) == (None, two)
    assert selectors.neighbours(two) == (one, None)


def test_tracks_come_with_what_they_take_in_a_fixed_number_of_queries(
    folder: Folder, django_assert_num_queries: object
) -> None:
    folder.load()
    with django_assert_num_queries(6):  # type: ignore[operator]
        track = selectors.tracks()[0]
        parts = [
            (
                part.module.slug,
                [lesson.number for lesson in part.lessons.all()],
                [lesson.number for lesson in part.optional_lessons.all()],
                [lab.number for lab in part.labs.all()],
                part.has_quiz,
            )
            for part in track.modules.all()
        ]
    assert parts == [
        ("01-first", ["1.1", "1.2"], ["1.3"], ["1.1"], True),
        ("02-second", ["2.1"], [], [], False),
    ]
    assert track.pace_plans[0]["periods"] == 1
    assert selectors.track("everything") == track


def test_what_is_retired_is_not_found() -> None:
    lesson = LessonFactory.create(retired=True)
    lab = LabFactory.create(retired=True, module=lesson.module)
    with pytest.raises(Lesson.DoesNotExist):
        selectors.lesson(lesson.slug)
    with pytest.raises(Lab.DoesNotExist):
        selectors.lab(lab.slug)
    with pytest.raises(Lab.DoesNotExist):
        selectors.lab("lab\0")
    contents = selectors.module_with_contents(lesson.module.slug)
    assert not contents.lessons
    assert not contents.labs
    Module.objects.update(retired=True)
    with pytest.raises(Module.DoesNotExist):
        selectors.module_with_contents(lesson.module.slug)
    assert selectors.modules() == []


def test_required_pages_keep_the_order_of_the_lesson() -> None:
    one, two = LessonFactory.create_batch(2)
    assert selectors.lessons_by_slug([two.slug, "gone", one.slug]) == [two, one]


def test_a_missing_content_folder_is_found_by_the_system_check(settings: object, folder: Folder) -> None:
    settings.CONTENT_DIR = folder.root  # type: ignore[attr-defined]
    assert "curriculum.E001" not in [message.id for message in run_checks()]
    settings.CONTENT_DIR = folder.root / FIRST  # type: ignore[attr-defined]
    assert "curriculum.E001" in [message.id for message in run_checks()]


@pytest.mark.parametrize("model", ["lesson", "lab", "module", "question", "questionrevision", "track", "labrevision"])
def test_administrators_look_and_do_not_touch(folder: Folder, admin: User, browser_of: object, model: str) -> None:
    folder.load()
    browser: Client = browser_of(admin)  # type: ignore[operator]
    assert browser.get(f"/admin/curriculum/{model}/").status_code == 200
    assert browser.get(f"/admin/curriculum/{model}/add/").status_code == 403
