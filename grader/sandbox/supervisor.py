"""The program around a learner's program, compiled for this machine from `supervisor.c`."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from grader.sandbox.interface import SandboxUnavailable

SOURCE = Path(__file__).with_suffix(".c")
CPU_SECONDS, FILE_BYTES, DATA_BYTES, STACK_BYTES, PROCESSES, OPEN_FILES = 0, 1, 2, 3, 6, 7
"""Numbers of the kernel's limits, the same for every architecture that the supervisor knows."""
_OPTIONS = ["-Os", "-static", "-no-pie", "-nostdlib", "-ffreestanding", "-fno-builtin", "-fno-stack-protector"]
_OPTIONS += ["-fno-asynchronous-unwind-tables", "-Wl,-z,noexecstack", "-Wl,--build-id=none", "-s", "-x", "c"]
_COMPILE_SECONDS = 60
_ABOVE_A_CHILDS = 250
"""Descriptors below may be replaced in what is started before it is looked up."""


@cache
def program() -> bytes:
    """The compiled supervisor, some ten KB.

    Raises:
        SandboxUnavailable: there is no C compiler, or it cannot compile for this architecture.
    """
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise SandboxUnavailable("No C compiler. Install one: `apt-get install gcc` or `dnf install gcc`.")
    with tempfile.TemporaryDirectory(prefix="llsys-") as folder:
        made = Path(folder, "supervisor")
        command = [compiler, *_OPTIONS, str(SOURCE), "-o", str(made)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_COMPILE_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SandboxUnavailable(f"{compiler} could not compile the sandbox's supervisor: {error}.") from error
        if done.returncode != 0:
            reason = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise SandboxUnavailable(f"{compiler} could not compile the sandbox's supervisor: {reason[0]}")
        return made.read_bytes()


@cache
def outside() -> str:
    """A path under which this process, and what it starts, can start the supervisor. Nothing is left on the disk."""
    fd = os.memfd_create("supervisor", os.MFD_CLOEXEC)
    with open(os.dup(fd), "wb") as file:
        file.write(program())
    # To start a file that is open for writing is refused; this reading copy is what stays.
    reading = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY | os.O_CLOEXEC)
    kept = fcntl.fcntl(reading, fcntl.F_DUPFD_CLOEXEC, _ABOVE_A_CHILDS)
    os.close(reading)
    os.close(fd)
    return f"/proc/self/fd/{kept}"


def limits(values: Sequence[tuple[int, int]]) -> str:
    """Limits of each process, in the supervisor's words."""
    return "\n".join(f"{resource} {most}" for resource, most in values)
