"""Reads a lab's grading spec and packs the lab into a content-addressed bundle.

A lab is a folder (see the content guide): `grading.yml`, `checks.py`, the
starter, `reference/`, `mutants/`, an optional harness, and the instructions.
The bundle is everything a grade depends on; its digest names the revision.
Both sides use this module, so it imports neither Django nor the pipeline.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

import yaml
from pydantic import (
    Base64Bytes,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

SPEC_FILE = "grading.yml"
CHECKS_FILE = "checks.py"
MAX_FILES = 16
MAX_FILE_BYTES = 256 * 1024
MAX_SUBMISSION_BYTES = 1024 * 1024
MAX_BUNDLE_BYTES = 8 * 1024 * 1024

FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,63}$")]
FunctionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
Format = Literal["dockerfile", "gbnf", "json", "json_schema", "nginx", "prometheus_rules", "yaml"]
"""What a file of a `config` lab is written in; see `grader.languages.config`."""
TestId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9\-]{0,63}$")]


class LabError(ValueError):
    """A lab folder or bundle that cannot be used; the message names file and cure."""


class UploadRejected(ValueError):
    """Learner files outside the lab's limits; the message says which and why."""


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EntrySpec(_Spec):
    """What the learner hands in: exactly these files, no others."""

    files: list[FileName] = Field(min_length=1, max_length=MAX_FILES)
    signature: str = ""
    """Shown in the instructions: the program's usage line or the function's signature."""
    functions: list[FunctionName] = Field(default_factory=list, max_length=32)
    """Python: functions of the first file that the grader calls, instead of running it as a program."""


class CudaSpec(_Spec):
    """How a CUDA lab is looked at beyond its output."""

    trace: bool = True
    """Run one case of every test once more with every memory access watched."""
    trace_seconds: float = Field(default=30, gt=0, le=120)
    """Processor seconds of such a run, which takes thirty times as long as the plain one, or more."""
    nvcc: bool = True
    """Compile with nvcc too, where it is installed."""


class BuildSpec(_Spec):
    """How learner files become something that runs. Flags are fixed by the lab."""

    standard: Literal["c++17", "c++20"] = "c++17"
    libraries: list[Literal["llama", "ggml", "common"]] = Field(default_factory=list)
    harness: list[FileName] = Field(default_factory=list)
    """Files of the lab compiled with (C++) or started instead of (Python) learner files."""
    cuda: CudaSpec = CudaSpec()
    formats: dict[FileName, Format] = Field(default_factory=dict)
    """Config labs: which parser reads each file of `entry.files`."""


class LimitsSpec(_Spec):
    """Limits of one run of the learner's program; compile limits are the language's."""

    cpu_seconds: float = Field(default=10, gt=0, le=120)
    wall_seconds: float = Field(default=20, gt=0, le=240)
    memory_mb: int = Field(default=512, ge=16, le=8192)
    output_kb: int = Field(default=256, ge=1, le=65536)
    processes: int = Field(default=64, ge=1, le=512)
    disk_mb: int = Field(default=64, ge=1, le=2048)


class TestSpec(_Spec):
    """One row of the verdict table; `checks.cases()` yields one or more cases for it."""

    id: TestId
    title: Annotated[str, StringConstraints(min_length=3, max_length=200)]
    points: float = Field(gt=0)
    hidden: bool = False
    hint: str = ""
    """Shown when the test fails and the judgement brings no more exact hint."""
    counterexample: bool = True
    """Hidden tests: whether another input that fails may be looked for and shown."""


class BenchmarkSpec(_Spec):
    """A paired measurement against the reference; see `grader.benchmark`."""

    id: TestId
    title: str
    metric: Literal[
        "wall_time", "tokens_per_second", "gflops", "bandwidth", "peak_memory", "perplexity", "file_size",
        "instructions",
    ]  # fmt: skip
    threshold: float = Field(gt=0)
    full_score: float = Field(gt=0)
    points: float = Field(gt=0)
    single_threaded: bool = True
    """Both sides run on one processor, and the processor time of all threads counts as time."""
    compare: Literal["bytes", "float32", "float64"] = "bytes"
    """How outputs of a turn are compared with the reference's, where `checks.py` has no `benchmark_judge`."""
    relative: float = Field(default=1e-5, ge=0, le=1)
    absolute: float = Field(default=1e-6, ge=0)
    """Tolerances of that comparison, for numbers."""
    max_pairs: int = Field(default=480, ge=120, le=2000)
    """Pairs of turns after which an interval that still holds the threshold is inconclusive."""

    @property
    def in_turns(self) -> bool:
        """Whether both programs stay and are asked in turns; otherwise they run once on a case."""
        return self.metric in ("wall_time", "tokens_per_second", "gflops", "bandwidth")

    @property
    def serves(self) -> bool:
        """Whether the lab's harness must answer turns (see `grader/languages/serve`)."""
        return self.in_turns or self.metric == "instructions"

    @model_validator(mode="after")
    def _full_score_is_not_below_the_threshold(self) -> BenchmarkSpec:
        if self.full_score < self.threshold:
            raise ValueError(f"{self.id}: full_score {self.full_score:g} is below the threshold {self.threshold:g}")
        return self


