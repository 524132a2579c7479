"""A sandbox from bubblewrap, control groups and a system-call filter.

As root (containers, servers) the mounts and control groups are prepared with root's rights and the program runs as
a user of its own without any capability. As an ordinary user a user namespace does the same with fewer counters.
Inside the box a small supervisor (`supervisor.c`) starts the program, marks its start and end on a pipe that the
program does not hold, ends what the program left running, and sends back exactly the declared files.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import re
import resource
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.sandbox import cgroups, seccomp, supervisor
from grader.sandbox.collect import check_names, folders_of, read_archive
from grader.sandbox.conversation import PipeConversation
from grader.sandbox.hold import GroupHold, TreeHold
from grader.sandbox.interface import (
    MIB,
    Conversation,
    Limit,
    Limits,
    Mount,
    Outcome,
    Sandbox,
    SandboxFault,
    SandboxUnavailable,
)
from grader.sandbox.layout import SUPERVISOR, Descriptors, box_options, making_a_box, start, start_and_watch
from grader.sandbox.lines import Box, Lines
from grader.sandbox.supervise import ENDED, STARTED, Child, Watch

FIRST_UID = 60000
UIDS = 4000
OVERHEAD_PROCESSES = 5
"""Processes of the box itself, counted by the kernel together with the program's."""
OPEN_FILES = 256
STACK_BYTES = 64 * MIB
QUEUED_SIGNALS = 1024
"""Signals that wait, timers included."""
MESSAGE_BYTES = 256 * 1024
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/box", "TMPDIR": "/tmp", "LANG": "C.UTF-8"}  # noqa: S108 - in the box
SIGNAL_BASE = 128
ACCOUNTS = b"root:x:0:0::/:/bin/false\nlearner:x:%d:%d::/box:/bin/false\n"

# $1: file names to collect, one a line, $2: the folders they are in. Everything else in the box is gone by then, so
# nobody is left to swap a folder for a link once the links have been taken away.
_COLLECT = """for folder in $2; do [ ! -L "/box/$folder" ] || rm "/box/$folder" || exit; done
printf %s "$1" | tar -cf - -C /box --format=ustar --no-recursion --hard-dereference --verbatim-files-from --files-from=-
"""
_TOLD = re.compile(rb"%s(\d{1,3}) (\d{1,12})\n" % (STARTED + ENDED))


def _find_bubblewrap() -> str:
    path = shutil.which("bwrap")
    if path is None:
        raise SandboxUnavailable(
            "bubblewrap is not installed. Install it: `apt-get install bubblewrap` (Debian, Ubuntu), "
            "`dnf install bubblewrap` (Fedora), `pacman -S bubblewrap` (Arch)."
        )
    return path


