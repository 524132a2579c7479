"""Comparing whole arrays of numbers, byte for byte as a program wrote them: every element counts."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from grader.checks import Judgement, wrong


def same_array(
    output: bytes,
    expected: ArrayLike,
    *,
    kind: Literal["float32", "float64"] = "float32",
    relative: float = 1e-5,
    absolute: float = 1e-6,
) -> Judgement | None:
    """None when every element is within the tolerance; not-a-number and infinities never are, unless expected."""
    wanted = np.asarray(expected, dtype=np.float64).ravel()
    if len(output) != wanted.size * np.dtype(kind).itemsize:
        return wrong(f"The output has {len(output)} bytes, not {wanted.size} numbers of the kind {kind}.")
    seen = np.frombuffer(output, dtype=np.dtype(kind).newbyteorder("<")).astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        good = (np.abs(seen - wanted) <= absolute + relative * np.abs(wanted)) & np.isfinite(wanted)
    good |= (seen == wanted) | (np.isnan(wanted) & np.isnan(seen))
    if good.all():
        return None
    first = int(np.argmin(good))
    count = int(wanted.size - np.count_nonzero(good))
    what = "is not a number" if np.isnan(seen[first]) else "is outside the tolerance"
    return wrong(
        f"Element {first + 1} of {wanted.size} {what} ({count} wrong in all).",
        expected=float(wanted[first]),
        seen=float(seen[first]),
    )
