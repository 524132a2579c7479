"""A GGUF parser: metadata and tensor infos of a file, with struct only."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

# ggml type -> (name, elements in a block, bytes of a block). Numbers that are not here are no longer or not yet in use.
GGML_TYPES = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36), 41: ("Q1_0", 128, 18), 42: ("Q2_0", 64, 18),
}  # fmt: skip


@dataclass(frozen=True)
class Value:
    """One metadata value: its type number, the item type if it is an array, and the value itself."""

    type: int
    item_type: int | None
    value: Any


@dataclass(frozen=True)
class Tensor:
    """Where a tensor lies: ne has the fastest dimension first, offset counts from the start of the file."""

    name: str
    ne: tuple[int, ...]
    type: int
    offset: int
    nbytes: int


@dataclass(frozen=True)
class GGUFFile:
    """What a file says about itself, in the file's order."""

    version: int
    metadata: dict[str, Value]
    tensors: list[Tensor]


UINT32, BOOL, STRING, ARRAY = 4, 7, 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
MAX_DIMENSIONS, MAX_NAME_BYTES = 4, 63


class Reader:
    """Reads forward through the bytes of a file, and never past their end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, length: int) -> int:
        """Claim the next `length` bytes; gives where they start."""
        left = len(self.data) - self.position
        if length > left:
            raise ValueError(f"{length} bytes wanted at {self.position}, {left} left")
        start = self.position
        self.position += length
        return start

    def numbers(self, letter: str, count: int) -> list[Any]:
        # The size is computed with Python's own integers: a count of 2^61 must not reach struct.
        start = self.take(count * struct.calcsize("<" + letter))
        return list(struct.unpack_from(f"<{count}{letter}", self.data, start))

    def number(self, letter: str) -> Any:
        return self.numbers(letter, 1)[0]

    def string(self) -> str:
        length = self.number("Q")
        start = self.take(length)
        return self.data[start : start + length].decode("utf-8")

    def values(self, kind: int, count: int) -> list[Any]:
        if kind in SCALARS:
            return self.numbers(SCALARS[kind], count)
        if kind != STRING:
            raise ValueError(f"value type {kind} is unknown, or an array in an array")
        if count * 8 > len(self.data) - self.position:
            raise ValueError(f"{count} strings cannot follow")
        return [self.string() for _ in range(count)]


def parse_gguf(data: bytes) -> GGUFFile:
    """Read a GGUF file of version 2 or 3.

    Raises:
        ValueError: it is damaged, and nothing else is ever raised for a damaged file.
    """
    reader = Reader(data)
    start = reader.take(4)
    if data[start : start + 4] != b"GGUF":
        raise ValueError("not a GGUF file")
    version = reader.number("I")
    if version not in (2, 3):
        raise ValueError(f"version {version} is not supported")
    n_tensors, n_pairs = reader.numbers("Q", 2)

    metadata: dict[str, Value] = {}
    for _ in range(n_pairs):
        key = reader.string()
        if not key or key in metadata:
            raise ValueError(f"key {key!r} is empty or stands twice")
        metadata[key] = read_value(reader)

    alignment = alignment_of(metadata)
    infos = [read_info(reader) for _ in range(n_tensors)]
    return GGUFFile(version, metadata, place(infos, reader.position, alignment, len(data)))


def read_value(reader: Reader) -> Value:
    """A value behind its type, or behind its item type and count."""
    kind = reader.number("I")
    if kind != ARRAY:
        return Value(kind, None, reader.values(kind, 1)[0])
    item, count = reader.number("I"), reader.number("Q")
    return Value(kind, item, reader.values(item, count))


def alignment_of(metadata: dict[str, Value]) -> int:
    """The file's alignment in bytes."""
    entry = metadata.get("general.alignment", Value(UINT32, None, 32))
    if entry.type != UINT32 or entry.value.bit_count() != 1:
        raise ValueError("general.alignment is not a UINT32 that is a power of two")
    return int(entry.value)


def read_info(reader: Reader) -> Tensor:
    """A tensor with its offset as the file has it."""
    name = reader.string()
    if len(name.encode()) > MAX_NAME_BYTES:
        raise ValueError(f"tensor name {name!r} is too long")
    n_dimensions = reader.number("I")
    if n_dimensions > MAX_DIMENSIONS:
        raise ValueError(f"tensor {name!r} has {n_dimensions} dimensions")
    ne = tuple(reader.numbers("Q", n_dimensions))
    kind, offset = reader.number("I"), reader.number("Q")
    if kind not in GGML_TYPES:
        raise ValueError(f"tensor {name!r} has the unknown type {kind}")
    _, elements, size = GGML_TYPES[kind]
    row = ne[0] if ne else 1
    if row % elements:
        raise ValueError(f"tensor {name!r}: {row} elements in a row are no whole number of blocks")
    return Tensor(name, ne, kind, offset, math.prod(ne) // elements * size)


def place(infos: list[Tensor], end: int, alignment: int, length: int) -> list[Tensor]:
    """The tensors with absolute offsets; each must follow the one before it, and lie inside the file."""
    start = -(-end // alignment) * alignment
    expected, seen = 0, set()
    placed = []
    for tensor in infos:
        if tensor.name in seen:
            raise ValueError(f"tensor {tensor.name!r} stands twice")
        seen.add(tensor.name)
        if tensor.offset != expected:
            raise ValueError(f"tensor {tensor.name!r} is at {tensor.offset}, expected {expected}")
        placed.append(Tensor(tensor.name, tensor.ne, tensor.type, start + tensor.offset, tensor.nbytes))
        expected += -(-tensor.nbytes // alignment) * alignment
    return placed
