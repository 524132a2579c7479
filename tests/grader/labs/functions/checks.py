"""Calls with answers computed here."""

import math
import random

from grader.checks import Case, Context, Judgement, Run
from grader.checks.functions import Array, Call, calls, judge_calls


def softmax(row: list[float]) -> tuple[float, ...]:
    """What the function must give."""
    top = max(row)
    parts = [math.exp(value - top) for value in row]
    return tuple(part / sum(parts) for part in parts)


def on(row: list[float]) -> Call:
    """A call with its answer."""
    array = Array("f8", (len(row),), tuple(row))
    return Call("softmax", (array,), expected=Array("f8", (len(row),), softmax(row)))


def cases(context: Context) -> list[Case]:
    """Small, large, empty."""
    draw: random.Random = context.rng
    small = [draw.uniform(-3, 3) for _ in range(5)]
    large = [draw.uniform(900, 5000) for _ in range(8)]
    words = [draw.choice(("one", "two", "three")) for _ in range(9)]
    return [
        calls(
            "words",
            [Call("count_words", (" ".join(words),), expected={word: words.count(word) for word in set(words)})],
        ),
        calls("softmax", [on(small)]),
        calls("large", [on(large)]),
        calls("empty", [Call("softmax", (Array("f8", (0,), ()),), raises="ValueError")]),
    ]


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """Each call as expected."""
    return judge_calls(case, run)
