"""The format of `questions.yml`: a module's question bank."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field, RootModel, StringConstraints, model_validator

from backend.curriculum.loading.schema import PieceSlug, Strict, Text

_Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)]
_Program = Annotated[str, StringConstraints(min_length=1)]
_Item = TypeVar("_Item")


class Option(Strict):
    """Something to tick, and why that is right or wrong."""

    id: _Id
    text: Text
    correct: bool = False
    reason: Text | None = None


class Line(Strict):
    """A line of a program that may be the faulty one. The id is its number."""

    id: int = Field(ge=1)
    text: Text | None = None
    correct: bool = False
    reason: Text | None = None


class Item(Strict):
    """Something to put in its place."""

    id: _Id
    text: Text


class Pair(Strict):
    """Two things that belong together."""

    left: Text
    right: Text


class Check(Strict):
    """How the checks of the content recompute the answer: a script, by its path in the module's folder."""

    run: Text


class _Question(Strict):
    id: _Id
    category: Literal["concepts", "coding", "system-design", "debugging"]
    difficulty: int = Field(ge=1, le=3)
    lesson: PieceSlug
    prompt: Text
    explanation: Text
    check: Check | None = None
    open_prompt: Text | None = None
    model_answer: Text | None = None
    follow_ups: list[Text] = []
    rubric: list[Text] = Field(default=[], max_length=12)

    @model_validator(mode="after")
    def _open_form_is_whole(self) -> _Question:
        if self.open_prompt is None:
            if self.model_answer is not None or self.follow_ups or self.rubric:
                raise ValueError("model_answer, follow_ups and rubric need an open_prompt")
        elif self.model_answer is None or not self.rubric:
            raise ValueError("an open_prompt needs a model_answer and a rubric")
        return self


def _refuse_twice(values: list[_Item], what: str) -> None:
    twice = [value for value in values if values.count(value) > 1]
    if twice:
        raise ValueError(f"{what} “{twice[0]}” is given twice")


def _need_reasons(options: list[Option] | list[Line]) -> None:
    for option in options:
        if not option.correct and option.reason is None:
            raise ValueError(f"the wrong option “{option.id}” has no reason")


class Choice(_Question):
    """One right option, or several."""

    kind: Literal["single", "multiple"]
    options: list[Option] = Field(min_length=2)

    @model_validator(mode="after")
    def _has_an_answer(self) -> Choice:
        right = sum(option.correct for option in self.options)
        if self.kind == "single" and right != 1:
            raise ValueError(f"{right} options are correct, a single choice needs one")
        if self.kind == "multiple" and right < 1:
            raise ValueError("no option is correct")
        _refuse_twice([option.id for option in self.options], "the option")
        _refuse_twice([option.text for option in self.options], "the option")
        _need_reasons(self.options)
        return self


class Bug(_Question):
    """Pick the faulty line of a program."""

    kind: Literal["bug"]
    program: _Program
    language: Text
    options: list[Line] = Field(min_length=2)

    @model_validator(mode="after")
    def _points_into_the_program(self) -> Bug:
        lines = len(self.program.splitlines())
        for option in self.options:
            if option.id > lines:
                raise ValueError(f"line {option.id} is beyond the program's {lines} lines")
        if sum(option.correct for option in self.options) != 1:
            raise ValueError("exactly one line must be correct, the faulty one")
        _refuse_twice([option.id for option in self.options], "the line")
        _need_reasons(self.options)
        return self


class Numeric(_Question):
    """A number, within a relative tolerance."""

    kind: Literal["numeric"]
    answer: float
    tolerance: float = Field(ge=0, lt=1)
    unit: str = ""


class Short(_Question):
    """A word or two."""

    kind: Literal["short"]
    accepted: list[Text] = Field(min_length=1)
    case_sensitive: bool = False


class Order(_Question):
    """Things to bring into order; the file lists them in the right one."""

    kind: Literal["order"]
    items: list[Item] = Field(min_length=3)

    @model_validator(mode="after")
    def _items_differ(self) -> Order:
        _refuse_twice([item.id for item in self.items], "the item")
        _refuse_twice([item.text for item in self.items], "the item")
        return self


class Match(_Question):
    """Two columns to match."""

    kind: Literal["match"]
    pairs: list[Pair] = Field(min_length=3)

    @model_validator(mode="after")
    def _sides_differ(self) -> Match:
        _refuse_twice([pair.left for pair in self.pairs], "the left side")
        _refuse_twice([pair.right for pair in self.pairs], "the right side")
        return self


class Output(_Question):
    """Predict what a program prints."""

    kind: Literal["output"]
    program: _Program
    language: Text
    accepted: list[Text] = Field(min_length=1)


AnyQuestion = Annotated[Choice | Bug | Numeric | Short | Order | Match | Output, Field(discriminator="kind")]


class QuestionsFile(RootModel[list[AnyQuestion]]):
    """`questions.yml`."""
