"""The Celery application of a grading machine: `python -m grader.worker`.

Settings come from the environment, so that a machine needs nothing but Redis:

    GRADER_REDIS_URL (or REDIS_URL)   where jobs come from; redis://, rediss:// or unix://
    GRADER_QUEUES                     queues to take from, separated by commas (default: grade.cpu)
    GRADER_CONCURRENCY                attempts at once (default: half of the processors)
    GRADER_NAME                       how this machine calls itself (default: its host name)
    GRADER_CACHE_DIR                  where fetched lab bundles are kept (default: ~/.cache/llsys/bundles)
    GRADER_PRECOMPILED_DIR            where precompiled headers are kept (default: ~/.cache/llsys/precompiled)
    GRADER_CONTENT_DIR                a content folder with labs, if there is one (default: the repository's)
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from celery import Celery, signals
from pydantic import ValidationError
from redis import Redis, RedisError

from grader.attempts import CLAIM_SECONDS, Worker
from grader.contract import (
    BACKEND_QUEUE,
    BUNDLE_TASK,
    GRADE_QUEUES,
    GRADE_TASK,
    REPORT_TASK,
    WORKERS_KEY,
    GradeJob,
    GradeReport,
    WorkerStatus,
)
from grader.environment import cpu_model
from grader.machine import Machine
from grader.text import clip

STATUS_SECONDS = 5
NOT_READY_SECONDS = 5
"""After this long a job that found no toolchain comes again."""
_SEND: dict[str, Any] = {
    "retry": True,
    "retry_policy": {"max_retries": 60, "interval_start": 0.2, "interval_step": 0.5, "interval_max": 5},
}

log = structlog.get_logger("grader")


def redis_url() -> str:
    """Where this machine's jobs come from."""
    return os.environ.get("GRADER_REDIS_URL") or os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"


def queues() -> list[str]:
    """Queues this machine takes from."""
    return [name.strip() for name in os.environ.get("GRADER_QUEUES", GRADE_QUEUES["cpu"]).split(",") if name.strip()]


def worker_name() -> str:
    """How this machine calls itself."""
    return os.environ.get("GRADER_NAME") or socket.gethostname()


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
        broker_transport_options={"visibility_timeout": 2 * CLAIM_SECONDS},
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
        self._celery.send_task(BUNDLE_TASK, args=[digest], queue=BACKEND_QUEUE, **_SEND)


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
    )


@app.task(name=GRADE_TASK, bind=True)
def grade_attempt(self: Any, job: dict[str, Any]) -> None:
    """Grade one attempt; see `grader.attempts`."""
    try:
        order = GradeJob.model_validate(job)
    except ValidationError as error:
        log.error("unusable job", faults=error.error_count(), schema=str(job.get("schema_version"))[:10])
        return
    if not _worker().ready():
        # Leave the attempt unclaimed. Of several bells for it only one goes on ringing.
        if _redis().set(f"llsys:attempt:{order.attempt_id}:waiting", "1", nx=True, ex=NOT_READY_SECONDS - 1):
            queue = self.request.delivery_info.get("routing_key") or queues()[0]
            self.apply_async(kwargs={"job": job}, countdown=NOT_READY_SECONDS, queue=queue)
        return
    _worker().run(order)


def status(machine: Machine) -> WorkerStatus:
    """What this machine says of itself now."""
    problem = machine.problem()
    toolchain = machine.toolchain()
    return WorkerStatus(
        name=clip(worker_name(), 500),
        at=time.time(),
        queues=queues(),
        toolchain=toolchain.id if toolchain else "",
        toolchain_progress=clip(machine.toolchain_progress(), 500),
        sandbox="" if problem else machine.sandbox().name,
        problem=clip(problem, 500),
        cpu=clip(cpu_model(), 500),
    )


def _publish_status(stop: threading.Event) -> None:
    machine = Machine()
    while True:
        try:
            _redis().hset(WORKERS_KEY, worker_name(), status(machine).model_dump_json())
        except RedisError as error:
            log.warning("status not published", reason=str(error))
        if stop.wait(STATUS_SECONDS):
            with contextlib.suppress(RedisError):
                _redis().hdel(WORKERS_KEY, worker_name())
            return


_stop = threading.Event()


@signals.worker_ready.connect
def _start_status(**_: object) -> None:
    threading.Thread(target=_publish_status, args=(_stop,), name="status", daemon=True).start()


@signals.worker_shutting_down.connect
def _stop_status(**_: object) -> None:
    _stop.set()


def main() -> None:
    """Run the worker until it is told to stop."""
    at_once = os.environ.get("GRADER_CONCURRENCY") or str(max(1, (os.cpu_count() or 2) // 2))
    options = [f"--concurrency={at_once}", f"--queues={','.join(queues())}", f"--hostname=grader@{worker_name()}"]
    app.worker_main(
        ["--quiet", "worker", "--pool=threads", "--loglevel=INFO", "--without-gossip", "--without-mingle", *options]
    )


if __name__ == "__main__":
    main()
