"""What a container uses, read from its control group on the host.

The group also holds the agent. Its memory before a run is subtracted, and killing is left to the agent, which
would otherwise be killed as well.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import cgroups
from grader.sandbox.cgroups import Group
from grader.sandbox.interface import MIB, Limits

AGENT_BYTES = 24 * MIB
"""Memory of the agent and of what Python brings along; comes on top of a program's limit."""
AGENT_PROCESSES = 1


@dataclass(frozen=True)
class ContainerGroup(Group):
    """The control group of a container. `idle_bytes` is its use before the run."""

    idle_bytes: int = 0

    def peak_memory(self) -> int:
        """Highest memory use of the run, the agent's own left out."""
        return max(0, super().peak_memory() - self.idle_bytes)

    def kill(self) -> None:
        """Nothing: the agent ends the program, and must live to tell."""

    def for_run(self) -> ContainerGroup:
        """The same group with its present use as what is idle."""
        name = "memory.current" if self.unified else "memory.usage_in_bytes"
        used = int((self.memory / name).read_text())
        return ContainerGroup(self.memory, self.pids, self.cpu, self.unified, self.freezer, used)

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
    found = ContainerGroup(group.memory, group.pids, group.cpu, group.unified, freezer)
    try:
        found.for_run()
    except (OSError, ValueError):
        return None
    return found
