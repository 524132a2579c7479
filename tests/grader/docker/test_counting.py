"""Counting what a container uses, on control groups of both versions as files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.sandbox import Limits, cgroups
from grader.sandbox.docker import Docker
from grader.sandbox.docker.counting import AGENT_BYTES, AGENT_PROCESSES, ContainerGroup, group_of
from grader.sandbox.interface import MIB
from tests.docker_engine import DockerEngine

LIMITS = Limits(1, 1, 100 * MIB, 1000, 7, MIB)


def group(folder: Path, *, unified: bool, **files: int) -> ContainerGroup:
    """A group whose files have these numbers; `memory_max` stands for `memory.max`."""
    for name, value in files.items():
        write(folder, name, value)
    return ContainerGroup(folder, folder, folder, unified)


def write(folder: Path, name: str, value: int) -> None:
    (folder / name.replace("_", ".", 1)).write_text(f"{value}\n")


def test_version_2_keeps_runs_apart_though_the_kernel_remembers_one_peak(tmp_path: Path) -> None:
    first = group(tmp_path, unified=True, memory_current=10 * MIB, memory_peak=0, memory_max=500 * MIB).for_run()
    write(tmp_path, "memory_peak", 90 * MIB)
    assert first.peak_memory() == 80 * MIB

    second = first.for_run()
    for used in (20 * MIB, 35 * MIB, 15 * MIB):
        write(tmp_path, "memory_current", used)
        assert not second.out_of_memory()
    assert second.peak_memory() == 25 * MIB

    write(tmp_path, "memory_peak", 200 * MIB)
    assert second.peak_memory() == 190 * MIB


@pytest.mark.parametrize(("share", "full"), [(0.5, False), (0.99, True)])
def test_a_container_that_vanished_while_full_was_out_of_memory(tmp_path: Path, share: float, full: bool) -> None:
    used = int(share * (LIMITS.memory_bytes + AGENT_BYTES))
    seen = group(tmp_path, unified=True, memory_current=used, memory_max=500 * MIB, memory_peak=0)
    seen.out_of_memory()
    write(tmp_path, "memory_current", 0)
    seen.out_of_memory()
    assert seen.was_nearly_full(LIMITS) is full


def test_limits_of_version_2_leave_room_for_the_agent(tmp_path: Path) -> None:
    made = group(tmp_path, unified=True, memory_current=1, memory_max=1, pids_max=1)
    assert made.bound(LIMITS)
    assert (tmp_path / "memory.max").read_text() == str(100 * MIB + AGENT_BYTES)
    assert (tmp_path / "pids.max").read_text() == str(7 + AGENT_PROCESSES)


@pytest.mark.parametrize("before", [10 * MIB, 900 * MIB])
def test_limits_of_version_1_are_set_for_memory_and_swap_together(tmp_path: Path, before: int) -> None:
    made = group(tmp_path, unified=False, memory_limit_in_bytes=before, memory_usage_in_bytes=1, pids_max=1)
    write(tmp_path, "memory_memsw.limit_in_bytes", before)
    assert made.bound(LIMITS)
    assert {(tmp_path / f"memory.{name}limit_in_bytes").read_text() for name in ("", "memsw.")} == {
        str(100 * MIB + AGENT_BYTES)
    }


def test_who_may_not_set_limits_says_so(tmp_path: Path) -> None:
    assert not group(tmp_path / "none", unified=True).bound(LIMITS)


def test_a_group_that_is_not_the_containers_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = group(tmp_path, unified=True, memory_current=5)
    monkeypatch.setattr(cgroups, "of_process", lambda proc: found)
    assert group_of(1, "0123456789abcdef") is None
    assert group_of(1, tmp_path.name) is not None


@pytest.mark.slow
def test_a_container_that_cannot_be_counted_is_kept_on_one_processor(
    docker_engine: DockerEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.sandbox.docker.container.group_of", lambda pid, name: None)
    source = """
import os
while request := os.read(3, 100):
    try:
        os.sched_setaffinity(0, range(os.cpu_count()))
    except OSError:
        pass
    os.write(4, b"\\1\\0\\0\\0%d" % len(os.sched_getaffinity(0)))
"""
    limits = Limits(20, 30, 128 * MIB, 64 * 1024, 16, 16 * MIB)
    with Docker(docker_engine.settings()) as sandbox:
        conversation = sandbox.start(["python3", "-c", source], limits=limits)
        try:
            conversation.ask(b"?", 20)
            conversation.pin(min(os.sched_getaffinity(0)))
            assert conversation.ask(b"?", 20).payload == b"1"
        finally:
            conversation.end()
