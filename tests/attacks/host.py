"""The machine around the boxes: canaries that an attack would touch, and what must be the same after it as before.

Several graders may work on one machine, so only what belongs to this one is judged, or what no box may ever leave.
"""

from __future__ import annotations

import contextlib
import gc
import os
import re
import secrets
import socket
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

SECRET = f"canary-secret-{secrets.token_hex(6)}"
PORT = b"47811"
"""Stands for the listeners' port in the submissions."""
NAME = b"llsys-canary"
"""Stands for the canaries' names there."""
BOX_USERS = range(60000, 64000)
SERVICES = ("postgres", "redis-server")
"""What tests of this process run beside the attacks; a database starts and ends processes when it likes."""
OPEN_TO_ALL = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")
MEMORY_TOLERANCE = 0.15
"""Share of the machine's memory that others may take or give back meanwhile."""
DISK_TOLERANCE = 4 << 30


class Host:
    """This machine. Use it as a context manager: the canaries are there for that long."""

    def __init__(self) -> None:
        self.touched: list[str] = []
        """Listeners that somebody reached, in order."""
        self.helpers: set[int] = set()
        """Processes of the tests themselves."""
        self._name = f"{NAME.decode()}-{os.getpid()}"
        self.canary = Path(f"/var/tmp/{self._name}.h")
        self.port = 0
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Host:
        self.canary.write_text("#define LLSYS_CANARY 0\n")
        os.environ["LLSYS_CANARY"] = SECRET
        self.port = self._listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self._listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", self.port))
        with contextlib.suppress(OSError):
            self._listen(socket.AF_INET6, socket.SOCK_STREAM, ("::1", self.port))
            self._listen(socket.AF_INET6, socket.SOCK_DGRAM, ("::1", self.port))
        for name in (f"\0{self._name}", f"/var/tmp/{self._name}.sock"):
            self._listen(socket.AF_UNIX, socket.SOCK_STREAM, name)
        with contextlib.suppress(OSError):
            self._listen(socket.AF_VSOCK, socket.SOCK_STREAM, (socket.VMADDR_CID_ANY, self.port))
        return self

    def __exit__(self, *_: object) -> None:
        del os.environ["LLSYS_CANARY"]
        for server in self._sockets:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
        self.canary.unlink()
        Path(f"/var/tmp/{self._name}.sock").unlink()

    def _listen(self, family: int, kind: int, address: object) -> int:
        server = socket.socket(family, kind)
        self._sockets.append(server)
        server.bind(address)  # type: ignore[arg-type]
        if kind == socket.SOCK_STREAM:
            server.listen()
        name = f"{socket.AddressFamily(family).name} {socket.SocketKind(kind).name}"
        threading.Thread(target=self._wait, args=(server, kind, name), daemon=True).start()
        return int(server.getsockname()[1]) if family == socket.AF_INET else 0

    def _wait(self, server: socket.socket, kind: int, name: str) -> None:
        while True:
            try:
                if kind == socket.SOCK_STREAM:
                    server.accept()[0].close()
                elif not server.recvfrom(100)[0]:
                    return
            except OSError:
                return
            self.touched.append(name)

    def aim(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """The files with the names and the port of this run's canaries in place of the stand-ins."""
        port = str(self.port).encode()
        return {name: text.replace(NAME, self._name.encode()).replace(PORT, port) for name, text in files.items()}

    def state(self, containers: Collection[str] | None = None) -> dict[str, object]:
        """What an attack must not change.

        Args:
            containers: identities of the containers of this process, where boxes are containers. Some wait for
                programs; none may hold a process of a box's user.
        """
        gc.collect()
        mark = f"llsys-box-{os.getpid()}-"
        return {
            "control groups": [place for place, _, _ in os.walk("/sys/fs/cgroup") if mark in place],
            "processes": self._processes(mark, containers or ()),
            "mounts": sorted(_mounts()),
            "descriptors": len(list(_descriptors())),
            "canary": (self.canary.read_text(), self.canary.stat().st_mode, self.canary.stat().st_uid),
            "connections": list(self.touched),
            "files of box users": sorted(_left_files()),
            "sockets of box users": sorted(_sockets()),
            "IPC of box users": sorted(_ipc()),
        }

    def _processes(self, mark: str, containers: Collection[str]) -> list[str]:
        """Descendants of this process, members of its boxes' control groups, and box users in its containers."""
        parents: dict[int, int] = {}
        names: dict[int, str] = {}
        members: list[int] = []
        services: set[int] = set()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError):
                head, _, tail = (folder / "stat").read_text().rpartition(")")
                parents[int(folder.name)] = int(tail.split()[1])
                names[int(folder.name)] = head.partition("(")[2]
                if names[int(folder.name)] in SERVICES and folder.stat().st_uid not in BOX_USERS:
                    services.add(int(folder.name))
                groups = (folder / "cgroup").read_text()
                boxed = any(name in groups for name in containers) and folder.stat().st_uid in BOX_USERS
                if boxed or mark in groups:
                    members.append(int(folder.name))
        apart = self.helpers | services
        found, new = set(apart), {os.getpid()}
        while new:
            new = {child for child, parent in parents.items() if parent in new} - found
            found |= new
        return sorted(f"{process} {names[process]}" for process in {*members, *(found - apart - {os.getpid()})})


def _mounts() -> Iterator[str]:
    """Mounts that name a box."""
    mark = re.compile(rf"llsys-box|/(old|new)root\b|{NAME.decode()}")
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if mark.search(line):
            yield line


def _descriptors() -> Iterator[str]:
    """Descriptors of this process but for sockets: those to waiting containers come and go, other boxes have none."""
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if not os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                yield name


def _left_files() -> Iterator[str]:
    for folder in OPEN_TO_ALL:
        with contextlib.suppress(OSError):
            for entry in os.scandir(folder):
                with contextlib.suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_uid in BOX_USERS:
                        yield entry.path


def _sockets() -> Iterator[str]:
    """Sockets in the host's own network that belong to a box's user."""
    for name in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
                if int(line.split()[7]) in BOX_USERS:
                    yield f"{name} {line.split()[1]}"


def _ipc() -> Iterator[str]:
    """System V objects of the host that belong to a box's user."""
    for name, column in (("shm", 7), ("sem", 4), ("msg", 7)):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/sysvipc/{name}").read_text().splitlines()[1:]:
                if int(line.split()[column]) in BOX_USERS:
                    yield f"{name} {line.split()[1]}"


def memory_available() -> int:
    """Bytes the machine could still give."""
    match = re.search(r"MemAvailable:\s+(\d+)", Path("/proc/meminfo").read_text())
    return int(match[1]) * 1024 if match else 0


def memory_total() -> int:
    """Bytes the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def disk_free() -> int:
    """Free bytes of the root file system."""
    seen = os.statvfs("/")
    return seen.f_bavail * seen.f_frsize
