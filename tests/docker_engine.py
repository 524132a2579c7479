"""A Docker engine for the tests: the one that LLSYS_DOCKER_HOST names, or this checkout's own, which is started.

Where neither can be, the tests that need it fail with the reason. `./test` finds out beforehand, says so in its
report, and sets LLSYS_DOCKER_NOT_RUN to the reason; only then are they left out.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.sandbox.docker import Docker, Settings

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "deploy" / "setup" / "docker.sh"
PLACE = ROOT / ".data" / "docker"
NOT_RUN = "LLSYS_DOCKER_NOT_RUN"


@dataclass(frozen=True)
class DockerEngine:
    """Where the engine listens, and the image of the tests."""

    host: str
    image: str

    def settings(self, **changes: object) -> Settings:
        """Settings of a sandbox here."""
        return Settings(**{"host": self.host, "image": self.image, **changes})  # type: ignore[arg-type]

    def command(self, *arguments: str) -> str:
        """What the engine's own client prints."""
        line = ["docker", *arguments]
        environment = {**os.environ, "DOCKER_HOST": self.host}
        return subprocess.run(line, env=environment, check=True, capture_output=True, text=True).stdout


def _was_started_before() -> bool:
    try:
        os.kill(int((PLACE / "docker.pid").read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def _start() -> DockerEngine:
    started = subprocess.run(["sh", str(SCRIPT), "start"], capture_output=True, text=True)
    if started.returncode != 0:
        pytest.fail(f"There is no Docker engine for this test: {started.stdout.strip() or started.stderr.strip()}")
    host, image = started.stdout.split()
    return DockerEngine(host, image)


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[DockerEngine]:
    """A running engine with the image that submissions see."""
    reason = os.environ.get(NOT_RUN)
    if reason:
        pytest.skip(f"the Docker half is not run: {reason}")
    host, image = os.environ.get("LLSYS_DOCKER_HOST"), os.environ.get("LLSYS_DOCKER_IMAGE")
    if host and image:
        yield DockerEngine(host, image)
        return
    PLACE.mkdir(parents=True, exist_ok=True)
    # Whoever ends the engine looks first whether somebody holds this lock.
    with (PLACE / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        keep = _was_started_before()
        yield _start()
    if not keep:
        subprocess.run(["sh", str(SCRIPT), "stop"], check=True)


@pytest.fixture(scope="session")
def docker_sandbox(docker_engine: DockerEngine) -> Iterator[Docker]:
    """The Docker sandbox, as a grading machine has it."""
    with Docker(docker_engine.settings()) as sandbox:
        yield sandbox
