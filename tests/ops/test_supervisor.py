"""The supervisor, over real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from backend.config import lifeline

Start = Callable[..., subprocess.Popen[str]]
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def marker() -> str:
    """A word that stands in the command line of every process of one test."""
    return f"marker-{uuid4().hex}"


@pytest.fixture
def supervise(tmp_path: Path, marker: str) -> Iterator[Start]:
    """Starts a supervisor: `supervise({"name": ..., "code": Python source, ...}, ...)`."""
    started: list[subprocess.Popen[str]] = []

    def start(*rows: dict[str, Any]) -> subprocess.Popen[str]:
        children = [
            {**{name: value for name, value in row.items() if name != "code"}, "command": _python(row["code"], marker)}
            for row in rows
        ]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.ops.supervised", str(tmp_path / "children.json"), json.dumps(children)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    for left in _alive(marker):
        left.kill()


def _python(code: str, marker: str) -> list[str]:
    return [sys.executable, "-u", "-c", code, marker]


def _alive(marker: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        arguments = process.info["cmdline"] or []
        # The supervisor itself has the word inside its JSON, not as an argument.
        if marker in arguments and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def _line(process: subprocess.Popen[str], beginning: str) -> str:
    """The next line that begins so; fails when the output ends first."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(beginning):
            return line.rstrip()
    pytest.fail(f"no line begins with {beginning!r}")


def _rest(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.read().splitlines()


WAITS = "import time\nprint('ready')\ntime.sleep(60)"
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready')\ntime.sleep(60)"


def test_a_crashed_child_starts_again_after_pauses_that_grow(supervise: Start) -> None:
    process = supervise({"name": "web", "code": "print('here'); raise SystemExit(3)", "pause": 0.1})
    pauses = [_line(process, "up: web ended with status 3").split()[-2] for _ in range(3)]
    assert pauses == ["0.1", "0.2", "0.4"]
    assert _line(process, "web:") == "web: here"


def test_a_job_that_succeeded_is_not_started_again(supervise: Start) -> None:
    process = supervise(
        {"name": "job", "code": "print('done')", "once": True, "pause": 0.05}, {"name": "web", "code": WAITS}
    )
    _line(process, "job: done")
    time.sleep(0.8)
    process.send_signal(signal.SIGTERM)
    assert "job: done" not in _rest(process)


def test_a_job_that_failed_is_started_again(supervise: Start) -> None:
    process = supervise({"name": "job", "code": "raise SystemExit(1)", "once": True, "pause": 0.05})
    _line(process, "up: job ended with status 1")
    _line(process, "up: job ended with status 1")


def test_sigterm_ends_the_stages_in_order_and_then_the_supervisor(supervise: Start, marker: str) -> None:
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n    time.sleep(0.2); print('bye'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\nprint('ready')\ntime.sleep(60)"
    )
    process = supervise({"name": "worker", "code": code, "stage": 1}, {"name": "web", "code": code})
    seen = {_line(process, "w"), _line(process, "w")}
    assert seen == {"worker: ready", "web: ready"}
    process.send_signal(signal.SIGTERM)
    assert _rest(process) == ["web: bye", "worker: bye", "ended"]
    assert process.wait(5) == 0
    assert not _alive(marker)


def test_a_child_that_ignores_sigterm_is_killed_when_its_grace_is_over(supervise: Start, marker: str) -> None:
    process = supervise({"name": "web", "code": STUBBORN, "grace": 0.3})
    _line(process, "web: ready")
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert "up: web did not end by itself and was killed." in _rest(process)
    assert process.wait(5) == 0
    assert time.monotonic() - asked < 3
    assert not _alive(marker)


def test_a_second_ctrl_c_waits_for_nobody(supervise: Start, marker: str) -> None:
    process = supervise({"name": "web", "code": STUBBORN, "grace": 30})
    _line(process, "web: ready")
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert not _alive(marker)


def test_nothing_stays_that_a_child_started_and_let_go(supervise: Start, marker: str) -> None:
    escaping = (
        "import subprocess, sys, time\n"
        "run = [sys.executable, '-c', 'import time; time.sleep(60)', sys.argv[1]]\n"
        "subprocess.Popen(['setsid', '--fork', *run])\n"
        "time.sleep(0.5)\nprint('ready')\ntime.sleep(60)"
    )
    process = supervise({"name": "web", "code": escaping})
    _line(process, "web: ready")
    assert len(_alive(marker)) == 2
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not _alive(marker)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_children_end_by_themselves_when_the_supervisor_is_killed(supervise: Start, marker: str) -> None:
    process = supervise({"name": "web", "code": WAITS})
    _line(process, "web: ready")
    process.kill()
    deadline = time.monotonic() + 5
    while _alive(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(marker)


def test_the_next_run_ends_what_a_killed_supervisor_left(supervise: Start, marker: str, tmp_path: Path) -> None:
    process = supervise({"name": "web", "code": STUBBORN})
    _line(process, "web: ready")
    process.kill()
    process.wait()
    assert len(_alive(marker)) == 1
    assert lifeline.end_leftovers(tmp_path / "children.json", seconds=0.3) == 1
    assert not _alive(marker)


def test_a_process_that_only_got_the_number_of_a_child_is_left_alone(tmp_path: Path, marker: str) -> None:
    notes = tmp_path / "children.json"
    with subprocess.Popen(_python("import time; time.sleep(60)", marker)) as stranger:
        notes.write_text(json.dumps([[stranger.pid, time.time() - 3600]]))
        assert lifeline.end_leftovers(notes) == 0
        assert stranger.poll() is None
        stranger.kill()


def test_every_line_is_shown_with_the_name_of_its_writer(supervise: Start) -> None:
    code = (
        "import sys\nprint('one')\nprint('two', file=sys.stderr)\nsys.stdout.write('no newline')\nraise SystemExit(1)"
    )
    process = supervise({"name": "web", "code": code, "pause": 30.0})
    assert [_line(process, "web:") for _ in range(3)] == ["web: one", "web: two", "web: no newline"]


def test_a_child_has_a_session_of_its_own(supervise: Start) -> None:
    process = supervise({"name": "web", "code": "import os\nprint(os.getsid(0), os.getpid())\n" + WAITS})
    session, pid = _line(process, "web:").split()[1:]
    assert session == pid
    assert session != str(os.getsid(0))
