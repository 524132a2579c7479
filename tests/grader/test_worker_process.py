"""The worker as a process of its own on a real broker."""

from __future__ import annotations

import base64
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

from grader.contract import GRADE_QUEUES, GRADE_TASK, WORKERS_KEY, WorkerStatus, claim_key
from grader.worker import make_app
from tests.grader.machine import TINY_LABS, tiny_lab
from tests.grader.test_worker import redis, redis_server

__all__ = ["redis", "redis_server"]
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
QUEUE = GRADE_QUEUES["cpu"]
SLOW = b"import time\ntime.sleep(1.7)\nprint(0)\n"
# The worker as it is, on a machine whose toolchain is the bare one once a file says that it is built.
SCRIPT = """
import sys
from pathlib import Path
from grader import machine, worker
from tests.grader.machine import bare_toolchain
folder = Path(sys.argv[1])
def grade(self, job):
    if any(b"DEAFEN" in content for content in job.files.values()):
        # As a connection that breaks while it is made leaves the loop: turning, with nothing to read.
        from kombu.asynchronous import get_event_loop
        hub = get_event_loop()
        hub.on_tick.clear()
        hub.readers.clear()
    return really(self, job)
from grader import attempts
really = attempts.Worker._grade
attempts.Worker._grade = grade
machine.Machine.toolchain = lambda self: bare_toolchain(folder) if (folder / "built").exists() else None
machine.Machine.toolchain_progress = lambda self: "7 %: compiling"
machine.Machine.problem = lambda self: ""
worker.main()
"""


def wait_for(what: Callable[[], Any], seconds: float = 90) -> Any:
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
def process(
    request: pytest.FixtureRequest, url: str, redis: Redis, tmp_path: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A running worker whose toolchain is not built yet; the parameter is the time that attempts get to finish."""
    env = {**os.environ, "GRADER_REDIS_URL": url, "GRADER_NAME": "w7", "GRADER_CACHE_DIR": str(tmp_path / "cache")}
    env |= {"PYTHONPATH": str(ROOT), "GRADER_CONTENT_DIR": str(tmp_path / "content")}
    env |= {"GRADER_DRAIN_SECONDS": getattr(request, "param", "20")}
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


def wire(attempt: str, *, source: bytes = b"print(1)\n") -> dict[str, Any]:
    """A job as it lies in the queue."""
    return {
        "submission_id": str(uuid4()), "attempt_id": attempt, "attempt_token": "t" * 32, "lab": "lab-tiny",
        "lab_digest": tiny_lab("python").digest, "files": {"main.py": base64.b64encode(source).decode()},
    }  # fmt: skip


def sent_to_backend(redis: Redis) -> list[str]:
    """Names of the tasks that were sent to the other side, the newest last."""
    messages: Any = redis.lrange("backend", 0, -1)
    return [json.loads(message)["headers"]["task"] for message in reversed(messages)]


def test_a_job_is_left_to_others_until_the_toolchain_is_there_and_is_then_graded_once(
    process: subprocess.Popen[bytes], redis: Redis, url: str, tmp_path: Path
) -> None:
    attempt = str(uuid4())
    app = make_app(url)
    for _ in range(5):
        app.send_task(GRADE_TASK, kwargs={"job": wire(attempt)}, queue=QUEUE)
    app.send_task(GRADE_TASK, kwargs={"job": {"schema_version": 99}}, queue=QUEUE)
    status = WorkerStatus.model_validate_json(wait_for(lambda: redis.hget(WORKERS_KEY, "w7")))
    assert (status.toolchain, status.toolchain_progress) == ("", "7 %: compiling")
    assert redis.llen(QUEUE) == 6
    assert not redis.exists(claim_key(attempt))

    (tmp_path / "built").touch()
    wait_for(lambda: redis.llen("backend") and not redis.llen(QUEUE))
    time.sleep(0.3)
    assert sent_to_backend(redis) == ["labs.record_report"]
    process.terminate()
    assert process.wait(timeout=20) == 0
    assert not redis.hexists(WORKERS_KEY, "w7")


def test_sigterm_while_waiting_for_the_toolchain_ends_the_machine(
    process: subprocess.Popen[bytes], redis: Redis
) -> None:
    wait_for(lambda: redis.hget(WORKERS_KEY, "w7"))
    process.terminate()
    assert process.wait(timeout=20) == 0
    assert not redis.hexists(WORKERS_KEY, "w7")


def test_sigterm_lets_a_running_attempt_finish_and_takes_nothing_more(
    process: subprocess.Popen[bytes], redis: Redis, url: str, tmp_path: Path
) -> None:
    (tmp_path / "built").touch()
    app = make_app(url)
    running, next_one = str(uuid4()), str(uuid4())
    app.send_task(GRADE_TASK, kwargs={"job": wire(running, source=SLOW)}, queue=QUEUE)
    wait_for(lambda: redis.exists(claim_key(running)))
    process.terminate()
    wait_for(lambda: not redis.hexists(WORKERS_KEY, "w7"))
    app.send_task(GRADE_TASK, kwargs={"job": wire(next_one)}, queue=QUEUE)
    assert process.wait(timeout=30) == 0
    assert sent_to_backend(redis) == ["labs.record_report"]
    assert not redis.exists(claim_key(next_one))


def test_a_worker_that_hears_nothing_any_more_connects_again(
    process: subprocess.Popen[bytes], redis: Redis, url: str, tmp_path: Path
) -> None:
    (tmp_path / "built").touch()
    app = make_app(url)
    app.send_task(GRADE_TASK, kwargs={"job": wire(str(uuid4()), source=b"print(1)  # DEAFEN\n")}, queue=QUEUE)
    wait_for(lambda: len(sent_to_backend(redis)) == 1)
    app.send_task(GRADE_TASK, kwargs={"job": wire(str(uuid4()))}, queue=QUEUE)
    wait_for(lambda: len(sent_to_backend(redis)) == 2)
    assert process.poll() is None
    assert "Connection to broker lost" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("process", ["0.2"], indirect=True)
def test_sigterm_hands_back_what_does_not_finish_in_time(
    process: subprocess.Popen[bytes], redis: Redis, url: str, tmp_path: Path
) -> None:
    (tmp_path / "built").touch()
    attempt = str(uuid4())
    make_app(url).send_task(GRADE_TASK, kwargs={"job": wire(attempt, source=SLOW)}, queue=QUEUE)
    wait_for(lambda: redis.exists(claim_key(attempt)))
    process.terminate()
    assert process.wait(timeout=20) == 0
    assert sent_to_backend(redis) == ["labs.hand_back"]
