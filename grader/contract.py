"""The one typed schema that the web side and the grading side share.

A `GradeJob` goes to a worker, `GradeEvent`s stream back while it runs, and one
`GradeReport` ends it. Everything is JSON; sizes are capped so that a broken or
hostile worker cannot fill the database. Change the meaning of a field only
together with `SCHEMA_VERSION`.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints

SCHEMA_VERSION = 3

# Celery task names and queues: both sides address each other by name only.
GRADE_TASK = "grader.grade"
REPORT_TASK = "labs.record_report"
BUNDLE_TASK = "labs.publish_bundle"
HAND_BACK_TASK = "labs.hand_back"
BACKEND_QUEUE = "backend"
GRADE_QUEUES = {"cpu": f"grade.cpu.v{SCHEMA_VERSION}", "gpu": f"grade.gpu.v{SCHEMA_VERSION}"}
"""The version is part of the names: during a deploy a machine never meets a job that it cannot read."""

HEARTBEAT_SECONDS = 1
"""How often a worker renews its heartbeat."""
HEARTBEAT_TIMEOUT_SECONDS = 6
"""An attempt whose heartbeat is older than this is taken from its worker."""
MAX_ATTEMPTS = 3
CLAIM_SECONDS = 3 * 3600
"""A claim is kept longer than any attempt can take, and than the broker keeps a message of a dead worker back."""
REPORT_COPY_SECONDS = 600
"""For so long a worker's copy of its report can be fetched, should the message that carries it be lost."""
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


def claim_value(attempt_token: str, worker: str) -> str:
    """What a worker writes under `claim_key`: whose claim it is, without the token that would let others report."""
    return f"{hashlib.sha256(attempt_token.encode()).hexdigest()[:16]}:{worker}"


def report_key(attempt_id: UUID | str) -> str:
    """Redis key under which a worker leaves its report, in case the message that carries it is lost."""
    return f"llsys:attempt:{attempt_id}:report"


def bundle_key(digest: str) -> str:
    """Redis key under which a lab bundle (see `grader.lab.pack`) is published; empty when there is none."""
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
    yields: bool = False
    """Others come first where processors are short: a rejudge, or one of several attempts of a learner."""


class Diagnostic(_Schema):
    """One compiler message, located in a learner file."""

    file: ShortText
    line: int
    column: int = 0
    severity: ShortText = "error"
    message: Annotated[str, StringConstraints(max_length=2000)]


class FindingKind(StrEnum):
    """What an instrumented run can find; see `grader.cuda_cpu` and `grader.languages.sanitized`."""

    OUT_OF_BOUNDS = "out_of_bounds"
    USE_AFTER_FREE = "use_after_free"
    MISALIGNED = "misaligned"
    UNINITIALISED = "uninitialised"
    RACE = "race"
    DIVERGENT_BARRIER = "divergent_barrier"
    DEADLOCK = "deadlock"
    UNCOALESCED = "uncoalesced"
    BANK_CONFLICT = "bank_conflict"
    UNDEFINED = "undefined"
    LEAK = "leak"
    OTHER = "other"


class Finding(_Schema):
    """Something an instrumented run saw, at its place in the learner's source."""

    kind: FindingKind
    severity: Annotated[str, StringConstraints(pattern=r"^(error|warning|note)$")] = "error"
    file: ShortText = ""
    line: int = 0
    column: int = 0
    message: Annotated[str, StringConstraints(max_length=2000)]
    """One sentence with what was accessed, by whom, and what would have been allowed."""
    count: int = Field(default=1, ge=1)
    """How often it was seen."""


class KernelProfile(_Schema):
    """What the CPU emulator counted over all launches of one kernel of a test."""

    kernel: ShortText
    launches: int = Field(ge=0)
    grid: ShortText = ""
    block: ShortText = ""
    """Of the last launch, such as "64 x 1 x 1"."""
    shared_bytes: int = Field(default=0, ge=0)
    """Static and dynamic shared memory of a block."""
    bytes_read: int = Field(default=0, ge=0)
    bytes_written: int = Field(default=0, ge=0)
    """Global memory, as the program asked for it."""
    requests: int = Field(default=0, ge=0)
    """Global memory instructions of whole warps."""
    sectors: int = Field(default=0, ge=0)
    """32-byte sectors those requests touched."""
    ideal_sectors: int = Field(default=0, ge=0)
    """Sectors a perfectly coalesced access to as many bytes would touch."""
    shared_requests: int = Field(default=0, ge=0)
    shared_passes: int = Field(default=0, ge=0)
    """Passes over the 32 banks; equal to `shared_requests` when no two lanes conflict."""
    barriers: int = Field(default=0, ge=0)


