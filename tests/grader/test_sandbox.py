"""What the sandbox promises, on the real thing."""

from __future__ import annotations

import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.sandbox import (
    Bubblewrap,
    Limit,
    Limits,
    Mount,
    Outcome,
    Sandbox,
    SandboxFault,
    SandboxUnavailable,
    Unprotected,
    Yielding,
    cgroups,
    supervisor,
)
from grader.sandbox.collect import check_names, read_archive
from grader.sandbox.docker import Docker
from grader.sandbox.interface import MIB

pytestmark = pytest.mark.slow
LIMITS = Limits(2, 4, 128 * MIB, 64 * 1024, 16, 16 * MIB, 8 * MIB)


@pytest.fixture(params=["bubblewrap", "docker"], scope="module")
def sandbox(request: pytest.FixtureRequest, sandbox: Sandbox) -> Sandbox:
    """Each sandbox in turn: they promise the same."""
    docker: Sandbox = request.getfixturevalue("docker_sandbox") if request.param == "docker" else sandbox
    return docker


@pytest.fixture(scope="module")
def bubblewrap() -> Bubblewrap:
    return Bubblewrap()


def settled(sandbox: Sandbox) -> None:
    """Wait until what was used is gone and what shall be ready is."""
    if isinstance(sandbox, Docker):
        assert sandbox.settle()


def descriptors(sandbox: Sandbox) -> int:
    """Open descriptors of this process, sockets left out: those to waiting containers come and go."""
    settled(sandbox)
    found = 0
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found += not os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
    return found


def shell(sandbox: Sandbox, script: str, **options: object):  # type: ignore[no-untyped-def]
    return sandbox.run(["/bin/sh", "-c", script], limits=LIMITS, **options)  # type: ignore[arg-type]


SHOW_LIMITS = """
import json, resource
print(json.dumps({n[7:]: resource.getrlimit(getattr(resource, n)) for n in dir(resource) if n.startswith("RLIMIT_")}))
"""


def test_every_process_has_the_same_limits_and_may_not_raise_them(sandbox: Sandbox) -> None:
    outcome = sandbox.run(["python3", "-c", SHOW_LIMITS], limits=LIMITS)
    seen = json.loads(outcome.stdout)
    bounds = {"NOFILE": 256, "FSIZE": 16 * MIB, "STACK": 64 * MIB, "SIGPENDING": 1024, "MSGQUEUE": 256 * 1024}
    assert {name: seen[name] for name in bounds} == {name: [bound, bound] for name, bound in bounds.items()}
    assert seen["CORE"][0] <= 1
    raised = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (512, 512))"
    assert b"ValueError" in sandbox.run(["python3", "-c", raised], limits=LIMITS).stderr


def test_declared_files_come_back_and_nothing_else(sandbox: Sandbox) -> None:
    outcome = shell(
        sandbox,
        "echo one >a.bin; mkdir d; echo two >d/b.bin; echo three >c.bin",
        files_out=["a.bin", "d/b.bin", "none"],
    )
    assert outcome.files == {"a.bin": b"one\n", "d/b.bin": b"two\n"}


@pytest.mark.parametrize("plant", ["ln -s /etc/passwd x", "mkfifo x", "mkdir x", "ln /in/secret x", "chmod 0 . && :>x"])
def test_only_regular_files_come_back(sandbox: Sandbox, plant: str) -> None:
    assert shell(sandbox, plant, files_out=["x"], files_in={"/in/secret": b"s"}).files == {}


def test_a_hard_link_to_an_own_file_comes_back_as_a_copy(sandbox: Sandbox) -> None:
    outcome = shell(sandbox, "echo same >x; ln x y", files_out=["x", "y"])
    assert outcome.files == {"x": b"same\n", "y": b"same\n"}


def test_a_file_without_permissions_is_no_file(sandbox: Sandbox) -> None:
    outcome = shell(sandbox, "echo x >x; chmod 0 x; echo y >y", files_out=["x", "y"])
    assert outcome.files == {"y": b"y\n"}


def test_a_file_that_is_too_large_stays_behind(sandbox: Sandbox) -> None:
    outcome = shell(sandbox, "head -c 9000000 /dev/zero >big; echo x >small", files_out=["big", "small"])
    assert set(outcome.files) == {"small"}
    assert outcome.exit_code == 0


@pytest.mark.parametrize("name", ["../x", "/x", "-rf", "a/../b", "a\nb", "", "a//b", "é", "x" * 200])
def test_unusable_output_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="output file"):
        check_names([name])


