"""Loading: files become rows, once; what is gone is retired and comes back; all or nothing."""

from __future__ import annotations

import threading
import time
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from backend.curriculum import selectors
from backend.curriculum.models import (
    ContentState,
    Example,
    Figure,
    Lab,
    LabRevision,
    Lesson,
    Module,
    Question,
    QuestionRevision,
    Section,
    Track,
)
from backend.curriculum.services import load_content
from backend.progress.models import Completion
from tests.backend.curriculum.conftest import FIRST, LESSON, Folder

pytestmark = pytest.mark.django_db


def _writes(queries: CaptureQueriesContext) -> list[str]:
    return [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_the_real_content_loads_in_seconds_and_a_second_time_in_none(capsys: pytest.CaptureFixture[str]) -> None:
    start = time.perf_counter()
    load_content(settings.CONTENT_DIR)
    assert time.perf_counter() - start < 5
    assert Module.objects.filter(retired=False).count() == 9
    assert Lesson.objects.filter(kind=Lesson.Kind.LESSON).count() >= 180
    assert Lesson.objects.filter(status="ready").exclude(body_html="").count() >= 6
    assert Track.objects.count() == 4
    assert not Lesson.objects.filter(body_html__contains="<script").exists()

    with CaptureQueriesContext(connection) as queries:
        start = time.perf_counter()
        assert load_content(settings.CONTENT_DIR).changes is None
        assert time.perf_counter() - start < 1
    assert len(queries) == 1
    assert not _writes(queries)


def test_reading_unchanged_content_again_by_force_writes_nothing(folder: Folder) -> None:
    folder.load()
    with CaptureQueriesContext(connection) as queries:
        changes = load_content(folder.root, force=True).changes
    assert changes is not None
    assert not changes
    assert not _writes(queries)


def test_every_piece_of_the_outline_is_there_with_its_state(folder: Folder) -> None:
    folder.load()
    assert dict(Lesson.objects.values_list("number", "status").filter(kind="lesson")) == {
        "1.1": "ready",
        "1.2": "ready",
        "1.3": "planned",
        "2.1": "planned",
    }
    lesson = selectors.lesson("lesson-1.1-one")
    assert (lesson.title, lesson.minutes, lesson.position) == ("Lesson one", 10, 1)
    assert lesson.section is not None
    assert lesson.section.title == "Beginnings"
    assert lesson.objectives == ["Name it", "Count it", "Use it"]
    assert lesson.source_path == LESSON
    assert 15 < lesson.words < 60
    assert selectors.lesson("lesson-1.3-three").title == "Three"
    module = Module.objects.get(number=1)
    assert module.promised["docs"] == 3
    assert module.mini_project == {"title": "tool", "summary": "Make a tool."}
    assert "What you learn here." in module.body_html
    example = Example.objects.get()
    assert (example.name, example.language, example.summary) == ("greet.py", "python", "Greets whoever is named.")


def test_a_lab_is_ready_with_the_bundle_it_is_graded_with(folder: Folder) -> None:
    folder.load()
    lab = selectors.lab("lab-1.1-add")
    assert (lab.status, lab.title, lab.minutes, lab.max_score) == ("ready", "Add two numbers", 15, 100)
    assert lab.requires == ["lesson-1.1-one"]
    bundle = selectors.lab_bundle(lab.digest)
    assert bundle.slug == lab.slug
    assert b"NotImplementedError" in bundle.starter["add.py"]


def test_a_changed_lab_gets_a_new_revision_and_keeps_the_old_one(folder: Folder) -> None:
    folder.load()
    before = selectors.lab("lab-1.1-add").digest
    folder.change(f"{FIRST}/labs/lab-1.1-add/checks.py", "42", "43")
    folder.load()
    lab = selectors.lab("lab-1.1-add")
    assert lab.digest != before
    assert set(LabRevision.objects.values_list("digest", flat=True)) == {before, lab.digest}
    assert b"42" in selectors.lab_bundle(before).files["checks.py"]


def test_a_lab_without_instructions_is_in_progress(folder: Folder) -> None:
    folder.remove(f"{FIRST}/labs/lab-1.1-add/lab-1.1-add.md")
    folder.load()
    lab = selectors.lab("lab-1.1-add")
    assert (lab.status, lab.digest, lab.title) == ("in_progress", "", "Add")


def test_a_new_title_keeps_the_completion_and_the_row(folder: Folder, learner: User) -> None:
    folder.load()
    lesson = selectors.lesson("lesson-1.1-one")
    Completion.objects.create(learner=learner, lesson=lesson, lesson_digest=lesson.digest)
    folder.change(LESSON, "title: Lesson one", "title: The very first")
    assert folder.load() == "lesson: 1 changed"
    lesson = selectors.lesson("lesson-1.1-one")
    assert lesson.title == "The very first"
    assert learner.completions.get().lesson == lesson
    assert learner.completions.get().lesson_digest == lesson.digest


def test_a_piece_that_leaves_is_retired_and_comes_back_with_its_completion(folder: Folder, learner: User) -> None:
    folder.load()
    entry = '      - {number: "1.3", slug: lesson-1.3-three, title: "Three"}\n'
    lesson = selectors.lesson("lesson-1.3-three")
    Completion.objects.create(learner=learner, lesson=lesson, lesson_digest="")
    folder.change(f"{FIRST}/outline.yml", "  - title: Ends\n    lessons:\n" + entry, "")
    folder.change("curriculum.yml", 'optional_lessons: ["1.3"]', "optional_lessons: []")
    assert "lesson: 1 retired" in folder.load()
    with pytest.raises(Lesson.DoesNotExist):
        selectors.lesson("lesson-1.3-three")
    assert not Section.objects.filter(title="Ends").exists()
    assert learner.completions.count() == 1

    folder.change(f"{FIRST}/outline.yml", "labs:\n", "  - title: Ends\n    lessons:\n" + entry + "labs:\n")
    assert "lesson: 1 brought back" in folder.load()
    assert selectors.lesson("lesson-1.3-three").pk == lesson.pk
    assert learner.completions.get().lesson_id == lesson.pk


def test_a_lesson_whose_file_is_gone_is_planned_again_and_keeps_its_completion(folder: Folder, learner: User) -> None:
    folder.load()
    lesson = Lesson.objects.get(number="1.1", kind="tutorial")
    Completion.objects.create(learner=learner, lesson=lesson, lesson_digest=lesson.digest)
    text = folder.read(f"{FIRST}/tutorials/tutorial-1.1-try.md")
    folder.remove(f"{FIRST}/tutorials/tutorial-1.1-try.md")
    folder.load()
    lesson.refresh_from_db()
    assert (lesson.status, lesson.title, lesson.body_html, lesson.retired) == ("planned", "Try", "", False)
    folder.write(f"{FIRST}/tutorials/tutorial-1.1-try.md", text)
    folder.load()
    lesson.refresh_from_db()
    assert lesson.status == "in_progress"
    assert learner.completions.get().lesson_digest == lesson.digest


def test_a_module_that_leaves_is_retired_with_everything_in_it(folder: Folder) -> None:
    folder.load()
    text = folder.read("curriculum.yml")
    start, end = text.index("  - slug: 02-second"), text.index("tracks:")
    text = text[:start] + text[end:]
    text = text.replace(
        '      - module: 02-second\n        scope: bridge\n        lessons: ["2.1"]\n        labs: []\n', ""
    )
    folder.write("curriculum.yml", text)
    folder.remove("modules/02-second")
    folder.change(
        f"{FIRST}/docs/lesson-1.2-two.md", "[what comes later](../../02-second/docs/lesson-2.1-later.md)", "nothing"
    )
    folder.load()
    assert [module.slug for module in selectors.modules()] == ["01-first"]
    assert Lesson.objects.get(slug="lesson-2.1-later").retired


def test_a_question_keeps_every_wording_and_draws_the_newest(folder: Folder) -> None:
    folder.load()
    old = Question.objects.get(slug="q-single").current
    folder.change(f"{FIRST}/questions.yml", "Which is `right`?", "Which is correct?")
    assert folder.load() == "question revision: 1 added"
    question = Question.objects.get(slug="q-single")
    assert question.current != old
    assert question.current is not None
    assert "correct" in question.current.prompt_html
    assert QuestionRevision.objects.filter(question=question).count() == 2
    folder.change(f"{FIRST}/questions.yml", "Which is correct?", "Which is `right`?")
    folder.load()
    question.refresh_from_db()
    assert question.current == old
    assert selectors.question_count(question.module) == 8


def test_a_question_moved_to_another_lesson_is_the_same_wording(folder: Folder) -> None:
    folder.load()
    folder.change(f"{FIRST}/questions.yml", "difficulty: 3", "difficulty: 2")
    assert folder.load() == "question: 1 changed"


def test_one_fault_and_nothing_is_loaded(folder: Folder) -> None:
    folder.load()
    before = ContentState.objects.get().digest
    folder.change(LESSON, "title: Lesson one", "title: Changed")
    line = folder.change(f"{FIRST}/docs/lesson-1.2-two.md", "minutes: 20", "minutes: soon")
    with pytest.raises(CommandError) as caught:
        call_command("load_content", content=folder.root)
    assert caught.value.returncode == 1
    assert f"{FIRST}/docs/lesson-1.2-two.md:{line}:" in str(caught.value)
    assert "1 fault" in str(caught.value)
    assert selectors.lesson("lesson-1.1-one").title == "Lesson one"
    assert ContentState.objects.get().digest == before


def test_the_command_says_what_changed(folder: Folder) -> None:
    out = StringIO()
    call_command("load_content", content=folder.root, stdout=out)
    assert "lesson: 5 added" in out.getvalue()
    out = StringIO()
    call_command("load_content", content=folder.root, stdout=out)
    assert out.getvalue() == "Content is up to date.\n"


def test_checking_touches_no_table(folder: Folder) -> None:
    out = StringIO()
    with CaptureQueriesContext(connection) as queries:
        call_command("load_content", content=folder.root, check=True, stdout=out)
    assert out.getvalue() == "The content has no faults.\n"
    assert not queries


def test_a_figure_or_program_that_is_gone_leaves_no_row(folder: Folder) -> None:
    folder.write(f"{FIRST}/docs/figures/extra.svg", folder.read(f"{FIRST}/docs/figures/box.svg"))
    folder.load()
    assert Figure.objects.count() == 2
    folder.remove(f"{FIRST}/docs/figures/extra.svg")
    assert folder.load() == "figure: 1 removed"


@pytest.mark.django_db(transaction=True)
def test_two_loads_at_once_end_in_one_set_of_rows(folder: Folder) -> None:
    results: list[object] = []

    def load() -> None:
        try:
            results.append(load_content(folder.root).changes)
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([result for result in results if result is None]) == 3, results
    assert Lesson.objects.count() == 5
    assert Lab.objects.count() == 1
