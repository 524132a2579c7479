"""No sandbox at all: a temporary folder and per-process limits. Only for a person's own code on their own machine."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.sandbox.collect import check_names
from grader.sandbox.conversation import PipeConversation
from grader.sandbox.hold import TreeHold
from grader.sandbox.interface import MIB, Conversation, Limits, Mount, Outcome, Sandbox, SandboxFault
from grader.sandbox.layout import Descriptors, making_a_box, start
from grader.sandbox.lines import Box, Lines
from grader.sandbox.supervise import Child, watch

_BOX_PATH = re.compile(r"(?<![\w./-])/(box|src|in|harness|engine|models|runtime|pch|parsers|vocabulary)(?=[/:]|$)")

_ENTER = 'ulimit -c 0; cd "$1" && shift && exec "$@"'


class Unprotected:
    """Box paths become paths in a temporary folder; programs can do whatever the person who started it can."""

    name = "none"

    def session(self) -> contextlib.AbstractContextManager[Sandbox]:
        """See `Sandbox.session`: there is nothing to share."""
        return contextlib.nullcontext(self)

    def isolation(self) -> list[str]:
        """See `Sandbox.isolation`."""
        return ["NONE: the program runs with your own rights; only time and output are limited"]

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
        with making_a_box(), contextlib.ExitStack() as stack:
            root = _lay_out(stack, files_in, mounts)
            surroundings = _surroundings(root, env)
            stdout, stderr = os.pipe(), os.pipe()
            source = stack.enter_context(tempfile.TemporaryFile())
            source.write(stdin)
            source.seek(0)
            try:
                process = subprocess.Popen(
                    [_here(root, part) for part in command],
                    cwd=root / "box",
                    env=surroundings,
                    stdin=source,
                    stdout=stdout[1],
                    stderr=stderr[1],
                    start_new_session=True,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
                )
            except OSError as error:
                for fd in (stdout[0], stderr[0]):
                    os.close(fd)
                raise SandboxFault(f"{command[0]}: {error.strerror}") from error
            finally:
                os.close(stdout[1])
                os.close(stderr[1])

            def kill() -> None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)

            outputs = (stdout[0], stderr[0])
            seen = watch(Child(process.pid), outputs=outputs, control=None, limits=limits, group=None, kill=kill)
            process.returncode = seen.status
            kill()
            files = _collect(root / "box", files_out, limits.files_bytes)
        return Outcome(
            exit_code=seen.status,
            stdout=seen.stdout,
            stderr=seen.stderr,
            files=files,
            wall_seconds=seen.wall_seconds,
            cpu_seconds=seen.cpu_seconds,
            memory_bytes=seen.memory_bytes,
            limit=seen.limit,
        )

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
        with making_a_box(), contextlib.ExitStack() as stack:
            root = _lay_out(stack, files_in, mounts)
            inherited = Descriptors()
            stack.callback(inherited.close)
            lines = Lines.lay(inherited, exchange_bytes)
            stack.callback(lines.close)
            line = ["/bin/sh", "-c", _ENTER, "sh", str(root / "box"), *(_here(root, part) for part in command)]
            surroundings = _surroundings(root, env)
            box = start(line, stdin=b"", inherited=inherited, env=surroundings, new_session=True)
            started = Box(Child(box.pid), box.stdout, box.stderr, None)
            return PipeConversation(started, lines, TreeHold(box.pid), limits, stack.pop_all())


def _lay_out(stack: contextlib.ExitStack, files_in: Mapping[str, bytes] | None, mounts: Sequence[Mount]) -> Path:
    """A temporary folder that stands for the root of a box."""
    root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="llsys-box-")))
    (root / "box").mkdir()
    for mount in mounts:
        target = root / mount.target.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(mount.source)
    for path, content in (files_in or {}).items():
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o755)
    return root


def _here(root: Path, text: str) -> str:
    """A word of the command line with box paths as they are on this machine."""
    return _BOX_PATH.sub(lambda match: f"{root}/{match[1]}", text)


def _surroundings(root: Path, env: Mapping[str, str] | None) -> dict[str, str]:
    surroundings = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(root / "box"), "LANG": "C.UTF-8"}
    return surroundings | {name: _here(root, value) for name, value in (env or {}).items()}


def _collect(folder: Path, names: Sequence[str], limit: int) -> dict[str, bytes]:
    """The declared regular files, links not followed."""
    files: dict[str, bytes] = {}
    for name in names:
        path = folder / name
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= limit:
            files[name] = path.read_bytes()
            limit -= len(files[name])
    return files