class Bubblewrap:
    """See the module. Making one tries a real run, so a machine that cannot do it is known at once.

    Raises:
        SandboxUnavailable: bubblewrap is missing or not allowed to work here.
    """

    name = "bubblewrap"

    def __init__(self) -> None:
        if not sys.platform.startswith("linux"):
            raise SandboxUnavailable("Sandboxes need Linux. Use a Linux machine, a virtual machine or WSL 2.")
        self._bwrap = _find_bubblewrap()
        supervisor.program()
        self._privileged = os.geteuid() == 0
        try:
            self._filter = seccomp.program()
        except ValueError as error:
            raise SandboxUnavailable(f"No system-call filter for this machine: {error}.") from error
        self._hierarchy = cgroups.find()
        if self._hierarchy is not None:
            cgroups.sweep(self._hierarchy)
        _bound_what_is_started()
        self._numbers = itertools.count(os.getpid() * 16)
        self._try_out()

    def _try_out(self) -> None:
        limits = Limits(5, 10, 64 * MIB, 64 * 1024, 16, MIB)
        problem = ""
        for privileged in (True, False) if self._privileged else (False,):
            self._privileged = privileged
            try:
                outcome = self.run(["/usr/bin/true"], limits=limits)
            except SandboxFault as error:
                problem = str(error)
                continue
            if outcome.exit_code == 0 and outcome.limit is None:
                return
            problem = outcome.stderr.decode(errors="replace").strip() or f"exit status {outcome.exit_code}"
        raise SandboxUnavailable(f"bubblewrap does not work here ({problem}). {_cure()}")

    def session(self) -> contextlib.AbstractContextManager[Sandbox]:
        """See `Sandbox.session`: a new box costs so little that none is used twice."""
        return contextlib.nullcontext(self)

    def isolation(self) -> list[str]:
        """See `Sandbox.isolation`."""
        words = [
            "no network (a network namespace of its own)",
            "own process, mount, IPC and host-name namespaces; host files read-only and only those named",
            f"system-call filter ({len(seccomp.DENIED)} calls denied, unknown ones too)",
            "no capabilities, no new privileges",
            "/box, /tmp and /dev/shm in memory with a size limit, wiped after every run",
            "wall-clock limit; output limit",
        ]
        if self._privileged:
            words.append("runs as a user of its own, not as a user of the host")
        else:
            words.append("runs in a user namespace; the box's supervisor has the same user, but shows it nothing")
        if self._hierarchy is not None:
            version = 2 if self._hierarchy.unified else 1
            words.append(f"memory, processes and processor time counted together (control groups version {version})")
        else:
            words.append("no control groups: memory and processor time limited for each process, memory not measured")
        return words

    def run(
        self,
        command: Sequence[str],
        *,
        limits: Limits,
        files_in: Mapping[str, bytes] | None = None,
        mounts: Sequence[Mount] = (),
        files_out: Sequence[str] = (),
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
    ) -> Outcome:
        """See `Sandbox.run`."""
        check_names(files_out)
        with making_a_box(), contextlib.ExitStack() as stack, contextlib.ExitStack() as unused:
            inherited = Descriptors()
            stack.callback(inherited.close)
            control = inherited.pipe()
            unused.callback(os.close, control)
            group = self._group(limits, stack)
            number = self._number()
            options = self._options(limits, files_in, mounts, env, number, inherited)
            task = [
                "run",
                *self._bounds(number, limits),
                _COLLECT,
                "\n".join(files_out),
                "\n".join(folders_of(files_out)),
            ]
            line = self._line(options, [*task, *command], group)
            unused.pop_all()
            seen = start_and_watch(line, stdin=stdin, control=control, limits=limits, group=group, inherited=inherited)
        return _outcome(seen, files_out, limits, counted=group is not None)

    def start(
        self,
        command: Sequence[str],
        *,
        limits: Limits,
        files_in: Mapping[str, bytes] | None = None,
        mounts: Sequence[Mount] = (),
        env: Mapping[str, str] | None = None,
        exchange_bytes: int = MIB,
    ) -> Conversation:
        """See `Sandbox.start`."""
        with making_a_box(), contextlib.ExitStack() as stack, contextlib.ExitStack() as unused:
            inherited = Descriptors()
            stack.callback(inherited.close)
            control = inherited.pipe()
            unused.callback(os.close, control)
            group = self._group(limits, stack, freezable=True)
            lines = Lines.lay(inherited, exchange_bytes)
            stack.callback(lines.close)
            number = self._number()
            options = self._options(limits, files_in, mounts, env, number, inherited)
            line = self._line(options, ["host", *self._bounds(number, limits), *command], group)
            box = start(line, stdin=b"", inherited=inherited)
            hold = GroupHold(group, box.pid) if group is not None else TreeHold(box.pid)
            unused.pop_all()
            started = Box(Child(box.pid), box.stdout, box.stderr, control)
            return PipeConversation(started, lines, hold, limits, stack.pop_all())

    def _number(self) -> int:
        """The next box's user."""
        return FIRST_UID + next(self._numbers) % UIDS

    def _options(
        self,
        limits: Limits,
        files_in: Mapping[str, bytes] | None,
        mounts: Sequence[Mount],
        env: Mapping[str, str] | None,
        number: int,
        inherited: Descriptors,
    ) -> int:
        """The box for bubblewrap; gives the descriptor it reads that from."""
        options = box_options(
            limits,
            files_in=files_in or {},
            mounts=mounts,
            env={**ENVIRONMENT, **(env or {})},
            user_namespace_uid=None if self._privileged else FIRST_UID,
            accounts=ACCOUNTS % (number, number),
            seccomp_filter=self._filter,
            inherited=inherited,
        )
        # What ends an option for bubblewrap must not be able to begin another one.
        if any("\0" in option for option in options):
            raise ValueError("no name, path or setting of a box may hold a NUL byte")
        return inherited.memory(b"\0".join(option.encode() for option in options) + b"\0")

    def _group(self, limits: Limits, stack: contextlib.ExitStack, *, freezable: bool = False) -> cgroups.Group | None:
        if self._hierarchy is None:
            return None
        try:
            group = self._hierarchy.create(
                memory_bytes=limits.memory_bytes,
                processes=limits.processes + OVERHEAD_PROCESSES,
                freezable=freezable,
                yields=limits.yields,
            )
        except OSError as error:
            raise SandboxFault(f"no control group could be made: {error}") from error
        stack.callback(group.remove)
        return group

    def _bounds(self, number: int, limits: Limits) -> list[str]:
        """Whom the supervisor has the program run as ("": as itself), and the limits of each of its processes."""
        values = [(supervisor.OPEN_FILES, OPEN_FILES), (supervisor.STACK_BYTES, STACK_BYTES)]
        values.append((supervisor.FILE_BYTES, limits.disk_bytes))
        if self._hierarchy is None:
            values.append((supervisor.DATA_BYTES, limits.memory_bytes))
            values.append((supervisor.CPU_SECONDS, math.ceil(limits.cpu_seconds)))
            values.append((supervisor.PROCESSES, limits.processes + OVERHEAD_PROCESSES))
        return [str(number) if self._privileged else "", supervisor.limits(values)]

    def _line(self, options: int, task: Sequence[str], group: cgroups.Group | None) -> list[str]:
        """The command line: control group, bubblewrap; inside it supervisor, user, program."""
        line = [self._bwrap, "--args", str(options), "--", SUPERVISOR, *task]
        if group is not None:
            files = group.join_files
            return [supervisor.outside(), "enter", str(len(files)), *files, *line]
        # Where nothing limits the memory of a whole box, the kernel shall end the box and not the grader when memory
        # runs out.
        return [supervisor.outside(), "expendable", *line]


