"""Every kind of fault is found, with file, line and cure; nothing hides another."""

from __future__ import annotations

import re

import pytest

from tests.backend.curriculum.conftest import FIRST, LESSON, Folder

TWO = f"{FIRST}/docs/lesson-1.2-two.md"
OUTLINE = f"{FIRST}/outline.yml"
QUESTIONS = f"{FIRST}/questions.yml"
BOX = f"{FIRST}/docs/figures/box.svg"
LAB = f"{FIRST}/labs/lab-1.1-add"
TWICE = '      - {number: "1.2", slug: lesson-1.2-two, title: "Two"}\n'
GREET = f"{FIRST}/code/greet.py"


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        ("curriculum.yml", "    title: First\n", "", "title.* is missing"),
        ("curriculum.yml", "version: 1\n", "version: 1\nversion: 1\n", "given twice"),
        ("curriculum.yml", "difficulty: Beginner", "difficulty: Beginner\n    colour: red", "colour.* not a known key"),
        ("curriculum.yml", "    number: 1\n", "    number: 3\n", "must start with the number"),
        ("curriculum.yml", 'lessons: ["2.1"]', 'lessons: ["2.7"]', "02-second has no lesson 2.7"),
        ("curriculum.yml", 'labs: ["1.1"]', 'labs: ["1.9"]', "01-first has no lab 1.9"),
        ("curriculum.yml", 'lessons: ["1.1", "1.2"]', 'lessons: ["1.1", 1.2]', "must be text"),
        ("curriculum.yml", "      - module: 02-second", "      - module: 03-third", "no module 03-third"),
        ("curriculum.yml", "periods: {everything: 1}", "periods: {nothing: 1}", "pace plan part-time"),
        ("curriculum.yml", "version: 1", "version: [1", "Not valid YAML"),
        (OUTLINE, "slug: lesson-1.3-three", "slug: lesson-1.4-three", "does not start with lesson-1.3-"),
        (OUTLINE, "labs:\n", TWICE + "labs:\n", "listed twice"),
        (LESSON, "requires: []", "requires: [lesson-9.9-nothing]", "no other piece lesson-9.9-nothing"),
        (LESSON, "  - Use it\n", "", "objectives"),
        (LESSON, "status: ready", "status: done", "status"),
        (LESSON, "summary: What the", "summary: What: the", "Not valid YAML"),
        (LESSON, "---\ntitle", "title", "no front matter"),
        (LESSON, "lesson-1.2-two.md#the", "lesson-1.2-two.md#that", "no heading #that-second-thing"),
        (LESSON, "lesson-1.2-two.md#the-second-thing", "lesson-1.7-seven.md", "no page and no program"),
        (LESSON, "llama.cpp:src/llama.cpp", "llama.cpp:../secret", "not a path in llama.cpp"),
        (LESSON, "llama.cpp:src/llama.cpp", "/etc/passwd", "is not allowed"),
        (LESSON, "llama.cpp:src/llama.cpp", "javascript:alert(1)", "is not allowed"),
        (LESSON, "figures/box.svg", "figures/circle.svg", "no figure"),
        (LESSON, "[A box with a label]", "[]", "no alternative text"),
        (LESSON, "```bash run", "```bash", "does not say how it is checked"),
        (LESSON, "```bash run", "```bash sketch", "sketch without a reason"),
        (LESSON, "```bash run", "```bash runs", "“runs” is not a marker"),
        (LESSON, "```bash run", "  ```bash run", "indented by 2"),
        (LESSON, "```bash run", "```klingon run", "“klingon” is not a language"),
        (LESSON, 'lines="greet"', 'lines="bye"', "no region “bye”"),
        (LESSON, 'include="../code/greet.py"', 'include="../labs/lab-1.1-add/checks.py"', "no program"),
        (LESSON, "## Why it matters", "# Why it matters", "one title"),
        (GREET, "# endregion greet", "# end", "never ends"),
        (GREET, '"""Greets whoever is named. More about it is here."""', "", "does not say what it does"),
        (GREET, "import sys", "import sys as", "Not valid Python"),
        (BOX, "<rect", "<script>alert(1)</script><rect", "no <script>"),
        (BOX, "<rect", '<rect onclick="x()"', "no onclick"),
        (BOX, "<rect", '<image href="https://example.org/x.png"/><rect', "nothing outside itself"),
        (BOX, "<rect", '<rect style="fill:url(//example.org/x)"', "nothing outside itself"),
        (BOX, "/>", ">", "Not valid XML"),
        (BOX, 'viewBox="0 0 120 40"', "", "no size"),
        (f"{LAB}/grading.yml", "points: 40", "points: none", r"stages.tests.0.points"),
        (f"{LAB}/grading.yml", "files: [add.py]", "files: [sub.py]", "cannot be graded.*starter/sub.py"),
        (f"{LAB}/grading.yml", "language: python", "language: cpp", "the outline says python"),
        (QUESTIONS, "lesson: lesson-1.1-one\n  kind: single", "lesson: lesson-9.1-x\n  kind: single", "no lesson"),
        (QUESTIONS, "- id: q-multiple", "- id: q-single", "used twice"),
        (QUESTIONS, "kind: single", "kind: riddle", "0"),
        (QUESTIONS, ', reason: "No: too small."', "", "has no reason"),
        (QUESTIONS, '"The second", correct: true', '"The second", reason: "x"', "0 options are correct"),
        (QUESTIONS, "{id: 3, ", "{id: 9, ", "beyond the program's 3 lines"),
        (QUESTIONS, "  tolerance: 0.001\n", "", "tolerance"),
        (QUESTIONS, "questions/q-numeric.py", "questions/gone.py", "no script code/questions/gone.py"),
        (QUESTIONS, "right: zwei", "right: eins", "given twice"),
        (f"{FIRST}/README.md", "title: First", "title: Other", "differs from “First”"),
    ],
)
def test_a_fault_is_found_at_its_line(folder: Folder, path: str, old: str, new: str, message: str) -> None:
    line = folder.change(path, old, new)
    faults = folder.faults()
    found = [fault for fault in faults if re.search(message, fault.message)]
    assert found, faults
    assert found[0].file == path
    assert abs(found[0].line - line) <= 4 or path.endswith((".yml", ".svg", ".py"))
    assert found[0].cure
    assert len(faults) == 1, faults


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        (f"{FIRST}/docs/lesson-1.9-stray.md", "stray", "does not list this page"),
        (f"{FIRST}/tutorials/tutorial-1.9-stray.md", "stray", "does not list this page"),
        (f"{FIRST}/labs/lab-1.9-stray/grading.yml", "stray", "does not list this lab"),
        ("modules/03-stray/README.md", "stray", "does not list this module"),
        (f"{FIRST}/code/program.exe", "stray", "are not shown"),
        (f"{FIRST}/docs/figures/Bad Name.svg", "<svg/>", "name of a figure"),
        (f"{FIRST}/docs/figures/bomb.svg", '<!DOCTYPE x [<!ENTITY a "b">]><svg viewBox="0 0 1 1"/>', "no DOCTYPE"),
    ],
)
def test_a_file_that_belongs_nowhere_is_found(folder: Folder, path: str, text: str, message: str) -> None:
    folder.write(path, text)
    assert path.startswith(folder.fault(message).file)


