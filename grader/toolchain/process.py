"""Running the build's programs: logged, watched line by line, and never left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.toolchain.errors import ToolchainError

_KILL_AFTER_SECONDS = 5
_PR_SET_PDEATHSIG = 1
_LAST_LINES = 15


@dataclass(frozen=True)
class Runner:
    """Runs programs for one build.

    Attributes:
        log: file that everything they print is appended to.
        lock: descriptor of the build lock; children inherit it, so that a build whose parent was
            killed still counts as running until its last compiler has ended.
    """

    log: Path
    lock: int

    def run(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
        cure: str = "",
    ) -> None:
        """Run a program to its end.

        Args:
            command: program and arguments.
            environment: variables to add to this process's own.
            on_line: called with every line it prints.
            cure: what to do when it fails.

        Raises:
            ToolchainError: it could not be started, or ended with another status than 0; shows its last lines.
        """
        words = [str(word) for word in command]
        last: deque[str] = deque(maxlen=_LAST_LINES)
        with self.log.open("a", buffering=1) as log:
            log.write(f"$ {' '.join(words)}\n")
            log.flush()
            try:
                process = subprocess.Popen(
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    errors="replace",
                    env={**os.environ, **(environment or {})},
                    start_new_session=True,
                    pass_fds=(self.lock,),
                    preexec_fn=_end_with_parent if sys.platform == "linux" else None,
                )
            except OSError as error:
                raise ToolchainError(f"{words[0]} cannot be started: {error.strerror}.", cure=cure) from error
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    log.write(line)
                    last.append(line.rstrip())
                    if on_line:
                        on_line(line.rstrip())
                status = process.wait()
            except BaseException:
                _end_group(process)
                raise
        if status != 0:
            tail = "\n  ".join(last)
            raise ToolchainError(
                f"`{Path(words[0]).name} {' '.join(words[1:3])}` failed with status {status}:\n  {tail}\n",
                cure=f"{cure} Everything it printed is in {self.log}.".strip(),
            )


def first_line(command: Sequence[str | Path]) -> str | None:
    """First line a program prints, or None when it cannot be run."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return next(iter(done.stdout.splitlines()), None)


# Looked up before any fork: nothing may be loaded between fork and exec.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def _end_with_parent() -> None:
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end_group(process: subprocess.Popen[str]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=_KILL_AFTER_SECONDS)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
        break
    process.wait()