def _bound_what_is_started() -> None:
    """Set what is the same for everything that this process starts, and what no shell can set.

    Nothing leaves a core dump, here or with the host's core-dump handler: with a limit of 0 the kernel still starts a
    handler that /proc/sys/kernel/core_pattern pipes to; with 1 it does not. The system-call filter keeps programs from
    changing that.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0 if hard == 0 else 1, hard))
    for which, most in ((resource.RLIMIT_SIGPENDING, QUEUED_SIGNALS), (resource.RLIMIT_MSGQUEUE, MESSAGE_BYTES)):
        _, hard = resource.getrlimit(which)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))


def _told_status(control: bytes) -> int | None:
    """The program's status as its supervisor's shell tells it; None when it was never told."""
    told = _TOLD.match(control)
    return int(told[1]) if told else None


def _split(control: bytes) -> tuple[float, bytes]:
    """Processor seconds of the program as its supervisor counts them, and the archive that follows."""
    told = _TOLD.match(control)
    return (int(told[2]) / 1e6, control[told.end() :]) if told else (0.0, b"")


def _outcome(seen: Watch, files_out: Sequence[str], limits: Limits, *, counted: bool) -> Outcome:
    if not seen.control.startswith(STARTED):
        if seen.limit is Limit.MEMORY:
            raise SandboxFault("the box itself did not fit into the memory limit")
        reason = seen.stderr.decode(errors="replace").strip()[-300:]
        raise SandboxFault(f"the box did not start: {reason or f'status {seen.status}'}")
    if counted and seen.limit is None and _told_status(seen.control) != seen.status:
        # A program cannot reach its supervisor; where memory is counted, neither can its hunger for memory. What was
        # killed after the program had ended says another status than the program's.
        raise SandboxFault(f"the box was ended from outside (status {seen.status})")
    code = seen.status
    if SIGNAL_BASE < code <= SIGNAL_BASE + 64:
        code = SIGNAL_BASE - code
    processor_times, archive = _split(seen.control)
    cpu_seconds = seen.cpu_seconds if counted else processor_times
    limit = seen.limit
    if limit is None and code == -signal.SIGXCPU:
        limit = Limit.CPU
    return Outcome(
        exit_code=code,
        stdout=seen.stdout,
        stderr=seen.stderr,
        files=read_archive(archive, files_out, limit=limits.files_bytes),
        wall_seconds=seen.wall_seconds,
        cpu_seconds=cpu_seconds,
        memory_bytes=seen.memory_bytes,
        limit=limit,
        process_limit_hit=seen.process_limit_hit,
    )


def _cure() -> str:
    """What the person at this machine can do, from what can be seen of it."""
    restricted = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if restricted.exists() and restricted.read_text().strip() == "1":
        return (
            "This system forbids user namespaces to programs without an AppArmor profile. Run the grader as root, "
            "or give bubblewrap a profile: docs/operations.md, “Ubuntu and AppArmor”, has the commands."
        )
    limit = Path("/proc/sys/user/max_user_namespaces")
    if os.geteuid() != 0 and limit.exists() and limit.read_text().strip() == "0":
        return "User namespaces are switched off here (user.max_user_namespaces = 0); switch them on or run as root."
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return (
            "Inside a container the grader needs `--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
            "--security-opt systempaths=unconfined` and an ordinary user (as in docker-compose.yml)."
        )
    return (
        "It needs bubblewrap 0.8 or newer and the right to create namespaces (run as root, or allow user namespaces)."
    )
