"""Looks at the instructions of a Dockerfile."""

from grader.checks import Case, Context, Judgement, Run, right, wrong
from grader.checks.compare import Malformed
from grader.checks.config import document, document_of


def cases(context: Context) -> list[Case]:
    """The same file for both."""
    return [document(test, "Dockerfile", "dockerfile") for test in ("stages", "user")]


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """Stages and the last stage's user."""
    try:
        rows = document_of(run)
    except Malformed as error:
        return wrong(str(error))
    stages = [row for row in rows if row["instruction"] == "FROM"]
    if case.test == "stages":
        copied = any(flag.startswith("--from=") for row in rows for flag in row["flags"])
        return (
            right() if len(stages) == 2 and copied else wrong("There are not two stages, one copying from the other.")
        )
    last = rows[rows.index(stages[-1]) :]
    users = [row["value"][0] for row in last if row["instruction"] == "USER"]
    return right() if users and users[-1] not in ("root", "0") else wrong("The last stage runs as root.")
