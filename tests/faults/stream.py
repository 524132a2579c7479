"""Submissions that flow through the stack while it is broken, and what became of each."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from tests.faults.worker import POISON

if TYPE_CHECKING:
    from backend.curriculum.models import Lab

AT_A_TIME = 4
_RIGHT = b"import sys\n\ntotal = 0\nfor word in sys.stdin.read().split():\n    total += int(word)\nprint(total)\n"
_SOURCES = {
    "accepted": _RIGHT,
    "wrong_answer": b"print(0)\n",
    "runtime_error": b"raise ValueError('no')\n",
}


@dataclass
class Sent:
    """One submission, and the verdict that it deserves."""

    pk: UUID
    deserves: str
    at: float


class Stream:
    """Keeps a few submissions under way, each of a learner of its own.

    Handing in is tried again under the same key until it succeeds, as a browser would.
    """

    def __init__(self, labs: list[Lab], draw: random.Random) -> None:
        from tests.factories import UserFactory

        self._labs = labs
        self._draw = draw
        self._learners: list[Any] = [UserFactory.create() for _ in range(400)]
        self._pending: dict[UUID, Sent] = {}
        self.sent: list[Sent] = []
        self.poisonous: set[UUID] = set()
        self.refused_for_a_moment = 0

    def pump(self) -> None:
        """Hand in until as many are under way as should be; skips a turn when the database is away."""
        from django.db import DatabaseError, InterfaceError, connection

        try:
            self._look()
            while len(self._pending) < AT_A_TIME:
                self.hand_in()
        except (DatabaseError, InterfaceError):
            self.refused_for_a_moment += 1
            connection.close()

    def hand_in(self, *, poison: bool = False, lab: Lab | None = None) -> Sent:
        """One submission more.

        Raises:
            DatabaseError: the database is away, and stays away for ten seconds.
        """
        from django.db import DatabaseError, InterfaceError, connection

        from backend.labs import services

        deserves = self._draw.choice(list(_SOURCES))
        pause = f"import time\ntime.sleep({self._draw.choice([0, 0, 0.2, 0.6, 1.2])})\n".encode()
        # No two are alike: the verdict of files that were judged already would be taken over.
        source = pause + _SOURCES[deserves] + (POISON if poison else b"") + f"# {uuid4()}\n".encode()
        learner, lab, key = self._draw.choice(self._learners), lab or self._draw.choice(self._labs), uuid4()
        for trial in range(50):
            try:
                submission = services.submit(learner=learner, lab=lab, files={"main.py": source}, key=key)
                break
            except services.RateLimited:
                learner = self._draw.choice(self._learners)
            except (DatabaseError, InterfaceError):
                self.refused_for_a_moment += 1
                connection.close()
                if trial == 49:
                    raise
                time.sleep(0.2)
        sent = Sent(submission.pk, "grader_error" if poison else deserves, time.time())
        self.sent.append(sent)
        if poison:
            self.poisonous.add(sent.pk)
        else:
            self._pending[sent.pk] = sent
        return sent

    def under_way(self) -> set[UUID]:
        """Submissions without a verdict, as of the last look; a poisonous one is not among them."""
        return set(self._pending)

    def _look(self) -> None:
        from backend.labs.models import Submission

        done = Submission.objects.filter(pk__in=list(self._pending)).exclude(verdict="").values_list("pk", flat=True)
        for pk in done:
            del self._pending[pk]

    def wait(self, wanted: set[UUID], seconds: float) -> bool:
        """Go on until these have a verdict; False when some have none after `seconds`."""
        deadline = time.monotonic() + seconds
        while wanted & set(self._pending):
            if time.monotonic() > deadline:
                return False
            self.pump()
            time.sleep(0.05)
        return True


def timestamp(moment: datetime | None) -> float:
    """A moment of the database as Unix time; infinite when it has not come."""
    return moment.timestamp() if moment is not None else float("inf")
