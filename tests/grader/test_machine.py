"""Whether a machine can grade, and what it says when it cannot."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from grader import machine as machines
from grader import toolchain as toolchains
from grader.machine import Machine
from grader.sandbox import SandboxUnavailable
from grader.toolchain import Progress, Stage, Toolchain


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with a sandbox and no toolchain."""
    monkeypatch.setattr(machines, "open_sandbox", lambda kind: SimpleNamespace(name="bubblewrap"))
    monkeypatch.setattr(toolchains, "current", lambda: None)
    monkeypatch.setattr(toolchains, "progress", lambda: Progress(stage=Stage.ABSENT))
    return Machine()


def test_a_build_that_runs_is_no_problem_and_is_shown(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    state = Progress(stage=Stage.COMPILE, done=1, total=2, detail="compiling ggml")
    monkeypatch.setattr(toolchains, "progress", lambda: state)
    assert machine.problem() == ""
    assert machine.toolchain_progress().endswith("%: compiling ggml")


def test_a_failed_build_is_a_problem_until_there_is_a_toolchain(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, toolchain: Toolchain
) -> None:
    monkeypatch.setattr(toolchains, "progress", lambda: Progress(stage=Stage.FAILED, error="no compiler"))
    assert machine.problem() == "no compiler"
    monkeypatch.setattr(toolchains, "current", lambda: toolchain)
    assert machine.problem() == ""


def test_a_sandbox_that_comes_later_is_found_without_a_restart(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(kind: str) -> object:
        raise SandboxUnavailable("install bubblewrap")

    with monkeypatch.context() as before:
        before.setattr(machines, "open_sandbox", missing)
        assert machine.problem() == "install bubblewrap"
    assert machine.problem() == ""
