"""Who may use a container after whom."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.sandbox import Limit, Limits, Mount, Outcome, Sandbox
from grader.sandbox.docker import Docker
from grader.sandbox.docker.session import MAX_RUNS
from grader.sandbox.interface import MIB

pytestmark = pytest.mark.slow
LIMITS = Limits(2, 3, 128 * MIB, 64 * 1024, 16, 16 * MIB, 8 * MIB)


def shell(sandbox: Sandbox, script: str, limits: Limits = LIMITS, **options: object) -> Outcome:
    return sandbox.run(["/bin/sh", "-c", script], limits=limits, **options)  # type: ignore[arg-type]


def user(sandbox: Sandbox, limits: Limits = LIMITS) -> bytes:
    """The user that a program is; every container has one of its own."""
    return shell(sandbox, "id -u", limits).stdout


def test_runs_of_one_session_share_a_container_and_find_it_empty(docker_sandbox: Docker) -> None:
    leave = "id -u; mkdir -p a/b; echo x >a/b/c; chmod 0 a; echo y >/tmp/.y; echo z >/dev/shm/z; ln -s /etc l; mkfifo f"
    look = "id -u; ls -A /box /tmp /dev/shm /in /src | grep -v '^/\\|^$'; cat /in/one"
    with docker_sandbox.session() as session:
        first = shell(session, leave, files_in={"/in/one": b"1", "/src/d/two": b"2"}, stdin=b"input")
        second = shell(session, look, files_in={"/in/one": b"other"})
    assert first.exit_code == 0
    assert second.stdout == first.stdout + b"one\nother"


def test_two_sessions_never_share_a_container(docker_sandbox: Docker) -> None:
    seen: list[bytes] = []
    for _ in range(3):
        with docker_sandbox.session() as session:
            seen += {user(session), user(session)}
    seen += [user(docker_sandbox), user(docker_sandbox)]
    assert len(set(seen)) == 5 == len(seen)


@pytest.mark.parametrize(
    "anomaly",
    [
        "(sleep 60 &)",
        "sleep 60 & exec sleep 60",
        "yes",
        "while :; do :; done",
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do sleep 9 & done",
        "i=0; while [ $i -lt 3000 ]; do : >$i; i=$((i+1)); done",
        "python3 -c 'import ctypes; ctypes.CDLL(None).shmget(7, 4096, 0o1600)'",
        "python3 -c 'import ctypes; ctypes.CDLL(None).mq_open(b\"/q\", 66, 0o600, 0)'",
    ],
)
def test_after_any_anomaly_the_container_is_thrown_away(docker_sandbox: Docker, anomaly: str) -> None:
    with docker_sandbox.session() as session:
        before = user(session)
        shell(session, anomaly)
        assert user(session) != before


def test_a_crash_alone_is_no_anomaly(docker_sandbox: Docker) -> None:
    with docker_sandbox.session() as session:
        before = user(session)
        assert shell(session, "kill -SEGV $$").exit_code == -11
        assert user(session) == before


def test_limits_may_differ_from_run_to_run_in_one_container(docker_sandbox: Docker) -> None:
    hungry = ["python3", "-c", "x = bytearray(b'x') * (100 << 20)"]
    small = Limits(2, 4, 64 * MIB, 1000, 4, LIMITS.disk_bytes)
    large = Limits(2, 4, 512 * MIB, 1000, 64, LIMITS.disk_bytes)
    with docker_sandbox.session() as session:
        first = user(session, large)
        assert session.run(hungry, limits=large).exit_code == 0
        assert user(session, small) == first
        assert session.run(hungry, limits=small).limit is Limit.MEMORY
        assert session.run(hungry, limits=large).exit_code == 0


def test_each_run_is_charged_with_its_own_use_only(docker_sandbox: Docker) -> None:
    with docker_sandbox.session() as session:
        one = session.run(
            ["python3", "-c", "x = bytearray(b'x') * (100 << 20)\nfor _ in range(3 * 10**6): pass"], limits=LIMITS
        )
        two = session.run(["/bin/true"], limits=LIMITS)
    assert one.memory_bytes > 100 * MIB > 20 * MIB > two.memory_bytes
    assert one.cpu_seconds > 2 * two.cpu_seconds


def test_a_container_serves_only_so_many_runs(docker_sandbox: Docker) -> None:
    with docker_sandbox.session() as session:
        users = [user(session) for _ in range(MAX_RUNS + 1)]
    assert len(set(users[:MAX_RUNS])) == 1
    assert users[-1] != users[0]


def test_runs_of_a_session_at_the_same_time_have_a_container_each(docker_sandbox: Docker) -> None:
    with docker_sandbox.session() as session, ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(lambda _: shell(session, "id -u; sleep 0.5; ls /box"), range(3)))
    assert len({outcome.stdout for outcome in outcomes}) == 3


def test_a_mount_whose_source_was_replaced_is_another_mount(docker_sandbox: Docker, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    with docker_sandbox.session() as session:
        for word in ("old", "new"):
            if folder.exists():
                folder.rename(tmp_path / "before")
            folder.mkdir()
            (folder / "word").write_text(word)
            assert shell(session, "cat /models/word", mounts=[Mount(folder, "/models")]).stdout == word.encode()


def test_nothing_is_left_of_containers_that_were_used(docker_sandbox: Docker) -> None:
    assert docker_sandbox.settle()
    with docker_sandbox.session() as session:
        shell(session, "sleep 0.1; (sleep 60 &)")
        mine = int(user(session))
    assert docker_sandbox.settle()
    deadline = time.monotonic() + 60
    while _processes_of(mine) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _processes_of(mine)


def _processes_of(uid: int) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == uid:
                found.append(folder.name)
        except OSError:
            continue
    return found