class CompiledKernel(_Schema):
    """What nvcc made of one kernel for one architecture."""

    kernel: ShortText
    architecture: ShortText
    """Such as "sm_80"."""
    registers: int = Field(ge=0)
    spill_stores: int = Field(default=0, ge=0)
    spill_loads: int = Field(default=0, ge=0)
    """Bytes."""
    stack_bytes: int = Field(default=0, ge=0)
    shared_bytes: int = Field(default=0, ge=0)
    constant_bytes: int = Field(default=0, ge=0)


class Counterexample(_Schema):
    """An input, found by the lab's own generator, that breaks a submission: shown in place of a hidden one."""

    note: Annotated[str, StringConstraints(max_length=8000)]
    """The input in words or as text."""
    command: Annotated[str, StringConstraints(max_length=2000)] = ""
    stdin: Annotated[str, StringConstraints(max_length=8000)] = ""
    message: ShortText = ""
    expected: Annotated[str, StringConstraints(max_length=8000)] = ""
    seen: Annotated[str, StringConstraints(max_length=8000)] = ""
    shrunk: bool = False
    """Whether smaller inputs were tried until none failed."""


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
    findings: list[Finding] = Field(default_factory=list, max_length=50)
    """What an instrumented run of the same case saw; no values of hidden inputs are quoted in them."""
    kernels: list[KernelProfile] = Field(default_factory=list, max_length=20)
    counterexample: Counterexample | None = None
    """Only for a hidden test that failed."""


class BenchmarkOutcome(StrEnum):
    """What a benchmark says. Only `passed` counts; `waiting` says that the hardware is not there yet."""

    PASSED = "passed"
    FAILED = "failed"
    WRONG = "wrong"
    """An output of a timed turn was wrong."""
    INCONCLUSIVE = "inconclusive"
    IMPLAUSIBLE = "implausible"
    WAITING = "waiting"
    NOT_RUN = "not_run"
    """Tests before it failed."""


class BenchmarkResult(_Schema):
    """A paired measurement: learner against reference, higher ratio = better learner."""

    name: ShortText
    title: ShortText
    metric: ShortText
    unit: ShortText
    """Of the samples."""
    threshold: float
    full_score: float
    outcome: BenchmarkOutcome
    ratio: float = 0.0
    ratio_low: float = 0.0
    ratio_high: float = 0.0
    """95 % bootstrap confidence interval of the median pair ratio."""
    pairs: int = Field(default=0, ge=0)
    learner_samples: list[float] = Field(default_factory=list, max_length=2000)
    reference_samples: list[float] = Field(default_factory=list, max_length=2000)
    """Sample i of both was taken in the same turn, on the same input."""
    peak: float = Field(default=0.0, ge=0)
    """What this machine can do at all, in `peak_unit`, measured; 0 where no roofline applies."""
    peak_unit: ShortText = ""
    learner_share: float = Field(default=0.0, ge=0)
    reference_share: float = Field(default=0.0, ge=0)
    """Share of `peak` that was reached."""
    instruction_ratio: float = Field(default=0.0, ge=0)
    """Reference instructions over learner instructions, where both could be counted; 0 where not."""
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
    compiled: list[CompiledKernel] = Field(default_factory=list, max_length=100)
    """What nvcc says of the learner's kernels, where it is installed."""
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
    benchmark: BenchmarkResult | None = None
    verdict: Verdict | None = None


class WorkerStatus(_Schema):
    """What a grading machine says of itself. One of another version may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: ShortText
    at: float
    """Unix time by the broker's clock; a worker's own clock may be wrong."""
    queues: list[ShortText]
    at_once: int = Field(default=1, ge=1, le=256)
    """Attempts that it grades side by side."""
    grader_revision: ShortText = ""
    """Two machines of the same revision judge alike."""
    toolchain: ShortText = ""
    """Empty while the pinned engine is still being built."""
    toolchain_progress: ShortText = ""
    sandbox: ShortText = ""
    problem: ShortText = ""
    """Why this worker refuses jobs (no sandbox, no compiler), in words with a cure."""
    cpu: ShortText = ""
    gpu: ShortText = ""
