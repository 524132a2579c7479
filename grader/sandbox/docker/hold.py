"""Having a running container in hand, for a conversation; see `grader.sandbox.hold`."""

from __future__ import annotations

import contextlib

from docker.errors import DockerException

from grader.sandbox.docker.container import Container, Run, explain
from grader.sandbox.docker.counting import ContainerGroup
from grader.sandbox.hold import GroupHold, Hold, pin_threads
from grader.sandbox.interface import SandboxFault


class ContainerHold(GroupHold):
    """A container whose control group this process may use."""

    def __init__(self, group: ContainerGroup, run: Run) -> None:
        super().__init__(group, 0)
        self._run = run

    def kill(self) -> None:
        """See `Hold.kill`. The agent, which must do it, is stopped with the program and has to go on first."""
        self._run.kill()
        self.thaw()


class EngineHold:
    """A container that only the engine may stop, and of which little can be counted from here."""

    def __init__(self, container: Container, run: Run) -> None:
        self._container = container
        self._run = run
        self._group = container.group
        self._at_start = 0.0
        self._paused = False

    def freeze(self) -> bool:
        """See `Hold.freeze`."""
        try:
            with self._container.engine.client() as client:
                client.pause(self._container.id)
        except (DockerException, OSError):
            return False
        self._paused = True
        return True

    def thaw(self) -> None:
        """See `Hold.thaw`."""
        if self._paused:
            self._paused = False
            with contextlib.suppress(DockerException, OSError), self._container.engine.client() as client:
                client.unpause(self._container.id)

    def kill(self) -> None:
        """See `Hold.kill`."""
        self._run.kill()
        self.thaw()

    def threads(self) -> list[int]:
        """See `Hold.threads`."""
        return self._group.members() if self._group is not None else []

    def pin(self, cpu: int) -> None:
        """See `Hold.pin`. Where nothing is counted, the engine must see to it."""
        if self._group is not None:
            pin_threads(self.threads(), cpu)
            return
        try:
            with self._container.engine.client() as client:
                client.update_container(self._container.id, cpuset_cpus=str(cpu))
        except (DockerException, OSError) as error:
            raise SandboxFault(
                f"the engine does not keep a container on one processor ({explain(error)}), and its processor time "
                "cannot be counted from here: let the grader see the engine's control groups"
            ) from error

    def cpu_seconds(self) -> float:
        """See `Hold.cpu_seconds`."""
        return self._group.cpu_seconds() - self._at_start if self._group is not None else 0.0

    def mark_start(self) -> None:
        """See `Hold.mark_start`."""
        self._at_start = 0.0
        self._at_start = self.cpu_seconds()

    def memory_bytes(self) -> int:
        """See `Hold.memory_bytes`."""
        return self._group.peak_memory() if self._group is not None else 0

    def out_of_memory(self) -> bool:
        """See `Hold.out_of_memory`."""
        return self._group is not None and self._group.out_of_memory()

    def refused_processes(self) -> bool:
        """See `Hold.refused_processes`."""
        return self._group is not None and self._group.refused_processes()


def hold_of(container: Container, run: Run) -> Hold:
    """The best hold on a container that this process can have."""
    group = container.group
    return ContainerHold(group, run) if group is not None and group.can_freeze else EngineHold(container, run)
