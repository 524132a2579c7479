"""The answers of a question bank, recomputed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from backend.curriculum.faults import Faults
from backend.curriculum.loading import yaml_source
from backend.curriculum.loading.questions import AnyQuestion, Bug, Numeric, Output, QuestionsFile
from tests.content.blocks import Desk
from tests.content.pages import name_of

SECONDS = 60.0


def check_answers(bank: Path, at: Desk, faults: Faults) -> int:
    """Recompute every numeric, `bug` and `output` answer; tells how many. Scripts run in the module's folder."""
    file = name_of(bank)
    source = yaml_source.parse(bank.read_text(encoding="utf-8"), file, faults)
    questions = None if source is None else yaml_source.validate(QuestionsFile, source, faults)
    if source is None or questions is None:
        return 0
    computed = 0
    for index, question in enumerate(questions.root):
        if not isinstance(question, Output | Numeric | Bug):
            if question.check is not None:
                line, cure = source.line([index, "check"]), "Take the check away."
                faults.add(file, line, f"{question.id}: nothing recomputes a {question.kind} answer.", cure)
            continue
        computed += 1
        problem = _problem(question, at)
        if problem is not None:
            faults.add(file, source.line([index, "id"]), f"{question.id}: {problem}", "Correct answer or check.")
    return computed


def _problem(question: Output | Numeric | Bug, at: Desk) -> str | None:
    if isinstance(question, Output):
        outcome = at.run(question.language, question.program, SECONDS)
    elif question.check is None:
        return "it has no check that recomputes the answer."
    else:
        outcome = at.start(["python", question.check.run], SECONDS)
    printed = outcome.text.strip()
    if outcome.status != 0:
        return f"its program ends with status {outcome.status} and prints {printed}"
    if _agrees(question, printed):
        return None
    return f"the answer given is {_given(question)}, the one computed {printed}."


def _given(question: AnyQuestion) -> str:
    if isinstance(question, Numeric):
        return str(question.answer)
    if isinstance(question, Bug):
        return str(next(option.id for option in question.options if option.correct))
    return question.accepted[0].strip() if isinstance(question, Output) else ""


def _agrees(question: Output | Numeric | Bug, printed: str) -> bool:
    """A number has to be the computed one, rounded to the places that are given."""
    if not isinstance(question, Numeric):
        return printed == _given(question)
    places = -int(Decimal(str(question.answer)).as_tuple().exponent)
    try:
        return abs(float(printed) - question.answer) <= 0.5000001 * 10**-places
    except ValueError:
        return False
