"""PostgreSQL and Redis from their wheels, for a machine that has neither.

Used when `DATABASE_URL` or `REDIS_URL` is unset. The servers keep their files
under the data folder; `addresses` tells running code where they listen.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from pathlib import Path

from backend.config.local_postgres import LocalPostgres, ServiceError
from backend.config.local_redis import LocalRedis

__all__ = ["LocalServices", "ServiceError", "addresses"]

ADDRESSES_FILE = "services.json"
_LONGEST_SOCKET_FOLDER = 80
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


def addresses(data_dir: Path) -> dict[str, str]:
    """`DATABASE_URL` and `REDIS_URL` of the servers last started here; empty if none were."""
    try:
        content = json.loads((data_dir / ADDRESSES_FILE).read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in content.items()}


def socket_folder(data_dir: Path) -> Path:
    """Where sockets lie: in the data folder, or in a private folder of the system's temporary one.

    A socket's path has at most 107 bytes, and the libraries disagree on how to write spaces in an address.
    """
    folder = data_dir / "sockets"
    if len(str(folder)) <= _LONGEST_SOCKET_FOLDER and _PLAIN_PATH.fullmatch(str(folder)):
        return folder
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"llsys-{os.geteuid()}-{digest}"


class LocalServices:
    """The two servers, started and stopped together."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.postgres: LocalPostgres | None = None
        self.redis: LocalRedis | None = None

    def start(self) -> dict[str, str]:
        """Start what the environment does not already name; the addresses, also written for other processes.

        Raises:
            ServiceError: a server did not start; what did is stopped again.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        sockets = self._private(socket_folder(self.data_dir))
        found: dict[str, str] = {}
        try:
            if "DATABASE_URL" not in os.environ:
                self.postgres = LocalPostgres(self.data_dir / "postgres", sockets / "postgres")
                found["DATABASE_URL"] = self.postgres.start()
            if "REDIS_URL" not in os.environ:
                self.redis = LocalRedis(self.data_dir / "redis", sockets / "redis")
                found["REDIS_URL"] = self.redis.start()
        except BaseException:
            self.stop()
            raise
        target = self.data_dir / ADDRESSES_FILE
        draft = target.with_suffix(".tmp")
        draft.write_text(json.dumps(found))
        draft.chmod(0o600)
        draft.replace(target)
        return found

    def pids(self) -> list[int]:
        """The servers that run."""
        servers = (self.redis, self.postgres)
        return [server.process.pid for server in servers if server is not None and server.process is not None]

    def revive(self) -> list[str]:
        """Start again a server that has ended by itself; the names of those.

        Raises:
            ServiceError: it does not start any more.
        """
        again: list[str] = []
        for name, server in (("PostgreSQL", self.postgres), ("Redis", self.redis)):
            if server is not None and server.process is not None and server.process.poll() is not None:
                server.start()
                again.append(name)
        return again

    def stop(self) -> None:
        """Stop what `start` started; safe to call twice."""
        for server in (self.redis, self.postgres):
            if server is not None:
                server.stop()
        self.redis = self.postgres = None
        (self.data_dir / ADDRESSES_FILE).unlink(missing_ok=True)

    def _private(self, folder: Path) -> Path:
        """The folder, made for us; refused when somebody else made it first in a shared place."""
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            raise ServiceError(f"{folder} belongs to somebody else. Set LLSYS_DATA_DIR to a short path without spaces.")
        with contextlib.suppress(OSError):
            folder.chmod(0o711)
        return folder
