"""The Celery application of a grading machine: `python -m grader.worker`.

Settings come from the environment, so that a machine needs nothing but Redis:

    GRADER_REDIS_URL (or REDIS_URL)   where jobs come from; redis://, rediss:// or unix://
    GRADER_QUEUES                     queues to take from, separated by commas (default: grade.cpu)
    GRADER_CONCURRENCY                attempts at once (default: half of the processors, at least two)
    GRADER_NAME                       how this machine calls itself (default: its host name)
    GRADER_CACHE_DIR                  where fetched lab bundles are kept (default: ~/.cache/llsys/bundles)
    GRADER_PRECOMPILED_DIR            where precompiled headers are kept (default: ~/.cache/llsys/precompiled)
    GRADER_BUILD_CACHE_DIR            where built programs are kept (default: ~/.cache/llsys/builds)
    GRADER_ROOFLINE_DIR               where this machine's peaks are kept (default: ~/.cache/llsys/roofline)
    GRADER_BASELINE_DIR               where times of references are kept (default: ~/.cache/llsys/baselines)
    GRADER_CUDA_DIR                   where the CUDA emulator is kept (default: ~/.cache/llsys/cuda)
    GRADER_BUILD_CACHE_MB             how much of them (default: 512)
    GRADER_CONTENT_DIR                a content folder with labs, if there is one (default: the repository's)
    GRADER_SANDBOX                    auto, bubblewrap or docker (default: auto); GRADER_DOCKER_* belong to it
    GRADER_DRAIN_SECONDS              how long attempts may finish after SIGTERM (default: 20); the rest is handed back
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import UUID

import structlog
from celery import Celery, signals
from pydantic import ValidationError
from redis import Redis

from grader.attempts import Worker
from grader.build_cache import BuildCache
from grader.contract import (
    BACKEND_QUEUE,
    BUNDLE_TASK,
    CLAIM_SECONDS,
    GRADE_QUEUES,
    GRADE_TASK,
    HAND_BACK_TASK,
    REPORT_TASK,
    GradeJob,
    GradeReport,
)
from grader.lab import load_lab
from grader.machine import Machine
from grader.presence import Presence

READY_SECONDS = 2.0
"""How often a machine without an engine or a sandbox looks whether it has become ready."""
DRAIN_SECONDS = 20.0
_LAST_SECONDS = 3.0
"""What ending takes once no attempt is under way."""
_SEND: dict[str, Any] = {
    "retry": True,
    "retry_policy": {"max_retries": 60, "interval_start": 0.2, "interval_step": 0.5, "interval_max": 5},
}
_QUEUE_PREFIX = "grade."

log = structlog.get_logger("grader")


def redis_url() -> str:
    """Where this machine's jobs come from."""
    return os.environ.get("GRADER_REDIS_URL") or os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"


def queues() -> list[str]:
    """Queues this machine takes from, as the broker names them.

    Raises:
        SystemExit: GRADER_QUEUES names one that does not exist.
    """
    asked = [name.strip() for name in os.environ.get("GRADER_QUEUES", "grade.cpu").split(",") if name.strip()]
    unknown = [name for name in asked if name.removeprefix(_QUEUE_PREFIX) not in GRADE_QUEUES]
    if unknown or not asked:
        known = ", ".join(f"{_QUEUE_PREFIX}{name}" for name in GRADE_QUEUES)
        raise SystemExit(f"GRADER_QUEUES names {', '.join(unknown) or 'no queue'}; there are {known}.")
    return [GRADE_QUEUES[name.removeprefix(_QUEUE_PREFIX)] for name in asked]


def worker_name() -> str:
    """How this machine calls itself."""
    return os.environ.get("GRADER_NAME") or socket.gethostname()


