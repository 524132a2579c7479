"""`manage.py content_status`: what is promised, what is there."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from backend.curriculum.status import Count, content_status
from tests.backend.curriculum.conftest import FIRST, LESSON, Folder


def counts(folder: Folder, number: int = 1) -> dict[str, Count]:
    """Of one module, by kind."""
    (status,) = (status for status in content_status(folder.root) if status.number == number)
    return {count.kind: count for count in status.counts}


def said(folder: Folder, *words: str) -> str:
    out = StringIO()
    call_command("content_status", *words, content=folder.root, stdout=out)
    return out.getvalue()


def test_what_is_ready_begun_and_missing_is_counted_from_the_files(folder: Folder) -> None:
    before = counts(folder)
    assert (before["docs"].promised, before["docs"].ready) == (3, 2)
    assert before["docs"].missing == ("lesson-1.3-three",)
    assert (before["labs"].ready, before["tutorials"].ready, before["code"].ready) == (1, 0, 1)
    assert before["questions"].ready == 8
    folder.change(LESSON, "status: ready", "status: in_progress")
    folder.remove(f"{FIRST}/code/greet.py")
    after = counts(folder)
    assert (after["docs"].ready, after["docs"].in_progress) == (1, 1)
    assert "lesson-1.1-one" in after["docs"].missing
    assert after["code"].ready == 0


def test_languages_categories_and_the_library_are_counted_where_they_are_promised(folder: Folder) -> None:
    folder.change(
        "curriculum.yml",
        "    promised: {docs: 3, code: 1, labs: 1, tutorials: 1, questions: 7}\n",
        "    promised: {docs: 3, code: 1, labs: 1, tutorials: 1, questions: 7}\n"
        "    promised_kinds: {python: 1, cuda: 2, coding: 50}\n",
    )
    folder.change(
        "curriculum.yml", "modules:\n  - slug: 01-first", "promised_library: {paper: 1}\nmodules:\n  - slug: 01-first"
    )
    found = counts(folder)
    assert (found["python"].part_of, found["python"].holds) == ("code", True)
    assert not found["cuda"].holds
    assert not found["coding"].holds
    assert "design" not in found
    assert (counts(folder, 0)["paper"].promised, counts(folder, 0)["paper"].ready) == (1, 0)


def test_it_reads_well_and_says_what_is_missing_by_name(folder: Folder) -> None:
    table = said(folder, "--module=1", "--missing")
    assert "Module 1: First  not yet as promised" in table
    assert "      - lesson-1.3-three" in table
    assert "Second" not in table
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines() if line.startswith("  ")}
    assert rows["docs"] == ["3", "2", "1"]
    assert rows["labs"] == ["1", "1"]


def test_promises_that_are_not_kept_fail_only_where_that_is_asked_for(folder: Folder) -> None:
    assert said(folder)
    with pytest.raises(CommandError, match="not kept: First"):
        said(folder, "--require", "--module=1")
    folder.change("curriculum.yml", "docs: 3,", "docs: 2,")
    folder.change("curriculum.yml", "tutorials: 1,", "tutorials: 0,")
    assert "First  as promised" in said(folder, "--require", "--module=1")


def test_programs_get_the_same_numbers(folder: Folder) -> None:
    rows: list[dict[str, Any]] = json.loads(said(folder, "--json"))
    assert [row["number"] for row in rows] == [1, 2, 0]
    docs = rows[0]["counts"][0]
    assert (docs["kind"], docs["promised"], docs["ready"], rows[0]["holds"]) == ("docs", 3, 2, False)


def test_a_module_that_does_not_exist_and_a_folder_that_cannot_be_read_are_errors(folder: Folder) -> None:
    with pytest.raises(CommandError, match="There are 1, 2"):
        said(folder, "--module=7")
    folder.write("curriculum.yml", "modules: 3\n")
    with pytest.raises(CommandError, match=r"curriculum\.yml"):
        said(folder)


def test_the_real_curriculum_promises_what_its_tables_do() -> None:
    found = {
        status.number: {count.kind: count.promised for count in status.counts}
        for status in content_status(settings.CONTENT_DIR)
    }
    modules = [found[number] for number in range(1, 10)]
    assert [sum(module[kind] for module in modules) for kind in ("docs", "code", "labs", "tutorials", "questions")] == [
        *(183, 142, 50, 50, 220)
    ]
    assert found[0] == {"paper": 15, "project": 20}
    for module in modules:
        assert sum(module[kind] for kind in ("system-design", "coding", "concepts", "debugging")) == module["questions"]