class ExplainSpec(_Spec):
    """What is done for a submission that failed, after its verdict is known; never more than these bounds."""

    seconds: float = Field(default=6, ge=0, le=60)
    """For all explanations of an attempt together."""
    runs: int = Field(default=60, ge=0, le=1000)
    """How often the program may be run in search of one counterexample."""
    sanitizers: Literal["off", "crash", "failure"] = "crash"
    """C++: build again with sanitizers after a crash, or after a wrong answer too."""


class StagesSpec(_Spec):
    tests: list[TestSpec] = Field(min_length=1)
    benchmarks: list[BenchmarkSpec] = Field(default_factory=list)


class ForbiddenSpec(_Spec):
    """An identifier that must not appear in the learner's code, and the reason shown."""

    symbol: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.:]*$")]
    reason: str


class LabSpec(_Spec):
    """`grading.yml`."""

    title: Annotated[str, StringConstraints(min_length=3, max_length=200)]
    summary: Annotated[str, StringConstraints(min_length=10, max_length=400)]
    language: Literal["cpp", "python", "cuda", "config"]
    device: Literal["cpu", "gpu", "cpu+gpu"] = "cpu"
    minutes: int = Field(default=60, gt=0)
    capstone: bool = False
    entry: EntrySpec
    build: BuildSpec = BuildSpec()
    limits: LimitsSpec = LimitsSpec()
    models: list[str] = Field(default_factory=list)
    """Fixture models the lab may open, by name; see `grader.toolchain.models`."""
    forbidden: list[ForbiddenSpec] = Field(default_factory=list)
    explain: ExplainSpec = ExplainSpec()
    stages: StagesSpec

    @model_validator(mode="after")
    def _test_ids_are_unique(self) -> LabSpec:
        rows: list[TestSpec | BenchmarkSpec] = [*self.stages.tests, *self.stages.benchmarks]
        ids = [row.id for row in rows]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"stage ids used twice: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _entry_fits_the_language(self) -> LabSpec:
        if self.entry.functions and (self.language != "python" or self.build.harness):
            raise ValueError("entry.functions is for Python labs without a harness of their own")
        if self.language == "config":
            missing = [name for name in self.entry.files if name not in self.build.formats]
            if missing:
                raise ValueError(f"build.formats says nothing of {', '.join(missing)}")
        return self

    @property
    def max_score(self) -> float:
        """Points of all tests and benchmarks."""
        return sum(t.points for t in self.stages.tests) + sum(b.points for b in self.stages.benchmarks)


@dataclass(frozen=True)
class Lab:
    """A lab ready for grading, from a folder or from a bundle."""

    slug: str
    digest: str
    spec: LabSpec
    files: dict[str, bytes]
    """Bundle files, relative path -> bytes."""

    def under(self, folder: str) -> dict[str, bytes]:
        """Files below `folder`, with the folder's name removed."""
        prefix = folder.rstrip("/") + "/"
        return {name[len(prefix) :]: data for name, data in self.files.items() if name.startswith(prefix)}

    @property
    def starter(self) -> dict[str, bytes]:
        """What the learner starts from: `starter/NAME` for every entry file."""
        return self.under("starter")

    @property
    def reference(self) -> dict[str, bytes]:
        """A solution that gets full marks."""
        return self.under("reference")


