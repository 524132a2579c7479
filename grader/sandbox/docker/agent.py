"""The first process of a container: runs programs as the learner's user, counts and ends them, and cleans up.

It is a file of its own with nothing but the standard library, because it runs with the image's Python (3.9 or newer)
and not with the grader's. It is root inside the container, with the few capabilities needed to become another user
and to end that user's processes. Orders come over a socket that only the grader holds; a program never runs while the
socket has a name, and inherits none of its descriptors. When the socket closes, the agent ends, and with it, being
the first process, everything in the container.

Orders are single packets: b"R<number>" with descriptors runs a program, b"K<number>" ends that run. Answers are JSON
packets: the greeting, then for each run its result and, later, what could not be cleaned.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import errno
import json
import os
import resource
import select
import signal
import socket
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

SOCKET = "/llsys/socket"
WRITABLE = ("/box", "/tmp", "/dev/shm")  # noqa: S108 - in the box
"""Where a program may leave something."""
MAX_PACKET = 256
MAX_DESCRIPTORS = 16
MAX_LEFT = 2000
"""More entries than this are not worth removing: the container is thrown away instead."""
MAX_DEPTH = 32
COPY_BYTES = 1 << 20
_BLOCK = 512
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _PR_SET_DUMPABLE = 24, 38, 22, 4
_LAST_CAPABILITY = 40
_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


@dataclass(frozen=True)
class Order:
    """One run, as the grader wants it; the descriptor's content is the JSON and, behind it, the files."""

    command: list[str]
    env: dict[str, str]
    uid: int
    files: list[tuple[str, int]]
    files_out: list[str]
    files_bytes: int
    rlimits: dict[str, int]
    seccomp: bytes


def _read_order(fd: int) -> tuple[Order, int]:
    """The order and the offset at which the files begin."""
    size = int(os.pread(fd, 16, 0))
    values = json.loads(os.pread(fd, size, 16))
    values["seccomp"] = bytes.fromhex(values["seccomp"])
    return Order(**values), 16 + size


def _prctl(option: int, *arguments: Any) -> int:
    filled = [*arguments, *([0] * (4 - len(arguments)))]
    return int(_libc.prctl(option, *(ctypes.c_ulong(a) if isinstance(a, int) else a for a in filled)))


def _place(order: Order, fd: int, offset: int) -> None:
    """Put the order's files where they belong: readable and executable, and only the agent can change them."""
    for path, size in order.files:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o555)
        try:
            left = size
            while left:
                left -= os.sendfile(target, fd, offset + size - left, min(left, COPY_BYTES))
        finally:
            os.close(target)
        offset += size


