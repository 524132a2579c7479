"""Products of random matrices, judged in double precision, and the traffic that the emulator counted."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.checks import BenchmarkInput, Case, Context, Judgement, Run, right, wrong
from grader.lab import BenchmarkSpec

GUARD = 64
POISON = b"\xa5\xa5\xa5\xa5"
ODD = (1, 7, 33, 127, 129)
NAIVE_SHARE = 8
"""The naive kernel's loads are this many times the allowance."""
BENCH_N, BENCH_PRODUCTS = 1024, 32
WATCHED = ("accesses", "traffic")


@dataclass(frozen=True)
class Product:
    """One product: the shape, and the result in double precision with the sum of magnitudes behind each element."""

    m: int
    n: int
    k: int
    ldc: int
    result: NDArray[np.float64]
    scale: NDArray[np.float64]

    @property
    def shape(self) -> str:
        """Such as "M=5, N=7, K=6"."""
        return f"M={self.m}, N={self.n}, K={self.k}"


def _case(context: Context, test: str, m: int, n: int, k: int, pads: tuple[int, int, int], trace: bool) -> Case:
    draw = np.random.default_rng(context.rng.getrandbits(64))
    lda, ldb, ldc = k + pads[0], k + pads[1], n + pads[2]
    a = np.full((m, lda), np.nan, np.float32)
    b = np.full((n, ldb), np.nan, np.float32)
    a[:, :k] = draw.uniform(-1, 1, (m, k))
    b[:, :k] = draw.uniform(-1, 1, (n, k))
    wide_a, wide_b = a[:, :k].astype(np.float64), b[:, :k].astype(np.float64)
    product = Product(m, n, k, ldc, wide_a @ wide_b.T, np.abs(wide_a) @ np.abs(wide_b).T)
    padding = f", lda={lda}, ldb={ldb}, ldc={ldc}" if any(pads) else ""
    return Case(
        test,
        stdin=struct.pack("<6i", m, n, k, lda, ldb, ldc) + a.tobytes() + b.tobytes(),
        expected=product,
        note=f"Random values in [-1, 1]: {product.shape}{padding}.",
        trace=trace,
    )


def cases(context: Context) -> list[Case]:
    """Small, whole, odd and padded shapes, and the two that are watched."""
    rng = context.rng
    found = [
        _case(context, "small", rng.randint(2, 8), rng.randint(2, 8), rng.randint(2, 8), (0, 0, 0), False),
        _case(context, "small", 1, 1, 1, (0, 0, 0), False),
        _case(context, "tiles", 64, 64, 64, (0, 0, 0), False),
        _case(context, "tiles", 128, 64, 32, (0, 0, 0), False),
        _case(context, "accesses", 40, 36, 33, (3, 5, 2), True),
        _case(context, "traffic", 256, 256, 256, (0, 0, 0), True),
    ]
    tails = [(33, 64, 64), (64, 33, 64), (64, 64, 33), (1, 129, 7), (127, 1, 65)]
    tails.append((rng.choice(ODD), rng.choice(ODD), rng.choice(ODD)))
    found += [_case(context, "tails", *shape, (0, 0, 0), False) for shape in tails]
    for _ in range(2):
        pads = (rng.randint(1, 9), rng.randint(1, 9), rng.randint(1, 9))
        found.append(_case(context, "strides", rng.choice(ODD), rng.choice(ODD), rng.choice(ODD), pads, False))
    found.append(_case(context, "strides", 64, 64, 64, (32, 0, 32), False))
    return found


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """Every element of C, its padding and its guards; then who computed it, and the traffic, where that is the test."""
    del context
    product: Product = case.expected
    fault = _wrong_output(product, run)
    if fault is None and case.test in WATCHED:
        fault = _unwatched(product, run)
    if fault is not None:
        return fault
    return _traffic(product, run) if case.test == "traffic" else right()


