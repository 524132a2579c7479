"""What every kind of question can do: arrange its choices, read an answer from a form, score it.

Learners and forms name choices by the place they are shown at ("1", "2", ...), never by their ids, so that nothing
about an id can tell what is right. Answers are stored by id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

Raw = Mapping[str, Sequence[str]]
"""Form fields as they came: name -> values."""
Answer = str | list[str] | dict[str, str] | dict[str, int]
"""As stored. A text; ids of choices; choice id -> place from 1 (order); left id -> right id (match)."""

LONGEST_TEXT = 2000


class InvalidAnswer(Exception):
    """The answer cannot be taken as it is. The message says what to change and never depends on what is right."""


@dataclass(frozen=True)
class Asked:
    """A question as one attempt asks it.

    Attributes:
        choices: from the revision, without any hint at what is right.
        key: what is right; stays on the server until the attempt is finished.
        order: ids of the choices (match: of the right side) as shown.
    """

    choices: Any
    key: Mapping[str, Any]
    order: Sequence[str]

    def id_at(self, place: str) -> str:
        """The id of the choice shown at a place.

        Raises:
            InvalidAnswer: nothing is shown there.
        """
        if place.isascii() and place.isdigit() and len(place) < 4 and 1 <= int(place) <= len(self.order):
            return self.order[int(place) - 1]
        raise InvalidAnswer("Choose one of the options that the question offers.")


@dataclass(frozen=True)
class Kind:
    """One kind of question.

    Attributes:
        name: as in the question bank.
        task: what the learner is asked to do.
        control: which form control and which part of the result page show it.
        arrange: ids in the order to show, for a new attempt.
        read: the answer in a form, or None when it is empty; raises InvalidAnswer.
        score: 0 to 1 for an answer; never raises for an answer that `read` gave.
        complete: whether nothing is left open in an answer.
    """

    name: str
    task: str
    control: str
    arrange: Callable[[Any, Random], list[str]]
    read: Callable[[Asked, Raw], Answer | None]
    score: Callable[[Any, Mapping[str, Any]], float]
    complete: Callable[[Asked, Any], bool]


def ids(choices: Sequence[Mapping[str, str]]) -> list[str]:
    """Ids of the choices as listed."""
    return [choice["id"] for choice in choices]


def shuffled(choices: Any, rng: Random) -> list[str]:
    """All choices in random order."""
    order = ids(choices)
    rng.shuffle(order)
    return order


def as_listed(choices: Any, rng: Random) -> list[str]:
    """All choices as the question lists them."""
    return ids(choices)


def nothing_to_arrange(choices: Any, rng: Random) -> list[str]:
    """For questions without choices."""
    return []


def always_complete(asked: Asked, answer: Any) -> bool:
    """For answers of one piece."""
    return True


def text_field(raw: Raw) -> str:
    """The text in the field `answer`.

    Raises:
        InvalidAnswer: too long, or not text.
    """
    values = raw.get("answer", ())
    text = values[-1] if values else ""
    if len(text) > LONGEST_TEXT:
        raise InvalidAnswer(f"Keep the answer under {LONGEST_TEXT} characters.")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidAnswer("The answer contains characters that are not text. Type it again.")
    return text
