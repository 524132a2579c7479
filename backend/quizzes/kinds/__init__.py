"""The kinds of question, each a few pure functions. A new kind is a module here and a line in `KINDS`."""

from backend.quizzes.kinds.base import Answer, Asked, InvalidAnswer, Kind, Raw
from backend.quizzes.kinds.choice import BUG, MULTIPLE, SINGLE
from backend.quizzes.kinds.match import MATCH
from backend.quizzes.kinds.numeric import NUMERIC
from backend.quizzes.kinds.order import ORDER
from backend.quizzes.kinds.text import OUTPUT, SHORT

KINDS: dict[str, Kind] = {kind.name: kind for kind in (SINGLE, MULTIPLE, NUMERIC, SHORT, ORDER, MATCH, OUTPUT, BUG)}

__all__ = ["KINDS", "Answer", "Asked", "InvalidAnswer", "Kind", "Raw"]