def at_once() -> int:
    """Attempts side by side: never fewer than two, so that a long one of one learner does not stop all others."""
    return int(os.environ.get("GRADER_CONCURRENCY") or max(2, (os.cpu_count() or 2) // 2))


def drain_seconds() -> float:
    """How long attempts may finish after SIGTERM."""
    return float(os.environ.get("GRADER_DRAIN_SECONDS") or DRAIN_SECONDS)


def _broker_url(url: str) -> str:
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


def make_app(url: str) -> Celery:
    """The Celery application on a broker."""
    app = Celery("grader", broker=_broker_url(url), set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_default_queue=queues()[0],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_consumer="grader.consumer:PromptConsumer",
        broker_transport_options={"visibility_timeout": 2 * CLAIM_SECONDS // 3},
    )
    return app


app = make_app(redis_url())


class CeleryOffice:
    """The other side, reached over the broker."""

    def __init__(self, celery: Celery) -> None:
        self._celery = celery

    def record(self, report: GradeReport) -> None:
        """See `Office.record`."""
        payload = report.model_dump(mode="json")
        self._celery.send_task(REPORT_TASK, kwargs={"report": payload}, queue=BACKEND_QUEUE, **_SEND)

    def ask_for_bundle(self, digest: str) -> None:
        """See `Office.ask_for_bundle`."""
        self._celery.send_task(BUNDLE_TASK, args=[digest], queue=BACKEND_QUEUE, retry=False)

    def hand_back(self, attempt_id: UUID, attempt_token: str) -> None:
        """See `Office.hand_back`."""
        words = [str(attempt_id), attempt_token]
        self._celery.send_task(HAND_BACK_TASK, args=words, queue=BACKEND_QUEUE, retry=False)


def _content_folder() -> Path | None:
    folder = Path(os.environ.get("GRADER_CONTENT_DIR") or Path(__file__).resolve().parent.parent / "content")
    return folder if folder.is_dir() else None


@cache
def _redis() -> Redis:
    return Redis.from_url(redis_url(), socket_timeout=10, health_check_interval=30)


@cache
def _worker() -> Worker:
    default = Path.home() / ".cache" / "llsys" / "bundles"
    return Worker(
        name=worker_name(),
        redis=_redis(),
        office=CeleryOffice(app),
        machine=Machine(),
        cache=Path(os.environ.get("GRADER_CACHE_DIR") or default),
        content=_content_folder(),
        builds=BuildCache.of_this_machine(),
    )


def _prepare_ahead() -> None:
    """Precompile for the labs of the content folder; whatever fails here only costs the first learner a second."""
    folder = _content_folder()
    with contextlib.suppress(Exception):
        paths = sorted(folder.glob("modules/*/labs/*/grading.yml")) if folder else []
        made = _worker().prepare_ahead(load_lab(path.parent) for path in paths)
        log.info("prepared ahead", sets=made)


@cache
def _presence() -> Presence:
    return Presence(_redis(), Machine(), name=worker_name(), queues=queues(), at_once=at_once())


@app.task(name=GRADE_TASK)
def grade_attempt(job: dict[str, Any]) -> None:
    """Grade one attempt; see `grader.attempts`.

    A job that this machine cannot grade now is dropped: its attempt stays unclaimed, so it is offered again.
    """
    with _presence().at_work():
        try:
            order = GradeJob.model_validate(job)
        except ValidationError as error:
            log.error("unusable job", faults=error.error_count(), schema=str(job.get("schema_version"))[:10])
            return
        if not _worker().ready():
            log.warning("not ready for a job", attempt=str(order.attempt_id))
            return
        _worker().run(order)


def _drain() -> None:
    """End in good order: what runs is finished or handed back, and nothing keeps the process longer than that."""
    began, seconds = time.monotonic(), drain_seconds()
    _presence().leave()
    if not _worker().drain(seconds):
        # Celery ends by itself now, unless something that nobody waits for holds it.
        time.sleep(max(0.0, seconds - (time.monotonic() - began)) + _LAST_SECONDS)
    sys.stdout.flush()
    os._exit(0)


@signals.worker_shutting_down.connect
def _shutting_down(**_: object) -> None:
    _presence().leave_soon()
    threading.Thread(target=_drain, name="drain", daemon=True).start()


@signals.worker_ready.connect
def _taking(**_: object) -> None:
    _presence().takes_jobs = True
    threading.Thread(target=_prepare_ahead, name="ahead", daemon=True).start()


@contextlib.contextmanager
def _sigterm_ends() -> Iterator[None]:
    """Until Celery listens to SIGTERM, have it end this process as Ctrl-C does."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    earlier = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, earlier)


def main() -> None:
    """Run the worker until it is told to stop. Jobs are taken once the machine can grade them."""
    options = [f"--concurrency={at_once()}", f"--queues={','.join(queues())}", f"--hostname=grader@{worker_name()}"]
    _presence().start()
    try:
        with _sigterm_ends():
            while not _worker().ready():
                time.sleep(READY_SECONDS)
        app.worker_main(
            ["--quiet", "worker", "--pool=threads", "--loglevel=INFO", "--without-gossip", "--without-mingle", *options]
        )
    finally:
        _presence().leave()


if __name__ == "__main__":
    main()