def test_a_forged_archive_yields_no_more_than_was_asked_for() -> None:
    def entry(name: bytes, kind: bytes, size: bytes, content: bytes) -> bytes:
        header = name.ljust(100, b"\0") + b"0000644\0" * 3 + size.ljust(12, b"\0") + b"0" * 12 + b"0" * 8 + kind
        return header.ljust(512, b"\0") + content.ljust(-(-len(content) // 512) * 512, b"\0")

    archive = (
        entry(b"../x", b"0", b"1", b"x")
        + entry(b"link", b"2", b"0", b"")
        + entry(b"good", b"0", b"4", b"good")
        + entry(b"good", b"0", b"3", b"bad")
        + entry(b"huge", b"0", b"77777777777", b"x")
    )
    assert read_archive(archive, ["good", "link", "huge"], limit=100) == {"good": b"good"}
    assert read_archive(archive[:700], ["good"], limit=100) == {}
    assert read_archive(b"\xff" * 5000, ["good"], limit=100) == {}


def test_standard_input_of_a_megabyte_arrives_whole(sandbox: Sandbox) -> None:
    assert shell(sandbox, "wc -c", stdin=b"x" * MIB).stdout.strip() == str(MIB).encode()


def test_exit_status_and_signal_are_told_apart(sandbox: Sandbox) -> None:
    assert shell(sandbox, "exit 7").exit_code == 7
    assert shell(sandbox, "kill -SEGV $$").exit_code == -11


def test_mounts_are_read_only_even_below_a_private_home(sandbox: Sandbox, tmp_path: Path) -> None:
    private = tmp_path / "private"
    shared = private / "shared"
    shared.mkdir(parents=True)
    (shared / "file").write_text("seen")
    private.chmod(0o700)
    outcome = shell(sandbox, "cat /models/file; : >/models/new", mounts=[Mount(shared, "/models")])
    assert outcome.stdout == b"seen"
    assert outcome.exit_code != 0
    assert [path.name for path in shared.iterdir()] == ["file"]


def test_the_environment_is_an_allow_list(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "canary")
    names = {line.split(b"=")[0] for line in shell(sandbox, "env").stdout.splitlines()}
    assert names <= {b"PATH", b"HOME", b"TMPDIR", b"LANG", b"PWD"}


def test_time_before_the_program_starts_is_not_charged(sandbox: Sandbox) -> None:
    walls = [sandbox.run(["/usr/bin/true"], limits=LIMITS).wall_seconds for _ in range(5)]
    assert min(walls) < 0.05


def test_a_box_costs_little(sandbox: Sandbox) -> None:
    def once() -> float:
        settled(sandbox)
        started = time.perf_counter()
        sandbox.run(["/usr/bin/true"], limits=LIMITS)
        return time.perf_counter() - started

    assert statistics.median(once() for _ in range(15)) < 0.15


def test_memory_and_processor_time_are_reported(sandbox: Sandbox) -> None:
    outcome = sandbox.run(["/usr/bin/python3", "-c", "x = bytearray(b'x') * (64 << 20)"], limits=LIMITS)
    assert 60 * MIB < outcome.memory_bytes < 120 * MIB
    assert 0 < outcome.cpu_seconds < 2


def test_many_boxes_at_once_do_not_disturb_each_other(sandbox: Sandbox) -> None:
    before = descriptors(sandbox)

    def one(number: int) -> bytes:
        if number % 4 == 0:
            assert shell(sandbox, "while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done").limit is Limit.OUTPUT
            return str(number).encode()
        return bytes(shell(sandbox, f"echo {number} | tee x; cat x >y", files_out=["y"]).files["y"].strip())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(40))) == [str(number).encode() for number in range(40)]
    assert descriptors(sandbox) == before


def test_nothing_of_a_box_outlives_a_killed_grader(tmp_path: Path) -> None:
    script = (
        "from grader.sandbox import Bubblewrap, Limits\n"
        "box = Bubblewrap()\n"
        "print('ready', flush=True)\n"
        "box.run(['/bin/sh', '-c', 'sleep 98765 & sleep 98765'], limits=Limits(60, 60, 1 << 26, 1000, 16, 1 << 20))\n"
    )
    grader = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert grader.stdout is not None
    assert grader.stdout.readline() == b"ready\n"
    deadline = time.monotonic() + 5
    while _running("98765") < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _running("98765") >= 2
    grader.kill()
    grader.wait()
    grader.stdout.close()
    while _running("98765") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _running("98765") == 0
    hierarchy = cgroups.find()
    if hierarchy is not None:
        time.sleep(0.1)
        cgroups.sweep(hierarchy, older_than=0)
        assert not list(hierarchy.memory.glob(f"llsys-box-{grader.pid}-*"))


def _running(word: str) -> int:
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        found += arguments[:2] == [b"sleep", word.encode()]
    return found


def test_without_bubblewrap_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.sandbox import open_sandbox

    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap"):
        open_sandbox("auto")


def test_no_sandbox_says_so_and_still_ends_a_loop() -> None:
    box = Unprotected()
    assert "NONE" in box.isolation()[0]
    outcome = box.run(
        ["/bin/sh", "-c", "cat /in/x; echo out >/box/y; sleep 100"], limits=LIMITS, files_in={"/in/x": b"1"}
    )
    assert outcome.limit is Limit.WALL
    kept = box.run(
        ["/bin/sh", "-c", "cat; cp ../in/x y"], limits=LIMITS, files_in={"/in/x": b"1"}, files_out=["y"], stdin=b"2"
    )
    assert (kept.stdout, dict(kept.files)) == (b"2", {"y": b"1"})


