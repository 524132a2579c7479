"""Recurrences."""

import struct

from grader.checks import BenchmarkInput, Case, Context, Judgement, Run, right, wrong
from grader.lab import BenchmarkSpec

OUTLINE = struct.Struct("<q")
STEPS = 500


def cases(context: Context) -> list[Case]:
    """A length that does not fill the last block."""
    return [Case("right", args=["300"], note="300 elements")]


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """The program compares by itself: what this lab is for is its benchmark."""
    return right() if run.stdout == b"right\n" else wrong("Steps are missing.")


def benchmark_input(context: Context, spec: BenchmarkSpec, turn: int) -> BenchmarkInput:
    """A length, known ahead, and a number from which the values come."""
    count = context.rng.randint(3000, 4000)
    outline = OUTLINE.pack(count)
    content = outline + context.rng.randbytes(4)
    return BenchmarkInput(content, 4 * count, work=2.0 * STEPS * count, outline_bytes=len(outline))
