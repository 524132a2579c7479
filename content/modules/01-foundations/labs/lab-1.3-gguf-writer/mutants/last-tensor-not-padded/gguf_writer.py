"""A GGUF writer: files from metadata and arrays, and a copy of a file under another name."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

GGML_TYPE_OF = {
    np.dtype("<f4"): 0, np.dtype("<f2"): 1, np.dtype("<i1"): 24, np.dtype("<i2"): 25, np.dtype("<i4"): 26,
    np.dtype("<i8"): 27, np.dtype("<f8"): 28,
}  # fmt: skip
"""Tensor type of each kind of array that has one."""


@dataclass(frozen=True)
class Value:
    """One metadata value: its type number, the item type if it is an array, and the value itself."""

    type: int
    item_type: int | None
    value: Any


UINT32, FLOAT32, BOOL, STRING, ARRAY, FLOAT64 = 4, 6, 7, 8, 9, 12
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
DEFAULT_ALIGNMENT = struct.pack("<iI", UINT32, 32)
VERSION, MAX_DIMENSIONS, MAX_NAME_BYTES = 3, 4, 63


def write_gguf(path: str, kv: dict[str, Value], tensors: dict[str, np.ndarray], alignment: int = 32) -> None:
    """Write a GGUF file of version 3 that holds these entries and tensors, in this order.

    Raises:
        ValueError: something cannot be written as GGUF; then no file appears.
        FileExistsError: `path` exists already; then it is left as it is.
    """
    kv = with_alignment(kv, alignment)
    head = [b"GGUF" + struct.pack("<Iqq", VERSION, len(tensors), len(kv))]
    for key, value in kv.items():
        if not key:
            raise ValueError("a key is empty")
        head.append(string(key) + encoded(value))

    data, offset = [], 0
    for name, array in tensors.items():
        kind, content = of_array(name, array)
        head.append(string(name) + struct.pack(f"<I{array.ndim}q", array.ndim, *array.shape[::-1]))
        head.append(struct.pack("<iQ", kind, offset))
        data += [content, padding(len(content), alignment)]
        offset += len(content) + len(data[-1])
    if tensors:
        head.append(padding(sum(map(len, head)), alignment))
    create(path, [*head, *data[:-1]])


def is_power_of_two(number: int) -> bool:
    """1 is one."""
    return number > 0 and number & (number - 1) == 0


def with_alignment(kv: dict[str, Value], alignment: int) -> dict[str, Value]:
    """The entries, with the alignment among them if a reader could not know it otherwise."""
    if not is_power_of_two(alignment):
        raise ValueError(f"an alignment of {alignment} is no power of two")
    stated = Value(UINT32, None, alignment)
    present = kv.get("general.alignment")
    if present is None:
        return kv if alignment == 32 else kv | {"general.alignment": stated}
    if (present.type, present.value) != (stated.type, stated.value):
        raise ValueError(f"general.alignment says {present.value}, the file is laid out for {alignment}")
    return kv


def padding(length: int, alignment: int) -> bytes:
    """Zeros up to the next multiple of the alignment; none where `length` is one."""
    return bytes(-length % alignment)


def string(text: str) -> bytes:
    """A string: its length in bytes, then UTF-8."""
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is no string")
    raw = text.encode("utf-8")
    return struct.pack("<Q", len(raw)) + raw


def encoded(value: Value) -> bytes:
    """Type and value, as they follow a key."""
    if value.type != ARRAY:
        return struct.pack("<i", value.type) + item(value.type, value.value)
    if not isinstance(value.value, list):
        raise ValueError("the value of an array is a list")
    if value.item_type not in SCALARS and value.item_type != STRING:
        raise ValueError(f"an array of type {value.item_type} cannot be written")
    head = struct.pack("<iiQ", ARRAY, value.item_type, len(value.value))
    return head + b"".join(item(value.item_type, one) for one in value.value)


def item(kind: int, value: Any) -> bytes:
    """One value of a type that is no array."""
    if kind == STRING:
        return string(value)
    if kind not in SCALARS:
        raise ValueError(f"value type {kind} is unknown")
    if kind == BOOL and not isinstance(value, bool):
        raise ValueError(f"{value!r} is no bool")
    try:
        return struct.pack("<" + SCALARS[kind], value)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"{value!r} does not fit into type {kind}: {error}") from error


def of_array(name: str, array: np.ndarray) -> tuple[int, bytes]:
    """Tensor type and bytes."""
    if len(name.encode("utf-8")) > MAX_NAME_BYTES:
        raise ValueError(f"the tensor name {name!r} is longer than {MAX_NAME_BYTES} bytes")
    if array.ndim > MAX_DIMENSIONS:
        raise ValueError(f"tensor {name!r} has {array.ndim} dimensions")
    dtype = array.dtype.newbyteorder("<")
    if dtype not in GGML_TYPE_OF:
        raise ValueError(f"tensor {name!r}: there is no tensor type for {array.dtype}")
    return GGML_TYPE_OF[dtype], array.astype(dtype).tobytes()


def create(path: str, parts: list[bytes]) -> None:
    """Write a new file; it is complete, or it is not there."""
    with open(path, "xb") as file:
        try:
            file.writelines(parts)
            file.flush()
        except BaseException:
            os.unlink(path)
            raise


class Cursor:
    """Goes forward through bytes, and never past their end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, length: int) -> bytes:
        """The next `length` bytes."""
        start, left = self.position, len(self.data) - self.position
        if length > left:
            raise ValueError(f"{length} bytes wanted at {start}, {left} left")
        self.position += length
        return self.data[start : self.position]

    def number(self, letter: str) -> int:
        return int(struct.unpack("<" + letter, self.take(struct.calcsize("<" + letter)))[0])

    def skip(self, kind: int, count: int) -> None:
        """Go past `count` values of a type that is no array."""
        if kind in SCALARS:
            self.take(count * struct.calcsize("<" + SCALARS[kind]))
        elif kind == STRING:
            for _ in range(count):
                self.take(self.number("Q"))
        else:
            raise ValueError(f"value type {kind} is unknown, or an array in an array")

    def skip_value(self) -> None:
        """Go past type and value of an entry."""
        kind = self.number("i")
        if kind == ARRAY:
            kind = self.number("i")
            self.skip(kind, self.number("Q"))
        else:
            self.skip(kind, 1)


