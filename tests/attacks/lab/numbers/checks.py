"""Halves of random numbers, compared with a tolerance."""

from grader.checks import Case, Context, Judgement, Run, right
from grader.checks.compare import close_numbers, exited


def cases(context: Context) -> list[Case]:
    """Three numbers that are shown, forty that are not."""
    found = []
    for test, count in (("shown", 3), ("hidden", 40)):
        numbers = [context.rng.uniform(1, 1000) for _ in range(count)]
        text = " ".join(map(repr, numbers)).encode()
        found.append(Case(test, stdin=text, expected=[number / 2 for number in numbers], note=f"Numbers {numbers}."))
    return found


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """As many numbers, each close."""
    return exited(run) or close_numbers(run.stdout, case.expected) or right()
