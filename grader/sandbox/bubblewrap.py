"""A sandbox from bubblewrap, control groups and a system-call filter.

As root (containers, servers) the mounts and control groups are prepared with root's rights and the program runs as
a user of its own without any capability. As an ordinary user a user namespace does the same with fewer counters.
Inside the box a short shell script starts the program, marks its start and end on a pipe that the program does not
hold, ends what the program left running, and sends back exactly the declared files.
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
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import cgroups, seccomp
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

# The limits of each process are set by the shell itself: a program more to start for them takes a fifth of a short run.
_BOUNDED = f'ulimit -n {OPEN_FILES} && ulimit -s {STACK_BYTES // 1024} && ulimit -f $blocks && exec "$@"'
BLOCK_BYTES = 512
"""Of `ulimit -f`, in any shell that follows POSIX."""

# $1: the largest file in blocks, $2: how to become the learner for the clean-up ("" when we are already), $3: file
# names to collect, one a line, $4: the folders they are in. A killed process may still end what it asked of the kernel,
# so the others must be gone, not only killed; then nobody is left to swap a folder for a link once the links have been
# taken away.
_SUPERVISOR = f"""
exec 4>&2 2>/dev/null
blocks=$1 as=$2 files=$3 folders=$4
shift 4
printf S >&3
({_BOUNDED} 2>&4 3>&- 4>&-)
status=$?
exec 1>/dev/null 4>&-
{{ printf "E$status "; times; }} >&3
[ -n "$files" ] || exit $status
collect='while kill -9 -1; do :; done
for folder in $2; do [ ! -L "/box/$folder" ] || rm "/box/$folder" || exit; done
printf %s "$1" | tar -cf - -C /box --format=ustar --no-recursion \
--hard-dereference --verbatim-files-from --files-from=-'
if [ -n "$as" ]; then
    $as /bin/sh -c "$collect" sh "$files" "$folders" >&3
else
    (set -- "$files" "$folders"; eval "$collect") >&3
fi
exit $status
"""
# The same for a program that stays: its requests, replies and exchange memory wait on 4, 5 and 6.
_HOST = f"""
exec 9>&2 2>/dev/null
blocks=$1
shift
printf S >&3
({_BOUNDED} 2>&9 3<&4 4>&5 5>&6 6>&- 9>&-)
status=$?
printf E >&3
exit $status
"""
_STATUS = re.compile(rb"%s(\d{1,3}) " % (STARTED + ENDED))
_TIMES = re.compile(rb"(\d{1,6})m(\d{1,2}(?:\.\d{1,6})?)s")
# Where nothing limits the memory of a whole box, the kernel shall end the box and not the grader when memory runs out.
_END_ME_FIRST = 'echo 1000 2>/dev/null >/proc/self/oom_score_adj; exec "$@"'
_JOIN = 'for f in $1; do echo 0 >"$f" || exit 125; done; shift; exec "$@"'


@dataclass(frozen=True)
class _Tools:
    bwrap: str
    prlimit: str
    setpriv: str


def _find_tools() -> _Tools:
    paths = {name: shutil.which(name) for name in ("bwrap", "prlimit", "setpriv")}
    missing = [name for name, path in paths.items() if path is None]
    if "bwrap" in missing:
        raise SandboxUnavailable(
            "bubblewrap is not installed. Install it: `apt-get install bubblewrap` (Debian, Ubuntu), "
            "`dnf install bubblewrap` (Fedora), `pacman -S bubblewrap` (Arch)."
        )
    if missing:
        raise SandboxUnavailable(f"{', '.join(missing)} not found; they are in the package util-linux.")
    return _Tools(**{name: str(path) for name, path in paths.items()})


class Bubblewrap:
    """See the module. Making one tries a real run, so a machine that cannot do it is known at once.

    Raises:
        SandboxUnavailable: bubblewrap is missing or not allowed to work here.
    """

    name = "bubblewrap"

    def __init__(self) -> None:
        if not sys.platform.startswith("linux"):
            raise SandboxUnavailable("Sandboxes need Linux. Use a Linux machine, a virtual machine or WSL 2.")
        self._tools = _find_tools()
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
            folders = "\n".join(folders_of(files_out))
            blocks = str(limits.disk_bytes // BLOCK_BYTES)
            script = [_SUPERVISOR, "sh", blocks, " ".join(self._drop(number)), "\n".join(files_out), folders]
            line = self._line(options, script, command, limits, number, group)
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
            script = [_HOST, "sh", str(limits.disk_bytes // BLOCK_BYTES)]
            line = self._line(options, script, command, limits, number, group)
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
            )
        except OSError as error:
            raise SandboxFault(f"no control group could be made: {error}") from error
        stack.callback(group.remove)
        return group

    def _drop(self, number: int) -> list[str]:
        """How the supervisor becomes the learner; nothing where it is already."""
        if not self._privileged:
            return []
        drop = [self._tools.setpriv, f"--reuid={number}", f"--regid={number}", "--clear-groups", "--inh-caps=-all"]
        return [*drop, "--bounding-set=-all", "--no-new-privs", "--"]

    def _line(
        self,
        options: int,
        script: Sequence[str],
        command: Sequence[str],
        limits: Limits,
        number: int,
        group: cgroups.Group | None,
    ) -> list[str]:
        """The command line: control group, bubblewrap; inside it supervisor, user, program."""
        line = [self._tools.bwrap, "--args", str(options), "--", SUPERVISOR, "-c", *script]
        if self._hierarchy is None:
            seconds = math.ceil(limits.cpu_seconds)
            line += [self._tools.prlimit, f"--data={limits.memory_bytes}", f"--cpu={seconds}:{seconds + 1}"]
            line += [f"--nproc={limits.processes + OVERHEAD_PROCESSES}", "--"]
        line += [*self._drop(number), *command]
        if group is not None:
            return ["/bin/sh", "-c", _JOIN, "sh", " ".join(group.join_files), *line]
        return ["/bin/sh", "-c", _END_ME_FIRST, "sh", *line]


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
    told = _STATUS.match(control)
    return int(told[1]) if told else None


def _split(control: bytes) -> tuple[float, bytes]:
    """Processor seconds of the program as the supervisor's shell counts them, and the archive that follows.

    The first line has the status and the shell's own seconds, the second what its programs took.
    """
    lines = control.removeprefix(STARTED + ENDED).split(b"\n", 2)
    if len(lines) < 3:
        return 0.0, b""
    parts = _TIMES.findall(lines[1])
    return sum(60 * int(minutes) + float(seconds) for minutes, seconds in parts), lines[2]


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
