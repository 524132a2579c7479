"""Attacks on what is made of the times: invented ones, impossible ones, many tries, and neighbours that disturb."""

from __future__ import annotations

import math
import random
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from grader import lab as labs
from grader.benchmark.duel import FIRST_LOOK, Measurement
from grader.benchmark.scoring import Scored, Witness, score
from grader.benchmark.stage import Contest, in_turns
from grader.benchmark.statistics import InvalidTimes, decide
from grader.casework import Bench, CaseContext, References, load_checks
from grader.contract import BenchmarkOutcome, Verdict
from grader.lab import BenchmarkSpec, Lab, digest_of, read_spec
from grader.pipeline import grade
from grader.sandbox import Bubblewrap, Sandbox
from grader.toolchain import Toolchain
from tests.grader.machine import bare_toolchain

LABS = Path(__file__).parents[1] / "grader" / "benchmark" / "lab"
CPP = labs.load_lab(LABS / "cpp")
REFERENCE = CPP.reference["matmul.cpp"]
LOOP = b"for (int row = 0; row < rows; ++row) {"
TRIES = 100
REAL_TRIES = 4
HOGS = 4
HOG = "import os\nstarted_by = os.getppid()\nwhile os.getppid() == started_by: pass"
"""Ends with whoever started it, however that ends."""
BELOW, NEAR = 0.99, 0.05


