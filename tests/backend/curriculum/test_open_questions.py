"""The open form of a question: what interview practice asks, and apart from it what a good answer has."""

from __future__ import annotations

import pytest

from backend.curriculum.models import OpenQuestionRevision, Question
from tests.backend.curriculum.conftest import FIRST, Folder

pytestmark = pytest.mark.django_db
_QUESTIONS = f"{FIRST}/questions.yml"


def test_an_open_form_is_stored_rendered_and_apart_from_the_closed_one(folder: Folder) -> None:
    folder.load()
    question = Question.objects.get(slug="q-bug")
    form = question.open
    assert form is not None
    assert form.prompt_html == "<p>What else could go wrong?</p>"
    assert form.model_answer_html == "<p>Nothing.</p>"
    assert form.follow_ups == ["And then?"]
    assert form.rubric == ["Says that <em>nothing</em> is left", "Runs it"]
    assert Question.objects.exclude(open=None).count() == 1


def test_a_new_model_answer_is_a_new_wording_and_the_old_one_stays(folder: Folder) -> None:
    folder.load()
    before = Question.objects.get(slug="q-bug")
    folder.change(_QUESTIONS, "model_answer: Nothing.", "model_answer: Very little.")
    folder.load()
    after = Question.objects.get(slug="q-bug")
    assert after.open_id != before.open_id
    assert after.current_id == before.current_id
    assert OpenQuestionRevision.objects.filter(question=after).count() == 2


def test_a_question_that_loses_its_open_form_is_no_longer_asked_in_practice(folder: Folder) -> None:
    folder.load()
    folder.change(_QUESTIONS, "  open_prompt: What else could go wrong?\n", "")
    folder.change(_QUESTIONS, "  model_answer: Nothing.\n", "")
    folder.change(_QUESTIONS, "  follow_ups: [And then?]\n", "")
    folder.change(_QUESTIONS, '  rubric: ["Says that *nothing* is left", "Runs it"]\n', "")
    folder.load()
    assert Question.objects.get(slug="q-bug").open is None
    assert OpenQuestionRevision.objects.count() == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("  model_answer: Nothing.\n", "an open_prompt needs a model_answer and a rubric"),
        ("  open_prompt: What else could go wrong?\n", "model_answer, follow_ups and rubric need an open_prompt"),
    ],
)
def test_half_an_open_form_is_a_fault(folder: Folder, line: str, message: str) -> None:
    folder.change(_QUESTIONS, line, "")
    folder.fault(message)
