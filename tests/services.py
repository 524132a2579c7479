"""pytest plugin: PostgreSQL and Redis of their own for every run of the tests, from their wheels.

Loaded with `-p tests.services` (see pyproject.toml), before Django reads its settings. With `DATABASE_URL` and
`REDIS_URL` set, those are used. Parallel workers share the PostgreSQL of the process that started them, each with a
database of its own; a Redis and a data folder each of them has for itself.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from backend.config.local_services import LocalServices

_FAST_AND_FORGETFUL = (
    "ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off; SELECT pg_reload_conf();"
)


class _Run:
    """What one run of the tests started."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="llsys-test-"))
        self.folder.chmod(0o755)
        os.environ["LLSYS_DATA_DIR"] = str(self.folder / "data")
        self.services = LocalServices(self.folder / "services")

    def start(self) -> None:
        for name, address in self.services.start().items():
            os.environ[name] = address
        if self.services.postgres is not None:
            for statement in _FAST_AND_FORGETFUL.split("; "):
                self.services.postgres.psql(statement.rstrip(";") + ";")

    def stop(self) -> None:
        self.services.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


# A shell that starts the tests in the background has them ignore Ctrl-C, and their children would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["LLSYS_LOCAL"] = "1"
os.environ.setdefault("LLSYS_LOG_LEVEL", "WARNING")
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["LLSYS_TEST_OWN_REDIS"] = "" if "REDIS_URL" in os.environ else "1"
elif os.environ["LLSYS_TEST_OWN_REDIS"]:
    os.environ.pop("REDIS_URL", None)
_started = _Run()
_started.start()
_run: _Run | None = _started


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop what was started."""
    global _run
    if _run is not None:
        _run.stop()
        _run = None
