"""Random tensors with random strides, compared bit for bit, and the sectors and bank passes that were counted."""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.checks import Case, Context, Judgement, Run, right, wrong

GUARD = 64
POISON = np.frombuffer(b"\xa5\xa5\xa5\xa5", dtype="<u4")[0]
WASTE = 1.3
"""Sectors that may be touched for each that is needed."""
CONFLICTS = 2.0
"""Passes over the banks that a request of shared memory may take."""
SECTOR = 32
WATCHED = ("accesses", "coalescing")


@dataclass(frozen=True)
class Tensor:
    """The contiguous result, slowest dimension first."""

    shape: str
    result: NDArray[np.float32]


def _case(
    context: Context,
    test: str,
    ne: tuple[int, int, int, int],
    order: tuple[int, ...],
    *,
    step: int = 1,
    gaps: tuple[int, int, int] = (0, 0, 0),
    trace: bool = False,
) -> Case:
    """`order` names the dimensions from the one that is innermost in x to the outermost."""
    draw = np.random.default_rng(context.rng.getrandbits(64))
    nb = [0, 0, 0, 0]
    stride = 4 * step
    for place, dimension in enumerate(order):
        nb[dimension] = stride
        stride *= ne[dimension]
        if place < 3:
            stride += 4 * gaps[place]
    offset = 4 * context.rng.randint(0, 8)
    room = np.full(offset // 4 + stride // 4, np.nan, np.float32)
    view = np.lib.stride_tricks.as_strided(room[offset // 4 :], ne[::-1], nb[::-1])
    view[...] = draw.uniform(-1, 1, ne[::-1])
    shape = f"ne = {list(ne)}, nb = {nb}"
    return Case(
        test,
        stdin=struct.pack("<4i4qqq", *ne, *nb, offset, room.nbytes) + room.tobytes(),
        expected=Tensor(shape, view.copy()),
        note=f"{shape}, random values.",
        trace=trace,
    )


def cases(context: Context) -> list[Case]:
    """Contiguous, transposed, permuted and gappy tensors, and the two that are watched."""
    rng = context.rng
    plain, turned = (0, 1, 2, 3), (1, 0, 2, 3)
    found = [_case(context, "contiguous", (rng.randint(33, 90), rng.randint(2, 40), 2, 2), plain)]
    found.append(_case(context, "contiguous", (1, 1, 1, 1), plain))
    found += [_case(context, "transposed", (*ne, 1, 1), turned) for ne in ((64, 64), (33, 65), (100, 1), (1, 70))]
    orders = list(itertools.permutations(range(4)))
    # Each dimension is the contiguous one at least once, with two others that are not 1.
    for fast in range(4):
        order = rng.choice([one for one in orders if one[0] == fast])
        ne = [rng.choice((3, 5, 7)) for _ in range(4)]
        ne[0], ne[fast] = rng.choice((33, 40, 65)), rng.choice((34, 41, 66))
        found.append(_case(context, "permuted", (ne[0], ne[1], ne[2], ne[3]), order))
    found.append(_case(context, "permuted", (2, 3, 90, 80), rng.choice(orders)))
    for order in (plain, turned, rng.choice(orders)):
        gaps = (rng.randint(1, 9), rng.randint(1, 9), rng.randint(1, 9))
        found.append(_case(context, "views", (rng.randint(33, 50), rng.randint(33, 50), 3, 2), order, gaps=gaps))
    found.append(_case(context, "views", (37, 35, 3, 2), rng.choice(orders), step=rng.randint(2, 3), gaps=(1, 0, 1)))
    found.append(_case(context, "accesses", (40, 33, 3, 2), (1, 2, 0, 3), gaps=(1, 0, 0), trace=True))
    found.append(_case(context, "coalescing", (128, 96, 1, 1), turned, trace=True))
    return found


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """Every element of y and its guards; then who moved them, sectors and banks, where that is the test."""
    del context
    tensor: Tensor = case.expected
    fault = _wrong_output(tensor, run)
    if fault is None and case.test in WATCHED:
        fault = _unwatched(tensor, run)
    if fault is not None:
        return fault
    return _coalescing(tensor, run) if case.test == "coalescing" else right()


def _wrong_output(tensor: Tensor, run: Run) -> Judgement | None:
    if run.exit_code != 0:
        said = run.stderr.decode(errors="replace").strip().splitlines()
        reason = said[-1] if run.exit_code == 4 and said else ""
        return wrong("The device reported an error.", seen=reason) if reason else wrong("The program failed.")
    if len(run.stdout) != 4 * (2 * GUARD + tensor.result.size):
        return wrong("Something else than y was written to standard output: print nothing.")
    words = np.frombuffer(run.stdout, dtype="<u4")
    if (words[:GUARD] != POISON).any() or (words[-GUARD:] != POISON).any():
        return wrong("Memory before or behind y was overwritten.", hint="Check both bounds before the store.")
    body = words[GUARD:-GUARD].reshape(tensor.result.shape)
    wanted = tensor.result.view(np.uint32)
    bad = body != wanted
    if not bad.any():
        return None
    i3, i2, i1, i0 = np.argwhere(bad)[0]
    where = f"element (i0={i0}, i1={i1}, i2={i2}, i3={i3})"
    share = f"{int(bad.sum())} of {bad.size} elements differ"
    expected = f"{where} = {tensor.result[i3, i2, i1, i0]:.6g}"
    if body[i3, i2, i1, i0] == POISON:
        return wrong("Elements of y were never written.", expected=expected, seen=f"never written ({share})")
    seen = body.view(np.float32)[i3, i2, i1, i0]
    if np.isnan(seen):
        hint = "NaN lies between the elements of a view: take every stride from nb."
        return wrong("Elements of y are NaN.", hint=hint, expected=expected, seen=f"NaN ({share})")
    return wrong("Elements of y are at the wrong place.", expected=expected, seen=f"{seen:.6g} ({share})")


def _unwatched(tensor: Tensor, run: Run) -> Judgement | None:
    """What was not seen cannot be right: a run that ended early, or data that no kernel moved."""
    if not run.traced:
        return wrong("The watched run did not come to its end, so its accesses are not known.")
    needed = 4 * tensor.result.size
    read, written = sum(one.bytes_read for one in run.kernels), sum(one.bytes_written for one in run.kernels)
    if min(read, written) < needed:
        return wrong(
            f"The kernels read {read} bytes and write {written}; to copy x they have to do {needed} of each.",
            hint="Every element has to go through a thread, by an assignment: what cudaMemcpy moves, or memcpy inside a "
            "kernel, is not counted.",
        )
    return None


def _coalescing(tensor: Tensor, run: Run) -> Judgement:
    names = ("sectors", "ideal_sectors", "shared_passes", "shared_requests")
    sectors, ideal, passes, shared = (sum(getattr(one, name) for one in run.kernels) for name in names)
    # Accesses that nobody needs, however well they coalesce, make no others better.
    ideal = min(ideal, 2 * 4 * tensor.result.size // SECTOR)
    if sectors > WASTE * ideal:
        return wrong(
            f"The requests of all warps together touch {sectors} sectors of 32 bytes; {ideal} would do.",
            hint="One side of the transposition walks across rows, and each of its 32 lanes touches a sector of its own: "
            "stage the tile in shared memory.",
            expected=f"at most {WASTE:g} times {ideal} sectors",
            seen=f"{sectors} sectors",
        )
    if shared and passes > CONFLICTS * shared:
        return wrong(
            f"A warp's request of shared memory takes {passes / shared:.1f} passes over the banks on average.",
            hint="A column of a 32 x 32 tile lies in one bank. Give its rows 33 floats.",
            expected=f"at most {CONFLICTS:g} passes",
            seen=f"{passes / shared:.1f} passes",
        )
    return right()