def test_a_box_that_is_killed_from_outside_is_never_the_programs_own_end(bubblewrap: Bubblewrap) -> None:
    """At whatever moment, also after the program has ended: either all is as it was, or it is our fault."""
    draw, me, kills = random.Random(1), psutil.Process(), 0
    for _ in range(60):
        ended = threading.Event()

        def kill(ended: threading.Event = ended, after: float = draw.uniform(0, 0.03)) -> None:
            ended.wait(after)
            for process in me.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if process.name() in ("bwrap", "supervisor"):
                        process.kill()
                        return

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            outcome = shell(bubblewrap, "echo right >file", files_out=["file"])
            assert (outcome.exit_code, outcome.limit, outcome.files) == (0, None, {"file": b"right\n"})
        except SandboxFault:
            kills += 1
        finally:
            ended.set()
            killer.join()
    assert kills, "no kill came in time"


def test_collecting_the_files_costs_the_program_no_processor_time(sandbox: Sandbox) -> None:
    script = "head -c 8000000 /dev/zero >big; for i in $(seq 300); do :>file$i; done"
    names = ["big", *(f"file{number}" for number in range(1, 301))]
    alone = min(shell(sandbox, script).cpu_seconds for _ in range(5))
    for _ in range(40):
        # Other processes can make any one run dearer; what is charged to the program is charged every time.
        outcome = shell(sandbox, script, files_out=names)
        assert len(outcome.files) == 301
        if outcome.cpu_seconds < alone + 0.003:
            return
    pytest.fail(f"collecting is charged to the program: {outcome.cpu_seconds} s instead of {alone} s")


def test_the_program_has_no_capability_no_other_group_and_no_descriptor_of_the_supervisor(
    bubblewrap: Bubblewrap,
) -> None:
    script = "grep -E 'Cap|Groups|NoNewPrivs' /proc/self/status; ls /proc/self/fd"
    told = bubblewrap.run(["/bin/sh", "-c", script], limits=LIMITS).stdout.decode().split()
    sets = {name: told[told.index(f"{name}:") + 1] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    assert set(sets.values()) == {"0" * 16}
    assert told[told.index("NoNewPrivs:") + 1] == "1"
    assert told[told.index("Groups:") + 1] == "CapInh:", "no group at all"
    assert told[-4:] == ["0", "1", "2", "3"], "the last one is the folder that ls looks into"


def test_a_program_is_found_as_a_shell_finds_it(bubblewrap: Bubblewrap) -> None:
    without_interpreter = {"/src/say": b"echo said $1\n"}
    assert bubblewrap.run(["/src/say", "this"], limits=LIMITS, files_in=without_interpreter).stdout == b"said this\n"
    assert bubblewrap.run(["true"], limits=LIMITS).exit_code == 0
    absent = bubblewrap.run(["no-such-program"], limits=LIMITS)
    assert (absent.exit_code, absent.stderr) == (127, b"cannot start no-such-program (error 2)\n")
    assert bubblewrap.run(["/etc"], limits=LIMITS).exit_code == 126


def test_orphans_are_reaped_while_the_program_runs(bubblewrap: Bubblewrap) -> None:
    script = "for i in 1 2 3 4 5 6 7 8; do (true &); done; sleep 0.3; grep -l 'State:.Z' /proc/[0-9]*/status | wc -l"
    assert bubblewrap.run(["/bin/sh", "-c", script], limits=LIMITS).stdout.strip() == b"0"


def test_without_a_compiler_the_cure_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    supervisor.program.cache_clear()
    with pytest.raises(SandboxUnavailable, match="apt-get install gcc"):
        supervisor.program()


def test_a_run_that_yields_leaves_the_processors_to_others_while_they_want_them(sandbox: Sandbox) -> None:
    hierarchy = cgroups.find()
    if hierarchy is None or hierarchy.share is None:
        pytest.skip("this machine lets nobody say who comes first")
    # Two programs for each processor, all of the same work: those that do not yield are through first.
    work = "import os, time\nn = 0\nfor i in range(16_000_000):\n    n += i\nprint(time.monotonic())\n"
    calm = replace(LIMITS, cpu_seconds=20, wall_seconds=60)

    def finished(boxes: Sandbox) -> float:
        return float(boxes.run(["/usr/bin/python3", "-c", work], limits=calm).stdout)

    count = os.cpu_count() or 1
    with ThreadPoolExecutor(2 * count) as pool:
        yielding = [pool.submit(finished, Yielding(sandbox)) for _ in range(count)]
        others = [pool.submit(finished, sandbox) for _ in range(count)]
        assert max(other.result() for other in others) < min(run.result() for run in yielding)


def test_no_verdict_on_time_comes_from_yielding(bubblewrap: Bubblewrap) -> None:
    starved = []

    class Starving(Bubblewrap):
        def run(self, command: Sequence[str], **rest: Any) -> Outcome:
            starved.append(rest["limits"].yields)
            outcome = super().run(command, **rest)
            return replace(outcome, limit=Limit.WALL) if rest["limits"].yields else outcome

    assert Yielding(Starving()).run(["true"], limits=LIMITS).limit is None
    assert starved[-2:] == [True, False]