def _wrong_output(product: Product, run: Run) -> Judgement | None:
    if run.exit_code != 0:
        said = run.stderr.decode(errors="replace").strip().splitlines()
        reason = said[-1] if run.exit_code == 4 and said else ""
        return wrong("The device reported an error.", seen=reason) if reason else wrong("The program failed.")
    wanted = 4 * (2 * GUARD + product.m * product.ldc)
    if len(run.stdout) != wanted:
        return wrong("Something else than C was written to standard output: print nothing.")
    words = np.frombuffer(run.stdout, dtype="<u4")
    poison = np.frombuffer(POISON, dtype="<u4")[0]
    body = words[GUARD:-GUARD].reshape(product.m, product.ldc)
    if (words[:GUARD] != poison).any() or (words[-GUARD:] != poison).any():
        return wrong(
            "Memory before or behind C was overwritten.", hint="Check row < M and column < N before the store."
        )
    if (body[:, product.n :] != poison).any():
        return wrong("The padding between N and ldc was overwritten.", hint="Check column < N before the store.")
    seen = body[:, : product.n].view(np.float32).astype(np.float64)
    untouched = body[:, : product.n] == poison
    bound = 4e-7 * np.sqrt(product.k) * product.scale + 1e-6
    bad = ~(np.abs(seen - product.result) <= bound)
    if not bad.any():
        return None
    row, column = np.argwhere(bad)[0]
    share = f"{int(bad.sum())} of {bad.size} elements"
    expected, got = (
        f"C[{row}][{column}] = {product.result[row, column]:.6g}",
        f"{seen[row, column]:.6g} ({share} differ)",
    )
    if untouched[row, column]:
        return wrong("Elements of C were never written.", expected=expected, seen=f"never written ({share} differ)")
    if np.isnan(seen[bad]).any():
        hint = "NaN comes from the padding: outside the matrix load 0, do not multiply by it."
        return wrong("Elements of C are NaN.", hint=hint, expected=expected, seen=got)
    return wrong("Elements of C are wrong.", expected=expected, seen=got)


def _unwatched(product: Product, run: Run) -> Judgement | None:
    """What was not seen cannot be right: a run that ended early, or a product that no kernel computed."""
    if not run.traced:
        return wrong("The watched run did not come to its end, so its accesses are not known.")
    operands, result = 4 * product.k * (product.m + product.n), 4 * product.m * product.n
    read, written = sum(one.bytes_read for one in run.kernels), sum(one.bytes_written for one in run.kernels)
    if read < operands or written < result:
        return wrong(
            f"The kernels read {read} bytes and write {written}; A and B have {operands}, C has {result}.",
            hint="Every value has to go through a thread, by an assignment: what cudaMemcpy moves, or memcpy inside a "
            "kernel, is not counted.",
        )
    return None


def _traffic(product: Product, run: Run) -> Judgement:
    read = sum(kernel.bytes_read for kernel in run.kernels)
    naive = 2 * 4 * product.m * product.n * product.k
    allowed = naive // NAIVE_SHARE
    if read > allowed:
        times = naive / read
        return wrong(
            f"The kernel reads {read} bytes of global memory; at most {allowed} are allowed.",
            hint=f"The naive kernel reads {naive} bytes, this one 1/{times:.3g} of it. A value must be used by at least "
            f"{NAIVE_SHARE} threads once it is loaded: tile through shared memory.",
            expected=f"at most {allowed} bytes read",
            seen=f"{read} bytes read",
        )
    return right(f"It reads 1/{naive / read:.3g} of the naive traffic.")


def benchmark_input(context: Context, spec: BenchmarkSpec, turn: int) -> BenchmarkInput:
    """A fresh number from which the device draws its matrices."""
    del spec, turn
    outline = struct.pack("<ii", BENCH_N, BENCH_PRODUCTS)
    return BenchmarkInput(
        outline + struct.pack("<Q", context.rng.getrandbits(64)),
        4 * BENCH_N * BENCH_N,
        work=2.0 * BENCH_N**3 * BENCH_PRODUCTS,
        outline_bytes=len(outline),
    )
