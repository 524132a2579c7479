"""Finding control groups, on pictures of machines with version 1, version 2 and none."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.sandbox import cgroups


def picture(folder: Path, *, own: str, mounts: str) -> Path:
    proc = folder / "proc"
    proc.mkdir()
    (proc / "cgroup").write_text(own)
    (proc / "mountinfo").write_text(mounts.replace("MOUNT", str(folder / "cg")))
    (folder / "cg").mkdir()
    return proc


def test_version_1_uses_the_own_group_of_every_controller(tmp_path: Path) -> None:
    mounts = "".join(
        f"{number} 1 0:{number} / MOUNT/{name} rw - cgroup cgroup rw,{name}\n"
        for number, name in enumerate(("memory", "pids", "cpu,cpuacct"))
    )
    proc = picture(tmp_path, own="4:memory:/a\n3:pids:/\n2:cpu,cpuacct:/gone\n", mounts=mounts)
    (tmp_path / "cg/memory/a").mkdir(parents=True)
    found = cgroups._version_1(proc)
    assert found == cgroups.Hierarchy(
        tmp_path / "cg/memory/a", tmp_path / "cg/pids", tmp_path / "cg/cpu,cpuacct", unified=False
    )


def test_a_container_that_sees_only_its_part_of_the_hierarchy(tmp_path: Path) -> None:
    mounts = "1 1 0:1 /docker/x MOUNT rw - cgroup2 cgroup2 rw\n"
    proc = picture(tmp_path, own="0::/docker/x/inner\n", mounts=mounts)
    inner = tmp_path / "cg/inner"
    inner.mkdir()
    (inner / "cgroup.controllers").write_text("cpu memory pids\n")
    (inner / "cgroup.subtree_control").write_text("memory pids\n")
    found = cgroups._version_2(proc)
    assert found == cgroups.Hierarchy(inner, inner, inner, unified=True, freezer=inner, share=inner)
    assert (inner / "cgroup.subtree_control").read_text() == "+cpu"


def test_version_2_moves_its_own_processes_into_a_leaf(tmp_path: Path) -> None:
    proc = picture(tmp_path, own="0::/\n", mounts="1 1 0:1 / MOUNT rw - cgroup2 cgroup2 rw\n")
    top = tmp_path / "cg"
    (top / "cgroup.controllers").write_text("cpu memory pids\n")
    (top / "cgroup.subtree_control").write_text("\n")
    (top / "cgroup.procs").write_text("17\n")
    found = cgroups._version_2(proc)
    assert found is not None
    assert (top / "llsys-self/cgroup.procs").read_text() == "17"
    assert found.share == top
    # A real one keeps what it has; in this picture the last word stands.
    assert (top / "cgroup.subtree_control").read_text() == "+cpu"


@pytest.mark.parametrize("controllers", ["hugetlb\n", "cpu memory\n"])
def test_version_2_without_the_needed_controllers_is_not_used(tmp_path: Path, controllers: str) -> None:
    proc = picture(tmp_path, own="0::/\n", mounts="1 1 0:1 / MOUNT rw - cgroup2 cgroup2 rw\n")
    (tmp_path / "cg/cgroup.controllers").write_text(controllers)
    (tmp_path / "cg/cgroup.subtree_control").write_text("")
    assert cgroups.find(proc) is None


def test_no_control_groups_at_all(tmp_path: Path) -> None:
    assert cgroups.find(picture(tmp_path, own="", mounts="")) is None


def test_version_2_counts_from_its_own_files(tmp_path: Path) -> None:
    group = cgroups.Group(tmp_path, tmp_path, tmp_path, unified=True)
    for name, text in {
        "cpu.stat": "usage_usec 1500000\nuser_usec 1\n", "memory.peak": "4096\n", "memory.max": "100000000\n",
        "memory.current": "5000\n", "memory.events": "oom 1\noom_kill 1\n", "pids.events": "max 3\n",
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text)
    assert (group.cpu_seconds(), group.peak_memory()) == (1.5, 4096)
    assert group.out_of_memory()
    assert group.refused_processes()
    (tmp_path / "memory.events").write_text("oom_kill 0\n")
    assert not group.out_of_memory()
    (tmp_path / "memory.current").write_text("99999999")
    (tmp_path / "memory.stat").write_text("anon 98500000\nshmem 0\nfile 1\n")
    assert group.out_of_memory()


@pytest.mark.parametrize(("unified", "name", "low"), [(False, "cpu.shares", "128"), (True, "cpu.weight", "12")])
def test_a_group_yields_the_processors_and_gets_them_back(tmp_path: Path, unified: bool, name: str, low: str) -> None:
    (tmp_path / name).write_text("2048\n")
    had = cgroups.yield_processors(tmp_path, unified)
    assert (tmp_path / name).read_text() == low
    cgroups.yield_processors(tmp_path, unified, had)
    assert (tmp_path / name).read_text() == "2048\n"
