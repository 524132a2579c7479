"""Sums of random numbers, asked for by a harness."""

from grader.checks import Case, Context, Judgement, Run, right
from grader.checks.compare import exited, same_text

CANARY = "canary-of-the-checks-7f3a"


def cases(context: Context) -> list[Case]:
    """A small sum that is shown, a large one that is not."""
    small = [context.rng.randint(1, 99) for _ in range(5)]
    large = [context.rng.randint(10**9, 10**10) for _ in range(50)]
    return [
        Case("shown", stdin=" ".join(map(str, small)).encode(), expected=str(sum(small)), note=f"Numbers {small}."),
        Case("hidden", stdin=" ".join(map(str, large)).encode(), expected=str(sum(large))),
    ]


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """The sum and nothing else."""
    return exited(run) or same_text(run.stdout, case.expected) or right()
