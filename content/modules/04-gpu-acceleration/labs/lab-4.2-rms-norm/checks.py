"""Rows of random values, judged in double precision, and the traffic that the emulator counted."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.checks import Case, Context, Judgement, Run, right, wrong

GUARD = 64
POISON = np.frombuffer(b"\xa5\xa5\xa5\xa5", dtype="<u4")[0]
ODD = (1, 2, 31, 33, 100, 255, 257, 1000, 1025)
WASTE = 1.3
"""Sectors that may be touched for each that is needed."""
SECTOR = 32
WATCHED = ("accesses", "traffic")


@dataclass(frozen=True)
class Rows:
    """The shape, and the result in double precision."""

    nrows: int
    ncols: int
    result: NDArray[np.float64]


def _case(
    context: Context,
    test: str,
    nrows: int,
    ncols: int,
    *,
    gap: int = 0,
    scales: tuple[float, ...] = (1.0,),
    trace: bool = False,
) -> Case:
    draw = np.random.default_rng(context.rng.getrandbits(64))
    eps = context.rng.choice([1e-5, 1e-6])
    stride = ncols + gap
    x = np.full((nrows, stride), np.nan, np.float32)
    # Far from zero, so that only the test of magnitudes can tell where eps is.
    values = draw.uniform(5, 20, (nrows, ncols)) * draw.choice([-1, 1], (nrows, ncols))
    x[:, :ncols] = values * np.resize(scales, nrows)[:, None]
    w = draw.uniform(0.25, 2, ncols).astype(np.float32)
    wide = x[:, :ncols].astype(np.float64)
    mean = (wide * wide).mean(axis=1, keepdims=True)
    result = wide / np.sqrt(mean + float(np.float32(eps))) * w.astype(np.float64)
    return Case(
        test,
        stdin=struct.pack("<iiqfi", nrows, ncols, stride, eps, 0) + x.tobytes() + w.tobytes(),
        expected=Rows(nrows, ncols, result),
        note=f"nrows={nrows}, ncols={ncols}, stride_row={stride}, eps={eps:g}, random values.",
        trace=trace,
    )


def cases(context: Context) -> list[Case]:
    """Narrow, wide, odd, extreme and strided rows, and the two that are watched."""
    rng = context.rng
    found = [_case(context, "narrow", rng.randint(2, 4), ncols) for ncols in (1, 31, 32)]
    found += [_case(context, "wide", 2, ncols) for ncols in (256, 1023, 4096)]
    found += [_case(context, "sizes", 2, 18432), _case(context, "sizes", 70, rng.choice(ODD))]
    found += [_case(context, "sizes", 3, ncols) for ncols in (1024, 5000, 33, rng.choice(ODD))]
    small_and_large = (0.0, 1e-20, 1e15, 1e-3, 300.0)
    found += [_case(context, "magnitudes", 5, ncols, scales=small_and_large) for ncols in (100, 4096)]
    found += [_case(context, "strides", 4, ncols, gap=rng.randint(1, 40)) for ncols in (33, 257, 1000)]
    found.append(_case(context, "accesses", 3, 300, gap=4, trace=True))
    found.append(_case(context, "traffic", 3, 4096, trace=True))
    return found


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """Every element of y and its guards; then who computed them, and the traffic, where that is the test."""
    del context
    rows: Rows = case.expected
    fault = _wrong_output(rows, run)
    if fault is None and case.test in WATCHED:
        fault = _unwatched(rows, run)
    if fault is not None:
        return fault
    return _traffic(rows, run) if case.test == "traffic" else right()


def _wrong_output(rows: Rows, run: Run) -> Judgement | None:
    if run.exit_code != 0:
        said = run.stderr.decode(errors="replace").strip().splitlines()
        reason = said[-1] if run.exit_code == 4 and said else ""
        return wrong("The device reported an error.", seen=reason) if reason else wrong("The program failed.")
    if len(run.stdout) != 4 * (2 * GUARD + rows.nrows * rows.ncols):
        return wrong("Something else than y was written to standard output: print nothing.")
    words = np.frombuffer(run.stdout, dtype="<u4")
    body = words[GUARD:-GUARD].reshape(rows.nrows, rows.ncols)
    if (words[:GUARD] != POISON).any() or (words[-GUARD:] != POISON).any():
        return wrong("Memory before or behind y was overwritten.", hint="Check column < ncols before the store.")
    seen = body.view(np.float32).astype(np.float64)
    bound = 2e-5 * np.abs(rows.result) + 1e-30
    bad = ~(np.abs(seen - rows.result) <= bound)
    if not bad.any():
        return None
    row, column = np.argwhere(bad)[0]
    share = f"{int(bad.sum())} of {bad.size} elements differ"
    expected, got = f"y[{row}][{column}] = {rows.result[row, column]:.7g}", f"{seen[row, column]:.7g} ({share})"
    if body[row, column] == POISON:
        return wrong("Elements of y were never written.", expected=expected, seen=f"never written ({share})")
    if np.isnan(seen[bad]).any():
        return wrong("Elements of y are NaN.", expected=expected, seen=got)
    return wrong("Elements of y are wrong.", hint=_factor_hint(rows, seen), expected=expected, seen=got)


def _factor_hint(rows: Rows, seen: NDArray[np.float64]) -> str:
    """Where whole rows are off by one factor each, the scale of the row is wrong and not its elements."""
    with np.errstate(all="ignore"):
        factors = seen / rows.result
        spread = np.ptp(factors, axis=1) / np.abs(factors).max(axis=1)
    if rows.ncols > 1 and bool((spread < 1e-4).all()):
        return (
            "Every row is off by a factor of its own: the elements are right and the scale is not. The mean is over the "
            "ncols values of the row, not over the threads of the block, and eps is added to it before the root."
        )
    return ""


def _unwatched(rows: Rows, run: Run) -> Judgement | None:
    """What was not seen cannot be right: a run that ended early, or rows that no kernel worked on."""
    if not run.traced:
        return wrong("The watched run did not come to its end, so its accesses are not known.")
    once = 4 * rows.nrows * rows.ncols
    read, written = sum(one.bytes_read for one in run.kernels), sum(one.bytes_written for one in run.kernels)
    if min(read, written) < once:
        return wrong(
            f"The kernels read {read} bytes and write {written}; x and y have {once} bytes each.",
            hint="Every value has to go through a thread, by an assignment: what cudaMemcpy moves, or memcpy inside a "
            "kernel, is not counted.",
        )
    return None


def _traffic(rows: Rows, run: Run) -> Judgement:
    once = 4 * rows.nrows * rows.ncols
    read = sum(kernel.bytes_read for kernel in run.kernels)
    sectors, ideal = (sum(getattr(kernel, name) for kernel in run.kernels) for name in ("sectors", "ideal_sectors"))
    # x twice, w and y once. What is moved beyond that, however well it coalesces, makes nothing else better.
    ideal = min(ideal, 4 * once // SECTOR)
    if read > 3 * once:
        return wrong(
            f"The kernel reads {read} bytes; at most {3 * once} are allowed: x twice, and w once for each row.",
            expected=f"at most {3 * once} bytes read",
            seen=f"{read} bytes read",
        )
    if sectors > WASTE * ideal:
        return wrong(
            f"Warps touch {sectors} sectors of 32 bytes where {ideal} would do.",
            hint="Let neighbouring threads take neighbouring columns, not each thread a run of columns of its own.",
            expected=f"at most {WASTE:g} times {ideal} sectors",
            seen=f"{sectors} sectors",
        )
    return right()
