"""Every attack in this folder, run for real. An attack is a folder: the submission and `expect.yml`.

Escapes and forgeries are written so that the program prints the right answer only if everything it tried was
refused; "accepted" then says that the box held, and a verdict of everything-is-wrong would fail the suite too.
"""

from __future__ import annotations

import gc
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from grader.contract import GradeJob, Verdict
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain
from tests.grader.machine import graded

HERE = Path(__file__).parent
ATTACKS = sorted(path.parent for path in HERE.glob("*/*/expect.yml"))
SECRET = "canary-secret-51c9"
PORT = 47811
MAX_SECONDS = 20

# One process for all of them: the host is looked over after each.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("attacks")]


class Host:
    """What must be the same after an attack as before it."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.canary = Path("/var/tmp/llsys-canary.h")

    def state(self) -> dict[str, object]:
        """Boxes that are left: processes, control groups, mounts, own descriptors and children."""
        gc.collect()
        groups = [place for place, _, _ in os.walk("/sys/fs/cgroup") if f"llsys-box-{os.getpid()}-" in place]
        processes = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                status = (folder / "status").read_text()
                parent = int(status.split("PPid:")[1].split()[0])
                uid = int(status.split("Uid:")[1].split()[0])
            except (OSError, IndexError):
                continue
            if parent == os.getpid() or 60000 <= uid < 64000:
                processes.append(folder.name)
        return {
            "control groups": groups,
            "processes": processes,
            "mounts": Path("/proc/self/mountinfo").read_text(),
            "descriptors": len(os.listdir("/proc/self/fd")),
            "canary": (self.canary.read_text(), self.canary.stat().st_mode),
            "connections": list(self.accepted),
        }

    def settled(self, wanted: dict[str, object], within: float = 2.0) -> dict[str, object]:
        """The wanted state, or the one after `within` seconds: the kernel buries processes in its own time."""
        deadline = time.monotonic() + within
        while (state := self.state()) != wanted and time.monotonic() < deadline:
            time.sleep(0.02)
        return state


def _listen(host: Host, server: socket.socket, name: str) -> None:
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return
        host.accepted.append(name)


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """This machine with canaries: a file, a secret in the environment, listeners."""
    host = Host()
    host.canary.write_text("#define LLSYS_CANARY 0\n")
    os.environ["LLSYS_CANARY"] = SECRET
    servers = []
    for family, address in ((socket.AF_INET, ("127.0.0.1", PORT)), (socket.AF_UNIX, "\0llsys-canary")):
        server = socket.socket(family)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(address)
        server.listen()
        threading.Thread(target=_listen, args=(host, server, str(address)), daemon=True).start()
        servers.append(server)
    yield host
    del os.environ["LLSYS_CANARY"]
    for server in servers:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
    host.canary.unlink()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_box_holds_and_the_verdict_is_named(
    attack: Path, host: Host, toolchain: Toolchain, sandbox: Sandbox
) -> None:
    expected = yaml.safe_load((attack / "expect.yml").read_text())
    language = "cpp" if (attack / "main.cpp").exists() else "python"
    source = next(attack.glob("main.*")).read_bytes()
    before = host.state()
    started = time.monotonic()

    grading = graded(language, source, toolchain, sandbox)

    took = time.monotonic() - started
    told = [grading.message, *(row.message for row in grading.tests)]
    shown = "\n".join([*told, *(row.seen for row in grading.tests), *(row.stderr for row in grading.tests)])
    assert grading.verdict.value in expected["verdict"], f"{grading.fault}\n{shown}"
    assert any(expected.get("says", "") in text for text in told), shown
    assert host.settled(before) == before
    assert took < expected.get("seconds", MAX_SECONDS)
    assert SECRET not in shown + grading.build_log


def test_a_report_of_every_attack_fits_the_schema(toolchain: Toolchain, sandbox: Sandbox) -> None:
    source = b"import sys\nsys.stdout.buffer.write(b'\\0\\xff' * 30000)\nsys.stderr.buffer.write(b'\\0\\xff' * 30000)\n"
    grading = graded("python", source, toolchain, sandbox)
    job = GradeJob(
        submission_id="00000000-0000-0000-0000-000000000001",
        attempt_id="00000000-0000-0000-0000-000000000002",
        attempt_token="t" * 32,
        lab="lab-1",
        lab_digest="0" * 64,
        files={},
    )
    report = grading.report(job).model_dump_json()
    assert grading.verdict is Verdict.WRONG_ANSWER
    assert len(report) < 200_000
    assert "\\u0000" not in report
