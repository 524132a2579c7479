"""A lab that is loaded, and a Redis of its own for the grading side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from redis import Redis

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs import services
from backend.labs.models import Submission
from tests.backend.labs.hand import RIGHT, Submit
from tests.stack import OwnRedis, broker_of, load_tiny_lab


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    """The Redis of the grading side, which tests may flush, stop and start."""
    server = OwnRedis(tmp_path_factory.mktemp("grading-redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def grading_redis(redis_server: OwnRedis, settings: Any) -> Iterator[Redis]:
    """Empty, and the one that this process speaks to."""
    settings.GRADER_REDIS_URL = redis_server.url
    client = Redis.from_url(redis_server.url)
    client.flushall()
    with broker_of(redis_server.url):
        yield client
    client.close()


@pytest.fixture
def tiny_lab(db: None) -> Lab:
    """The tiny Python lab, ready, with its bundle."""
    return load_tiny_lab()


@pytest.fixture
def submit(tiny_lab: Lab, learner: User) -> Submit:
    """Hands in: `submit()`, `submit(b"...", learner=somebody)`."""

    def hand_in(source: bytes = RIGHT, *, learner: User = learner, key: UUID | None = None) -> Submission:
        return services.submit(learner=learner, lab=tiny_lab, files={"main.py": source}, key=key or uuid4())

    return hand_in
