"""What a container is made of: the shape that a run needs, and the whole of it for Docker's API."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from grader.sandbox.docker.settings import Settings
from grader.sandbox.interface import MIB, Limits, Mount, SandboxFault
from grader.sandbox.layout import SHARED_MEMORY_BYTES

LABEL = "llsys.box"
CAPABILITIES = ("SETUID", "SETGID", "SETPCAP", "KILL")
"""What the agent needs to become the learner, without any capability, and to end the learner's processes."""
MASKED = (
    "/proc/acpi", "/proc/asound", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
    "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
)  # fmt: skip
"""What the kernel tells everybody that is no program's business. Docker masks more: what only root may open, and with
capabilities that nobody here has (/proc/kcore), is better refused than shown empty."""
INPUT_FOLDERS = ("/src", "/in", "/harness")


@dataclass(frozen=True)
class Shape:
    """What cannot be changed once a container runs; containers of one shape can stand in for each other."""

    mounts: tuple[Mount, ...]
    inodes: tuple[tuple[int, int], ...]
    """Of the mounts' sources: a source that was replaced is another one."""
    disk_bytes: int
    inputs: tuple[str, ...]
    """Folders at the top where files are placed."""

    @classmethod
    def of(cls, mounts: Sequence[Mount], limits: Limits, paths: Sequence[str]) -> Shape:
        """The shape for a run.

        Raises:
            SandboxFault: a mount's source is not there.
        """
        chosen = tuple(dict.fromkeys(mounts))
        try:
            states = [mount.source.stat() for mount in chosen]
        except OSError as error:
            raise SandboxFault(f"{error.filename} cannot be mounted: {error.strerror}") from error
        tops = {f"/{PurePosixPath(path).parts[1]}" for path in paths} - {"/box", "/tmp"}  # noqa: S108 - in the box
        inputs = tuple(sorted({*INPUT_FOLDERS, *tops}))
        return cls(chosen, tuple((state.st_dev, state.st_ino) for state in states), limits.disk_bytes, inputs)


def configuration(
    settings: Settings, shape: Shape, place: Path, owner: str, profile: str, *, labelled: bool, cgroup_parent: str
) -> dict[str, Any]:
    """The container for Docker's API. `labelled`: with SELinux, whose label is written to `/proc` in the container."""
    mounts = [(place / "llsys", "/llsys"), (place / "llsys" / "passwd", "/etc/passwd")]
    mounts += [(mount.source.absolute(), mount.target) for mount in shape.mounts]
    written = "rw,exec,nosuid,nodev,mode=1777"
    tmpfs = {name: f"{written},size={max(shape.disk_bytes, os.sysconf('SC_PAGE_SIZE'))}" for name in ("/box", "/tmp")}  # noqa: S108
    mounted = {mount.target for mount in shape.mounts}
    tmpfs |= {name: "rw,exec,nosuid,nodev,mode=755" for name in shape.inputs if name not in mounted}
    starting = 256 * MIB
    host: dict[str, Any] = {
        "AutoRemove": True,
        "NetworkMode": "none",
        "IpcMode": "private",
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "CapAdd": list(CAPABILITIES),
        "SecurityOpt": ["no-new-privileges:true", f"seccomp={profile}"],
        "Memory": starting,
        "MemorySwap": starting,
        "PidsLimit": 16,
        "CgroupParent": cgroup_parent,
        # As much as one busy thread for each processor; the kernel counts a container as one.
        "CpuShares": 1024 * min(os.cpu_count() or 1, 256),
        "ShmSize": SHARED_MEMORY_BYTES,
        "Tmpfs": tmpfs,
        "Ulimits": [{"Name": "core", "Soft": 1, "Hard": 1}, {"Name": "nofile", "Soft": 1024, "Hard": 1024}],
        # When the machine runs out of memory, boxes end first; within a box the largest process does.
        "OomScoreAdj": 1000,
        "MaskedPaths": [*MASKED, *(() if settings.gpus else ("/sys",))],
        "LogConfig": {"Type": "none", "Config": {}},
        "Mounts": [
            {"Type": "bind", "Source": str(source), "Target": target, "ReadOnly": True} for source, target in mounts
        ],
    }
    if not labelled:
        host["ReadonlyPaths"] = ["/proc"]
    if settings.runtime:
        host["Runtime"] = settings.runtime
    if settings.gpus:
        host["DeviceRequests"] = [_devices(settings.gpus)]
    return {
        "Image": settings.image,
        "Cmd": ["python3", "-I", "-S", "/llsys/agent.py", *shape.inputs],
        "Entrypoint": [],
        "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1"],
        "User": "0:0",
        "WorkingDir": "/",
        "Hostname": "box",
        "Labels": {LABEL: owner},
        "HostConfig": host,
    }


def _devices(gpus: tuple[str, ...]) -> dict[str, Any]:
    """GPUs for Docker's API: by the container device interface where the names say so, else by NVIDIA's runtime."""
    if all("/" in name for name in gpus):
        return {"Driver": "cdi", "DeviceIDs": list(gpus)}
    if gpus == ("all",):
        return {"Driver": "nvidia", "Count": -1, "Capabilities": [["gpu"]]}
    return {"Driver": "nvidia", "DeviceIDs": list(gpus), "Capabilities": [["gpu"]]}
