"""What a lab's `checks.py` is written against.

`checks.py` is trusted code of the curriculum. It runs in the grader, never in a
learner's sandbox, and holds everything a learner must not see: expected
outputs, hidden inputs, the seed. It defines two functions:

    def cases(context: Context) -> list[Case]: ...
    def judge(case: Case, run: Run, context: Context) -> Judgement: ...

`cases` draws inputs from `context.rng` (a fresh seed for every attempt);
`judge` looks at what one run of the learner's program left behind.

Where `grading.yml` has benchmarks, these are asked too (`spec` is the benchmark's row of `grading.yml`):

    def benchmark_input(context: Context, spec: BenchmarkSpec, turn: int) -> BenchmarkInput: ...  # one item of a turn
    def benchmark_judge(given: bytes, output: bytes, context: Context) -> Judgement: ...           # optional
    def benchmark_case(context: Context, spec: BenchmarkSpec) -> Case: ...                         # metrics of one run
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from grader.contract import Finding, KernelProfile, Verdict


@dataclass(frozen=True)
class Case:
    """One run of the learner's program."""

    test: str
    """Id of the test in `grading.yml` that this case belongs to."""
    args: Sequence[str] = ()
    """Arguments; paths are paths inside the sandbox (`/in/...`, `/models/...`)."""
    stdin: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Read-only files that appear below `/in/`."""
    files_out: Sequence[str] = ()
    """Files the program may write below `/box/`; they come back in `Run.files`."""
    models: Sequence[str] = ()
    """Fixture models this case needs, by name; they appear as `/models/NAME`."""
    expected: Any = None
    """Whatever `judge` needs to know; never enters the sandbox."""
    note: str = ""
    """What a learner is told about a shown case's input, in words."""
    trace: bool | None = None
    """CUDA: whether this case is run with every access watched. None: the grader takes the test's smallest case."""


@dataclass(frozen=True)
class Run:
    """What one run of a program left behind."""

    exit_code: int
    """Exit status, or minus the signal's number."""
    stdout: bytes
    stderr: bytes
    files: Mapping[str, bytes]
    wall_seconds: float
    cpu_seconds: float
    memory_bytes: int
    limit: Verdict | None = None
    """The limit that ended it, if one did; such a run is never given to `judge`."""
    findings: Sequence[Finding] = ()
    """What an instrumented run of the same case saw; empty where there was none. A program can forge this: it may
    cost points, but what it computes is judged by its output."""
    kernels: Sequence[KernelProfile] = ()
    """What the CUDA emulator counted, as trustworthy as `findings`."""
    traced: bool = False
    """Whether the instrumented run came to its end, so that `findings` and `kernels` say something."""


@dataclass(frozen=True)
class BenchmarkInput:
    """One item of a benchmark turn. Draw a new one every time: a program that remembers answers must gain nothing."""

    content: bytes
    output_bytes: int
    """How many bytes the program has to write for it."""
    work: float = 0.0
    """What one item is worth, for metrics per second: tokens, floating-point operations, or bytes moved."""
    outline_bytes: int = 0
    """CUDA: this many first bytes of `content` are there while a turn is prepared; the rest comes with the clock."""


@dataclass(frozen=True)
class Judgement:
    """Right or wrong, and why, in words for the learner."""

    passed: bool
    message: str = ""
    """One line: the class of failure. Shown for hidden tests too, so it must not quote their data."""
    hint: str = ""
    expected: str = ""
    seen: str = ""
    """Shown for shown tests only."""
    verdict: Verdict = Verdict.WRONG_ANSWER


class Context(Protocol):
    """What the grader offers to `checks.py`."""

    rng: random.Random
    """Seeded afresh for every attempt; the only source of randomness."""

    def reference(self, case: Case) -> Run:
        """Run the lab's reference solution on the same case, in the same sandbox."""

    def tool(
        self, name: str, args: Sequence[str], *, files: Mapping[str, bytes] | None = None, models: Sequence[str] = ()
    ) -> Run:
        """Run a tool of the pinned engine (`llama-tokenize`, ...) in a sandbox."""

    def model_path(self, name: str) -> Path:
        """A fixture model on the grader's own disk."""


def right(message: str = "") -> Judgement:
    """The case passed."""
    return Judgement(passed=True, message=message)


def wrong(message: str, *, hint: str = "", expected: object = "", seen: object = "") -> Judgement:
    """The case failed. `message` may be shown even for hidden tests: quote no data in it."""
    return Judgement(passed=False, message=message, hint=hint, expected=str(expected), seen=str(seen))
