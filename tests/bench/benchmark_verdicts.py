"""How repeatable benchmark verdicts are, quiet and under four programs that hog the processors.

In each condition: the spread of the ratio when the same code is graded 20 times (5th to 95th percentile), how often
equal programs are judged different (threshold 1), and how often code 5 % from its threshold is judged right, left open
or judged wrong. The threshold is what is moved, so that the truth is known: a program against itself has the ratio 1.

What is measured is one measurement as a submission gets it, before the second one that an unusual reference calls for:
new inputs, new processors and new boxes every time, from one build, because a build says nothing about the clock. A
claim holds only if there were measurements enough to make it; `at_most` is the rate that the count rules out with 95 %
confidence. The hogs' own processor time is kept with the figures, as proof that they were there.

Usage: python -m tests.bench.benchmark_verdicts [GRADED] [EQUAL] [NEAR]

The defaults are 20, 50 and 100 for each condition and take about an hour on two quiet cores, most of it under the
hogs; `10 10 20` gives a first picture in minutes. LLSYS_BENCH_RECORD=1 keeps the figures in tests/bench/results/.
"""

from __future__ import annotations

import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from grader import lab as labs
from grader.benchmark.stage import Contest, in_turns
from grader.casework import Bench, CaseContext, References, load_checks
from grader.lab import BenchmarkSpec
from grader.sandbox import Sandbox, open_sandbox
from tests.bench.site import record
from tests.grader.machine import bare_toolchain

LAB = Path(__file__).resolve().parents[1] / "grader" / "benchmark" / "lab" / "cpp"
HOGS = 4
HOG = "import os\nstarted_by = os.getppid()\nwhile os.getppid() == started_by: pass"
"""Ends with whoever started it, however that ends."""
NEAR = 0.05
"""Distance from the threshold at which a verdict must be right."""
SPREADS = {"quiet": 0.02, "under hogs": 0.04}
"""The widest spread of the ratio that is claimed."""
QUIET = 0.5
"""Load for each processor up to which a machine counts as quiet."""
EQUAL_NEEDED, NEAR_NEEDED, GRADED_NEEDED = 100, 200, 20
"""How many measurements a claim needs, of both conditions together; of each for the spread."""


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

    def measure(self, threshold: float) -> tuple[float, bool | None]:
        """Ratio and decision of one measurement with a threshold."""
        spec: BenchmarkSpec = self._spec.model_copy(update={"threshold": threshold})
        context = CaseContext(self._bench, random.Random(self._seeds.getrandbits(64)), References(self._bench))
        found = in_turns(self._contest, spec, context, lambda pairs: None)
        assert found.failure is None, found.failure
        return statistics.median(found.ratios), found.decided


@contextmanager
def hogs(count: int) -> Iterator[Callable[[], float]]:
    """Programs that take all the processor time they can get; what is given tells how much they have had, in seconds.

    Raises:
        RuntimeError: one of them ended before its time, so that what was measured was not under so many.
    """
    running = [subprocess.Popen([sys.executable, "-c", HOG]) for _ in range(count)]
    try:
        yield lambda: sum(sum(psutil.Process(process.pid).cpu_times()[:2]) for process in running)
        if any(process.poll() is not None for process in running):
            raise RuntimeError("a hog ended before the measuring did")
    finally:
        for process in running:
            process.kill()
            process.wait()


def at_most(events: int, tries: int) -> float:
    """The highest rate at which so few events in so many tries still happen one time in twenty."""
    low, high = events / tries, 1.0
    for _ in range(40):
        rate = (low + high) / 2
        chance = sum(math.comb(tries, k) * rate**k * (1 - rate) ** (tries - k) for k in range(events + 1))
        low, high = (rate, high) if chance > 0.05 else (low, rate)
    return round(high, 4)


def condition(grader: Grader, graded: int, equal: int, near: int) -> dict[str, Any]:
    """All figures under the present load."""
    began, load_before = time.monotonic(), os.getloadavg()[0]

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:7.0f} s  {what}", file=sys.stderr, flush=True)

    ratios = sorted(grader.measure(0.8)[0] for _ in range(graded))
    tell(f"graded {graded} times: {ratios[0]:.4f} to {ratios[-1]:.4f}")
    different = sum(grader.measure(1.0)[1] is not None for _ in range(equal))
    tell(f"equal programs judged different: {different} of {equal}")
    # Half of them 5 % above the threshold and half 5 % below it.
    above = [grader.measure(1 / (1 + NEAR))[1] for _ in range(near // 2)]
    below = [grader.measure(1 / (1 - NEAR))[1] for _ in range(near - near // 2)]
    right, wrong = above.count(True) + below.count(False), above.count(False) + below.count(True)
    tell(f"5 % from the threshold judged right: {right} of {near}, wrong: {wrong}")
    low, high = (ratios[round(share * (len(ratios) - 1))] for share in (0.05, 0.95))
    return {
        "graded": graded,
        "ratio_median": round(statistics.median(ratios), 4),
        "ratio_lowest_highest": [round(ratios[0], 4), round(ratios[-1], 4)],
        "ratio_spread_p5_p95": round(high - low, 4),
        "equal": equal,
        "equal_judged_different": different,
        "near": near,
        "near_judged_right": right,
        "near_left_open": near - right - wrong,
        "near_judged_wrong": wrong,
        "load_average_before": round(load_before, 2),
        "load_average_after": round(os.getloadavg()[0], 2),
        "seconds": round(time.monotonic() - began, 1),
    }


def claims(conditions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the figures of all conditions show; None where there are too few for a claim."""
    rows = list(conditions.values())
    equal, different = (sum(row[name] for row in rows) for name in ("equal", "equal_judged_different"))
    near, right, wrong = (sum(row[name] for row in rows) for name in ("near", "near_judged_right", "near_judged_wrong"))
    spreads = {
        f"spread of the ratio {name} at most {SPREADS[name]:.0%}": (
            row["ratio_spread_p5_p95"] <= SPREADS[name] if row["graded"] >= GRADED_NEEDED else None
        )
        for name, row in conditions.items()
    }
    return spreads | {
        "the quiet machine was quiet": conditions["quiet"]["load_average_before"] <= QUIET * (os.cpu_count() or 1),
        "equal programs judged different at most 1 in 100": (
            different * 100 <= equal if equal >= EQUAL_NEEDED else None
        ),
        "equal_judged_different_at_most": at_most(different, equal),
        "5 % from the threshold always judged right": right == near if near >= NEAR_NEEDED else None,
        "near_judged_wrong_at_most": at_most(wrong, near),
    }


def main(graded: int = GRADED_NEEDED, equal: int = EQUAL_NEEDED // 2, near: int = NEAR_NEEDED // 2) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        grader = Grader(open_sandbox("auto"), Path(folder))
        quiet = condition(grader, graded, equal, near)
        with hogs(HOGS) as taken:
            loaded = condition(grader, graded, equal, near)
            loaded |= {"hogs": HOGS, "hogs_processor_seconds": round(taken(), 1)}
    conditions = {"quiet": quiet, "under hogs": loaded}
    record("benchmark_verdicts", {**conditions, "claims": claims(conditions)})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
