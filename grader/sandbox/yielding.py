"""Boxes that leave the processors to others: for whoever has more than one attempt under way, and for rejudges."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from grader.sandbox.interface import MIB, Conversation, Limit, Limits, Mount, Outcome, Sandbox


class Yielding:
    """A sandbox whose runs get an eighth of what others get while these want it, and everything while nobody does.

    Where the machine cannot say who comes first, they are like any others. What is measured (`start`) yields to nobody,
    because others would then be seen in its figures.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.name = sandbox.name
        self.identity = str(getattr(sandbox, "identity", ""))

    def run(
        self,
        command: Sequence[str],
        *,
        limits: Limits,
        files_in: Mapping[str, bytes] | None = None,
        mounts: Sequence[Mount] = (),
        files_out: Sequence[str] = (),
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
    ) -> Outcome:
        """See `Sandbox.run`. A run out of time is repeated without yielding, so that no verdict comes of that."""

        def once(limits: Limits) -> Outcome:
            return self._sandbox.run(
                command, limits=limits, files_in=files_in, mounts=mounts, files_out=files_out, stdin=stdin, env=env
            )

        outcome = once(replace(limits, yields=True))
        return once(limits) if outcome.limit is Limit.WALL else outcome

    def start(
        self,
        command: Sequence[str],
        *,
        limits: Limits,
        files_in: Mapping[str, bytes] | None = None,
        mounts: Sequence[Mount] = (),
        env: Mapping[str, str] | None = None,
        exchange_bytes: int = MIB,
    ) -> Conversation:
        """See `Sandbox.start`."""
        return self._sandbox.start(
            command, limits=limits, files_in=files_in, mounts=mounts, env=env, exchange_bytes=exchange_bytes
        )

    @contextlib.contextmanager
    def session(self) -> Iterator[Sandbox]:
        """See `Sandbox.session`."""
        with self._sandbox.session() as session:
            yield Yielding(session)

    def isolation(self) -> list[str]:
        """See `Sandbox.isolation`."""
        return self._sandbox.isolation()
