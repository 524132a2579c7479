"""Rows E15 and E18: boxes that do not come up. Nothing is touched or left, and it is never the learner's fault."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from grader.contract import Verdict
from grader.pipeline import OUR_FAULT, grade
from grader.sandbox import Bubblewrap, Limits, Mount, Outcome, Sandbox, SandboxFault, Unprotected, cgroups
from grader.sandbox.interface import MIB
from tests.attacks.boxes import Machine
from tests.attacks.cases import HERE, tiny_lab

LIMITS = Limits(5, 10, 64 * MIB, 64 * 1024, 16, MIB)
RIGHT = {"main.py": (HERE / "R" / "controls" / "right-py" / "main.py").read_bytes()}
NOWHERE = Mount(Path("/var/tmp/llsys-no-such-folder"), "/models")
FAILED_STARTS = 20
BOXES = ["bubblewrap", "bubblewrap-user", "docker"]

pytestmark = [pytest.mark.slow]


@dataclass(frozen=True)
class FailingStarts:
    """A sandbox whose boxes fail to start the first `times` times, really: what they are to show is not there."""

    sandbox: Sandbox
    times: int
    started: list[int]

    def __getattr__(self, name: str) -> object:
        return getattr(self.sandbox, name)

    @contextlib.contextmanager
    def session(self) -> Iterator[FailingStarts]:
        """See `Sandbox.session`."""
        with self.sandbox.session() as session:
            yield FailingStarts(session, self.times, self.started)

    def run(self, command: list[str], **options: object) -> Outcome:
        """See `Sandbox.run`."""
        self.started.append(1)
        if len(self.started) <= self.times:
            options["mounts"] = [NOWHERE]
        return self.sandbox.run(command, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("machine", BOXES, indirect=True)
def test_twenty_failed_starts_leave_nothing(machine: Machine) -> None:
    before = machine.state()
    for _ in range(FAILED_STARTS):
        with pytest.raises(SandboxFault):
            machine.sandbox.run(["/usr/bin/true"], limits=LIMITS, mounts=[NOWHERE])
    assert machine.settled(before, within=10) == before
    assert machine.sandbox.run(["/usr/bin/true"], limits=LIMITS).exit_code == 0


@pytest.mark.parametrize("machine", BOXES, indirect=True)
def test_one_failed_start_costs_the_learner_nothing(machine: Machine) -> None:
    sandbox = FailingStarts(machine.sandbox, 1, [])
    grading = grade(tiny_lab("python"), RIGHT, toolchain=machine.toolchain, sandbox=sandbox, seed=1)  # type: ignore[arg-type]
    assert grading.verdict is Verdict.ACCEPTED
    assert len(sandbox.started) == 4


@pytest.mark.parametrize("machine", BOXES, indirect=True)
def test_a_machine_that_starts_no_box_blames_itself(machine: Machine) -> None:
    before = machine.state()
    sandbox = FailingStarts(machine.sandbox, 1000, [])
    grading = grade(tiny_lab("python"), RIGHT, toolchain=machine.toolchain, sandbox=sandbox, seed=1)  # type: ignore[arg-type]
    assert (grading.verdict, grading.message, grading.score) == (Verdict.GRADER_ERROR, OUR_FAULT, 0.0)
    assert "llsys-no-such-folder" in grading.fault
    assert "llsys-no-such-folder" not in grading.message
    assert machine.settled(before) == before


def _no_spawn(patch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    patch.setattr(os, "posix_spawn", refuse)


def _no_memory_file(patch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    patch.setattr(os, "memfd_create", refuse)


def _no_control_group(patch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> cgroups.Group:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patch.setattr(cgroups.Hierarchy, "create", refuse)


@pytest.mark.parametrize("break_it", [_no_spawn, _no_memory_file, _no_control_group])
def test_a_box_that_is_half_made_is_a_fault_and_touches_nothing(
    break_it: Callable[[pytest.MonkeyPatch], None], root_machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The class of judge0's commit 72cc450: what failed to be made must not become the root of later paths."""
    sandbox = Bubblewrap()
    if break_it is _no_control_group and sandbox._hierarchy is None:
        pytest.fail("this machine gives the tests no control groups; run them as root")
    before = root_machine.state()
    with monkeypatch.context() as patch:
        break_it(patch)
        with pytest.raises(SandboxFault):
            sandbox.run(["/usr/bin/touch", "/box/x"], limits=LIMITS, files_in={"/in/x": b"x"}, files_out=["x"])
    assert root_machine.settled(before) == before
    assert sandbox.run(["/usr/bin/true"], limits=LIMITS).exit_code == 0


def test_without_a_folder_of_its_own_nothing_is_written_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a learner's own machine there is no box, so a folder that could not be made must end the run."""

    def refuse(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    written: list[Path] = []
    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    monkeypatch.setattr(Path, "write_bytes", lambda path, content: written.append(path))
    monkeypatch.setattr(shutil, "rmtree", lambda path, *_, **__: written.append(path))
    with pytest.raises(SandboxFault):
        Unprotected().run(["/usr/bin/true"], limits=LIMITS, files_in={"/in/x": b"x"})
    assert written == []
