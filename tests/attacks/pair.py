"""Two programs that want to talk: `pair.py send TOKEN SECONDS` and `pair.py receive TOKEN SECONDS`, each in a box.

The receiver prints the channels over which it heard of the sender. Standard library only; it runs as a submission does.
"""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

ROLE, TOKEN, SECONDS = sys.argv[1], sys.argv[2].encode(), float(sys.argv[3])
NUMBER = int.from_bytes(TOKEN[-4:], "little") & 0x3FFFFFFF
PORT = 20000 + NUMBER % 20000
SHARED = "/usr/bin/env"
READ = "/usr/bin/cat"
FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/box", "/run/lock")
libc = ctypes.CDLL(None, use_errno=True)
heard: set[str] = set()
cleanups: list[Callable[[], object]] = []


def send() -> None:
    for folder in FOLDERS:
        with contextlib.suppress(OSError):
            path = pathlib.Path(folder) / f"llsys-{NUMBER}"
            path.write_bytes(TOKEN)
            cleanups.append(path.unlink)
    with contextlib.suppress(OSError):
        server = socket.socket(socket.AF_UNIX)
        server.bind(b"\0" + TOKEN)
        server.listen()
        cleanups.append(server.close)
    with contextlib.suppress(OSError):
        listener = socket.socket()
        listener.bind(("127.0.0.1", PORT))
        listener.listen()
        cleanups.append(listener.close)
    descriptor = os.open(SHARED, os.O_RDONLY)
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    other = os.open(SHARED, os.O_RDONLY)
    with contextlib.suppress(OSError):
        fcntl.fcntl(other, fcntl.F_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0))
    segment = libc.shmget(NUMBER, 4096, 0o1666)
    if segment >= 0:
        cleanups.append(lambda: libc.shmctl(segment, 0, None))
    queue = libc.msgget(NUMBER, 0o1666)
    if queue >= 0:
        cleanups.append(lambda: libc.msgctl(queue, 0, None))
    semaphores = libc.semget(NUMBER, 1, 0o1666)
    if semaphores >= 0:
        cleanups.append(lambda: libc.semctl(semaphores, 0, 0))
    name = b"/llsys-%d" % NUMBER
    if libc.mq_open(name, os.O_CREAT | os.O_RDWR, 0o666, None) >= 0:
        cleanups.append(lambda: libc.mq_unlink(name))
    libc.syscall(248, b"user", TOKEN, TOKEN, len(TOKEN), -4)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with open(READ, "rb") as file:
            file.read(1)
        time.sleep(0.01)
    for clean in cleanups:
        clean()


def listen_on(family: int, address: Any, name: str) -> None:
    with contextlib.suppress(OSError), socket.socket(family) as connection:
        connection.settimeout(0.2)
        connection.connect(address)
        heard.add(name)


def receive() -> None:
    watch = libc.inotify_init1(os.O_NONBLOCK)
    if watch >= 0:
        libc.inotify_add_watch(watch, READ.encode(), 0x21)
    with contextlib.suppress(OSError):
        signal.signal(signal.SIGIO, lambda *_: heard.add("folder notice"))
        folder = os.open(os.path.dirname(READ), os.O_RDONLY)
        fcntl.fcntl(folder, fcntl.F_NOTIFY, 0x80000001)
    shared = os.open(SHARED, os.O_RDONLY)
    inode = str(os.fstat(shared).st_ino)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        heard.update(folder for folder in FOLDERS if os.path.exists(f"{folder}/llsys-{NUMBER}"))
        listen_on(socket.AF_UNIX, b"\0" + TOKEN, "abstract socket")
        listen_on(socket.AF_INET, ("127.0.0.1", PORT), "loopback")
        try:
            fcntl.flock(shared, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(shared, fcntl.LOCK_UN)
        except BlockingIOError:
            heard.add("file lock")
        except OSError:
            pass
        with contextlib.suppress(OSError):
            question = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
            if struct.unpack_from("h", fcntl.fcntl(shared, fcntl.F_GETLK, question))[0] != fcntl.F_UNLCK:
                heard.add("record lock")
        with contextlib.suppress(OSError):
            if watch >= 0 and os.read(watch, 4096):
                heard.add("inotify")
        for call, name in ((libc.shmget, "shared memory"), (libc.msgget, "message queue"), (libc.semget, "semaphores")):
            arguments = (NUMBER, 0) if call is libc.msgget else (NUMBER, 0, 0)
            if call(*arguments) >= 0:
                heard.add(name)
        if libc.mq_open(b"/llsys-%d" % NUMBER, os.O_RDONLY) >= 0:
            heard.add("POSIX queue")
        if libc.syscall(249, b"user", TOKEN, None, 0) >= 0:
            heard.add("keyring")
        with contextlib.suppress(OSError), open("/proc/locks") as locks:
            if any(f":{inode} " in line for line in locks):
                heard.add("list of locks")
        for process in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if process.isdigit() and b"send\0" + TOKEN in pathlib.Path(f"/proc/{process}/cmdline").read_bytes():
                    heard.add("processes")
        time.sleep(0.02)
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    print("\n".join(sorted(heard)))


(send if ROLE == "send" else receive)()
