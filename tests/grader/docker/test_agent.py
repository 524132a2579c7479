"""The agent in a container, and what a program can do to it: nothing."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.sandbox import ConversationOver, Limit, Limits, Sandbox, SandboxFault, Silence, seccomp
from grader.sandbox.docker import Docker
from grader.sandbox.docker.profile import profile
from grader.sandbox.interface import MIB
from tests.docker_engine import DockerEngine

ROOT = Path(__file__).resolve().parents[3]
LIMITS = Limits(5, 10, 128 * MIB, 64 * 1024, 16, 16 * MIB, 8 * MIB)

INTRUDER = r"""
import ctypes, os, signal, socket
def tried(name, what):
    try:
        print(name, "worked:", what())
    except (OSError, PermissionError) as error:
        print(name, "refused")
def reach():
    end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    end.connect("/llsys/socket")
def write(path):
    with open(path, "wb") as file:
        return file.write(b"x")
def ptrace():
    if ctypes.CDLL(None, use_errno=True).ptrace(16, 1, 0, 0) != 0:
        raise PermissionError
tried("socket", reach)
tried("signal", lambda: os.kill(1, signal.SIGKILL))
tried("ptrace", ptrace)
tried("memory", lambda: open("/proc/1/mem", "rb").read(1))
tried("descriptors", lambda: os.listdir("/proc/1/fd"))
tried("environment", lambda: open("/proc/1/environ", "rb").read())
tried("root", lambda: os.setuid(0))
tried("agent", lambda: write("/llsys/agent.py"))
tried("folder", lambda: write("/llsys/new"))
tried("passwd", lambda: write("/etc/passwd"))
tried("procfs", lambda: write("/proc/1/timerslack_ns"))
tried("input", lambda: write("/in/one"))
tried("root folder", lambda: write("/new"))
tried("system", lambda: os.listdir("/sys/kernel"))
print(sorted(int(name) for name in os.listdir("/proc/self/fd"))[:3], os.environ.get("PYTHONDONTWRITEBYTECODE"))
"""

ECHO = r"""
import os, struct, sys, time
while True:
    size = struct.unpack("<I", os.read(3, 4))[0]
    word = os.read(3, size)
    if word == b"cat":
        os.pwrite(5, b"in the exchange memory", 0)
    if word == b"spin":
        while True: pass
    if word == b"eat":
        x = bytearray(b"x") * (200 << 20)
    os.write(4, struct.pack("<I", size) + word)
