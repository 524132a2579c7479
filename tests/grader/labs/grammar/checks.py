"""Points drawn afresh, and texts that are nearly points."""

from grader.checks import Case, Context, Judgement, Run, right, wrong
from grader.checks.compare import Malformed
from grader.checks.config import answers_of, ask


def cases(context: Context) -> list[Case]:
    """Ten points, and ten texts that are none."""
    draw = context.rng.randint
    good = ["(0,0)", *(f"({draw(-99, 99)},{draw(-99, 99)})" for _ in range(9))]
    x, y = draw(1, 99), draw(1, 99)
    bad = [
        "",
        f"{x},{y}",
        f"({x},{y}",
        f"({x}, {y})",
        f"(0{x},{y})",
        f"({x};{y})",
        f"(--{x},{y})",
        f"({x},{y}))",
        "(,)",
        "(-0,1)",
    ]
    return [
        ask("takes", "point.gbnf", "gbnf", good, expected=True, note=" ".join(good)),
        ask("refuses", "point.gbnf", "gbnf", bad, expected=False),
    ]


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """All accepted, or all refused."""
    try:
        answers = answers_of(run)
    except Malformed as error:
        return wrong(str(error))
    if all(answer["accepted"] is case.expected for answer in answers):
        return right()
    return wrong("A point is refused." if case.expected else "Something that is no point is taken.")
