"""Labs whose learners write configuration: asking about the parsed file, and reading what its parser said.

    def cases(context):
        return [ask("accepts", "grammar.gbnf", "gbnf", ['{"a": 1}', "[]"])]

    def judge(case, run, context):
        if case.test == "accepts":
            return right() if all(row["accepted"] for row in answers_of(run)) else wrong("A valid text is refused.")

What the parsers give is plain JSON. The forms of documents and questions are in docs/labs.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from grader.checks import Case, Run
from grader.checks.compare import Malformed, json_of
from grader.lab import Format


def document(test: str, file: str, kind: Format, *, expected: Any = None, note: str = "") -> Case:
    """A case that looks at the parsed file."""
    return Case(test, args=[kind, f"/src/{file}"], expected=expected, note=note)


def ask(test: str, file: str, kind: Format, questions: Sequence[Any], *, expected: Any = None, note: str = "") -> Case:
    """A case that puts questions to the parser: strings for a grammar, instances for a schema."""
    asked = json.dumps(list(questions)).encode()
    return Case(test, args=[kind, f"/src/{file}", "questions"], stdin=asked, expected=expected, note=note)


def document_of(run: Run) -> Any:
    """The parsed file of a `document` case.

    Raises:
        Malformed: the parser gave none; the message is for the learner.
    """
    return _member(run, "document")


def answers_of(run: Run) -> list[Any]:
    """One answer for each question of an `ask` case.

    Raises:
        Malformed: the parser gave none; the message is for the learner.
    """
    found = _member(run, "answers")
    if not isinstance(found, list):
        raise Malformed("The parser could not answer.")
    return found


def _member(run: Run, name: str) -> Any:
    if run.exit_code != 0:
        raise Malformed("The parser could not work with this file.")
    answer = json_of(run.stdout)
    if not isinstance(answer, dict) or name not in answer:
        raise Malformed("The parser could not work with this file.")
    return answer[name]
