"""The one typed schema that the web side and the grading side share.

A `GradeJob` goes to a worker, `GradeEvent`s stream back while it runs, and one
`GradeReport` ends it. Everything is JSON; sizes are capped so that a broken or
hostile worker cannot fill the database. Change the meaning of a field only
together with `SCHEMA_VERSION`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints

SCHEMA_VERSION = 1

# Celery task names and queues: both sides address each other by name only.
GRADE_TASK = "grader.grade"
REPORT_TASK = "labs.record_report"
BUNDLE_TASK = "labs.publish_bundle"
BACKEND_QUEUE = "backend"
GRADE_QUEUES = {"cpu": "grade.cpu", "gpu": "grade.gpu"}

HEARTBEAT_SECONDS = 3
"""How often a worker renews its heartbeat."""
HEARTBEAT_TIMEOUT_SECONDS = 10
"""An attempt whose heartbeat is older than this is taken from its worker."""
MAX_ATTEMPTS = 3
EVENT_TTL_SECONDS = 24 * 3600
LOG_LIMIT_BYTES = 64 * 1024

ShortText = Annotated[str, StringConstraints(max_length=500)]
LongText = Annotated[str, StringConstraints(max_length=LOG_LIMIT_BYTES)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.\-]{0,99}$")]


def events_key(attempt_id: UUID | str) -> str:
    """Redis stream that carries an attempt's events."""
    return f"llsys:attempt:{attempt_id}:events"


def claim_key(attempt_id: UUID | str) -> str:
    """Redis key a worker sets (NX) before it starts an attempt."""
    return f"llsys:attempt:{attempt_id}:claim"


def heartbeat_key(attempt_id: UUID | str) -> str:
    """Redis key that exists as long as a worker is alive and on the attempt."""
    return f"llsys:attempt:{attempt_id}:heartbeat"


def bundle_key(digest: str) -> str:
    """Redis key under which a lab bundle (see `grader.lab.pack`) is published."""
    return f"llsys:bundle:{digest}"


WORKERS_KEY = "llsys:workers"
"""Redis hash worker name -> JSON `WorkerStatus`, renewed every few seconds."""


class Verdict(StrEnum):
    """What became of a submission. Exactly one per finished attempt."""

    ACCEPTED = "accepted"
    PARTIAL = "partial"
    WRONG_ANSWER = "wrong_answer"
    BUILD_ERROR = "build_error"
    RUNTIME_ERROR = "runtime_error"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    REJECTED = "rejected"
    HELD = "held"
    GRADER_ERROR = "grader_error"


class Stage(StrEnum):
    """Where an attempt is; the same words in page, API and command line."""

    QUEUED = "queued"
    PREPARING = "preparing"
    COMPILING = "compiling"
    TESTING = "testing"
    BENCHMARKING = "benchmarking"
    DONE = "done"


class _Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GradeJob(_Schema):
    """An order to grade one attempt of one submission."""

    schema_version: int = SCHEMA_VERSION
    submission_id: UUID
    attempt_id: UUID
    attempt_token: Annotated[str, StringConstraints(min_length=32, max_length=64)]
    """Fencing token: a report that does not carry the current one is refused."""
    lab: Slug
    lab_digest: Digest
    files: dict[str, Base64Bytes]
    """Learner files, path -> bytes (base64 on the wire)."""


class Diagnostic(_Schema):
    """One compiler message, located in a learner file."""

    file: ShortText
    line: int
    column: int = 0
    severity: ShortText = "error"
    message: Annotated[str, StringConstraints(max_length=2000)]