"""


@pytest.mark.slow
def test_a_program_cannot_reach_the_agent(docker_sandbox: Docker) -> None:
    outcome = docker_sandbox.run(["python3", "-c", INTRUDER], limits=LIMITS, files_in={"/in/one": b"1"})
    lines = outcome.stdout.decode().splitlines()
    assert outcome.exit_code == 0, outcome.stderr
    assert [line for line in lines[:-1] if not line.endswith("refused")] == []
    assert lines[-1] == "[0, 1, 2] None"


@pytest.mark.slow
def test_a_program_has_no_right_left_and_both_filters(docker_sandbox: Docker) -> None:
    outcome = docker_sandbox.run(["cat", "/proc/self/status"], limits=LIMITS)
    status = dict(line.split(":\t", 1) for line in outcome.stdout.decode().splitlines() if ":\t" in line)
    capabilities = {name: value for name, value in status.items() if name.startswith("Cap")}
    assert len(capabilities) == 5
    assert set(capabilities.values()) == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert set(status["Uid"].split()) == set(status["Gid"].split()) != {"0"}


@pytest.mark.slow
def test_a_command_that_is_not_there_is_the_programs_failure(docker_sandbox: Docker) -> None:
    outcome = docker_sandbox.run(["no-such-program"], limits=LIMITS)
    assert (outcome.exit_code, outcome.stderr) == (127, b"no-such-program: No such file or directory\n")


@pytest.mark.slow
def test_files_where_nothing_can_be_placed_are_a_fault_of_ours(docker_sandbox: Docker) -> None:
    with pytest.raises(SandboxFault, match="did not start"):
        docker_sandbox.run(["true"], limits=LIMITS, files_in={"/proc/x/y": b""})


def test_the_engines_profile_has_every_call_of_the_one_table() -> None:
    rules = json.loads(profile())
    refused = {name for rule in rules["syscalls"] if rule["action"] == "SCMP_ACT_ERRNO" for name in rule["names"]}
    assert set(seccomp.DENIED) < refused
    flags = [argument["value"] for rule in rules["syscalls"] for argument in rule.get("args", [])]
    assert sum(flags) == seccomp.NAMESPACE_FLAGS


@pytest.mark.slow
def test_nothing_outlives_a_killed_grader(docker_engine: DockerEngine, tmp_path: Path) -> None:
    script = (
        "from pathlib import Path\n"
        "from grader.sandbox import Limits\n"
        "from grader.sandbox.docker import Docker, Settings\n"
        f"folder = Path({str(tmp_path)!r})\n"
        f"box = Docker(Settings(host={docker_engine.host!r}, image={docker_engine.image!r}, folder=folder))\n"
        "print('ready', flush=True)\n"
        "box.run(['sh', '-c', 'sleep 87654 & sleep 87654'], limits=Limits(60, 60, 1 << 26, 1000, 16, 1 << 20))\n"
    )
    grader = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT)
    assert grader.stdout is not None
    assert grader.stdout.readline() == b"ready\n"
    assert _becomes(lambda: _sleepers("87654") >= 2)
    (owner,) = tmp_path.iterdir()
    grader.kill()
    grader.wait()
    grader.stdout.close()
    assert _becomes(lambda: _sleepers("87654") == 0)
    # One that was just being made and had not started yet is for the next grader to remove.
    listing = ["ps", "-aq", "--filter", f"label=llsys.box={owner.name}"]
    assert _becomes(lambda: docker_engine.command(*listing, "--filter", "status=running") == "")
    with Docker(docker_engine.settings(folder=tmp_path)):
        assert not owner.exists()
        assert _becomes(lambda: docker_engine.command(*listing) == "")


def _becomes(condition: object, within: float = 60.0) -> bool:
    deadline = time.monotonic() + within
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _sleepers(word: str) -> int:
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found += (folder / "cmdline").read_bytes().split(b"\0")[:2] == [b"sleep", word.encode()]
    return found


@pytest.mark.slow
def test_a_program_that_stays_answers_pauses_and_ends(docker_sandbox: Docker) -> None:
    before = len(os.listdir("/proc/self/fd")) - len(docker_sandbox.descriptors())
    talk = docker_sandbox.start(["python3", "-u", "-c", ECHO], limits=LIMITS, exchange_bytes=4096)
    assert talk.ask(b"hello", 5).payload == b"hello"
    assert talk.ask(b"cat", 5).payload == b"cat"
    assert talk.read(0, 22) == b"in the exchange memory"
    talk.pause()
    used = talk.cpu_seconds()
    time.sleep(0.2)
    assert talk.cpu_seconds() - used < 0.01
    talk.resume()
    assert talk.ask(b"again", 5).payload == b"again"
    outcome = talk.end()
    assert outcome.exit_code == -9
    assert outcome.wall_seconds > 0
    assert docker_sandbox.settle()
    # Fewer when another test's connection was collected meanwhile.
    assert len(os.listdir("/proc/self/fd")) - len(docker_sandbox.descriptors()) <= before


@pytest.mark.slow
@pytest.mark.parametrize(("word", "limit"), [(b"spin", Limit.CPU), (b"eat", Limit.MEMORY)])
def test_limits_hold_for_a_program_that_stays(docker_sandbox: Sandbox, word: bytes, limit: Limit) -> None:
    limits = Limits(1, 20, 128 * MIB, 64 * 1024, 16, 16 * MIB)
    talk = docker_sandbox.start(["python3", "-u", "-c", ECHO], limits=limits)
    assert talk.ask(b"hello", 5).payload == b"hello"
    with pytest.raises(ConversationOver) as over:
        talk.ask(word, 15)
    assert over.value.silence is Silence.LIMIT
    assert talk.end().limit is limit


@pytest.mark.slow
def test_a_paused_program_can_be_ended(docker_sandbox: Docker) -> None:
    talk = docker_sandbox.start(["python3", "-u", "-c", ECHO], limits=LIMITS)
    talk.pause()
    assert talk.end().exit_code == -9
    assert docker_sandbox.settle()


@pytest.mark.slow
def test_limits_hold_where_the_containers_group_cannot_be_seen(
    docker_engine: DockerEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("grader.sandbox.docker.container.group_of", lambda pid, container: None)
    limits = Limits(1, 10, 128 * MIB, 64 * 1024, 8, 16 * MIB)
    with Docker(docker_engine.settings(folder=tmp_path, warm=0)) as box:
        assert any("processor time limited for each process" in line for line in box.isolation())
        assert box.run(["python3", "-c", "while True: pass"], limits=limits).limit is Limit.CPU
        eaten = box.run(["python3", "-c", "x = bytearray(b'x') * (500 << 20)"], limits=limits)
        assert eaten.limit is Limit.MEMORY
        kept = box.run(["python3", "-c", "x = bytearray(b'x') * (60 << 20)"], limits=limits)
        assert (kept.exit_code, kept.limit) == (0, None)
        assert kept.memory_bytes > 60 * MIB
        assert kept.cpu_seconds > 0
        many = box.run(["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done; wait"], limits=limits)
        assert b"fork" in many.stderr
        talk = box.start(["python3", "-u", "-c", ECHO], limits=limits)
        talk.pause()
        talk.resume()
        assert talk.ask(b"hello", 5).payload == b"hello"
        talk.pause()
        assert talk.end().exit_code == -9