def read_spec(text: str, *, where: str) -> LabSpec:
    """Parse `grading.yml`.

    Raises:
        LabError: not YAML, or not the schema; one line for each fault.
    """
    try:
        return LabSpec.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise LabError(f"{where}: not valid YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise LabError(f"{where}: {faults}") from error


def _bundle_files(folder: Path) -> dict[str, bytes]:
    """What a grade depends on: not the prose, not the mutants, not caches."""
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_symlink():
            raise LabError(f"{path}: links are not allowed in a lab")
        if not path.is_file() or relative.parts[0] == "mutants" or "__pycache__" in relative.parts:
            continue
        if len(relative.parts) == 1 and path.suffix == ".md":
            continue
        files[relative.as_posix()] = path.read_bytes()
    return files


def digest_of(files: dict[str, bytes]) -> str:
    """SHA-256 over the sorted (name, content) pairs."""
    outer = hashlib.sha256()
    for name in sorted(files):
        outer.update(f"{name}\0{len(files[name])}\0".encode())
        outer.update(hashlib.sha256(files[name]).digest())
    return outer.hexdigest()


def _check(slug: str, files: dict[str, bytes]) -> LabSpec:
    for needed in (SPEC_FILE, CHECKS_FILE):
        if needed not in files:
            raise LabError(f"{slug}: {needed} is missing")
    spec = read_spec(files[SPEC_FILE].decode(), where=f"{slug}/{SPEC_FILE}")
    for name in spec.entry.files:
        for folder in ("starter", "reference"):
            if f"{folder}/{name}" not in files:
                raise LabError(f"{slug}: {folder}/{name} is missing, entry.files names it")
    if not spec.build.harness and any(benchmark.serves for benchmark in spec.stages.benchmarks):
        raise LabError(f"{slug}: a benchmark in turns needs a harness that serves (build.harness); see docs/labs.md")
    for name in spec.build.harness:
        if f"harness/{name}" not in files:
            raise LabError(f"{slug}: harness/{name} is missing, build.harness names it")
    return spec


def load_lab(folder: Path) -> Lab:
    """Read a lab folder.

    Raises:
        LabError: a file is missing or does not fit the schema.
    """
    if not folder.is_dir():
        raise LabError(f"{folder}: no such lab folder")
    files = _bundle_files(folder)
    return Lab(slug=folder.name, digest=digest_of(files), spec=_check(folder.name, files), files=files)


_FILES = TypeAdapter(dict[str, Base64Bytes])


def pack(lab: Lab) -> bytes:
    """The lab as one blob: gzipped JSON of path -> base64. The same lab gives the same bytes."""
    blob = json.dumps({"slug": lab.slug, "files": _FILES.dump_python(lab.files, mode="json")}, sort_keys=True)
    return gzip.compress(blob.encode(), mtime=0)


def unpack(blob: bytes, *, digest: str) -> Lab:
    """The lab of a blob made by `pack`, verified against its digest.

    Raises:
        LabError: too large, malformed, or not the lab that was asked for.
    """
    with gzip.GzipFile(fileobj=io.BytesIO(blob)) as stream:
        try:
            raw = stream.read(2 * MAX_BUNDLE_BYTES + 1)
        except (OSError, EOFError) as error:
            raise LabError(f"bundle {digest[:12]}: not a gzip stream") from error
    if len(raw) > 2 * MAX_BUNDLE_BYTES:
        raise LabError(f"bundle {digest[:12]}: larger than {MAX_BUNDLE_BYTES} bytes")
    try:
        document = json.loads(raw)
        files = _FILES.validate_python(document["files"])
        slug = str(document["slug"])
    except (ValueError, KeyError, TypeError) as error:
        raise LabError(f"bundle {digest[:12]}: malformed") from error
    if digest_of(files) != digest:
        raise LabError(f"bundle {digest[:12]}: content does not match its digest")
    return Lab(slug=slug, digest=digest, spec=_check(slug, files), files=files)


def check_upload(spec: LabSpec, files: dict[str, bytes]) -> None:
    """Refuse learner files that the lab does not ask for.

    Raises:
        UploadRejected: a name that is not in `entry.files`, a missing or an
            oversized file; the message is meant for the learner.
    """
    wanted = set(spec.entry.files)
    for name in files:
        if name not in wanted:
            shown = PurePosixPath(name).name[:64].encode("unicode_escape").decode()
            raise UploadRejected(f"Unexpected file “{shown}”. This lab takes: {', '.join(spec.entry.files)}.")
    missing = [name for name in spec.entry.files if name not in files]
    if missing:
        raise UploadRejected(f"Missing: {', '.join(missing)}.")
    for name, content in files.items():
        if len(content) > MAX_FILE_BYTES:
            raise UploadRejected(f"{name} has {len(content)} bytes; the limit is {MAX_FILE_BYTES}.")
    if sum(map(len, files.values())) > MAX_SUBMISSION_BYTES:
        raise UploadRejected(f"All files together may have {MAX_SUBMISSION_BYTES} bytes.")