def _become(uid: int) -> None:
    """Be the learner's user for good, without any capability."""
    for number in range(_LAST_CAPABILITY + 1):
        _prctl(_PR_CAPBSET_DROP, number)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _start(order: Order, inherited: Sequence[int], control: int) -> NoReturn:
    """In the new process: leave everything of the agent behind and become the program. `b"S"` says that it starts."""
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        _arrange([*inherited, control])
        control = len(inherited)
        for name, value in order.rlimits.items():
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
            # The signal for too much processor time comes at the soft limit, death at the hard one.
            late = bound + 1 if kind == resource.RLIMIT_CPU and bound != hard else bound
            resource.setrlimit(kind, (bound, late))
        os.umask(0o022)
        os.chdir("/box")
        _become(order.uid)
        os.set_inheritable(control, False)
        program = _Program(len(order.seccomp) // 8, order.seccomp)
        if order.seccomp and _prctl(_PR_SET_SECCOMP, 2, ctypes.byref(program)) != 0:
            raise OSError(ctypes.get_errno(), "the system-call filter was refused")
    except BaseException as error:
        os.write(2, f"the box could not be prepared: {error}\n".encode())
        os._exit(125)
    os.write(control, b"S")
    try:
        os.execvpe(order.command[0], order.command, order.env)  # noqa: S606 - no shell on purpose
    except OSError as error:
        os.write(2, f"{order.command[0]}: {error.strerror}\n".encode())
        os._exit(127 if error.errno == errno.ENOENT else 126)


def _arrange(descriptors: Sequence[int]) -> None:
    """Give the descriptors the numbers from 0 on, and close every other one."""
    import fcntl

    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in descriptors]
    for number, fd in enumerate(high):
        os.dup2(fd, number)
    os.closerange(len(descriptors), resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _as_learner(uid: int, keep: int, work: Any) -> int:
    """Do some work in a process of the learner's user; gives its exit status. Only `keep` stays open in it."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            _prctl(_PR_SET_DUMPABLE, 0)
            os.chdir("/")
            _become(uid)
            status = 0 if work(keep) else 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _open_beneath(folder: str, name: str) -> int:
    """Open a file below a folder; no link is followed at any step."""
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    parts = name.split("/")
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = inner
        return os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=at)
    finally:
        os.close(at)


def _archive(names: Sequence[str], room: int, control: int) -> bool:
    """Write the regular files among the names as a ustar archive, as long as there is room."""
    for name in names:
        try:
            fd = _open_beneath("/box", name)
        except OSError:
            continue
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode) or found.st_size > room:
                continue
            room -= found.st_size
            header = name.encode().ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2
            header += b"%011o\0" % found.st_size + b"0" * 11 + b"\0" + b" " * 8 + b"0"
            _write(control, header.ljust(_BLOCK, b"\0"))
            left = found.st_size
            while left and (part := os.read(fd, min(left, COPY_BYTES))):
                left -= len(part)
                _write(control, part)
            if left:
                return False
            _write(control, b"\0" * (-found.st_size % _BLOCK))
        finally:
            os.close(fd)
    return True


def _write(fd: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def _empty(folders: Sequence[str], *, own: int) -> bool:
    """Remove what a user left in the folders, within bounds; True when all of it is gone."""
    room = [MAX_LEFT]

    def clear(at: int, depth: int) -> None:
        for entry in list(_entries(at, room)):
            with contextlib.suppress(OSError):
                found = os.stat(entry, dir_fd=at, follow_symlinks=False)
                if found.st_uid != own:
                    continue
                if not stat.S_ISDIR(found.st_mode):
                    os.unlink(entry, dir_fd=at)
                elif depth < MAX_DEPTH:
                    os.chmod(entry, 0o700, dir_fd=at)
                    inner = os.open(entry, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
                    try:
                        clear(inner, depth + 1)
                    finally:
                        os.close(inner)
                    os.rmdir(entry, dir_fd=at)

    for folder in folders:
        at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            clear(at, 0)
        finally:
            os.close(at)
    return room[0] > 0


def _entries(at: int, room: list[int]) -> Iterator[str]:
    with os.scandir(at) as entries:
        for entry in entries:
            room[0] -= 1
            if room[0] <= 0:
                return
            yield entry.name


def _leftovers(inputs: Sequence[str]) -> str:
    """What is left anywhere a program could write; "" when there is nothing."""
    for folder in (*WRITABLE, "/dev/mqueue", *inputs):
        if os.path.isdir(folder) and os.listdir(folder):
            return f"something is left in {folder}"
    for kind in ("shm", "msg", "sem"):
        with contextlib.suppress(OSError), open(f"/proc/sysvipc/{kind}") as file:
            if len(file.readlines()) > 1:
                return f"System V {kind} is left"
    if any(name.isdigit() and name != "1" for name in os.listdir("/proc")):
        return "a process is left"
    return ""


class Agent:
    """See the module."""

    def __init__(self, conversation: socket.socket, inputs: Sequence[str]) -> None:
        self._conversation = conversation
        self._inputs = inputs
        self._children, wake = socket.socketpair()
        for end in (self._children, wake):
            end.setblocking(False)
        self._wake = wake
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))

    def serve(self) -> None:
        """Run programs until the grader lets go of the socket."""
        while True:
            packet, descriptors = self._receive()
            if packet.startswith(b"R"):
                try:
                    self._run(int(packet[1:]), descriptors)
                finally:
                    for fd in descriptors:
                        with contextlib.suppress(OSError):
                            os.close(fd)

    def _receive(self) -> tuple[bytes, list[int]]:
        """The next packet. The socket's end is the agent's end."""
        fds = array.array("i")
        size = socket.CMSG_LEN(MAX_DESCRIPTORS * fds.itemsize)
        packet, ancillary, _, _ = self._conversation.recvmsg(MAX_PACKET, size, socket.MSG_CMSG_CLOEXEC)
        if not packet:
            os._exit(0)
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
        return packet, list(fds)

    def _send(self, **values: Any) -> None:
        self._conversation.send(json.dumps(values).encode())

    def _run(self, number: int, descriptors: list[int]) -> None:
        order_fd, control, *inherited = descriptors
        order, offset = _read_order(order_fd)
        try:
            _place(order, order_fd, offset)
            pid = os.fork()
        except OSError as error:
            os.close(control)
            self._send(run=number, fault=f"{error.strerror}: {error.filename or ''}")
            self._send(run=number, left="it did not start")
            return
        if pid == 0:
            _start(order, inherited, control)
        for fd in (order_fd, *inherited):
            os.close(fd)
        result = self._follow(number, pid)
        killed = result.pop("killed")
        if not killed:
            _write(control, b"E")
        self._end_all(result)
        if not killed and order.files_out:
            _as_learner(order.uid, control, lambda fd: _archive(order.files_out, order.files_bytes, fd))
        os.close(control)
        descriptors[:] = []
        self._send(run=number, **result)
        self._send(run=number, left=self._clean(order))

    def _follow(self, number: int, pid: int) -> dict[str, Any]:
        """Wait for the program and bury what ends meanwhile."""
        result: dict[str, Any] = {"status": None, "cpu": 0.0, "rss": 0, "killed": False, "survivors": 0}
        while True:
            self._bury(result, pid, os.WNOHANG)
            if result["status"] is not None:
                return result
            for ready in select.select([self._conversation, self._children], [], [])[0]:
                if ready is self._children:
                    with contextlib.suppress(BlockingIOError):
                        self._children.recv(4096)
                    continue
                packet, stray = self._receive()
                for fd in stray:
                    os.close(fd)
                if packet == b"K%d" % number:
                    result["killed"] = True
                    _signal_all(signal.SIGKILL)

    def _bury(self, result: dict[str, Any], pid: int, options: int) -> bool:
        """Take in ended processes; False when there is none left to wait for."""
        while True:
            try:
                ended, status, usage = os.wait4(-1, options)
            except ChildProcessError:
                return False
            if ended == 0:
                return True
            result["cpu"] += usage.ru_utime + usage.ru_stime
            result["rss"] = max(result["rss"], usage.ru_maxrss * 1024)
            if ended == pid:
                result["status"] = os.waitstatus_to_exitcode(status)
                return True

    def _end_all(self, result: dict[str, Any]) -> None:
        """End every process but this one. A signal to all is one act for the kernel, and forks see it pending."""
        while True:
            _signal_all(signal.SIGKILL)
            try:
                _, _, usage = os.wait4(-1, 0)
            except ChildProcessError:
                return
            result["survivors"] += 1
            result["cpu"] += usage.ru_utime + usage.ru_stime
            result["rss"] = max(result["rss"], usage.ru_maxrss * 1024)

    def _clean(self, order: Order) -> str:
        """Remove what the run left; gives what could not be removed."""
        try:
            if any(os.listdir(folder) for folder in WRITABLE):
                _as_learner(order.uid, -1, lambda _: _empty(WRITABLE, own=order.uid))
            _empty((*WRITABLE, *self._inputs), own=os.getuid())
            return _leftovers(self._inputs)
        except OSError as error:
            return f"it could not be cleaned: {error}"


def _signal_all(number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, number)


def main(inputs: Sequence[str]) -> None:
    """Greet the grader and serve it. `inputs` are the folders in which files are placed."""
    os.umask(0o022)
    # Some runtimes give a folder in memory the mode of the image's folder in its place.
    for folder in WRITABLE:
        os.chmod(folder, 0o1777)  # noqa: S103 - as every /tmp
    conversation = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    conversation.connect(SOCKET)
    agent = Agent(conversation, inputs)
    conversation.send(json.dumps({"python": sys.version.split()[0], "uid": os.getuid(), "pid": os.getpid()}).encode())
    agent.serve()


if __name__ == "__main__":
    main(sys.argv[1:])
