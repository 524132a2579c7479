"""What the tests themselves start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

START = """
import sys
from pathlib import Path
import django
django.setup()
from tests.stack import Child
child = Child("sleeper", ["sleep", "300"], {}, Path(sys.argv[1]))
print(child.process.pid, flush=True)
child.process.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed process")
def test_what_a_test_started_ends_when_the_tests_are_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START, str(tmp_path / "log")]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "backend.config.settings"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as tests:
        assert tests.stdout is not None
        child = psutil.Process(int(tests.stdout.readline()))
        assert child.is_running()
        tests.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.05)
