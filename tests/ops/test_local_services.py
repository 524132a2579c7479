"""PostgreSQL and Redis from their wheels, in a folder of their own."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from backend.config import local_services
from backend.config.local_services import LocalServices, ServiceError, addresses


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder whose path has spaces, with no service named by the environment."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    with tempfile.TemporaryDirectory(prefix="llsys ops ") as name:
        yield Path(name)


@pytest.fixture
def services(folder: Path) -> Iterator[LocalServices]:
    """Servers that are stopped at the end."""
    made = LocalServices(folder)
    yield made
    made.stop()


def _rows(address: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_rows_survive_a_stop_and_a_kill(services: LocalServices, folder: Path) -> None:
    found = services.start()
    assert addresses(folder) == found
    _rows(found["DATABASE_URL"], "CREATE TABLE kept AS SELECT 1 AS number")
    Redis.from_url(found["REDIS_URL"]).set("kept", "1")
    services.stop()
    assert addresses(folder) == {}

    found = services.start()
    assert _rows(found["DATABASE_URL"], "SELECT number FROM kept") == [(1,)]
    assert Redis.from_url(found["REDIS_URL"]).get("kept") == b"1"
    _rows(found["DATABASE_URL"], "INSERT INTO kept VALUES (2)")
    for pid in services.pids():
        os.kill(pid, signal.SIGKILL)
    _wait_for_the_end(services)
    assert services.revive() == ["PostgreSQL", "Redis"]
    assert _rows(found["DATABASE_URL"], "SELECT count(*) FROM kept") == [(2,)]
    assert services.revive() == []


def _wait_for_the_end(services: LocalServices) -> None:
    deadline = time.monotonic() + 5
    for server in (services.postgres, services.redis):
        assert server is not None
        assert server.process is not None
        while server.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)


def test_servers_that_outlived_their_starter_are_replaced(services: LocalServices, folder: Path) -> None:
    earlier = LocalServices(folder)
    earlier.start()
    found = services.start()
    assert not set(earlier.pids()) & set(services.pids())
    assert _rows(found["DATABASE_URL"], "SELECT 1") == [(1,)]
    assert Redis.from_url(found["REDIS_URL"]).ping()


def test_a_cluster_whose_making_was_interrupted_is_made_again(services: LocalServices, folder: Path) -> None:
    half = folder / "postgres"
    (half / "global").mkdir(parents=True)
    (half / "global" / "pg_control").write_bytes(b"half a file")
    (folder / "postgres.unfinished").touch()
    assert _rows(services.start()["DATABASE_URL"], "SELECT 1") == [(1,)]


def test_what_the_environment_names_is_not_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/llsys")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    services = LocalServices(folder)
    assert services.start() == {}
    assert services.pids() == []
    services.stop()


def test_sockets_lie_where_their_path_is_short_and_plain(tmp_path: Path) -> None:
    plain = Path("/srv/llsys/.data")
    assert local_services.socket_folder(plain) == plain / "sockets"
    for awkward in (Path("/srv/my project/.data"), Path("/srv") / ("long" * 30)):
        folder = local_services.socket_folder(awkward)
        assert len(str(folder)) < 80
        assert " " not in str(folder)


def test_a_server_that_cannot_start_names_its_log(services: LocalServices, folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "global").mkdir()
    (folder / "postgres" / "global" / "pg_control").write_bytes(b"not a cluster")
    with pytest.raises(ServiceError, match=r"its log is .*postgres\.log"):
        services.start()
    assert services.pids() == []
