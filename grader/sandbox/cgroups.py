"""Control groups, version 1 or 2: counting and limiting all processes of a box together."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CONTROLLERS_V1 = ("memory", "pids", "cpuacct")
_PREFIX = "llsys-box"
_FULL = 0.98
_MARGIN_BYTES = 2 * 1024 * 1024
_numbers = itertools.count()
_YIELDING = {"cpu.shares": "128", "cpu.weight": "12"}
"""An eighth of what others have by default (1024 in version 1, 100 in version 2)."""


def _read_int(path: Path, default: int = 0) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return default


def _field(path: Path, name: str) -> int:
    """Value of a `name value` line, 0 when there is none."""
    with contextlib.suppress(OSError, ValueError):
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0


@dataclass(frozen=True)
class Group:
    """The control group of one box: one folder for every controller (version 1), or one folder (version 2)."""

    memory: Path
    pids: Path
    cpu: Path
    unified: bool
    freezer: Path | None = None
    share: Path | None = None
    """Where its part of contested processors is set; None where it has the usual one, or nothing can be set."""

    @property
    def folders(self) -> list[Path]:
        """Every folder, each once."""
        found = (self.memory, self.pids, self.cpu, self.freezer, self.share)
        return list(dict.fromkeys(folder for folder in found if folder is not None))

    @property
    def can_freeze(self) -> bool:
        """Whether the kernel can stop all members together."""
        return self.freezer is not None and (not self.unified or (self.freezer / "cgroup.freeze").exists())

    def freeze(self, *, within: float = 5.0) -> bool:
        """Stop all members; False when the kernel did not manage within the time."""
        assert self.freezer is not None, "made without a freezer"
        name, word = ("cgroup.freeze", "1") if self.unified else ("freezer.state", "FROZEN")
        (self.freezer / name).write_text(word)
        deadline = time.monotonic() + within
        while not self._frozen():
            if time.monotonic() > deadline:
                return False
        return True

    def _frozen(self) -> bool:
        assert self.freezer is not None
        if self.unified:
            return _field(self.freezer / "cgroup.events", "frozen") == 1
        return (self.freezer / "freezer.state").read_bytes() == b"FROZEN\n"

    def thaw(self) -> None:
        """Let all members go on; killed ones of version 1 only die then."""
        if self.freezer is not None:
            with contextlib.suppress(OSError):
                name, word = ("cgroup.freeze", "0") if self.unified else ("freezer.state", "THAWED")
                (self.freezer / name).write_text(word)

    def members(self) -> list[int]:
        """Every thread of every member."""
        name = "cgroup.threads" if self.unified else "tasks"
        with contextlib.suppress(OSError, ValueError):
            return [int(line) for line in (self.pids / name).read_text().split()]
        return []

    @property
    def join_files(self) -> list[str]:
        """Files to which a process writes "0" to become a member."""
        return [str(folder / "cgroup.procs") for folder in self.folders]

    def cpu_seconds(self) -> float:
        """Processor time of all members so far, dead ones included."""
        if self.unified:
            return _field(self.cpu / "cpu.stat", "usage_usec") / 1e6
        return _read_int(self.cpu / "cpuacct.usage") / 1e9

    def reset_peak(self) -> None:
        """Forget the highest memory use so far, where the kernel can."""
        if not self.unified:
            with contextlib.suppress(OSError):
                (self.memory / "memory.max_usage_in_bytes").write_text("0")

    def peak_memory(self) -> int:
        """Highest memory use, in bytes."""
        return _read_int(self.memory / ("memory.peak" if self.unified else "memory.max_usage_in_bytes"))

    def out_of_memory(self) -> bool:
        """Whether the kernel killed a member for memory, or would have to if it could not page programs in and out.

        A group at its limit may crawl for seconds while the kernel drops and rereads program text; memory that
        cannot be dropped reaching the limit says the same thing at once.
        """
        name = "memory.events" if self.unified else "memory.oom_control"
        if _field(self.memory / name, "oom_kill") > 0:
            return True
        limit = _read_int(self.memory / ("memory.max" if self.unified else "memory.limit_in_bytes"))
        usage = _read_int(self.memory / ("memory.current" if self.unified else "memory.usage_in_bytes"))
        if not limit or usage < _FULL * limit:
            return False
        stat = self.memory / "memory.stat"
        kept = _field(stat, "anon" if self.unified else "rss") + _field(stat, "shmem")
        return kept + _MARGIN_BYTES >= limit

    def refused_processes(self) -> bool:
        """Whether a member was refused a new process or thread."""
        return _field(self.pids / "pids.events", "max") > 0

    def kill(self) -> None:
        """Kill every member."""
        if self.unified and (self.cpu / "cgroup.kill").exists():
            with contextlib.suppress(OSError):
                (self.cpu / "cgroup.kill").write_text("1")
            return
        with contextlib.suppress(OSError):
            for line in (self.pids / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(line), signal.SIGKILL)

    def remove(self, *, within: float = 5.0) -> None:
        """Kill what is left and remove the folders; doing it twice does no harm."""
        deadline = time.monotonic() + within
        for folder in self.folders:
            while folder.exists():
                try:
                    folder.rmdir()
                except OSError:
                    if time.monotonic() > deadline:
                        return
                    self.kill()
                    time.sleep(0.001)


@dataclass(frozen=True)
class Hierarchy:
    """Where this process may make control groups."""

    memory: Path
    pids: Path
    cpu: Path
    unified: bool
    freezer: Path | None = None
    """Where groups can be made that the kernel stops and lets go on, if anywhere."""
    share: Path | None = None
    """Where groups can be made that get less of contested processors, if anywhere."""

    def create(self, *, memory_bytes: int, processes: int, freezable: bool = False, yields: bool = False) -> Group:
        """A new, empty group with its limits set; `freezable` and `yields` where this hierarchy can.

        Raises:
            OSError: the kernel refused.
        """
        name = f"{_PREFIX}-{os.getpid()}-{next(_numbers)}-{secrets.token_hex(3)}"
        freezer = self.freezer / name if freezable and self.freezer is not None else None
        share = self.share / name if yields and self.share is not None else None
        group = Group(self.memory / name, self.pids / name, self.cpu / name, self.unified, freezer, share)
        try:
            for folder in group.folders:
                folder.mkdir()
            if self.unified:
                (group.memory / "memory.max").write_text(str(memory_bytes))
                with contextlib.suppress(OSError):
                    (group.memory / "memory.swap.max").write_text("0")
                with contextlib.suppress(OSError):
                    (group.memory / "memory.oom.group").write_text("1")
            else:
                (group.memory / "memory.limit_in_bytes").write_text(str(memory_bytes))
                with contextlib.suppress(OSError):
                    (group.memory / "memory.memsw.limit_in_bytes").write_text(str(memory_bytes))
            (group.pids / "pids.max").write_text(str(processes))
            if share is not None:
                yield_processors(share, self.unified)
        except OSError:
            group.remove(within=0.1)
            raise
        return group


def yield_processors(folder: Path, unified: bool, usual: str = "") -> str:
    """Have a group leave contested processors to others, or give it back what was `usual`; gives what it had.

    Raises:
        OSError: the kernel refused.
    """
    file = folder / ("cpu.weight" if unified else "cpu.shares")
    had = file.read_text()
    file.write_text(usual or _YIELDING[file.name])
    return had


def sweep(hierarchy: Hierarchy, *, older_than: float = 60.0) -> int:
    """Remove groups that a killed grader left behind; gives their number. Groups in use cannot be removed."""
    removed = 0
    tops = (hierarchy.freezer, hierarchy.share, hierarchy.memory, hierarchy.pids, hierarchy.cpu)
    for top in dict.fromkeys(top for top in tops if top is not None):
        for folder in top.glob(f"{_PREFIX}-*"):
            with contextlib.suppress(OSError):
                if time.time() - folder.stat().st_mtime > older_than:
                    _release(folder)
                    folder.rmdir()
                    removed += 1
    return removed


def _release(folder: Path) -> None:
    """Let members go on that a grader which is gone had stopped: they were killed with it, but die only now."""
    owner = folder.name.removeprefix(f"{_PREFIX}-").split("-")[0]
    for name, word in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
        if (folder / name).exists() and not Path("/proc", owner).exists():
            (folder / name).write_text(word)


def find(proc: Path = Path("/proc/self")) -> Hierarchy | None:
    """The hierarchy this process may use, tried by really making a group; None when there is none."""
    for candidate in (_version_1(proc), _version_2(proc)):
        if candidate is None:
            continue
        try:
            candidate.create(memory_bytes=64 << 20, processes=16).remove()
        except OSError:
            continue
        return candidate
    return None


def of_process(proc: Path) -> Group | None:
    """The group that another process is in, such as the first one of a container; None where it cannot be told."""
    try:
        own = _memberships(proc)
    except OSError:
        return None
    here = Path("/proc/self")
    folders = {
        name: _own_folder(mount, root, own[name])
        for mount, root, options in _mounts(here, "cgroup")
        for name in (*CONTROLLERS_V1, "freezer", "cpu")
        if name in options and name in own
    }
    if set(CONTROLLERS_V1) <= set(folders):
        memory, pids, cpu = (folders[name] for name in CONTROLLERS_V1)
        return Group(memory, pids, cpu, unified=False, freezer=folders.get("freezer"), share=folders.get("cpu"))
    for mount, root, _ in _mounts(here, "cgroup2"):
        folder = _own_folder(mount, root, own.get("", "/"))
        share = folder if (folder / "cpu.weight").exists() else None
        return Group(folder, folder, folder, unified=True, freezer=folder, share=share)
    return None


def _memberships(proc: Path) -> dict[str, str]:
    """Controller name ("" for version 2) -> path of this process's group."""
    found: dict[str, str] = {}
    for line in (proc / "cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            found[name] = path
    return found


def _mounts(proc: Path, kind: str) -> list[tuple[Path, str, set[str]]]:
    """(mount point, root within the hierarchy, options) of every control-group mount of a kind."""
    found = []
    for line in (proc / "mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        fields, kind_fields = before.split(), after.split()
        if kind_fields and kind_fields[0] == kind:
            found.append((Path(fields[4]), fields[3], set(kind_fields[2].split(","))))
    return found


def _own_folder(mount: Path, root: str, path: str) -> Path:
    """This process's folder below a mount, which may show only a part of the hierarchy."""
    inside = path[len(root) :] if root != "/" and path.startswith(root) else path
    folder = mount / inside.lstrip("/")
    return folder if folder.is_dir() else mount


def _version_1(proc: Path) -> Hierarchy | None:
    own = _memberships(proc)
    folders: dict[str, Path] = {}
    for mount, root, options in _mounts(proc, "cgroup"):
        for name in (*CONTROLLERS_V1, "freezer", "cpu"):
            if name in options:
                folders[name] = _own_folder(mount, root, own.get(name, "/"))
    if not set(CONTROLLERS_V1) <= set(folders):
        return None
    freezer, share = (
        folder if (folder := folders.get(name)) is not None and os.access(folder, os.W_OK) else None
        for name in ("freezer", "cpu")
    )
    return Hierarchy(
        folders["memory"], folders["pids"], folders["cpuacct"], unified=False, freezer=freezer, share=share
    )


def _version_2(proc: Path) -> Hierarchy | None:
    """A delegated version 2 group. Its own processes move into a leaf first: only leaves may hold any."""
    mounts = _mounts(proc, "cgroup2")
    if not mounts:
        return None
    mount, root, _ = mounts[0]
    folder = _own_folder(mount, root, _memberships(proc).get("", "/"))
    if folder.name == "llsys-self":
        folder = folder.parent
    try:
        available = (folder / "cgroup.controllers").read_text().split()
        if not {"memory", "pids"} <= set(available):
            return None
        enabled = (folder / "cgroup.subtree_control").read_text().split()
        if not {"memory", "pids"} <= set(enabled):
            leaf = folder / "llsys-self"
            leaf.mkdir(exist_ok=True)
            for pid in (folder / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    (leaf / "cgroup.procs").write_text(pid)
            (folder / "cgroup.subtree_control").write_text("+memory +pids")
        share = folder if _shares(folder, enabled, available) else None
    except OSError:
        return None
    return Hierarchy(folder, folder, folder, unified=True, freezer=folder, share=share)


def _shares(folder: Path, enabled: Sequence[str], available: Sequence[str]) -> bool:
    """Whether groups below may have a part of the processors that is theirs; where it was not so, it is asked for."""
    if "cpu" in enabled or "cpu" not in available:
        return "cpu" in enabled
    with contextlib.suppress(OSError):
        (folder / "cgroup.subtree_control").write_text("+cpu")
        return True
    return False
