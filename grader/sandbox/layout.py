"""What a box looks like to bubblewrap, and starting it with exactly the file descriptors it needs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from grader.sandbox import supervisor
from grader.sandbox.cgroups import Group
from grader.sandbox.interface import MIB, Limits, Mount, SandboxFault
from grader.sandbox.supervise import Child, Watch, watch

SHARED_MEMORY_BYTES = 16 * MIB
SYSTEM_FOLDERS = ("/bin", "/lib", "/lib64", "/lib32", "/sbin")
SYSTEM_FILES = ("/etc/alternatives", "/etc/ld.so.cache")
CONTROL_FD = 3
SUPERVISOR = "/supervisor"
"""A program that cannot be read, only started: the kernel then shows its memory and descriptors to nobody, which
matters where it and the learner's program have the same user."""
_FIRST_SPARE_FD = 64
# A named capability stays with the supervisor only; it needs them to become the learner's user.
_SUPERVISOR_CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")


class Descriptors:
    """File descriptors for a child: each gets the next number from 3 on, and nothing else is inherited."""

    def __init__(self) -> None:
        self._sources: list[int] = []

    @property
    def sources(self) -> Sequence[int]:
        """This side's copies, in the order of the child's numbers."""
        return self._sources

    def add(self, fd: int) -> int:
        """Hand `fd` over; gives its number in the child."""
        try:
            source = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST_SPARE_FD)
        finally:
            os.close(fd)
        self._sources.append(source)
        return CONTROL_FD + len(self._sources) - 1

    def memory(self, content: bytes) -> int:
        """A file in memory with this content, at its beginning."""
        return self.add(memory_file(content))

    def pipe(self) -> int:
        """A pipe whose writing end the child gets as its next descriptor; gives the reading end."""
        read, write = os.pipe()
        self.add(write)
        return read

    def close(self) -> None:
        """Close this side's copies; the reading end of a pipe only ends once that is done."""
        while self._sources:
            os.close(self._sources.pop())

    def actions(self, standard: Sequence[int]) -> list[tuple[int, int] | tuple[int, int, int]]:
        """What `posix_spawn` has to do for the child."""
        pairs = [*enumerate(standard), *enumerate(self._sources, start=CONTROL_FD)]
        wanted = {target for target, _ in pairs}
        actions: list[tuple[int, int] | tuple[int, int, int]] = [
            (os.POSIX_SPAWN_DUP2, source, target) for target, source in pairs
        ]
        return actions + [(os.POSIX_SPAWN_CLOSE, fd) for fd in _inheritable() if fd not in wanted]


