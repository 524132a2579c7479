"""`manage.py up`: the whole site on this machine, until Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psutil
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.config import lifeline, processes
from backend.config.local_services import LocalServices, ServiceError
from backend.config.supervisor import Supervisor

_ASK_SECONDS = 0.5
_COLORS = {"up": "1", "web": "36", "worker": "35", "scheduler": "34", "engine": "33", "grader": "32"}
_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - recognised, not bound to


class Command(BaseCommand):
    """Started by ./up, which prepares the machine first."""

    help = (
        "Run the whole site on this machine: PostgreSQL and Redis (unless DATABASE_URL and REDIS_URL name others), "
        "web server, background worker, scheduler, grader, and the build of the engine. Ctrl-C ends all of it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        """Options."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
        parser.add_argument("--no-grader", action="store_true", help="run no grader: submissions wait for another one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start everything, wait for the end, stop everything."""
        host, port = str(options["host"]), int(options["port"])
        data_dir: Path = settings.DATA_DIR.resolve()
        data_dir.mkdir(parents=True, exist_ok=True)
        data_dir.chmod(data_dir.stat().st_mode | 0o711)
        notes = data_dir / "children.json"
        with _only_one(data_dir):
            if ended := lifeline.end_leftovers(notes):
                self._say("up", f"Ended {ended} processes that an earlier run had left.")
            _check_port(host, port)
            services = LocalServices(data_dir)
            try:
                self._say("up", "Starting PostgreSQL and Redis.")
                found = services.start()
                lifeline.note_children(notes, services.pids())
                environment = self._environment(host, port, data_dir, found)
                self._prepare(environment)
                self._supervise(services, environment, notes, host=host, port=port, grader=not options["no_grader"])
            except ServiceError as error:
                raise CommandError(str(error)) from error
            except KeyboardInterrupt:
                self._say("up", "Interrupted.")
            finally:
                services.stop()
                lifeline.end_descendants()
                notes.unlink(missing_ok=True)
            self._say("up", "Everything has ended.")

    def _environment(self, host: str, port: int, data_dir: Path, found: dict[str, str]) -> dict[str, str]:
        environment = {**os.environ, **found, "LLSYS_DATA_DIR": str(data_dir)}
        environment.setdefault("LLSYS_TOOLCHAIN_DIR", str(data_dir / "toolchain"))
        if settings.LOCAL:
            environment.setdefault("LLSYS_BASE_URL", _address(host, port))
            if host not in {"127.0.0.1", "localhost", "::1"}:
                environment.setdefault("LLSYS_HOSTS", ",".join(sorted(_own_names(host))))
        return environment

    def _prepare(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "manage.py", "prepare"]
        process = lifeline.start(
            command, cwd=settings.BASE_DIR, env={**environment, "PYTHONUNBUFFERED": "1"}, stdin=subprocess.DEVNULL
        )
        try:
            status = process.wait()
        except BaseException:
            process.terminate()
            raise
        if status:
            raise CommandError("The database could not be prepared; the lines above say why.")

    def _supervise(
        self, services: LocalServices, environment: dict[str, str], notes: Path, *, host: str, port: int, grader: bool
    ) -> None:
        os.chdir(settings.BASE_DIR)
        doorbell = _Doorbell(host, port)

        def each_tick() -> None:
            for name in services.revive():
                self._say("up", f"{name} had ended by itself and runs again.")
            if doorbell.answered_now():
                self._say("up", f"The site is up: {environment.get('LLSYS_BASE_URL', _address(host, port))}")
                self._say("up", "Ctrl-C ends it.")

        members = processes.children(environment, host=host, port=port, data_dir=settings.DATA_DIR, grader=grader)
        self._say("up", "Starting the web server and the workers.")
        Supervisor(members, say=self._say, notes=notes, each_tick=each_tick, neighbours=services.pids).run()
        self._say("up", "Stopping PostgreSQL and Redis.")

    def _say(self, who: str, text: str) -> None:
        label = f"{who:>9}"
        if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
            label = f"\x1b[{_COLORS.get(who, '0')}m{label}\x1b[0m"
        with contextlib.suppress(OSError):
            # A terminal that went away must not keep us from ending what we started.
            sys.stdout.write(f"{label} | {text}\n")
            sys.stdout.flush()


class _Doorbell:
    """Asks the site for a sign of life until it answers once."""

    def __init__(self, host: str, port: int) -> None:
        local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        self._request = Request(f"{_address(local, port)}/healthz", headers={"X-Forwarded-Proto": "https"})  # noqa: S310
        self._ask_at = 0.0
        self._answered = False

    def answered_now(self) -> bool:
        """True once: at the first answer."""
        if self._answered or time.monotonic() < self._ask_at:
            return False
        self._ask_at = time.monotonic() + _ASK_SECONDS
        try:
            with urlopen(self._request, timeout=2):  # noqa: S310 - our own address
                self._answered = True
        except HTTPError:
            self._answered = True
        except (URLError, OSError):
            return False
        return self._answered


@contextlib.contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock.

    Raises:
        CommandError: another run holds it.
    """
    with (data_dir / "up.lock").open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            owner = stream.read().strip() or "unknown"
            raise CommandError(
                f"The site of this folder runs already (process {owner}). End that one first, or set LLSYS_DATA_DIR "
                "to another folder and choose another --port."
            ) from None
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host} port {port}: {error.strerror}. Choose another port: ./up --port {port + 1}"
            ) from None


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)  # noqa: S104
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _own_names(host: str) -> set[str]:
    """Names under which this machine may be asked when it listens beyond itself."""
    names = {"127.0.0.1", "localhost", "[::1]", socket.gethostname()}
    if host not in _EVERYWHERE:
        return {*names, f"[{host}]" if ":" in host else host}
    for interface in psutil.net_if_addrs().values():
        names |= {address.address for address in interface if address.family == socket.AF_INET}
    return names