@pytest.mark.parametrize("name", ["outline.yml", "README.md"])
def test_a_module_without_its_own_files_is_found(folder: Folder, name: str) -> None:
    folder.remove(f"{FIRST}/{name}")
    assert folder.fault("missing").file == f"{FIRST}/{name}"


def test_exact_lines_in_yaml_markdown_and_code(folder: Folder) -> None:
    in_list = folder.change("curriculum.yml", 'lessons: ["2.1"]', 'lessons: ["2.7"]')
    in_front_matter = folder.change(TWO, "minutes: 20", "minutes: -1")
    in_text = folder.change(LESSON, "lesson-1.2-two.md#the-second-thing", "lesson-1.7-seven.md")
    in_code = folder.change(LESSON, "```python compile", "```python compiled")
    in_prompt = (
        folder.change(QUESTIONS, "prompt: Bring into order.", "prompt: |\n    Bring\n    <u>into</u> order.") + 2
    )
    in_option = folder.change(QUESTIONS, 'text: "The third"', 'text: "[The third](nowhere.md)"')
    in_grading = folder.change(f"{LAB}/grading.yml", "points: 60", "points: -1")
    in_svg = folder.change(BOX, "  <rect", "  <iframe/><rect")
    places = {(fault.file, fault.line) for fault in folder.faults()}
    assert {
        ("curriculum.yml", in_list),
        (TWO, in_front_matter),
        (LESSON, in_text),
        (LESSON, in_code),
        (f"{LAB}/grading.yml", in_grading),
        (BOX, in_svg),
    } <= places
    assert {line for file, line in places if file == QUESTIONS} == {in_option, in_prompt}
    in_question = folder.change(QUESTIONS, "difficulty: 3", "difficulty: 7")
    assert (QUESTIONS, in_question) in {(fault.file, fault.line) for fault in folder.faults()}


def test_a_broken_outline_does_not_hide_faults_elsewhere_nor_cause_more(folder: Folder) -> None:
    folder.change("modules/02-second/outline.yml", "labs: []", "labs: none")
    folder.change(LESSON, "minutes: 10", "minutes: ten")
    assert [(fault.file, fault.line) for fault in folder.faults()] == [
        (LESSON, 8),
        ("modules/02-second/outline.yml", 5),
    ]


def test_a_link_out_of_the_folder_is_refused(folder: Folder) -> None:
    (folder.root / FIRST / "code" / "passwd.py").symlink_to("/etc/passwd")
    assert folder.fault("Links are not allowed").file == f"{FIRST}/code/passwd.py"


def test_an_unclosed_code_block_is_found(folder: Folder) -> None:
    line = folder.append(LESSON, "\n```bash run\nls\n") + 1
    assert folder.fault("never closed").line == line


def test_a_file_that_is_not_text_is_found(folder: Folder) -> None:
    (folder.root / TWO).write_bytes(b"---\ntitle: \xff\n")
    faults = folder.faults()
    assert [(fault.file, fault.line, fault.message) for fault in faults] == [(TWO, 2, "Not UTF-8 text.")]
