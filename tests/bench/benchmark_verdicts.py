"""How repeatable benchmark verdicts are, quiet and under four programs that hog the processors.

In each condition: the spread of the ratio when the same code is graded 20 times (5th to 95th percentile), how often
equal programs are judged different (threshold 1), and how often code 5 % from its threshold is judged right. The
threshold is what is moved, so that the truth is known: a program against itself has the ratio 1.

Usage: python -m tests.bench.benchmark_verdicts [GRADED] [EQUAL] [NEAR]

The defaults are 20, 50 and 100 for each condition and take about 40 minutes on two quiet cores, most of it under the
hogs; `10 10 20` gives a first picture in minutes. LLSYS_BENCH_RECORD=1 keeps the figures in tests/bench/results/.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader import lab as labs
from grader.benchmark.stage import Contest, in_turns
from grader.casework import Bench, CaseContext, References, load_checks
from grader.lab import BenchmarkSpec
from grader.sandbox import Sandbox, open_sandbox
from tests.bench.site import record
from tests.grader.machine import bare_toolchain

LAB = Path(__file__).resolve().parents[1] / "grader" / "benchmark" / "lab" / "cpp"
HOGS = 4
EQUAL_PAIRS = 240
"""Equal programs always use up their pairs; more would only make a difference less likely to be claimed."""
NEAR = 0.05
"""Distance from the threshold at which a verdict must be right."""


class Grader:
    """The tiny lab's reference as a submission to itself, built once."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        lab = labs.load_lab(LAB)
        bench = Bench(lab, bare_toolchain(folder), sandbox)
        program = bench.build(lab.reference).program
        assert program is not None, "the reference builds"
        self._bench = bench
        self._contest = Contest(bench, load_checks(lab), program, program, lab.reference)
        self._spec = lab.spec.stages.benchmarks[0]
        self._seeds = random.Random(20261125)

    def measure(self, threshold: float, max_pairs: int = 480) -> tuple[float, bool | None]:
        """Ratio and decision of one measurement with a threshold."""
        spec: BenchmarkSpec = self._spec.model_copy(update={"threshold": threshold, "max_pairs": max_pairs})
        context = CaseContext(self._bench, random.Random(self._seeds.getrandbits(64)), References(self._bench))
        found = in_turns(self._contest, spec, context, lambda pairs: None)
        assert found.failure is None, found.failure
        return statistics.median(found.ratios), found.decided


@contextmanager
def hogs(count: int) -> Iterator[None]:
    """Programs that take all the processor time they can get."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def condition(grader: Grader, graded: int, equal: int, near: int) -> dict[str, Any]:
    """All figures under the present load."""
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:7.0f} s  {what}", file=sys.stderr, flush=True)

    ratios = sorted(grader.measure(0.8)[0] for _ in range(graded))
    tell(f"graded {graded} times: {ratios[0]:.4f} to {ratios[-1]:.4f}")
    different = sum(grader.measure(1.0, EQUAL_PAIRS)[1] is not None for _ in range(equal))
    tell(f"equal programs judged different: {different} of {equal}")
    # Half of them 5 % above the threshold and half 5 % below it.
    right = sum(grader.measure(1 / (1 + NEAR))[1] is True for _ in range(near // 2))
    right += sum(grader.measure(1 / (1 - NEAR))[1] is False for _ in range(near - near // 2))
    tell(f"5 % from the threshold judged right: {right} of {near}")
    low, high = (ratios[round(share * (len(ratios) - 1))] for share in (0.05, 0.95))
    return {
        "graded": graded,
        "ratio_median": round(statistics.median(ratios), 4),
        "ratio_spread_p5_p95": round(high - low, 4),
        "equal": equal,
        "equal_judged_different": different,
        "near": near,
        "near_judged_right": right,
        "load_average": round(os.getloadavg()[0], 2),
        "seconds": round(time.monotonic() - began, 1),
    }


def main(graded: int = 20, equal: int = 50, near: int = 100) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        grader = Grader(open_sandbox("auto"), Path(folder))
        quiet = condition(grader, graded, equal, near)
        with hogs(HOGS):
            loaded = condition(grader, graded, equal, near)
    record("benchmark_verdicts", {"quiet": quiet, f"under {HOGS} hogs": loaded})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
