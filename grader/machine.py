"""What a grading machine has: its toolchain and its sandbox, or the reason why it cannot grade yet."""

from __future__ import annotations

import os
import threading
import time
from typing import cast

from grader import fitness
from grader import toolchain as toolchains
from grader.sandbox import KINDS, Kind, Sandbox, SandboxUnavailable, open_sandbox
from grader.toolchain import Toolchain


def wanted_kind() -> Kind:
    """The sandbox that GRADER_SANDBOX asks for, by default "auto". A server has no "none".

    Raises:
        SandboxUnavailable: it names something else.
    """
    kind = os.environ.get("GRADER_SANDBOX") or "auto"
    allowed = [name for name in KINDS if name != "none"]
    if kind not in allowed:
        raise SandboxUnavailable(f"GRADER_SANDBOX is {kind!r}; it must be one of {', '.join(allowed)}.")
    return cast(Kind, kind)


MISFIT_SECONDS = 60.0
"""How long a sandbox in which the engine does not work is believed to be so."""


class Machine:
    """Looks for what is missing again and again, so that a machine becomes ready without a restart."""

    def __init__(self) -> None:
        self._sandbox: Sandbox | None = None
        self._lock = threading.Lock()
        self._fitness: dict[str, tuple[str, float]] = {}

    def toolchain(self) -> Toolchain | None:
        """The pinned engine, None while it is not built."""
        return toolchains.current()

    def sandbox(self) -> Sandbox:
        """The sandbox.

        Raises:
            SandboxUnavailable: none works here.
        """
        with self._lock:
            if self._sandbox is None:
                self._sandbox = open_sandbox(wanted_kind())
            return self._sandbox

    def problem(self) -> str:
        """Why this machine takes no jobs, with a cure; "" when it does."""
        try:
            sandbox = self.sandbox()
        except SandboxUnavailable as error:
            return str(error)
        toolchain = self.toolchain()
        if toolchain is not None:
            return self._misfit(sandbox, toolchain)
        state = toolchains.progress()
        return state.error if state.stage is toolchains.Stage.FAILED else ""

    def _misfit(self, sandbox: Sandbox, toolchain: Toolchain) -> str:
        """See `fitness.problem`; asked once for each toolchain, and again after a while as long as it does not fit."""
        with self._lock:
            known = self._fitness.get(toolchain.id)
            if known is None or (known[0] and time.monotonic() - known[1] > MISFIT_SECONDS):
                known = (fitness.problem(sandbox, toolchain), time.monotonic())
                self._fitness[toolchain.id] = known
            return known[0]

    def toolchain_progress(self) -> str:
        """How far a running build of the engine is, for people."""
        state = toolchains.progress()
        return f"{state.percent} %: {state.detail}" if state.running else ""
