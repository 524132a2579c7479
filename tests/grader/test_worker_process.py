"""The worker as a process of its own on a real broker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from grader.contract import GRADE_TASK, WORKERS_KEY, WorkerStatus, claim_key
from grader.worker import make_app
from tests.grader.machine import TINY_LABS, tiny_lab
from tests.grader.test_worker import redis, redis_server

__all__ = ["redis", "redis_server"]
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
# The worker as it is, on a machine whose toolchain is the bare one once a file says that it is built.
SCRIPT = """
import sys
from pathlib import Path
from grader import machine, worker
from tests.grader.machine import bare_toolchain
folder = Path(sys.argv[1])
machine.Machine.toolchain = lambda self: bare_toolchain(folder) if (folder / "built").exists() else None
machine.Machine.toolchain_progress = lambda self: "7 %: compiling"
machine.Machine.problem = lambda self: ""
worker.main()
"""


def wait_for(what: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return found


@pytest.fixture
def url(redis_server: str) -> str:
    """Address of the broker."""
    return f"unix://{redis_server}?db=0"


@pytest.fixture
def process(url: str, redis: Redis, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A running worker whose toolchain is not built yet."""
    env = {**os.environ, "GRADER_REDIS_URL": url, "GRADER_NAME": "w7", "GRADER_CACHE_DIR": str(tmp_path / "cache")}
    env |= {"PYTHONPATH": str(ROOT), "GRADER_CONTENT_DIR": str(tmp_path / "content")}
    place = tmp_path / "content/modules/01-x/labs"
    place.mkdir(parents=True)
    (place / "lab-tiny").symlink_to(TINY_LABS / "python")
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tmp_path)], env=env, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
    yield worker
    worker.terminate()
    worker.wait(timeout=20)


def test_a_job_waits_for_the_toolchain_and_is_then_graded_once(
    process: subprocess.Popen[bytes], redis: Redis, url: str, tmp_path: Path
) -> None:
    attempt = str(uuid4())
    lab = tiny_lab("python")
    job = {
        "submission_id": str(uuid4()), "attempt_id": attempt, "attempt_token": "t" * 32, "lab": "lab-tiny",
        "lab_digest": lab.digest, "files": {"main.py": "cHJpbnQoMSkK"},
    }  # fmt: skip
    app = make_app(url)
    for _ in range(5):
        app.send_task(GRADE_TASK, kwargs={"job": job}, queue="grade.cpu")
    app.send_task(GRADE_TASK, kwargs={"job": {"schema_version": 99}}, queue="grade.cpu")
    status = WorkerStatus.model_validate_json(wait_for(lambda: redis.hget(WORKERS_KEY, "w7")))
    assert (status.toolchain, status.toolchain_progress) == ("", "7 %: compiling")
    wait_for(lambda: redis.llen("grade.cpu") == 0)
    assert not redis.exists(claim_key(attempt))

    (tmp_path / "built").touch()
    wait_for(lambda: redis.llen("backend"))
    time.sleep(0.3)
    messages: Any = redis.lrange("backend", 0, -1)
    assert len(messages) == 1
    headers = json.loads(messages[0])["headers"]
    assert headers["task"] == "labs.record_report"
    process.terminate()
    assert process.wait(timeout=20) == 0
    assert not redis.hexists(WORKERS_KEY, "w7")
