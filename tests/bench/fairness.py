"""How long the next person waits while one learner, or a rejudge, has the queue full.

B hands in one submission after the other: first on an idle site, then while A has 200 queued, then while 2,000
rejudges are queued. Waits are from the hand-in to the verdict, in the database. Reported: B's median and p95 under
load divided by idle. The site is a small one: one grading machine with two places, on the bare toolchain.

Usage: python -m tests.bench.fairness [TIMES]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.bench.site import record
from tests.faults.site import labs, site

if TYPE_CHECKING:
    from backend.accounts.models import User
    from backend.curriculum.models import Lab

FLOOD = 200
REJUDGES = 2000
BLOCKS = 8
RIGHT = b"import sys\n\ntotal = 0\nfor word in sys.stdin.read().split():\n    total += int(word)\nprint(total)\n"
# A tenth of a second of work for each of the two tests: something to wait behind.
SOURCE = b"n = 0\nfor i in range(1_500_000):\n    n += i\n" + RIGHT


def main(times: int = 160) -> None:
    """Measure and print."""
    with site(workers=("w1",)) as place:
        (lab,) = labs(1)
        place.wait_until_ready()
        crowd = Crowd(lab)
        crowd.waits(3)
        idle, flood, rejudged = list[float](), list[float](), list[float]()
        for _ in range(BLOCKS):
            # In turns, so that what else the machine does falls on all three alike.
            idle += crowd.waits(times // BLOCKS)
            flood += crowd.waits(times // BLOCKS, keep=crowd.flood)
            crowd.settle()
            rejudged += crowd.waits(times // BLOCKS, keep=crowd.rejudge)
            crowd.settle()
    record(
        "fairness",
        {
            "unit": "s",
            "times": times,
            "idle": shape(idle),
            "flood_of_200": shape(flood),
            "rejudge_of_2000": shape(rejudged),
            "flood_p95_ratio": round(p95(flood) / p95(idle), 2),
            "rejudge_p95_ratio": round(p95(rejudged) / p95(idle), 2),
            "flood_median_ratio": round(statistics.median(flood) / statistics.median(idle), 2),
            "rejudge_median_ratio": round(statistics.median(rejudged) / statistics.median(idle), 2),
            "flood_graded_meanwhile": crowd.done_by_flood,
            "rejudges_done_meanwhile": crowd.done_by_rejudge,
        },
    )


def p95(seconds: Sequence[float]) -> float:
    """Nineteen of twenty waited no longer."""
    return statistics.quantiles(seconds, n=20)[-1]


def shape(seconds: Sequence[float]) -> dict[str, float]:
    """Median and p95."""
    return {"median": round(statistics.median(seconds), 3), "p95": round(p95(seconds), 3)}


def fresh() -> bytes:
    """The program as a text that was never judged."""
    return SOURCE + f"# {uuid4()}\n".encode()


class Crowd:
    """A, who floods; B, who hands in now and then; and the submissions of many that are judged again."""

    def __init__(self, lab: Lab) -> None:
        from tests.factories import UserFactory

        self._lab = lab
        self._a: User = UserFactory.create()
        self._people: list[User] = [UserFactory.create() for _ in range(200)]
        self._past: list[User] = [UserFactory.create() for _ in range(50)]
        self._turn = 0
        self.done_by_flood = 0
        self.done_by_rejudge = 0

    def waits(self, times: int, *, keep: Callable[[], int] | None = None) -> list[float]:
        """B's waits, while `keep` sees to it that the queue stays full and counts what was done of it."""
        found = []
        for _ in range(times):
            if keep is not None:
                keep()
            found.append(self.wait_of_b())
        return found

    def wait_of_b(self) -> float:
        """One hand-in by somebody who has nothing queued, until its verdict."""
        from backend.labs import services
        from backend.labs.models import Submission

        self._turn += 1
        learner = self._people[self._turn % len(self._people)]
        Submission.objects.filter(learner=learner).update(created_at="2026-01-01T00:00:00Z")
        submission = services.submit(learner=learner, lab=self._lab, files={"main.py": fresh()}, key=uuid4())
        while True:
            submission.refresh_from_db()
            if submission.graded_at is not None:
                assert submission.verdict == "accepted", submission.verdict
                # Not in step with what else is going on.
                time.sleep(0.03 * (self._turn % 7))
                return (submission.graded_at - submission.created_at).total_seconds()
            time.sleep(0.01)

    def flood(self) -> int:
        """A has as many queued as the flood has."""
        from backend.labs import services
        from backend.labs.models import Submission

        waiting = Submission.objects.filter(learner=self._a, verdict="").count()
        missing = FLOOD - waiting
        self.done_by_flood += missing if waiting else 0
        self._queue([self._a] * missing)
        services.feed()
        return missing

    def rejudge(self) -> int:
        """As many rejudges are queued as were ordered."""
        from backend.labs import services
        from backend.labs.models import GradeAttempt

        waiting = GradeAttempt.objects.filter(rejudge=True, state__in=["queued", "running"]).count()
        missing = REJUDGES - waiting
        self.done_by_rejudge += missing if waiting else 0
        self._queue([self._past[n % len(self._past)] for n in range(missing)], rejudge=True)
        services.feed()
        return missing

    def settle(self) -> None:
        """What is still queued is taken back, and what runs is done."""
        from backend.labs.models import GradeAttempt, Submission

        alive = GradeAttempt.objects.filter(state__in=["queued", "running"])
        alive.filter(rung_at__isnull=True).delete()
        while alive.exists():
            time.sleep(0.1)
        Submission.objects.filter(learner=self._a, verdict="").delete()
        Submission.objects.filter(learner__in=self._past, attempts__isnull=True).delete()

    def _queue(self, learners: Sequence[Any], *, rejudge: bool = False) -> None:
        """Rows as handing in makes them; the limits on hand-ins would allow no flood."""
        from django.utils import timezone

        from backend.labs.models import GradeAttempt, Submission, SubmissionFile

        judged = {"verdict": "accepted", "graded_at": timezone.now(), "score": 5} if rejudge else {}
        common = {"lab": self._lab, "lab_digest": self._lab.digest, "max_score": 5, **judged}
        made = Submission.objects.bulk_create(
            Submission(learner=learner, idempotency_key=uuid4(), **common) for learner in learners
        )
        SubmissionFile.objects.bulk_create(
            SubmissionFile(submission=submission, name="main.py", content=SOURCE) for submission in made
        )
        GradeAttempt.objects.bulk_create(
            GradeAttempt(submission=submission, number=1, rejudge=rejudge, lab_digest=self._lab.digest)
            for submission in made
        )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
