"""Attacks on the machine that need more than one submission: floods, several boxes at once, boxes killed at random."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from grader.contract import LOG_LIMIT_BYTES, Verdict
from grader.pipeline import grade
from grader.sandbox import Limit, Limits, Outcome, Sandbox
from grader.sandbox.interface import MIB
from tests.attacks.boxes import Machine
from tests.attacks.cases import HERE, tiny_lab

INNOCENT = (HERE / "R" / "controls" / "right-py" / "main.py").read_bytes()
BOXES = ["bubblewrap", "bubblewrap-user", "docker"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("machine", BOXES, indirect=True),
]


def limits(**changes: float) -> Limits:
    """Small limits, some of them changed."""
    values = {"cpu_seconds": 10, "wall_seconds": 20, "memory_bytes": 256 * MIB, "output_bytes": 64 * 1024}
    values |= {"processes": 32, "disk_bytes": 32 * MIB, "files_bytes": 8 * MIB}
    return Limits(**(values | changes))  # type: ignore[arg-type]


def shell(sandbox: Sandbox, script: str, **changes: float) -> Outcome:
    """Run a script of the shell."""
    return sandbox.run(["/bin/sh", "-c", script], limits=limits(**changes))


def python(sandbox: Sandbox, script: str, **changes: float) -> Outcome:
    """Run a script of the system's Python."""
    return sandbox.run(["/usr/bin/python3", "-I", "-S", "-c", script], limits=limits(**changes))


def peak_memory() -> int:
    """The most memory this process has held since the mark was reset."""
    match = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert match is not None
    return int(match[1]) * 1024


@contextmanager
def memory_grows_by_at_most(size: int) -> Iterator[None]:
    """Fail when this process ever held `size` bytes more than at the beginning."""
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_memory()
    yield
    assert peak_memory() - before < size


def test_ten_gibibytes_of_output_cost_the_grader_next_to_nothing(machine: Machine) -> None:
    """R7."""
    flood = "yes yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy | head -c 10737418240"
    with memory_grows_by_at_most(20 * MIB):
        for script in (flood, f"{flood} >&2", f"{flood} & {flood} >&2 & wait"):
            outcome = shell(machine.sandbox, script)
            assert outcome.limit is Limit.OUTPUT
            assert max(len(outcome.stdout), len(outcome.stderr)) <= 64 * 1024


def test_a_flood_of_compiler_messages_is_cut_before_it_is_kept(machine: Machine) -> None:
    """R8."""
    source = (HERE / "R" / "R8" / "message-bomb" / "main.cpp").read_bytes()
    with memory_grows_by_at_most(30 * MIB):
        grading = grade(
            tiny_lab("cpp"), {"main.cpp": source}, toolchain=machine.toolchain, sandbox=machine.sandbox, seed=1
        )
    assert grading.verdict is Verdict.BUILD_ERROR
    assert len(grading.build_log.encode()) <= LOG_LIMIT_BYTES


def test_an_innocent_submission_passes_while_another_fills_its_disk(machine: Machine) -> None:
    """R10."""
    fill = "for i in $(seq 400); do head -c 2000000 /dev/zero | tee /tmp/$i >/box/$i; done"
    done = threading.Event()

    def keep_filling() -> None:
        while not done.is_set():
            shell(machine.sandbox, fill)

    with ThreadPoolExecutor(2) as pool:
        filling = pool.submit(keep_filling)
        try:
            for seed in range(2):
                grading = grade(
                    tiny_lab("python"),
                    {"main.py": INNOCENT},
                    toolchain=machine.toolchain,
                    sandbox=machine.sandbox,
                    seed=seed,
                )
                assert grading.verdict is Verdict.ACCEPTED, grading.fault
        finally:
            done.set()
        filling.result()


LEAVE = """
import os
for folder, folders, _ in os.walk("/"):
    if folder == "/":
        folders[:] = [name for name in folders if name not in ("proc", "usr", "root")]
    for make in (lambda path: open(path, "w").close(), os.mkdir):
        try:
            make(f"{folder}/left-behind-{make is os.mkdir}")
            print(folder)
        except OSError:
            pass
"""
FIND = """
import os
for folder, folders, names in os.walk("/"):
    if folder == "/":
        folders[:] = [name for name in folders if name not in ("proc", "usr", "root")]
    print(*(f"{folder}/{name}" for name in (*folders, *names) if name.startswith("left-behind")))
"""


def test_nothing_that_one_run_leaves_is_there_for_the_next(machine: Machine) -> None:
    """R12; the class of engineer-man/piston's tests/file_persistance.py."""
    places = set(python(machine.sandbox, LEAVE).stdout.decode().split())
    assert {"/box", "/tmp"} <= places <= {"/box", "/tmp", "/dev/shm", "/dev/mqueue", "/var/tmp"}
    assert python(machine.sandbox, FIND).stdout.split() == []


WRITERS = """
i=0
while [ $i -lt 6 ]; do
    (n=0; while :; do echo yyyyyyyyyyyyyyyy >"/box/$i-$n" 2>/dev/null; mkdir -p "/tmp/$i/$n"; n=$((n+1)); done) &
    i=$((i+1))
done
sleep $PAUSE
echo kept >note
"""


def test_fifty_boxes_killed_while_their_children_write_leave_nothing(machine: Machine) -> None:
    """R18; the class of engineer-man/piston's tests/multi_request.py."""
    before = machine.state()
    chance = random.Random(18)
    pauses = [(chance.uniform(0.0, 0.3), chance.uniform(0.02, 0.3)) for _ in range(50)]

    def one(pause: float, wall: float) -> Outcome:
        script = WRITERS.replace("$PAUSE", f"{pause:.3f}")
        return machine.sandbox.run(
            ["/bin/sh", "-c", script], limits=limits(wall_seconds=wall, memory_bytes=64 * MIB), files_out=["note"]
        )

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda values: one(*values), pauses))
    ended = [outcome for outcome in outcomes if outcome.limit is None]
    assert all(dict(outcome.files) in ({"note": b"kept\n"}, {}) for outcome in ended)
    assert any(outcome.limit is Limit.WALL for outcome in outcomes)
    assert machine.settled(before) == before
    assert shell(machine.sandbox, "ls -A /box /tmp").stdout.split() == [b"/box:", b"/tmp:"]
