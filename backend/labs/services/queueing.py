"""Which queue an attempt waits in."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from backend.labs.models import GradeAttempt
from backend.labs.selectors.fleet import fleet
from grader.lab import LabSpec

PATIENCE = timedelta(minutes=2)
"""How long an attempt waits for a GPU that it could do without, so that a machine can restart meanwhile."""


def queue_for(spec: LabSpec) -> str:
    """The queue whose machines can judge a lab now.

    A lab that only a GPU can run waits for one. One that is judged on any machine, and measured on a GPU, goes to the
    machines with a GPU as long as one is ready, since no other could ever measure it.
    """
    if spec.device == "gpu":
        return "gpu"
    is_measured_there = spec.device == "cpu+gpu" and bool(spec.stages.benchmarks)
    return "gpu" if is_measured_there and not fleet().obstacle("gpu") else "cpu"


def give_up_on_gpus() -> int:
    """Move attempts that any machine can judge to those without a GPU, when the last machine with one is gone.

    How many were moved; they are rung for as if they had been handed in now, and keep their age.
    """
    waits = GradeAttempt.objects.filter(
        state=GradeAttempt.State.QUEUED,
        queue="gpu",
        submission__lab__device="cpu+gpu",
        queued_at__lt=timezone.now() - PATIENCE,
    )
    if not waits.exists():
        return 0
    machines = fleet()
    if not machines.reachable or machines.has("gpu"):
        return 0
    # A bell that still lies in the other queue does no harm: an attempt is claimed once, by whoever comes first.
    return waits.update(queue="cpu", rung_at=None)
