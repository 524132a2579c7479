"""How long an innocent submission takes right after an attack, against one with no attack before it.

For every attack on resources and on the box: an innocent grade, the attack, an innocent grade; the ratio is that of the
two medians. Both are taken within the same seconds, so that what else the machine does touches both alike.

Usage: python -m tests.bench.after_attacks [bubblewrap|docker] [ROUNDS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.contract import Verdict
from grader.pipeline import grade
from grader.sandbox import Bubblewrap, Sandbox
from grader.toolchain import Toolchain
from tests.attacks.cases import CONTROLS, HERE, attacks, tiny_lab
from tests.attacks.host import Host
from tests.bench.site import record, summary
from tests.grader.machine import bare_toolchain

INNOCENT = {"main.py": (HERE / "R" / CONTROLS / "right-py" / "main.py").read_bytes()}


@contextmanager
def sandbox_of(kind: str) -> Iterator[Sandbox]:
    """The sandbox to measure."""
    if kind == "bubblewrap":
        yield Bubblewrap()
        return
    from grader.sandbox.docker import Docker

    with Docker() as docker:
        yield docker


def innocent(sandbox: Sandbox, toolchain: Toolchain) -> float:
    """Seconds of one innocent grade."""
    began = time.perf_counter()
    grading = grade(tiny_lab("python"), INNOCENT, toolchain=toolchain, sandbox=sandbox, seed=1)
    assert grading.verdict is Verdict.ACCEPTED, grading.fault
    return time.perf_counter() - began


def main(kind: str = "bubblewrap", rounds: int = 1) -> None:
    """Measure and print."""
    chosen = [attack for attack in attacks() if attack.group in ("R", "E") and attack.expected.device == "cpu"]
    after, before = [], []
    with tempfile.TemporaryDirectory(prefix="llsys-attacks-") as folder, sandbox_of(kind) as sandbox, Host() as host:
        Path(folder).chmod(0o755)
        toolchain = bare_toolchain(Path(folder))
        innocent(sandbox, toolchain)
        for attack in chosen * rounds:
            if kind not in attack.sandboxes:
                continue
            before.append(innocent(sandbox, toolchain))
            grade(attack.lab, host.aim(attack.files), toolchain=toolchain, sandbox=sandbox, seed=1)
            after.append(innocent(sandbox, toolchain))
    record(f"after_attacks-{kind}", summary(after, before, unit="s"))


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(asked[0] if asked else "bubblewrap", int(asked[1]) if len(asked) > 1 else 1)