def _inheritable() -> list[int]:
    """Descriptors that this process would pass on by itself, for example because its own parent did."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if os.get_inheritable(int(name)):
                found.append(int(name))
    return found


def memory_file(content: bytes) -> int:
    """An unnamed file in memory, read from its beginning. Nobody can write to it any more, its reader included."""
    fd = os.memfd_create("box", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(os.dup(fd), "wb") as file:
        file.write(content)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


@dataclass(frozen=True)
class Started:
    """A box that runs: its outermost process and the reading ends of its outputs."""

    pid: int
    stdout: int
    stderr: int


def start(
    line: Sequence[str],
    *,
    stdin: bytes,
    inherited: Descriptors,
    env: Mapping[str, str] | None = None,
    new_session: bool = False,
) -> Started:
    """Start a box, with an empty environment unless told otherwise. `inherited` is closed.

    Raises:
        SandboxFault: it could not be started.
    """
    with making_a_box(), contextlib.ExitStack() as stack, contextlib.ExitStack() as ours:
        stack.callback(inherited.close)
        out_pair = _pipe(stack, ours)
        err_pair = _pipe(stack, ours)
        source = memory_file(stdin)
        stack.callback(os.close, source)
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST_SPARE_FD) for fd in (source, out_pair[1], err_pair[1])]
        for fd in high:
            stack.callback(os.close, fd)
        pid = os.posix_spawn(
            line[0],
            list(line),
            env or {},
            file_actions=inherited.actions(high),
            setsigdef=[signal.SIGPIPE],
            setsid=new_session,
        )
        ours.pop_all()
    return Started(pid, out_pair[0], err_pair[0])


def _pipe(theirs: contextlib.ExitStack, ours: contextlib.ExitStack) -> tuple[int, int]:
    read, write = os.pipe()
    ours.callback(os.close, read)
    theirs.callback(os.close, write)
    return read, write


@contextlib.contextmanager
def making_a_box() -> Iterator[None]:
    """What the machine refuses while a box is made is a fault of the machine.

    Raises:
        SandboxFault: in place of any `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise SandboxFault(f"the box could not be made: {error}") from error


def start_and_watch(
    line: Sequence[str],
    *,
    stdin: bytes,
    control: int,
    limits: Limits,
    group: Group | None,
    inherited: Descriptors,
) -> Watch:
    """Start a box and follow it to its end. `control` and `inherited` are closed.

    Raises:
        SandboxFault: it could not be started.
    """
    try:
        box = start(line, stdin=stdin, inherited=inherited)
    except SandboxFault:
        os.close(control)
        raise

    def kill() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(box.pid, signal.SIGKILL)
        if group is not None:
            group.kill()

    outputs = (box.stdout, box.stderr)
    return watch(Child(box.pid), outputs=outputs, control=control, limits=limits, group=group, kill=kill)


@cache
def system_options() -> tuple[str, ...]:
    """The host's programs and libraries, read-only, laid out as the host has them."""
    options = ["--ro-bind", "/usr", "/usr", "--perms", "0755", "--dir", "/etc"]
    for name in SYSTEM_FOLDERS:
        folder = Path(name)
        if folder.is_symlink():
            options += ["--symlink", os.readlink(folder).lstrip("/"), name]
        elif folder.is_dir():
            options += ["--ro-bind", name, name]
    for name in SYSTEM_FILES:
        options += ["--ro-bind-try", name, name]
    return tuple(options)


def _parents(targets: Sequence[str]) -> list[str]:
    """Folders to make before mounting, outermost first; bubblewrap would make them readable by root only."""
    wanted = {"/src", "/in"} | {str(parent) for target in targets for parent in PurePosixPath(target).parents}
    made_already = ("/", "/box", "/tmp", "/usr", "/etc", "/dev", "/proc")  # noqa: S108
    return sorted(folder for folder in wanted if folder not in made_already and not folder.startswith("/usr/"))


def box_options(
    limits: Limits,
    *,
    files_in: Mapping[str, bytes],
    mounts: Sequence[Mount],
    env: Mapping[str, str],
    user_namespace_uid: int | None,
    accounts: bytes,
    seccomp_filter: bytes,
    inherited: Descriptors,
) -> list[str]:
    """bubblewrap's options for one box; they travel over a pipe, so the box cannot read them in `/proc`."""
    options = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    options += ["--die-with-parent", "--as-pid-1", "--new-session", "--hostname", "box", "--clearenv"]
    options += ["--cap-drop", "ALL"]
    if user_namespace_uid is None:
        for name in _SUPERVISOR_CAPABILITIES:
            options += ["--cap-add", name]
    else:
        options += ["--unshare-user", "--disable-userns"]
        options += ["--uid", str(user_namespace_uid), "--gid", str(user_namespace_uid)]
    options += ["--seccomp", str(inherited.memory(seccomp_filter))]
    for name, value in env.items():
        options += ["--setenv", name, value]
    options += [*system_options(), "--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]
    for mount in mounts:
        options += ["--dev-bind", str(mount.source), mount.target] if mount.device else []
    options += ["--perms", "1777", "--size", str(SHARED_MEMORY_BYTES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]  # noqa: S108
    for folder in ("/tmp", "/box"):  # noqa: S108 - in the box
        options += ["--perms", "1777", "--size", str(limits.disk_bytes), "--tmpfs", folder]
    files = {"/etc/passwd": accounts, **files_in}
    for folder in _parents((*(mount.target for mount in mounts), *files)):
        options += ["--perms", "0755", "--dir", folder]
    for mount in mounts:
        options += [] if mount.device else ["--ro-bind", str(mount.source), mount.target]
    for path, content in files.items():
        options += ["--perms", "0555", "--file", str(inherited.memory(content)), path]
    options += ["--perms", "0111", "--file", str(inherited.memory(supervisor.program())), SUPERVISOR]
    return [*options, "--remount-ro", "/", "--chdir", "/box"]
