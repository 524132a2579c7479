"""The stack that faults are injected into."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from backend.config.local_services import LocalServices
    from backend.curriculum.models import Lab
    from tests.stack import Child, LiveStack, OwnRedis

WORKERS = ("w1", "w2")
AT_ONCE = 2
DISK = "2m"
"""Size of a grading machine's disk, small enough to be filled in a moment."""
_OWN_DISK = """mount --make-rprivate / && mount -t tmpfs -o size="$1" disk "$2" && shift 2 && exec "$@" """
_COUNT_VERDICTS = """
CREATE TABLE verdicts_written (submission uuid, verdict text, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION note_verdict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO verdicts_written (submission, verdict) VALUES (NEW.id, NEW.verdict); RETURN NEW; END $$;
CREATE TRIGGER note_verdict AFTER UPDATE ON labs_submission FOR EACH ROW
  WHEN (OLD.verdict IS DISTINCT FROM NEW.verdict OR OLD.graded_at IS DISTINCT FROM NEW.graded_at)
  EXECUTE FUNCTION note_verdict();
"""


@dataclasses.dataclass
class Site:
    """A running stack, and how to break it and mend it."""

    folder: Path
    services: LocalServices
    redis: OwnRedis
    stack: LiveStack
    workers: dict[str, Child] = dataclasses.field(default_factory=dict)
    backend: Child | None = None
    starts: int = 0
    disk: str = DISK
    """Room of a grading machine for its caches, as `mount` takes it."""

    def disk_of(self, name: str) -> Path:
        """Where a machine keeps its bundles; mounted for it alone."""
        return self.folder / f"disk-{name}"

    def start_worker(self, name: str) -> None:
        """A grading machine, not waited for."""
        self.starts += 1
        disk = self.disk_of(name)
        disk.mkdir(exist_ok=True)
        env = {
            "GRADER_NAME": name,
            "GRADER_CONCURRENCY": str(AT_ONCE),
            "GRADER_CACHE_DIR": str(disk / "bundles"),
            "GRADER_PRECOMPILED_DIR": str(disk / "precompiled"),
            "GRADER_BUILD_CACHE_DIR": str(disk / "builds"),
            "TMPDIR": str(disk),
            "GRADER_DRAIN_SECONDS": "2",
        }
        command = ["unshare", "-m", "sh", "-c", _OWN_DISK, "sh", self.disk, str(disk)]
        command += [sys.executable, "-m", "tests.faults.worker", str(self.folder)]
        self.workers[name] = self._child(f"grader-{name}", command, env)

    def start_backend(self) -> None:
        """The web side's worker and its scheduler, not waited for."""
        schedule = str(self.folder / "beat-schedule")
        command = [sys.executable, "-m", "celery", "-A", "backend.config.celery", "worker", "-B", "-s", schedule]
        command += ["--pool=threads", "--concurrency=2", "--queues=backend", "--loglevel=INFO"]
        self.backend = self._child("backend", [*command, "--without-gossip", "--without-mingle"], {})

    def wait_until_ready(self, seconds: float = 90.0) -> None:
        """Until every machine takes jobs."""
        from backend.labs import grading_side

        deadline = time.monotonic() + seconds
        while grading_side.slots("cpu") < AT_ONCE * len(self.workers):
            assert time.monotonic() < deadline, self.stack.logs()
            time.sleep(0.2)

    def mend(self) -> None:
        """Start again what has ended, as the supervisor of a machine does."""
        for name, child in self.workers.items():
            if child.process.poll() is not None:
                self.stack.children.remove(child)
                self.start_worker(name)
        if self.backend is not None and self.backend.process.poll() is not None:
            self.stack.children.remove(self.backend)
            self.start_backend()

    def restart_postgres(self) -> None:
        """Stop it in good order and start it again; connections break."""
        assert self.services.postgres is not None
        self.services.postgres.stop()
        self.services.postgres.start()

    def boxes_of(self, name: str) -> list[psutil.Process]:
        """The sandboxes that a machine runs now."""
        with contextlib.suppress(psutil.Error):
            return [
                process
                for process in psutil.Process(self.workers[name].process.pid).children(recursive=True)
                if process.name() == "bwrap"
            ]
        return []

    def _child(self, name: str, command: list[str], env: dict[str, str]) -> Child:
        return self.stack._start(name, command, env)


@contextlib.contextmanager
def site(workers: Sequence[str] = WORKERS, *, disk: str = DISK) -> Iterator[Site]:
    """A stack on services of its own, in this process's Django; everything is gone afterwards."""
    # Whoever ends this run ends all that it started.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    folder = Path(tempfile.mkdtemp(prefix="llsys-faults-"))
    folder.chmod(0o755)
    os.environ.pop("DATABASE_URL", None)
    os.environ |= {"LLSYS_LOCAL": "1", "LLSYS_DATA_DIR": str(folder / "data"), "LLSYS_LOG_LEVEL": "ERROR"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "backend.config.settings"
    redis_url = f"unix://{folder / 'redis.sock'}"
    os.environ |= {"REDIS_URL": redis_url, "GRADER_REDIS_URL": redis_url}
    from backend.config.local_services import LocalServices

    services = LocalServices(folder / "services")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(services.stop)
        os.environ |= services.start()
        import django

        django.setup()
        from tests.stack import LiveStack, OwnRedis

        redis = OwnRedis(folder)
        assert redis.url == redis_url
        stack.callback(redis.stop)
        redis.start()
        _make_schema()
        place = Site(folder, services, redis, LiveStack(folder, redis.url), disk=disk)
        stack.callback(place.stack.stop)
        place.start_backend()
        for name in workers:
            place.start_worker(name)
        yield place


def _make_schema() -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_VERDICTS)


def labs(number: int, language: str = "python") -> list[Lab]:
    """Revisions of the tiny lab, each with a digest of its own, so that machines have bundles to fetch."""
    from backend.curriculum.models import LabRevision
    from grader import lab as lab_format
    from tests.factories import LabFactory
    from tests.stack import TINY_LAB

    made: list[Any] = []
    plain = lab_format.load_lab(TINY_LAB.parent / language)
    first = LabRevision.objects.count()
    for count in range(first, first + number):
        files = {**plain.files, "checks.py": plain.files["checks.py"] + f"\n# {count}\n".encode()}
        digest, slug = lab_format.digest_of(files), f"lab-{count}"
        packed = lab_format.pack(dataclasses.replace(plain, slug=slug, files=files))
        lab = LabFactory.create(slug=slug, language=plain.spec.language, max_score=plain.spec.max_score, digest=digest)
        LabRevision.objects.create(lab=lab, digest=digest, bundle=packed)
        made.append(lab)
    return made
