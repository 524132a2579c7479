"""Which grading machines are there, and what they say of themselves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from backend.labs import grading_side
from grader.contract import GRADE_QUEUES, WorkerStatus

FRESH_SECONDS = 30
"""Workers renew their status every five seconds; one that is older is gone."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The grading machines that are alive."""

    workers: Sequence[WorkerStatus]
    reachable: bool = True

    def has(self, queue: str) -> bool:
        """Whether a machine for this queue is there at all, be it of another version or not ready yet."""
        taken = any(GRADE_QUEUES[queue] in worker.queues for worker in self.workers)
        return taken or any(_same_kind(queue, worker) for worker in self.workers)

    def obstacle(self, queue: str) -> str:
        """Why nothing of a queue is graded now, as a sentence for the learner; "" when nothing is in the way."""
        if not self.reachable:
            return "The queue cannot be reached at the moment."
        takers = [worker for worker in self.workers if GRADE_QUEUES[queue] in worker.queues]
        if not takers and any(_same_kind(queue, worker) for worker in self.workers):
            return "The grading machines are being updated."
        if not takers:
            kind = "with a GPU " if queue == "gpu" else ""
            return f"No grading machine {kind}is running at the moment."
        if any(worker.toolchain and not worker.problem for worker in takers):
            return ""
        building = [worker for worker in takers if not worker.problem]
        if building:
            progress = next((worker.toolchain_progress for worker in building if worker.toolchain_progress), "")
            return f"The pinned llama.cpp is still being built{f' ({progress})' if progress else ''}."
        return f"The grading machine cannot work: {takers[0].problem}"


def _same_kind(queue: str, worker: WorkerStatus) -> bool:
    """Whether a worker takes from this queue in the words of another version."""
    kind, _, _ = GRADE_QUEUES[queue].rpartition(".v")
    return any(name == kind or name.startswith(f"{kind}.v") for name in worker.queues)


def fleet() -> Fleet:
    """The machines that said something lately. Never raises."""
    try:
        statuses = grading_side.worker_statuses()
    except grading_side.Unreachable:
        return Fleet(workers=(), reachable=False)
    oldest = time.time() - FRESH_SECONDS
    return Fleet(workers=sorted((s for s in statuses if s.at > oldest), key=lambda status: status.name))
