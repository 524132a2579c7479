"""The sandbox for somebody who is not root and has no control groups."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import json
from grader.sandbox import Bubblewrap, Limits
box = Bubblewrap()
limits = Limits(1, 3, 128 << 20, 64 << 10, 16, 16 << 20)
patient = Limits(1, 60, 128 << 20, 64 << 10, 16, 16 << 20)
def seen(script, limits=limits, **options):
    outcome = box.run(["/bin/sh", "-c", script], limits=limits, **options)
    files = {name: content.decode() for name, content in outcome.files.items()}
    return [outcome.exit_code, outcome.limit, outcome.stdout.decode(), files, outcome.cpu_seconds]
print(json.dumps({
    "isolation": box.isolation(),
    "files": seen("cat /in/x; sleep 50 & echo y >y", files_out=["y"], files_in={"/in/x": b"x"}),
    "spin": seen("while :; do :; done", patient),
    "processes": seen("for i in 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5; do sleep 9 & done; wait"),
    "namespaces": seen("unshare -U true"),
    "descriptors": seen("ls /proc/self/fd"),
    "score": seen("cat /proc/self/oom_score_adj"),
    "kills": seen("kill -9 -1; kill -9 $PPID; kill $PPID; echo still here; echo y >y", files_out=["y"]),
    "opens": seen("ls /proc/1/fd; cat /proc/1/mem /proc/1/environ /supervisor; echo x >/proc/1/fd/3"),
}))
"""


@pytest.fixture(scope="module")
def as_nobody() -> dict[str, list[object]]:
    """What the sandbox did for the user "nobody" (or for us, when we are nobody special)."""
    command = ["/usr/bin/python3", "-B", "-c", SCRIPT]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_files_go_in_and_come_out(as_nobody: dict[str, list[object]]) -> None:
    assert as_nobody["files"][:4] == [0, None, "x", {"y": "y\n"}]


def test_processor_time_is_limited_and_measured(as_nobody: dict[str, list[object]]) -> None:
    code, limit, _, _, seconds = as_nobody["spin"]
    assert limit == "cpu"
    assert code == -24
    assert isinstance(seconds, float)
    assert 0.5 < seconds < 2.5


def test_processes_are_limited(as_nobody: dict[str, list[object]]) -> None:
    assert as_nobody["processes"][0] == 2


def test_the_box_is_ended_before_the_grader_when_memory_runs_out(as_nobody: dict[str, list[object]]) -> None:
    assert as_nobody["score"][2] == "1000\n"


def test_no_further_user_namespace(as_nobody: dict[str, list[object]]) -> None:
    assert as_nobody["namespaces"][0] == 1


def test_the_program_holds_three_descriptors(as_nobody: dict[str, list[object]]) -> None:
    assert as_nobody["descriptors"][2] == "0\n1\n2\n3\n"


def test_a_program_cannot_end_its_supervisor(as_nobody: dict[str, list[object]]) -> None:
    assert as_nobody["kills"][:4] == [0, None, "still here\n", {"y": "y\n"}]


def test_a_program_cannot_read_its_supervisor_or_speak_for_it(as_nobody: dict[str, list[object]]) -> None:
    code, limit, stdout, _, _ = as_nobody["opens"]
    assert (code, limit, stdout) == (2, None, "")


def test_what_is_not_enforced_is_said(as_nobody: dict[str, list[object]]) -> None:
    assert any("user namespace" in str(words) for words in as_nobody["isolation"])
