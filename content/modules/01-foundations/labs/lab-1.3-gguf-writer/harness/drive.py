"""Calls write_gguf and rename_model as a list of jobs says, and prints what came of each call as one JSON list.

Usage: drive.py JOBS [MODEL...]. What the learner's code prints goes to stderr, so that debugging output does no harm.
The files that it writes stay in the working folder; they are judged elsewhere.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def plain(value: dict[str, Any]) -> Any:
    """A float, which JSON cannot say exactly, or the object itself."""
    return float.fromhex(value["float"]) if value.keys() == {"float"} else value


def laid_out(array: Any, layout: str) -> Any:
    """The same elements at other places in memory."""
    if layout == "columns":
        return np.asfortranarray(array)
    if layout == "gaps":
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        wide[..., ::2] = array
        return wide[..., ::2]
    if layout == "backwards":
        return np.ascontiguousarray(array[::-1])[::-1]
    if layout == "swapped":
        return array.astype(array.dtype.newbyteorder(">"))
    return array


def array_of(row: dict[str, Any], elements: bytes) -> Any:
    """A tensor of a job."""
    shape = tuple(row["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    flat = np.frombuffer(elements, dtype=row["dtype"], count=count, offset=row["at"])
    return laid_out(flat.reshape(shape), row["layout"])


def call(job: dict[str, Any], here: Path, elements: bytes) -> None:
    """One call, after what lies at its path beforehand was put there."""
    import gguf_writer

    path = job["path"]
    if job["before"] is not None:
        Path(path).write_bytes(bytes.fromhex(job["before"]))
    if job["call"] == "write":
        kv = {key: gguf_writer.Value(kind, item, value) for key, kind, item, value in job["kv"]}
        tensors = {row["name"]: array_of(row, elements) for row in job["tensors"]}
        alignment = () if job["alignment"] is None else (job["alignment"],)
        gguf_writer.write_gguf(path, kv, tensors, *alignment)
    elif job["source"] == "same":
        gguf_writer.rename_model(path, path, job["name"])
    else:
        source = sys.argv[2] if job["source"] == "model" else str(here / job["source"])
        gguf_writer.rename_model(source, path, job["name"])


def answer(job: dict[str, Any], here: Path, elements: bytes) -> dict[str, Any]:
    """What came of a call."""
    try:
        call(job, here, elements)
    except Exception as error:
        traceback.print_exc()
        kinds = [kind.__name__ for kind in type(error).__mro__]
        return {"raised": f"{type(error).__name__}: {error}"[:300], "kinds": kinds}
    return {"raised": None, "kinds": []}


def main(paths: Sequence[str]) -> None:
    """Do all jobs, then print."""
    with os.fdopen(os.dup(1), "w") as report:
        os.dup2(2, 1)
        import gguf_writer  # noqa: F401 - a module that cannot be loaded fails here, once

        here = Path(paths[0]).parent
        jobs = json.loads(Path(paths[0]).read_text(), object_hook=plain)
        data = here / "data.bin"
        elements = data.read_bytes() if data.exists() else b""
        json.dump([answer(job, here, elements) for job in jobs], report)


main(sys.argv[1:])
