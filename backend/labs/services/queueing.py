"""Which queue an attempt waits in."""

from __future__ import annotations

from backend.labs.selectors.fleet import fleet
from grader.lab import LabSpec


def queue_for(spec: LabSpec) -> str:
    """The queue whose machines can judge a lab now.

    A lab that only a GPU can run waits for one. One that is judged on any machine, and measured on a GPU, goes to the
    machines with a GPU as long as one is ready, since no other could ever measure it.
    """
    if spec.device == "gpu":
        return "gpu"
    is_measured_there = spec.device == "cpu+gpu" and bool(spec.stages.benchmarks)
    return "gpu" if is_measured_there and not fleet().obstacle("gpu") else "cpu"
