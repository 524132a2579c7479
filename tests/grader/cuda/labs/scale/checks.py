"""Scaled vectors."""

from grader.checks import Case, Context, Judgement, Run, right, wrong
from grader.checks.compare import exited, same_text


def cases(context: Context) -> list[Case]:
    """Lengths that do and do not fill the last block."""
    rng = context.rng
    found = []
    for test, lengths in (("small", (1, 100)), ("large", (1000, 257)), ("coalesced", (1024,))):
        for length in lengths:
            numbers = [rng.randint(-50, 50) for _ in range(length)]
            factor = rng.randint(2, 9)
            expected = " ".join(str(factor * number) for number in numbers)
            text = f"{length} {factor} " + " ".join(map(str, numbers))
            found.append(Case(test, stdin=text.encode(), expected=expected, note=f"{length} numbers"))
    return found


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """The products, and for one test how they were reached."""
    if (fault := exited(run) or same_text(run.stdout, case.expected)) is not None:
        return fault
    if case.test != "coalesced":
        return right()
    if not run.traced:
        return wrong("The kernel could not be watched.")
    requests = sum(kernel.requests for kernel in run.kernels)
    wasted = sum(kernel.sectors for kernel in run.kernels) - sum(kernel.ideal_sectors for kernel in run.kernels)
    if requests == 0 or wasted > requests:
        return wrong(f"{wasted} sectors more than needed.")
    return right()
