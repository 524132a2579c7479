"""Reports in every state a learner can meet: benchmarks, kernels, findings, counterexamples. Made by hand."""

from __future__ import annotations

import random
from typing import Any

from tests.backend.labs.hand import make_test


def make_benchmark(outcome: str = "passed", **changes: Any) -> dict[str, Any]:
    """A benchmark of forty pairs of turns whose ratio fits its outcome."""
    ratio = {"passed": 1.31, "failed": 0.84, "inconclusive": 1.002, "implausible": 14.2, "wrong": 1.4}.get(outcome, 0.0)
    rng = random.Random(outcome)
    reference = [round(rng.gauss(4.2, 0.08), 4) for _ in range(40)] if ratio else []
    points = 10.0 if outcome == "passed" else 0.0
    return {
        "name": "speed",
        "title": "Matrix product, 512 x 512",
        "metric": "wall_time",
        "unit": "ms",
        "threshold": 1.0,
        "full_score": 1.3,
        "outcome": outcome,
        "ratio": ratio,
        "ratio_low": round(ratio * 0.98, 4),
        "ratio_high": round(ratio * 1.02, 4),
        "pairs": len(reference),
        "learner_samples": [round(value / ratio + rng.gauss(0, 0.05), 4) for value in reference] if ratio else [],
        "reference_samples": reference,
        "peak": 18.2 if ratio else 0.0,
        "peak_unit": "GFLOP/s",
        "learner_share": 0.62 if ratio else 0.0,
        "reference_share": 0.47 if ratio else 0.0,
        "instruction_ratio": 1.28 if ratio else 0.0,
        "points": points,
        "max_points": 10.0,
        "passed": outcome == "passed",
        "message": "",
        **changes,
    }


def make_kernel(**changes: Any) -> dict[str, Any]:
    """A kernel that reads columns, so that every access touches eight times what it needs."""
    return {
        "kernel": "matmul_tiled",
        "launches": 1,
        "grid": "64 x 64 x 1",
        "block": "32 x 8 x 1",
        "shared_bytes": 4096,
        "bytes_read": 4_194_304,
        "bytes_written": 1_048_576,
        "requests": 32_768,
        "sectors": 1_048_576,
        "ideal_sectors": 131_072,
        "shared_requests": 65_536,
        "shared_passes": 262_144,
        "barriers": 128,
        **changes,
    }


def make_finding(kind: str = "out_of_bounds", **changes: Any) -> dict[str, Any]:
    """One finding at line 3 of the learner's file."""
    return {
        "kind": kind,
        "severity": "error",
        "file": "main.py",
        "line": 3,
        "column": 5,
        "message": "Thread (31, 0, 0) of block (63, 0, 0) read a[1048576]; the array has 1048576 elements.",
        "count": 32,
        **changes,
    }


def make_counterexample(**changes: Any) -> dict[str, Any]:
    """A small input that breaks the submission."""
    return {
        "note": "Two numbers: 0 and -1",
        "command": "python main.py",
        "stdin": "0 -1\n",
        "message": "The sum has the wrong sign.",
        "expected": "-1",
        "seen": "1",
        "shrunk": True,
        **changes,
    }


def make_hidden_failure(**changes: Any) -> dict[str, Any]:
    """A hidden test that failed, with a counterexample in place of its input."""
    return make_test(
        **{
            "name": "hidden",
            "title": "Adds many numbers",
            "hidden": True,
            "passed": False,
            "verdict": "wrong_answer",
            "points": 0.0,
            "max_points": 3.0,
            "message": "The sum is wrong.",
            "hint": "Some numbers are below zero.",
            "counterexample": make_counterexample(),
            **changes,
        }
    )


def make_cuda_test(**changes: Any) -> dict[str, Any]:
    """A test of a CUDA lab in the emulator that failed by an access out of bounds, with its counts."""
    race = make_finding("race", line=2, message="Two threads wrote tile[4] with no barrier between.", count=4)
    layout = make_finding("uncoalesced", severity="warning", message="32 sectors for each access; 4 would do.", count=9)
    return make_test(
        **{
            "name": "matmul",
            "title": "Multiplies 1024 x 1024 matrices",
            "passed": False,
            "verdict": "runtime_error",
            "points": 0.0,
            "message": "The kernel read outside of an array.",
            "hint": "Compare the index with the size before you read.",
            "detail": "1024 x 1024, filled from the seed",
            "command": "./program 1024",
            "expected": "c[0] = 511.25",
            "seen": "nothing",
            "findings": [make_finding(), race, layout],
            "kernels": [make_kernel(), make_kernel(kernel="fill", requests=0, shared_requests=0, bytes_read=0)],
            **changes,
        }
    )


def make_compiled(**changes: Any) -> dict[str, Any]:
    """What nvcc made of one kernel."""
    return {
        "kernel": "matmul_tiled",
        "architecture": "sm_80",
        "registers": 40,
        "spill_stores": 0,
        "spill_loads": 0,
        "stack_bytes": 0,
        "shared_bytes": 4096,
        "constant_bytes": 380,
        **changes,
    }


STATES: dict[str, dict[str, Any]] = {
    "benchmark passed": {"benchmarks": [make_benchmark()], "score": 5.0},
    "benchmark failed": {"verdict": "partial", "score": 4.0, "benchmarks": [make_benchmark("failed")]},
    "benchmark wrong": {"verdict": "wrong_answer", "score": 0.0, "benchmarks": [make_benchmark("wrong")]},
    "held, too close": {"verdict": "held", "score": 4.0, "benchmarks": [make_benchmark("inconclusive")]},
    "held, implausible": {"verdict": "held", "score": 4.0, "benchmarks": [make_benchmark("implausible")]},
    "waiting for a GPU": {"verdict": "partial", "score": 4.0, "benchmarks": [make_benchmark("waiting")]},
    "benchmark not run": {
        "verdict": "partial", "score": 2.0, "message": "Passed: 1 of 2 tests.",
        "tests": [make_test(), make_hidden_failure()],
        "benchmarks": [make_benchmark("not_run")],
    },
    "many samples": {
        "benchmarks": [
            make_benchmark(
                pairs=600,
                learner_samples=[3.2 + 0.2 * ((i * 7919) % 101) / 101 for i in range(600)],
                reference_samples=[4.2 + 0.3 * ((i * 104729) % 97) / 97 for i in range(600)],
            )
        ]
    },
    "cuda": {
        "verdict": "runtime_error", "score": 0.0, "message": "Passed: 0 of 2 tests.",
        "tests": [make_cuda_test(), make_hidden_failure()],
        "compiled": [make_compiled(), make_compiled(architecture="sm_90", registers=255, spill_stores=64)],
        "diagnostics": [
            {"file": "main.py", "line": 2, "column": 1, "severity": "warning", "message": "unused variable ‘n’"},
            {"file": "main.py", "line": 4, "column": 9, "severity": "error", "message": "expected ‘;’ before ‘}’"},
        ],
        "build_log": "main.cu(2): warning #177-D: variable \"n\" was declared but never referenced\n",
    },
}  # fmt: skip
"""Name -> changes to a report, for every state of the page."""
