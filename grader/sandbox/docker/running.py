"""One run in a container: what goes to the agent, following it, and what came of it."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.sandbox.bubblewrap import ENVIRONMENT, MESSAGE_BYTES, OPEN_FILES, QUEUED_SIGNALS, STACK_BYTES
from grader.sandbox.collect import read_archive
from grader.sandbox.docker.container import Container, Run
from grader.sandbox.interface import Limit, Limits, Outcome, SandboxFault
from grader.sandbox.layout import memory_file
from grader.sandbox.supervise import ENDED, STARTED, Watch, watch


class Ends:
    """Both ends of what a program gets: the far ones are for the agent, the near ones stay here."""

    def __init__(self, stdin: bytes) -> None:
        self.stdout, out = os.pipe()
        self.stderr, err = os.pipe()
        self.control, control = os.pipe()
        self.far = [control, memory_file(stdin), out, err]

    def close_far(self) -> None:
        """Close the agent's ends here: a pipe only ends when every writing end is closed."""
        while self.far:
            os.close(self.far.pop())

    def close(self) -> None:
        """Close everything."""
        self.close_far()
        for fd in (self.stdout, self.stderr, self.control):
            with contextlib.suppress(OSError):
                os.close(fd)


@dataclass(frozen=True)
class Task:
    """What a program is, apart from the container it runs in."""

    command: Sequence[str]
    limits: Limits
    files_in: Mapping[str, bytes]
    files_out: Sequence[str]
    env: Mapping[str, str]
    seccomp_filter: bytes

    def order(self, container: Container) -> int:
        """A file in memory with the order for the agent and the files behind it; see `agent.Order`."""
        rlimits = {
            "RLIMIT_CORE": 1,  # With 0 the kernel would still start the host's core-dump handler.
            "RLIMIT_NOFILE": OPEN_FILES,
            "RLIMIT_FSIZE": self.limits.disk_bytes,
            "RLIMIT_STACK": STACK_BYTES,
            "RLIMIT_SIGPENDING": QUEUED_SIGNALS,
            "RLIMIT_MSGQUEUE": MESSAGE_BYTES,
        }
        if container.group is None:
            rlimits["RLIMIT_CPU"] = max(1, math.ceil(self.limits.cpu_seconds))
        header = json.dumps(
            {
                "command": list(self.command),
                "env": {**ENVIRONMENT, **self.env},
                "uid": container.uid,
                "files": [(path, len(content)) for path, content in self.files_in.items()],
                "files_out": list(self.files_out),
                "files_bytes": self.limits.files_bytes,
                "rlimits": rlimits,
                "seccomp": self.seccomp_filter.hex(),
            }
        ).encode()
        return memory_file(b"%16d" % len(header) + header + b"".join(self.files_in.values()))

    def begin(self, container: Container, ends: Ends, extra: Sequence[int] = ()) -> Run:
        """Have the container run it. The far ends are closed.

        Raises:
            SandboxFault: the container is gone, or its limits cannot be set.
        """
        container.bound(self.limits)
        order = self.order(container)
        try:
            return container.order(order, [*ends.far, *extra])
        finally:
            os.close(order)
            ends.close_far()

    def run(self, container: Container, stdin: bytes) -> tuple[Outcome, bool]:
        """Run it to its end; gives the outcome, and whether the container may be used again once it is clean.

        Raises:
            SandboxFault: it could not be started.
        """
        ends = Ends(stdin)
        try:
            run = self.begin(container, ends)
        except BaseException:
            ends.close()
            raise
        seen = watch(
            run,
            outputs=(ends.stdout, ends.stderr),
            control=ends.control,
            limits=self.limits,
            group=container.group,
            kill=run.kill,
        )
        outcome = self._outcome(container, run, seen)
        again = not (run.lost or run.survivors or outcome.limit or outcome.process_limit_hit)
        return outcome, again

    def _outcome(self, container: Container, run: Run, seen: Watch) -> Outcome:
        limit = seen.limit
        if limit is None and run.lost:
            full = container.group is not None and container.group.was_nearly_full(self.limits)
            limit = Limit.MEMORY if full or container.was_out_of_memory() else None
        if limit is None and container.group is None and seen.status == -signal.SIGKILL:
            # Where the group cannot be seen: killed by itself or by the kernel, and as large as it may get.
            limit = Limit.MEMORY if run.largest_bytes >= self.limits.memory_bytes else None
        if not seen.control.startswith(STARTED):
            if limit is Limit.MEMORY:
                raise SandboxFault("the box itself did not fit into the memory limit")
            reason = run.fault or seen.stderr.decode(errors="replace").strip()[-300:]
            raise SandboxFault(f"the box did not start: {reason or f'status {seen.status}'}")
        if run.lost and limit is None:
            raise SandboxFault("the container ended under a running program")
        if limit is None and seen.status == -signal.SIGXCPU:
            limit = Limit.CPU
        archive = seen.control.removeprefix(STARTED).removeprefix(ENDED)
        return Outcome(
            exit_code=seen.status,
            stdout=seen.stdout,
            stderr=seen.stderr,
            files=read_archive(archive, self.files_out, limit=self.limits.files_bytes),
            wall_seconds=seen.wall_seconds,
            cpu_seconds=seen.cpu_seconds,
            memory_bytes=seen.memory_bytes or run.largest_bytes,
            limit=limit,
            process_limit_hit=seen.process_limit_hit,
        )