class TestResult(_Schema):
    """The outcome of one test case.

    For hidden cases `detail`, `expected` and `seen` are empty by construction
    (the pipeline drops them): a learner learns the class of failure and the hint.
    """

    name: ShortText
    title: ShortText
    hidden: bool = False
    passed: bool
    verdict: Verdict
    points: float = Field(ge=0)
    max_points: float = Field(ge=0)
    message: ShortText = ""
    hint: Annotated[str, StringConstraints(max_length=2000)] = ""
    detail: Annotated[str, StringConstraints(max_length=8000)] = ""
    command: Annotated[str, StringConstraints(max_length=2000)] = ""
    expected: Annotated[str, StringConstraints(max_length=8000)] = ""
    seen: Annotated[str, StringConstraints(max_length=8000)] = ""
    stderr: Annotated[str, StringConstraints(max_length=8000)] = ""
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    memory_bytes: int = 0


class BenchmarkResult(_Schema):
    """A paired measurement: learner against reference, higher ratio = faster learner."""

    name: ShortText
    title: ShortText
    metric: ShortText
    unit: ShortText
    threshold: float
    full_score: float
    ratio: float
    ratio_low: float
    ratio_high: float
    """95 % bootstrap confidence interval of the median pair ratio."""
    learner_samples: list[float] = Field(default_factory=list, max_length=2000)
    reference_samples: list[float] = Field(default_factory=list, max_length=2000)
    points: float = Field(ge=0)
    max_points: float = Field(ge=0)
    passed: bool
    message: ShortText = ""


class Environment(_Schema):
    """Where and with what a verdict was reached, so that it can be repeated."""

    grader_revision: ShortText
    toolchain: ShortText
    llama_cpp_version: ShortText
    llama_cpp_commit: ShortText
    compiler: ShortText
    flags: ShortText
    sandbox: ShortText
    isolation: list[ShortText] = Field(default_factory=list)
    """Limits that the sandbox really enforces here, in words."""
    cpu: ShortText
    gpu: ShortText = ""
    worker: ShortText = ""


class GradeReport(_Schema):
    """The end of an attempt."""

    schema_version: int = SCHEMA_VERSION
    submission_id: UUID
    attempt_id: UUID
    attempt_token: str
    lab: Slug
    lab_digest: Digest
    verdict: Verdict
    score: float = Field(ge=0)
    max_score: float = Field(gt=0)
    message: Annotated[str, StringConstraints(max_length=2000)] = ""
    """One sentence: why this verdict."""
    seed: int
    """Inputs were drawn from this; staff can repeat the run exactly."""
    build_log: LongText = ""
    diagnostics: list[Diagnostic] = Field(default_factory=list, max_length=200)
    tests: list[TestResult] = Field(default_factory=list, max_length=500)
    benchmarks: list[BenchmarkResult] = Field(default_factory=list, max_length=20)
    phases: dict[str, float] = Field(default_factory=dict)
    """Seconds per stage, from the worker's monotonic clock."""
    environment: Environment


class EventKind(StrEnum):
    CLAIMED = "claimed"
    STAGE = "stage"
    LOG = "log"
    TEST = "test"
    BENCHMARK = "benchmark"
    FINISHED = "finished"


class GradeEvent(_Schema):
    """One step of an attempt, as shown live. Stored in a Redis stream, field `event`."""

    kind: EventKind
    at: float
    """Unix time at the worker; for display only, order is the stream's."""
    stage: Stage = Stage.PREPARING
    index: int = 0
    total: int = 0
    """`index` of `total` test cases or samples, where the stage counts something."""
    text: Annotated[str, StringConstraints(max_length=16_000)] = ""
    test: TestResult | None = None
    verdict: Verdict | None = None


class WorkerStatus(_Schema):
    """What a grading machine says of itself."""

    name: ShortText
    at: float
    queues: list[ShortText]
    toolchain: ShortText = ""
    """Empty while the pinned engine is still being built."""
    toolchain_progress: ShortText = ""
    sandbox: ShortText = ""
    problem: ShortText = ""
    """Why this worker refuses jobs (no sandbox, no compiler), in words with a cure."""
    cpu: ShortText = ""
    gpu: ShortText = ""
