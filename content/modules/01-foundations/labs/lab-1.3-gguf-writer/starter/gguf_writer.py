"""A GGUF writer: files from metadata and arrays, and a copy of a file under another name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

GGML_TYPE_OF = {
    np.dtype("<f4"): 0, np.dtype("<f2"): 1, np.dtype("<i1"): 24, np.dtype("<i2"): 25, np.dtype("<i4"): 26,
    np.dtype("<i8"): 27, np.dtype("<f8"): 28,
}  # fmt: skip
"""Tensor type of each kind of array that has one."""


# region interface
@dataclass(frozen=True)
class Value:
    """One metadata value: its type number, the item type if it is an array, and the value itself."""

    type: int
    item_type: int | None
    value: Any


def write_gguf(path: str, kv: dict[str, Value], tensors: dict[str, np.ndarray], alignment: int = 32) -> None:
    """Write a GGUF file of version 3 that holds these entries and tensors, in this order.

    Raises:
        ValueError: something cannot be written as GGUF; then no file appears.
        FileExistsError: `path` exists already; then it is left as it is.
    """
    # endregion interface
    raise NotImplementedError("what are the first 24 bytes?")


# region rename
def rename_model(src: str, dst: str, new_name: str) -> None:
    """Write a copy of a GGUF file whose general.name is `new_name`; all else stays, byte for byte.

    Raises:
        ValueError: the source is no complete description of a model; then no file appears.
        FileExistsError: `dst` exists already, or is the source; then it is left as it is.
    """
    # endregion rename
    raise NotImplementedError("which bytes of the source have to change?")
