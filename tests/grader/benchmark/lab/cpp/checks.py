"""Random matrices of sizes nobody knows before; the right answer is computed here in double precision."""

import struct

import numpy as np
from grader.checks import BenchmarkInput, Case, Context, Judgement, Run, right
from grader.checks.arrays import same_array
from grader.checks.compare import close_numbers, exited

SIZES = range(40, 57)
SHAPE = struct.Struct("<iii")


def draw(context: Context, rows: int, inner: int, columns: int) -> bytes:
    """Shape and two matrices."""
    rng = np.random.default_rng(context.rng.getrandbits(64))
    numbers = rng.random(rows * inner + inner * columns, dtype=np.float32) * 2 - 1
    return SHAPE.pack(rows, inner, columns) + numbers.tobytes()


def product(given: bytes) -> np.ndarray:
    """The exact answer, and no less."""
    rows, inner, columns = SHAPE.unpack_from(given)
    numbers = np.frombuffer(given, np.float32, offset=SHAPE.size).astype(np.float64)
    return numbers[: rows * inner].reshape(rows, inner) @ numbers[rows * inner :].reshape(inner, columns)


def cases(context: Context) -> list[Case]:
    """Small matrices that are shown, some of odd sizes that are not."""
    small = draw(context, 3, 4, 2)
    found = [Case("small", stdin=small, expected=product(small).ravel().tolist(), note="3 x 4 times 4 x 2.")]
    for _ in range(3):
        odd = draw(context, *(context.rng.randrange(1, max(SIZES) + 4, 2) for _ in range(3)))
        found.append(Case("odd", stdin=odd, expected=product(odd).ravel().tolist()))
    return found


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """Every element within the tolerance."""
    return exited(run) or close_numbers(run.stdout, case.expected, relative=1e-5, absolute=1e-5) or right()


def benchmark_input(context: Context, spec: object, turn: int) -> BenchmarkInput:
    """One product."""
    rows, inner, columns = (context.rng.choice(SIZES) for _ in range(3))
    return BenchmarkInput(draw(context, rows, inner, columns), rows * columns * 4, 2.0 * rows * inner * columns)


def benchmark_judge(given: bytes, output: bytes, context: Context) -> Judgement:
    """Single precision reaches this; half precision does not."""
    return same_array(output, product(given), relative=1e-5, absolute=1e-5) or right()