def rename_model(src: str, dst: str, new_name: str) -> None:
    """Write a copy of a GGUF file whose general.name is `new_name`; all else stays, byte for byte.

    Raises:
        ValueError: the source is no complete description of a model; then no file appears.
        FileExistsError: `dst` exists already, or is the source; then it is left as it is.
    """
    with open(src, "rb") as file:
        source = Cursor(file.read())
    magic, version = source.take(4), source.number("I")
    if magic != b"GGUF" or version != VERSION:
        raise ValueError("not a GGUF file of version 3")
    n_tensors, n_entries = source.number("Q"), source.number("Q")

    entries: dict[bytes, bytes] = {}
    for _ in range(n_entries):
        start = source.position
        key = source.take(source.number("Q"))
        source.skip_value()
        entries[key] = source.data[start : source.position]
    entries[b"general.name"] = string("general.name") + encoded(Value(STRING, None, new_name))
    kind, alignment = struct.unpack("<iI", entries.get(b"general.alignment", DEFAULT_ALIGNMENT)[-8:])
    if kind != UINT32 or not is_power_of_two(alignment):
        raise ValueError("the source has an impossible alignment")

    start = source.position
    for _ in range(n_tensors):
        source.take(source.number("Q"))
        source.take(8 * source.number("I"))
        source.take(4 + 8)
    infos = source.data[start : source.position]
    header = magic + struct.pack("<Iqq", version, n_tensors, len(entries))
    head = b"".join([header, *entries.values(), infos])
    if not n_tensors:
        return create(dst, [head])
    source.take(-source.position % alignment)
    create(dst, [head, padding(len(head), alignment), source.data[source.position :]])
    return None
