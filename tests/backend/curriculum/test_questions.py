"""Questions: what a learner gets says nothing about what is right."""

from __future__ import annotations

import json

import pytest
from django.db.models import F

from backend.curriculum.models import Question, QuestionRevision
from backend.quizzes.kinds import KINDS
from tests.backend.curriculum.conftest import FIRST, Folder

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(folder: Folder) -> dict[str, QuestionRevision]:
    """Slug -> current revision."""
    folder.load()
    rows = QuestionRevision.objects.select_related("question").filter(question__current=F("pk"))
    return {revision.question.slug: revision for revision in rows}


def test_choices_hold_ids_and_html_and_nothing_else(bank: dict[str, QuestionRevision]) -> None:
    for slug, revision in bank.items():
        listed = revision.choices
        columns = [listed["left"], listed["right"]] if slug == "q-match" else [listed]
        for column in columns:
            assert all(set(choice) == {"id", "html"} for choice in column)
        shown = json.dumps([revision.prompt_html, revision.choices])
        for secret in ("correct", "reason", "too small", "3584", "llama_decode", 'zwei": ', "six"):
            assert secret not in shown, (slug, secret)


def test_ids_do_not_tell_what_the_file_called_them(bank: dict[str, QuestionRevision]) -> None:
    for slug in ("q-single", "q-multiple", "q-order"):
        assert all(len(choice["id"]) == 12 for choice in bank[slug].choices)
    order = bank["q-order"]
    right = order.key["order"]
    assert [choice["id"] for choice in order.choices] == sorted(right) != right
    by_id = {choice["id"]: choice["html"] for choice in order.choices}
    assert [by_id[name] for name in right] == ["load", "decode", "sample", "print"]


def test_keys_say_what_is_right_and_why(bank: dict[str, QuestionRevision]) -> None:
    single = bank["q-single"]
    by_html = {choice["html"]: choice["id"] for choice in single.choices}
    assert list(by_html) == ["The <code>&lt;first&gt;</code>", "The second", "The third"]
    assert single.key["correct"] == [by_html["The second"]]
    assert single.key["reasons"][by_html["The third"]] == "No: too large."
    assert len(bank["q-multiple"].key["correct"]) == 2
    assert bank["q-numeric"].key == {"answer": 3584, "tolerance": 0.001, "unit": "MiB"}
    assert bank["q-short"].key == {"accepted": ["llama_decode", "llama_decode()"], "case_sensitive": False}
    assert bank["q-output"].key == {"accepted": ["6"], "case_sensitive": True}
    match = bank["q-match"]
    left = {choice["id"]: choice["html"] for choice in match.choices["left"]}
    right = {choice["id"]: choice["html"] for choice in match.choices["right"]}
    pairs = {left[one]: right[other] for one, other in match.key["pairs"].items()}
    assert pairs == {"one": "eins", "two": "zwei", "three": "drei"}
    assert not set(left) & set(right)


def test_a_faulty_line_is_picked_by_its_number(bank: dict[str, QuestionRevision]) -> None:
    bug = bank["q-bug"]
    assert [choice["id"] for choice in bug.choices] == ["1", "2", "3"]
    assert bug.choices[1]["html"] == "<code>b = a + &quot;1&quot;</code>"
    assert bug.key["correct"] == ["2"]
    assert 'class="lineno" aria-hidden="true">2</span>' in bug.prompt_html
    assert "print" in bank["q-output"].prompt_html


def test_every_kind_is_one_that_a_quiz_can_ask(bank: dict[str, QuestionRevision]) -> None:
    assert {question.kind for question in Question.objects.all()} == set(KINDS)


def test_a_quoted_answer_with_markup_is_shown_as_text(folder: Folder) -> None:
    folder.change(f"{FIRST}/questions.yml", '"The `<first>`"', '"`<img src=x onerror=alert(1)>` & `<b>`"')
    folder.load()
    html = QuestionRevision.objects.get(question__slug="q-single").choices[0]["html"]
    assert "<img" not in html
    assert "<code>&lt;b&gt;</code>" in html