@pytest.fixture(autouse=True)
def own_memory(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What benchmarks remember of a machine lies in a folder of the tests' own."""
    monkeypatch.setenv("GRADER_ROOFLINE_DIR", str(tmp_path_factory.getbasetemp() / "peaks"))
    monkeypatch.setenv("GRADER_BASELINE_DIR", str(tmp_path_factory.mktemp("baselines")))


@pytest.fixture(scope="module")
def toolchain(tmp_path_factory: pytest.TempPathFactory) -> Toolchain:
    return bare_toolchain(tmp_path_factory.mktemp("toolchain"))


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Bubblewrap()


def measured(reference: Sequence[float], learner: Sequence[float]) -> Measurement:
    """Times as if they had been taken."""
    count = len(learner)
    found = Measurement(list(reference), list(learner), [1e6] * count, [10] * count)
    try:
        found.decided = decide(found.ratios, 0.8)
    except InvalidTimes:
        found.decided = True
    return found


def scored(reference: Sequence[float], learner: Sequence[float]) -> Scored:
    spec = BenchmarkSpec.model_validate(
        {"id": "b", "title": "Speed", "metric": "wall_time", "threshold": 0.8, "full_score": 1.0, "points": 4}
    )
    return score(spec, measured(reference, learner), Witness())


@pytest.mark.parametrize("time", [0.0, -0.0, -1e-3, math.nan, math.inf, -math.inf, 5e-324, 1e-300, 1e-12])
@pytest.mark.parametrize("places", [range(1), range(120), range(60, 120)], ids=["one", "all", "half"])
def test_no_invented_time_is_worth_a_point(time: float, places: range) -> None:
    learner = [time if place in places else 0.004 for place in range(120)]
    found = scored([0.002] * 120, learner)
    assert found.result.points == 0
    assert not found.result.passed
    assert found.result.outcome in (
        BenchmarkOutcome.IMPLAUSIBLE,
        BenchmarkOutcome.FAILED,
        BenchmarkOutcome.INCONCLUSIVE,
    )
    found.result.model_dump_json()


@pytest.mark.parametrize("time", [0.0, -1e-3, math.nan, math.inf, 5e-324, 1e300])
def test_no_invented_time_of_the_reference_is_worth_a_point(time: float) -> None:
    found = scored([time] * 120, [0.002] * 120)
    assert (found.result.points, found.result.passed) == (0, False)
    found.result.model_dump_json()


def graded_lab(changes: dict[str, bytes]) -> Lab:
    files = {**CPP.files, **changes}
    return Lab("changed", digest_of(files), read_spec(files["grading.yml"].decode(), where="changed"), files)


@pytest.mark.slow
def test_a_program_that_is_too_quick_to_be_true_is_held(toolchain: Toolchain, sandbox: Sandbox) -> None:
    slow = REFERENCE.replace(LOOP, b"for (int pass = 0; pass < 25; ++pass)\n    " + LOOP)
    lab = graded_lab({"reference/matmul.cpp": slow})
    grading = grade(lab, {"matmul.cpp": REFERENCE}, toolchain=toolchain, sandbox=sandbox, seed=1)
    row = grading.benchmarks[0]
    assert row.ratio > 10
    assert (grading.verdict, row.outcome, row.points) == (Verdict.HELD, BenchmarkOutcome.IMPLAUSIBLE, 0)


@pytest.mark.slow
def test_a_rate_that_the_machine_cannot_reach_is_held(toolchain: Toolchain, sandbox: Sandbox) -> None:
    """As if the work were done in next to no time: a thousand times as much of it in the same turns."""
    checks = CPP.files["checks.py"].replace(b"2.0 * rows", b"2000.0 * rows")
    assert checks != CPP.files["checks.py"]
    lab = graded_lab({"checks.py": checks})
    grading = grade(lab, {"matmul.cpp": REFERENCE}, toolchain=toolchain, sandbox=sandbox, seed=1)
    row = grading.benchmarks[0]
    assert (grading.verdict, row.outcome, row.points) == (Verdict.HELD, BenchmarkOutcome.IMPLAUSIBLE, 0)
    assert "can do at all" in row.message


class Grader:
    """The tiny lab's reference against itself. The threshold is what is moved, so that the truth is known: 1."""

    def __init__(self, toolchain: Toolchain, sandbox: Sandbox) -> None:
        self._bench = Bench(CPP, toolchain, sandbox)
        program = self._bench.build(CPP.reference).program
        assert program is not None
        self._contest = Contest(self._bench, load_checks(CPP), program, program, CPP.reference)

    def measure(self, threshold: float, seed: int, max_pairs: int = 480) -> Measurement:
        spec = CPP.spec.stages.benchmarks[0].model_copy(update={"threshold": threshold, "max_pairs": max_pairs})
        context = CaseContext(self._bench, random.Random(seed), References(self._bench))
        found = in_turns(self._contest, spec, context, lambda pairs: None)
        assert found.failure is None, found.failure
        return found


@pytest.fixture(scope="module")
def grader(toolchain: Toolchain, sandbox: Sandbox) -> Grader:
    return Grader(toolchain, sandbox)


@contextmanager
def hogs(count: int) -> Iterator[None]:
    running = [subprocess.Popen([sys.executable, "-c", HOG]) for _ in range(count)]
    try:
        yield
        assert all(process.poll() is None for process in running)
    finally:
        for process in running:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_hundred_tries_one_percent_below_the_threshold_pass_at_most_once(grader: Grader) -> None:
    """Tries are drawn from ratios that were really measured, and each looks at them as a measurement does."""
    pool = grader.measure(0.5, 1, FIRST_LOOK).ratios
    middle = statistics.median(pool)
    rng = random.Random(20261125)
    passed = 0
    for _ in range(TRIES):
        seen: list[float] = []
        for look in (120, 240, 480):
            seen += [ratio / middle * BELOW for ratio in rng.choices(pool, k=look - len(seen))]
            if (decided := decide(seen, 1.0)) is not None:
                passed += decided
                break
    assert passed <= 1


@pytest.mark.slow
def test_real_tries_one_percent_below_the_threshold_do_not_pass(grader: Grader) -> None:
    decided = [grader.measure(1 / BELOW, seed).decided for seed in range(REAL_TRIES)]
    assert True not in decided


@pytest.mark.slow
def test_hogs_beside_it_change_no_verdict(grader: Grader) -> None:
    thresholds = [1 / (1 + NEAR), 1 / (1 - NEAR)]
    quiet = [grader.measure(threshold, 1).decided for threshold in thresholds]
    with hogs(HOGS):
        loaded = [grader.measure(threshold, 2).decided for threshold in thresholds]
    assert quiet == loaded == [True, False]
