"""The whole site, started and ended as its owner does it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


class Site:
    """One run of `manage.py up`."""

    def __init__(self, data_dir: Path, port: int) -> None:
        dropped = {"DATABASE_URL", "REDIS_URL", "GRADER_REDIS_URL", "DJANGO_SETTINGS_MODULE"}
        environment = {name: value for name, value in os.environ.items() if name not in dropped}
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--no-grader", f"--port={port}"],
            cwd=PROJECT,
            env={**environment, "LLSYS_LOCAL": "1", "LLSYS_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines += (line.rstrip() for line in iter(self.process.stdout.readline, ""))

    def wait_for(self, text: str, seconds: float = 90) -> str:
        """The first line that has the text."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in list(self.lines):
                if text in line:
                    return line
            if self.process.poll() is not None:
                self._reader.join(5)
                deadline = min(deadline, time.monotonic() + 0.2)
            time.sleep(0.05)
        pytest.fail(f"{text!r} was not printed:\n" + "\n".join(self.lines))


@pytest.fixture
def port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    """Runs that are ended when the test is over."""
    started: list[Site] = []
    yield started
    for site in started:
        if site.process.poll() is None:
            site.process.send_signal(signal.SIGINT)
            site.process.wait(30)


def test_the_site_starts_answers_refuses_a_second_run_and_ends_whole(
    sites: list[Site], port: int, tmp_path: Path
) -> None:
    sites.append(Site(tmp_path, port))
    assert f"http://127.0.0.1:{port}" in sites[0].wait_for("The site is up")
    sites[0].wait_for("Administrator (shown once")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/signup/", timeout=10) as page:
        assert page.status == 200
        assert b"csrfmiddlewaretoken" in page.read()

    sites.append(Site(tmp_path, port + 1))
    assert str(sites[0].process.pid) in sites[1].wait_for("runs already")
    assert sites[1].process.wait(10) != 0

    family = psutil.Process(sites[0].process.pid).children(recursive=True)
    assert {"postgres", "redis-server"} <= {member.name() for member in family}
    asked = time.monotonic()
    sites[0].process.send_signal(signal.SIGINT)
    assert sites[0].process.wait(20) == 0
    assert time.monotonic() - asked < 12
    _, alive = psutil.wait_procs(family, timeout=1)
    assert not alive


def test_a_port_in_use_is_named_with_a_way_out(sites: list[Site], port: int, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", port)):
        sites.append(Site(tmp_path, port))
        assert f"./up --port {port + 1}" in sites[0].wait_for(f"Cannot listen on 127.0.0.1 port {port}")
    assert sites[0].process.wait(10) != 0
