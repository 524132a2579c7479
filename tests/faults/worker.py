"""A grading machine that can be broken: `python -m tests.faults.worker FOLDER`.

It is the real worker with the bare toolchain. A submission that holds `POISON` ends its process, as a defect of the
grader would; the file FOLDER/clock-NAME shifts its clock by the seconds written in it.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

POISON = b"# poison: ends the machine that grades it\n"
_LOOK_SECONDS = 0.2


def shifted(real: Callable[[], float], file: Path) -> Callable[[], float]:
    """A clock that is wrong by what a file says, looked up a few times a second."""
    looked_at, offset = 0.0, 0.0

    def now() -> float:
        nonlocal looked_at, offset
        if time.monotonic() - looked_at > _LOOK_SECONDS:
            looked_at = time.monotonic()
            try:
                offset = float(file.read_text())
            except (OSError, ValueError):
                offset = 0.0
        return real() + offset

    return now


def main() -> None:
    """Run until killed."""
    folder = Path(sys.argv[1])
    # Before anything else takes the clock by its name.
    time.time = shifted(time.time, folder / f"clock-{os.environ['GRADER_NAME']}")

    from grader import attempts, machine, worker
    from tests.grader.machine import bare_toolchain

    def toolchain(self: machine.Machine) -> Any:
        return bare_toolchain(folder)

    def run(self: attempts.Worker, job: Any) -> tuple[Any, Any]:
        if any(POISON in content for content in job.files.values()):
            os.kill(os.getpid(), signal.SIGKILL)
        return really(self, job)

    really = attempts.Worker._grade
    attempts.Worker._grade = run  # type: ignore[method-assign]
    if os.environ.get("GRADER_SANDBOX") != "docker":  # its image has no runtime of its own, and takes the engine's
        machine.Machine.toolchain = toolchain  # type: ignore[method-assign]
    worker.main()


if __name__ == "__main__":
    main()
