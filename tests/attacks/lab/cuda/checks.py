"""Sums of random numbers."""

from grader.checks import Case, Context, Judgement, Run, right, wrong
from grader.checks.compare import exited, same_text

NOTES = ["note.txt", "other.txt", "kept/passwd"]
"""Files a program may leave; only its own regular files must ever come back."""
CANARY = "canary-of-the-checks-7f3a"


def cases(context: Context) -> list[Case]:
    """A small sum that is shown, a large one that is not."""
    small = [context.rng.randint(1, 99) for _ in range(5)]
    large = [context.rng.randint(10**9, 10**10) for _ in range(50)]
    return [
        Case(
            "shown",
            stdin=" ".join(map(str, small)).encode(),
            expected=str(sum(small)),
            note=f"The numbers {small}.",
            files_out=NOTES,
        ),
        Case("hidden", stdin=" ".join(map(str, large)).encode(), expected=str(sum(large)), files_out=NOTES),
    ]


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """The sum and nothing else."""
    if any(b"root:" in content or b"LLSYS" in content for content in run.files.values()):
        return wrong("A file of somebody else came back.")
    return exited(run) or same_text(run.stdout, case.expected) or right()
