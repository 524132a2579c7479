"""One attempt on a grading machine: claim it, keep a heartbeat, stream events, grade, report."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import structlog
from redis import Redis, RedisError

from grader import ahead, environment
from grader.build_cache import BuildCache
from grader.bundles import BundleStore
from grader.contract import (
    CLAIM_SECONDS,
    EVENT_TTL_SECONDS,
    HEARTBEAT_SECONDS,
    HEARTBEAT_TIMEOUT_SECONDS,
    REPORT_COPY_SECONDS,
    Environment,
    EventKind,
    GradeEvent,
    GradeJob,
    GradeReport,
    Verdict,
    bundle_key,
    claim_key,
    claim_value,
    events_key,
    heartbeat_key,
    report_key,
)
from grader.lab import Lab, LabError
from grader.languages import SourceTree, cpp, precompiled
from grader.machine import Machine
from grader.pipeline import OUR_FAULT, Grading, grade
from grader.sandbox import Sandbox, Yielding
from grader.text import clip
from grader.toolchain import Toolchain

MAX_EVENTS = 2000

log = structlog.get_logger("grader")


class Office(Protocol):
    """The side that orders grades and records reports."""

    def record(self, report: GradeReport) -> None:
        """Deliver a report."""

    def ask_for_bundle(self, digest: str) -> None:
        """Ask for a lab bundle to be published."""

    def hand_back(self, attempt_id: UUID, attempt_token: str) -> None:
        """Give up an attempt that this machine will not finish."""


class Worker:
    """Grades attempts, one call each. Everything it needs comes in through the constructor."""

    def __init__(
        self,
        *,
        name: str,
        redis: Redis,
        office: Office,
        machine: Machine,
        cache: Path,
        content: Path | None,
        draw_seed: Callable[[], int] = lambda: secrets.randbelow(2**31),
        builds: BuildCache | None = None,
    ) -> None:
        self.name = name
        self._redis = redis
        self._office = office
        self._machine = machine
        self._draw_seed = draw_seed
        self._builds = builds
        self._lock = threading.Lock()
        self._under_way: dict[UUID, GradeJob] = {}
        self._draining = False
        self._bundles = BundleStore(cache=cache, content=content, fetch=self._fetch, ask=office.ask_for_bundle)

    def ready(self) -> bool:
        """Whether this machine can grade now."""
        return not self._machine.problem() and self._machine.toolchain() is not None

    @property
    def busy(self) -> int:
        """Attempts under way, from their claim to their report."""
        return len(self._under_way)

    def run(self, job: GradeJob) -> bool:
        """Grade an attempt and report; False when another worker has it, or this one is ending.

        Raises:
            RedisError: the claim could not be made or the report not be delivered.
        """
        words = {"submission": str(job.submission_id), "attempt": str(job.attempt_id), "lab": job.lab}
        with self._lock:
            # Either it counts as under way before the draining begins, or it is left to others.
            if self._draining:
                return False
            self._under_way[job.attempt_id] = job
        try:
            claim = claim_value(job.attempt_token, self.name)
            if not self._redis.set(claim_key(job.attempt_id), claim, nx=True, ex=CLAIM_SECONDS):
                log.info("attempt already claimed", **words)
                return False
            with self._heartbeat(job):
                self._emit(job, GradeEvent(kind=EventKind.CLAIMED, at=time.time(), text=clip(self.name, 500)))
                lab, grading = self._grade(job)
                if grading.fault:
                    log.error("grader fault", fault=grading.fault, seed=grading.seed, **words)
                self._report(job, grading)
                log.info("attempt graded", verdict=grading.verdict.value, phases=grading.phases, **words)
        finally:
            with self._lock:
                self._under_way.pop(job.attempt_id, None)
        if lab is not None and not self._draining:
            self._prepare_for_next(lab, job, grading)
        return True

    def _report(self, job: GradeJob, grading: Grading) -> None:
        """Send the report, and leave a copy that outlives a message lost between two machines."""
        report = grading.report(job)
        with contextlib.suppress(RedisError):
            self._redis.set(report_key(job.attempt_id), report.model_dump_json(), ex=REPORT_COPY_SECONDS)
        self._office.record(report)

    def drain(self, seconds: float, *, sleep: Callable[[float], None] = time.sleep) -> int:
        """Take nothing more and let what runs finish; after `seconds` hand the rest back. How many that were."""
        deadline = time.monotonic() + seconds
        with self._lock:
            self._draining = True
        while self._under_way and time.monotonic() < deadline:
            sleep(0.05)
        with self._lock:
            left = list(self._under_way.values())
        for job in left:
            log.warning("attempt handed back", submission=str(job.submission_id), attempt=str(job.attempt_id))
            with contextlib.suppress(Exception):
                # Who cannot be reached now finds the silence of this machine later.
                self._office.hand_back(job.attempt_id, job.attempt_token)
        return len(left)

    def _grade(self, job: GradeJob) -> tuple[Lab | None, Grading]:
        seed = self._draw_seed()
        lab: Lab | None = None
        try:
            lab = self._bundles.get(job.lab, job.lab_digest)
            toolchain, sandbox = self._equipment()
            if job.yields:
                sandbox = Yielding(sandbox)
            return lab, grade(
                lab,
                job.files,
                toolchain=toolchain,
                sandbox=sandbox,
                seed=seed,
                on_event=lambda event: self._emit(job, event),
                worker=self.name,
                builds=self._builds,
            )
        except Exception as error:
            # Whatever breaks here is ours; the learner gets an answer and the worker goes on.
            if not isinstance(error, LabError):
                log.exception("grading broke down", attempt=str(job.attempt_id))
            fault = f"{type(error).__name__}: {error}"
        grading = Grading(
            max_score=lab.spec.max_score if lab else 1.0,
            seed=seed,
            environment=self._bare_environment(),
            verdict=Verdict.GRADER_ERROR,
            message=OUR_FAULT,
            fault=fault,
        )
        finished = GradeEvent(kind=EventKind.FINISHED, at=time.time(), verdict=grading.verdict, text=OUR_FAULT)
        self._emit(job, finished)
        return None, grading

    def _equipment(self) -> tuple[Toolchain, Sandbox]:
        toolchain = self._machine.toolchain()
        if toolchain is None:
            raise LabError("the pinned engine disappeared")
        return toolchain, self._machine.sandbox()

    def _bare_environment(self) -> Environment:
        return Environment(
            grader_revision=environment.grader_revision(),
            toolchain="",
            llama_cpp_version="",
            llama_cpp_commit="",
            compiler="",
            flags="",
            sandbox="",
            cpu=clip(environment.cpu_model(), 500),
            worker=clip(self.name, 500),
        )

    def _fetch(self, digest: str) -> bytes | None:
        blob: Any = self._redis.get(bundle_key(digest))
        return blob if isinstance(blob, bytes) else None

    def _emit(self, job: GradeJob, event: GradeEvent) -> None:
        """Events are for watching; losing one never costs a grade."""
        key = events_key(job.attempt_id)
        with contextlib.suppress(RedisError):
            pipe = self._redis.pipeline(transaction=False)
            pipe.xadd(key, {"event": event.model_dump_json()}, maxlen=MAX_EVENTS, approximate=True)
            pipe.expire(key, EVENT_TTL_SECONDS)
            pipe.execute()

    @contextlib.contextmanager
    def _heartbeat(self, job: GradeJob) -> Iterator[None]:
        key, done = heartbeat_key(job.attempt_id), threading.Event()

        def beat() -> None:
            while True:
                with contextlib.suppress(RedisError):
                    self._redis.set(key, self.name, ex=HEARTBEAT_TIMEOUT_SECONDS)
                if done.wait(HEARTBEAT_SECONDS):
                    return

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join(timeout=HEARTBEAT_SECONDS)

    def _prepare_for_next(self, lab: Lab, job: GradeJob, grading: Grading) -> None:
        """After the report is out, make the next submission with the same headers compile faster."""
        if lab.spec.language != "cpp" or not grading.tests:
            return
        with contextlib.suppress(Exception):
            source = SourceTree(job.files, lab.under("harness"))
            toolchain, sandbox = self._equipment()
            precompiled.make(source, cpp.compile_flags(lab.spec), toolchain, sandbox)
            # A lab that this machine met for the first time; later this finds nothing to do.
            ahead.prepare([lab], toolchain, sandbox, idle=lambda: not self.busy and not self._draining)

    def prepare_ahead(self, labs: Iterable[Lab], *, sleep: Callable[[float], None] = time.sleep) -> int:
        """While nothing is graded, make what the first submissions to `labs` need; gives how much was made."""

        def idle() -> bool:
            while self.busy and not self._draining:
                sleep(0.2)
            return not self._draining

        toolchain, sandbox = self._equipment()
        return ahead.prepare(labs, toolchain, sandbox, idle=idle)
