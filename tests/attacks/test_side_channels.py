"""Row E11: two boxes at once cannot pass a token to each other, by any channel that carries it outside of boxes."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from grader.sandbox import Limits, Sandbox, Unprotected
from grader.sandbox.interface import MIB
from tests.attacks.boxes import Machine

PAIR = (Path(__file__).parent / "pair.py").read_bytes()
LIMITS = Limits(10, 20, 256 * MIB, 64 * 1024, 32, 16 * MIB)
LISTEN_SECONDS = 1.0
OPEN_TO_EVERYBODY = {
    "/tmp",
    "/dev/shm",
    "abstract socket",
    "loopback",
    "file lock",
    "record lock",
    "inotify",
    "shared memory",
    "message queue",
    "semaphores",
    "processes",
}
"""Channels that must carry the token between two programs without boxes: else the attack itself is broken."""

pytestmark = [pytest.mark.slow]


def heard(sandbox: Sandbox) -> set[str]:
    """The channels over which one program heard of another, each in its own box of a sandbox."""
    token = f"token-{secrets.token_hex(8)}"

    def run(role: str, seconds: float) -> bytes:
        command = ["/usr/bin/python3", "/src/pair.py", role, token, str(seconds)]
        outcome = sandbox.run(command, limits=LIMITS, files_in={"/src/pair.py": PAIR})
        assert outcome.exit_code == 0, outcome.stderr.decode()
        return outcome.stdout

    with ThreadPoolExecutor(2) as pool:
        sender = pool.submit(run, "send", LISTEN_SECONDS + 1.0)
        receiver = pool.submit(run, "receive", LISTEN_SECONDS)
        sender.result()
        return set(receiver.result().decode().split("\n")) - {""}


def test_without_boxes_the_token_is_heard_everywhere() -> None:
    assert OPEN_TO_EVERYBODY - heard(Unprotected()) == set()


@pytest.mark.parametrize("machine", ["bubblewrap", "bubblewrap-user", "docker"], indirect=True)
def test_two_boxes_hear_nothing_of_each_other(machine: Machine) -> None:
    assert heard(machine.sandbox) == set()
