"""What a container uses, read from its control group on the host.

The group also holds the agent. Its memory before a run is subtracted, and killing is left to the agent, which
would otherwise be killed as well.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.sandbox import cgroups
from grader.sandbox.cgroups import Group
from grader.sandbox.interface import MIB, Limits

AGENT_BYTES = 24 * MIB
"""Memory of the agent and of what Python brings along; comes on top of a program's limit."""
AGENT_PROCESSES = 1
_NEARLY = 0.95


@dataclass(frozen=True)
class ContainerGroup(Group):
    """The control group of a container. `idle_bytes` is its use before the run, `earlier_peak` that of earlier runs."""

    idle_bytes: int = 0
    earlier_peak: int = 0
    usual_share: str = ""
    """Its part of contested processors, as long as it does not have it."""
    _seen: list[int] = field(default_factory=list)

    def peak_memory(self) -> int:
        """Highest memory use of the run, the agent's own left out.

        Version 2 remembers only the highest of all runs; where this one did not reach it, it is what was seen.
        """
        peak = super().peak_memory()
        if self.unified and peak <= self.earlier_peak:
            peak = max(self._seen, default=0)
        return max(0, peak - self.idle_bytes)

    def out_of_memory(self) -> bool:
        """See `Group`. Asked again and again while a program runs, so it also looks at how much that uses."""
        self._seen[:] = [max(self._usage(), *self._seen)] if self._seen else [self._usage()]
        return super().out_of_memory()

    def was_nearly_full(self, limits: Limits) -> bool:
        """Whether so much was used that the kernel may have ended even the agent, whose group is gone by now."""
        return max(self._seen, default=0) > _NEARLY * (limits.memory_bytes + AGENT_BYTES)

    def _usage(self) -> int:
        try:
            return int((self.memory / ("memory.current" if self.unified else "memory.usage_in_bytes")).read_text())
        except (OSError, ValueError):
            return 0

    def kill(self) -> None:
        """Nothing: the agent ends the program, and must live to tell."""

    def for_run(self) -> ContainerGroup:
        """The same group with its present use as what is idle."""
        earlier = super().peak_memory() if self.unified else 0
        return replace(self, idle_bytes=self._usage(), earlier_peak=earlier, _seen=[])

    def yielding(self, yields: bool) -> ContainerGroup:
        """The same group with the part of the processors that its next run shall have, where that can be set."""
        if self.share is None or yields == bool(self.usual_share):
            return self
        try:
            had = cgroups.yield_processors(self.share, self.unified, self.usual_share)
        except OSError:
            return self
        return replace(self, usual_share=had if yields else "")

    def bound(self, limits: Limits) -> bool:
        """Set the limits of the next run; False where this process may not."""
        memory = str(limits.memory_bytes + AGENT_BYTES)
        try:
            if self.unified:
                (self.memory / "memory.max").write_text(memory)
            else:
                self._bound_memory(memory)
            (self.pids / "pids.max").write_text(str(limits.processes + AGENT_PROCESSES))
        except OSError:
            return False
        return True

    def _bound_memory(self, memory: str) -> None:
        """Version 1 keeps the limit of memory and swap together at or above the one of memory."""
        names = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
        if int(memory) > int((self.memory / names[0]).read_text()):
            names.reverse()
        for name in names:
            if (self.memory / name).exists():
                (self.memory / name).write_text(memory)


def group_of(agent_pid: int, container_id: str) -> ContainerGroup | None:
    """The group of a container, None where this process cannot see it (another host, a grader in a container)."""
    group = cgroups.of_process(Path(f"/proc/{agent_pid}"))
    if group is None or any(container_id not in str(folder) for folder in group.folders):
        return None
    freezer = group.freezer if group.freezer is not None and os.access(group.freezer, os.W_OK) else None
    share = group.share if group.share is not None and os.access(group.share, os.W_OK) else None
    found = ContainerGroup(group.memory, group.pids, group.cpu, group.unified, freezer, share)
    return found if found.for_run().idle_bytes else None
