"""One turn's items and their places in the exchange memory."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from grader.checks import BenchmarkInput
from grader.sandbox import Conversation

ALIGNMENT = 64
POISON = (0x7F, 0xFE, 0xFF)
"""Bytes that make huge numbers or none of every kind of float: never an answer within a tolerance."""
_ROW = struct.Struct("<QQQQ")


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def room_for(inputs: Sequence[BenchmarkInput]) -> int:
    """Bytes of exchange memory that a turn with these items takes."""
    sizes = (_aligned(one.output_bytes) + _aligned(len(one.content)) for one in inputs)
    return sum(sizes) + _aligned(_ROW.size * len(inputs))


@dataclass(frozen=True)
class Batch:
    """A turn. The same one is put before both sides."""

    inputs: tuple[BenchmarkInput, ...]
    table: int
    outputs: tuple[tuple[int, int], ...]
    """Offset and size of every output."""
    offset: int
    image: bytes
    """What the exchange memory holds from `offset` on: inputs, and outputs full of what is no answer."""

    @classmethod
    def lay(cls, inputs: Sequence[BenchmarkInput], exchange_bytes: int, rng: random.Random) -> Batch:
        """Put items at new places in a new order."""
        need = room_for(inputs)
        offset = rng.randrange(0, exchange_bytes - need + 1, ALIGNMENT)
        poison = bytes([rng.choice(POISON)]) * max(one.output_bytes for one in inputs)
        parts = [(number, kind) for number in range(len(inputs)) for kind in ("input", "output")]
        rng.shuffle(parts)
        places: dict[tuple[int, str], int] = {}
        image = bytearray(need)
        at = _aligned(_ROW.size * len(inputs))
        for number, kind in parts:
            content = inputs[number].content if kind == "input" else poison[: inputs[number].output_bytes]
            places[number, kind] = at
            image[at : at + len(content)] = content
            at += _aligned(len(content))
        for number, one in enumerate(inputs):
            given, result = offset + places[number, "input"], offset + places[number, "output"]
            _ROW.pack_into(image, number * _ROW.size, given, len(one.content), result, one.output_bytes)
        outputs = tuple((offset + places[number, "output"], one.output_bytes) for number, one in enumerate(inputs))
        return cls(tuple(inputs), offset, outputs, offset, bytes(image))

    @property
    def work(self) -> float:
        """Work of all items."""
        return sum(one.work for one in self.inputs)

    def put(self, conversation: Conversation) -> None:
        """Write it into a side's exchange memory."""
        conversation.write(self.offset, self.image)

    def put_outline(self, conversation: Conversation) -> None:
        """Write everything but what a program may not know yet: of inputs their outlines, and zeros behind them."""
        image = bytearray(self.image)
        for (at, size), one in zip(self._inputs(), self.inputs, strict=True):
            start = at - self.offset
            image[start + one.outline_bytes : start + size] = bytes(size - one.outline_bytes)
        conversation.write(self.offset, bytes(image))

    def put_inputs(self, conversation: Conversation) -> None:
        """Write the inputs, and nothing else."""
        for (at, _), one in zip(self._inputs(), self.inputs, strict=True):
            conversation.write(at, one.content)

    def _inputs(self) -> list[tuple[int, int]]:
        """Offset and size of every input."""
        rows = _ROW.iter_unpack(self.image[: _ROW.size * len(self.inputs)])
        return [(at, size) for at, size, _, _ in rows]

    def take(self, conversation: Conversation) -> list[bytes]:
        """Copy the outputs out of a side's exchange memory."""
        return [conversation.read(offset, size) for offset, size in self.outputs]
