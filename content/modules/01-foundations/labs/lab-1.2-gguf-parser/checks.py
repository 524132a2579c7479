"""Draws GGUF files and judges what `parse_gguf` says of them.

Files are written here byte by byte, so what a parser must say is known from the draw and not from any reader of the
format. Which files must be refused follows `ggml/src/gguf.cpp` of the pinned engine; the model loader's own check
that every tensor lies inside the file is added.
"""

from __future__ import annotations

import json
import math
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from grader.checks import Case, Context, Judgement, Run, right, wrong
from grader.checks.compare import Malformed, exited, json_of

STRING, ARRAY, BOOL, U8, U32, F32 = 8, 9, 7, 0, 4, 6
LAYOUTS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
NAMES = [
    "UINT8", "INT8", "UINT16", "INT16", "UINT32", "INT32", "FLOAT32", "BOOL", "STRING", "ARRAY", "UINT64", "INT64",
    "FLOAT64",
]  # fmt: skip
"""In the order of `enum gguf_type`."""
INTEGERS = {0: (0, 8), 1: (1, 8), 2: (0, 16), 3: (1, 16), 4: (0, 32), 5: (1, 32), 10: (0, 64), 11: (1, 64)}
"""Value type -> whether it has a sign, bits."""
BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66),
    17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54),
    35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18), 42: (64, 18),
}  # fmt: skip
"""ggml type -> elements in a block, bytes of a block."""

FROM_SECTION = "The offset in the file counts from the start of the data section, which is aligned; add that start."
PADDING = (
    "The data section starts at the next multiple of the alignment behind the last tensor info, not right behind it."
)
READ_ALIGNMENT = "Read general.alignment before you compute where the data section starts; 32 is only the default."
NOT_VALUE_ERROR = (
    "struct.error, IndexError, OverflowError and MemoryError are no ValueErrors: "
    "check every length against the bytes that are left before you read."
)
REVERSED = "ne is stored with the fastest dimension first, and is kept in that order here; numpy has the reverse order."
SIGNS = "Signed and unsigned types have different struct letters: b B, h H, i I, q Q."
TRUTH = "A bool is one byte, and any value but 0 is true: give True or False."
ITEM_TYPE = "item_type is the type of the array's items, of an empty array too, and None where there is no array."
TEXT = "A string is its length in bytes as a UINT64, then UTF-8 without a terminating zero; a zero inside is text."
IN_BLOCKS = "Bytes of a tensor: its elements divided by the elements of a block, times the bytes of a block."

# --- writing a file ------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """One metadata entry; `raw` overrides the bytes of its value."""

    key: str
    kind: int
    value: Any
    item: int | None = None
    raw: bytes | None = None

    @property
    def bytes(self) -> bytes:
        head = text(self.key) + struct.pack("<i", self.kind)
        if self.raw is not None:
            return head + self.raw
        if self.kind != ARRAY:
            return head + scalar(self.kind, self.value)
        assert self.item is not None
        items = b"".join(scalar(self.item, value) for value in self.value)
        return head + struct.pack("<iQ", self.item, len(self.value)) + items


@dataclass(frozen=True)
class Tensor:
    """One tensor; `offset` overrides what follows from the tensors before it."""

    name: str
    ne: tuple[int, ...]
    kind: int = 0
    offset: int | None = None

    @property
    def nbytes(self) -> int:
        elements, size = BLOCKS.get(self.kind, (1, 4))
        return math.prod(self.ne) // elements * size


@dataclass(frozen=True)
class File:
    """What a drawn file holds, and the lies its header tells about that."""

    pairs: tuple[Pair, ...] = ()
    tensors: tuple[Tensor, ...] = ()
    version: int = 3
    magic: bytes = b"GGUF"
    n_pairs: int | None = None
    n_tensors: int | None = None

    @cached_property
    def alignment(self) -> int:
        found = [pair.value for pair in self.pairs if pair.key == "general.alignment" and isinstance(pair.value, int)]
        return found[0] if found and found[0] > 0 else 32

    @cached_property
    def offsets(self) -> list[int]:
        """Of every tensor, relative to the data section; one more for the section's end."""
        found = [0]
        for tensor in self.tensors:
            found.append(up(found[-1] + min(tensor.nbytes, 1 << 20), self.alignment))
        return found

    @cached_property
    def parts(self) -> list[bytes]:
        """Header, metadata entries, tensor infos, padding, data."""
        n_pairs = len(self.pairs) if self.n_pairs is None else self.n_pairs
        n_tensors = len(self.tensors) if self.n_tensors is None else self.n_tensors
        head = self.magic + struct.pack("<IQQ", self.version, n_tensors, n_pairs)
        found = [head, *(pair.bytes for pair in self.pairs)]
        for tensor, offset in zip(self.tensors, self.offsets, strict=False):
            shape = struct.pack(f"<I{len(tensor.ne)}Q", len(tensor.ne), *(n % 2**64 for n in tensor.ne))
            place = offset if tensor.offset is None else tensor.offset
            found.append(text(tensor.name) + shape + struct.pack("<iQ", tensor.kind, place))
        end = sum(map(len, found))
        padding = up(end, self.alignment) - end if self.tensors else 0
        data = bytes(range(1, 252)) * (self.offsets[-1] // 251 + 1)
        return [*found, bytes(padding), data[: self.offsets[-1]]]

    @cached_property
    def content(self) -> bytes:
        return b"".join(self.parts)

    @property
    def expected(self) -> dict[str, Any]:
        """What a parser must say, tagged as the harness does it."""
        head = sum(map(len, self.parts[:-2]))
        start = up(head, self.alignment)
        return {
            "version": tag(self.version),
            "metadata": {p.key: [p.kind, p.item, tag(p.value)] for p in self.pairs},
            "tensors": [
                {"name": t.name, "ne": list(t.ne), "type": t.kind, "offset": start + offset, "nbytes": t.nbytes}
                for t, offset in zip(self.tensors, self.offsets, strict=False)
            ],
            "head": head,
            "start": start,
        }


def up(number: int, alignment: int) -> int:
    return -(-number // alignment) * alignment


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def scalar(kind: int, value: Any) -> bytes:
    return text(value) if kind == STRING else struct.pack("<" + LAYOUTS[kind], value)


def tag(value: Any) -> Any:
    """A value with its Python type, as the harness writes it."""
    if isinstance(value, list):
        return [tag(one) for one in value]
    if isinstance(value, bool):
        return f"b:{value}".lower()
    if isinstance(value, float):
        return f"f:{value.hex()}"
    return f"i:{value}" if isinstance(value, int) else f"s:{value}"


def read_finished(path: Path) -> File:
    """A finished file of version 3 in which every tensor follows the one before it."""
    raw, position = path.read_bytes(), 8

    def number(letter: str) -> Any:
        nonlocal position
        (value,) = struct.unpack_from("<" + letter, raw, position)
        position += struct.calcsize("<" + letter)
        return value

    def value_of(kind: int) -> Any:
        nonlocal position
        if kind != STRING:
            return number(LAYOUTS[kind])
        length = number("Q")
        position += length
        return raw[position - length : position].decode()

    n_tensors, n_pairs = number("Q"), number("Q")
    pairs, tensors = [], []
    for _ in range(n_pairs):
        key, kind = value_of(STRING), number("i")
        item = number("i") if kind == ARRAY else None
        value = value_of(kind) if item is None else [value_of(item) for _ in range(number("Q"))]
        pairs.append(Pair(key, kind, value, item))
    for _ in range(n_tensors):
        name = value_of(STRING)
        ne = tuple(number("Q") for _ in range(number("I")))
        tensors.append(Tensor(name, ne, number("i")))
        number("Q")
    return File(tuple(pairs), tuple(tensors))


# --- drawing: files that must be read --------------------------------------------------------

WORDS = ("attention", "block", "cache", "embd", "ffn", "head", "layer", "norm", "output", "rope", "token", "weight")
SPIKY = ("", "Ω", "漢字", "🦙", "a\0b", "\n", "▁the", "é" * 70, "x" * 255, "y" * 256, '"quoted"', "\u2028")


def key(rng: random.Random, number: int) -> str:
    return f"{rng.choice(WORDS)}.{rng.choice(WORDS)}_{number}"


def value(rng: random.Random, kind: int) -> Any:
    """A random value, extremes more often than chance would have them."""
    if kind in INTEGERS:
        signed, bits = INTEGERS[kind]
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
        return rng.choice((low, high, high - 1, 0, 1, rng.randint(low, high)))
    if kind == BOOL:
        return rng.random() < 0.5
    if kind == STRING:
        return rng.choice((*SPIKY, " ".join(rng.choices(WORDS, k=rng.randint(1, 40)))))
    number = rng.choice((0.0, -0.0, math.inf, -math.inf, math.nan, 1e-45, 3.4028234663852886e38, rng.gauss(0, 1e3)))
    return struct.unpack("<f", struct.pack("<f", number))[0] if kind == F32 else number


def extremes(kind: int) -> list[Any]:
    if kind in INTEGERS:
        signed, bits = INTEGERS[kind]
        return [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] if signed else [0, 2**bits - 1]
    others: dict[int, list[Any]] = {
        BOOL: [False, True],
        STRING: ["", "Ω🦙", "a\0b"],
        F32: [-0.0, math.inf],
        12: [5e-324, -math.inf],
    }
    return others[kind]


def scalar_files(rng: random.Random) -> list[File]:
    kinds = [*LAYOUTS, STRING]
    known = [Pair(f"{NAMES[kind].lower()}.{n}", kind, one) for kind in kinds for n, one in enumerate(extremes(kind))]
    odd = [Pair(f"truth.{byte}", BOOL, byte != 0, raw=bytes([byte])) for byte in (0, 1, 2, 128, 255)]
    spiky = [Pair(f"text.{n}", STRING, one) for n, one in enumerate(SPIKY)]
    files = [
        File(tuple(known)),
        File((*odd, *spiky)),
        File((Pair("Ключ.鍵", STRING, "значение"), Pair("k" * 300, U8, 7))),
    ]
    for _ in range(3):
        drawn = [Pair(key(rng, n), kind, value(rng, kind)) for n, kind in enumerate(rng.choices(kinds, k=40))]
        files.append(File(tuple(drawn), (Tensor("token_embd.weight", (8, 4)),)))
    return [*files, File()]


def array_files(rng: random.Random) -> list[File]:
    kinds = [*LAYOUTS, STRING]
    empty = [Pair(f"empty.{NAMES[kind].lower()}", ARRAY, [], kind) for kind in kinds]
    ends = [Pair(f"ends.{NAMES[kind].lower()}", ARRAY, extremes(kind) * 2, kind) for kind in kinds]
    raw = bytes([0, 1, 2, 128, 255])
    odd = Pair("odd.truths", ARRAY, [byte != 0 for byte in raw], BOOL, raw=struct.pack("<iQ", BOOL, len(raw)) + raw)
    files = [File(tuple(rng.sample(empty, len(empty)))), File((*ends, odd, Pair("after", STRING, "the arrays")))]
    for _ in range(3):
        drawn = [
            Pair(key(rng, n), ARRAY, [value(rng, kind) for _ in range(rng.choice((1, 3, rng.randint(50, 400))))], kind)
            for n, kind in enumerate(rng.choices(kinds, k=12))
        ]
        files.append(File(tuple(drawn), (Tensor("output.weight", (32, 3), 8),)))
    return files


def tensors(rng: random.Random, count: int) -> tuple[Tensor, ...]:
    found = [Tensor("blk.0.attn_qkv.weight", (64, 3, 2), 8)]
    for number in range(1, count):
        kind = rng.choice([*BLOCKS, 0, 1, 8, 12])
        ne = (BLOCKS[kind][0] * rng.randint(1, 3), *(rng.randint(1, 5) for _ in range(rng.randint(0, 3))))
        found.append(Tensor(f"blk.{number}.{rng.choice(WORDS)}.weight", ne, kind))
    return tuple(found)


def tensor_files(rng: random.Random) -> list[File]:
    every = tuple(Tensor(f"of_type_{kind}", (elements * 3, 2), kind) for kind, (elements, _) in BLOCKS.items())
    edges = (
        Tensor("none", (0,)), Tensor("no_rows", (64, 0), 8), Tensor("one", (1,)), Tensor("no_dimensions", (), 1),
        Tensor("n" * 63, (1, 1, 1, 1), 24), Tensor("имя", (3, 1, 7)), Tensor("", (2,), 28), Tensor("last", (5,), 24),
    )  # fmt: skip
    note = Pair("general.name", STRING, " ".join(rng.choices(WORDS, k=rng.randint(1, 9))))
    drawn = [File((note,), tensors(rng, rng.randint(5, 60))) for _ in range(3)]
    return [File((note,), every), File((note,), edges), *drawn]


def aligned(rng: random.Random, alignment: int) -> File:
    """A file whose data section would start elsewhere, were its alignment 32."""
    pairs = [Pair(key(rng, n), U32, n) for n in range(rng.randint(1, 6))]
    pairs.insert(rng.randint(0, len(pairs)), Pair("general.alignment", U32, alignment))
    for length in range(2 * alignment + 64):
        file = File((*pairs, Pair("filler", STRING, "." * length)), tensors(rng, 6))
        head = sum(map(len, file.parts[:-2]))
        if alignment == 32 or up(head, alignment) != up(head, 32):
            return file
    raise AssertionError("some length moves the end of the head everywhere")


def unaligned(file: File) -> File:
    """The same file, or with one more entry, so that its data section does not start right behind its head."""
    if not file.tensors or file.expected["start"] != file.expected["head"]:
        return file
    return replace(file, pairs=(*file.pairs, Pair("one.more", U8, 1)))


def large_file(rng: random.Random) -> File:
    """The vocabulary of a real model, and a few megabytes of weights."""
    pieces = [f"{rng.choice(('▁', ''))}{rng.choice(WORDS)}{number}" for number in range(32_000)]
    pairs = (
        Pair("general.architecture", STRING, "llama"),
        Pair("tokenizer.ggml.tokens", ARRAY, pieces, STRING),
        Pair("tokenizer.ggml.scores", ARRAY, [-float(n) for n in range(32_000)], F32),
        Pair("tokenizer.ggml.token_type", ARRAY, [1] * 32_000, 5),
    )
    return File(pairs, tuple(Tensor(f"blk.{n}.ffn_up.weight", (256, 64 + n % 7), 8) for n in range(300)))


SAMPLE = File(
    (
        Pair("general.architecture", STRING, "llama"),
        Pair("general.alignment", U32, 64),
        Pair("llama.block_count", U32, 2),
        Pair("llama.rope.freq_base", F32, 10000.0),
        Pair("tokenizer.ggml.add_bos_token", BOOL, True),
        Pair("tokenizer.ggml.tokens", ARRAY, ["<unk>", "▁a", "▁é"], STRING),
    ),
    (Tensor("token_embd.weight", (32, 3), 8), Tensor("output_norm.weight", (32,), 0)),
)
"""The worked sample of the instructions."""

# --- drawing: files that must be refused -------------------------------------------------------


def cut_files(rng: random.Random) -> list[tuple[bytes, str]]:
    pairs = (
        Pair("general.name", STRING, "sample"), Pair("a.list", ARRAY, [1, 2, 3, 4], U32),
        Pair("a.vocabulary", ARRAY, ["one", "two", "three"], STRING), Pair("a.number", 10, 2**63),
    )  # fmt: skip
    file = File(pairs, (Tensor("first.weight", (rng.randint(3, 60),)), Tensor("last.weight", (rng.randint(3, 60),))))
    whole, ends = file.content, [0]
    for part in file.parts:
        ends.append(ends[-1] + len(part))
    where = (
        "Every read can pass the end: compare the length you need with the bytes that are left, and raise ValueError."
    )
    places = [0, 3, 4, 6, 12, 23, ends[1], ends[1] + 5, ends[1] + 14, ends[2] - 1, ends[3] - 2, ends[4] - 1]
    places += [ends[5] - 4, ends[5], ends[6] - 9, ends[7] - 1]
    found = [(whole[:place], where) for place in places]
    last = "All bytes of the last tensor must be inside the file: compare offset plus size with the length of the data."
    end_of_last = ends[-2] + file.offsets[1] + file.tensors[1].nbytes
    for missing in (1, 4, file.tensors[1].nbytes + 1):
        found.append((whole[: end_of_last - missing], last))
    return [*found, (whole[: ends[-2]], last)]


def absurd_files(rng: random.Random) -> list[tuple[bytes, str]]:
    """Lengths and counts that no file could hold."""
    tail = rng.randbytes(64)
    length = "A length or count is only a claim: compare it with the bytes that are left before you allocate or loop."
    negative = "Counts and dimensions are never negative, and never more than the file can hold."

    def pair_of(raw: bytes, kind: int) -> bytes:
        return File((Pair("some.key", kind, 0, raw=raw + tail),)).content

    found = [
        (File(n_pairs=1).content + struct.pack("<Q", 2**60) + tail, length),
        (pair_of(struct.pack("<Q", 2**60), STRING), length),
        (pair_of(struct.pack("<Q", 2**64 - 1), STRING), length),
        (pair_of(struct.pack("<Q", len(tail) + 1), STRING), length),
        (pair_of(struct.pack("<iQQ", STRING, 1, 2**60), ARRAY), length),
    ]
    for item, count in ((U8, 2**60), (U8, len(tail) + 1), (U32, 2**28), (STRING, 2**40), (12, 2**61), (U32, 2**62 + 1)):
        found.append((pair_of(struct.pack("<iQ", item, count), ARRAY), length))
    for count in (2**28, 2**40, 2**63, 2**64 - 1):
        found.append((File(n_pairs=count).content, length if count < 2**63 else negative))
        found.append((File(n_tensors=count).content, length if count < 2**63 else negative))
    for ne in ((2**40,), (2**32, 2**32), (2**62, 4), (2**61,), (-32,), (32, -1), (-8, -4)):
        found.append((File(tensors=(Tensor("weight", ne),)).content + bytes(4096), negative))
    return found


def invalid_files(rng: random.Random) -> list[tuple[bytes, str]]:
    """Files that are complete and say something impossible."""
    good, row = Pair("a.key", U32, rng.randint(0, 99)), Tensor("a.weight", (32, 2))

    def of(*pairs: Pair, tensors: tuple[Tensor, ...] = ()) -> bytes:
        return File(pairs, tensors).content

    twice = "A key, and a tensor's name, may stand in a file only once."
    kinds = "There are 13 value types, 0 to 12, and the items of an array must not be arrays: refuse everything else."
    power = "general.alignment must be a UINT32 and a power of two; refuse anything else."
    blocks = "A row, ne[0], must be a whole number of blocks, and some type numbers are no longer or not yet in use."
    place = "Each tensor must start where the one before it ends, padded to the alignment; the first starts at 0."
    limits = "A key has at least one byte, a tensor's name at most 63, and a tensor at most 4 dimensions."
    nested = struct.pack("<iQ", ARRAY, 1) + struct.pack("<iQI", U32, 1, 7)
    unknown = rng.choice((13, 14, 255))
    section = Tensor("b.weight", (8,))
    utf_8 = "Text is UTF-8, and strictly so; bytes.decode says when it is not."
    return [
        (of(good, good), twice),
        (of(good, Pair("a.key", STRING, "other type")), twice),
        (of(tensors=(row, row)), twice),
        (of(Pair("a.key", unknown, 0, raw=bytes(8))), kinds),
        (of(Pair("a.key", -1, 0, raw=bytes(8))), kinds),
        (of(Pair("a.key", ARRAY, 0, raw=nested)), kinds),
        (of(Pair("a.key", ARRAY, 0, raw=struct.pack("<iQ", ARRAY, 0))), kinds),
        (of(Pair("a.key", ARRAY, 0, raw=struct.pack("<iQ", unknown, 2) + bytes(16))), kinds),
        (of(Pair("a.key", ARRAY, 0, raw=struct.pack("<iQ", unknown, 0))), kinds),
        *((of(Pair("general.alignment", U32, n), tensors=(row,)), power) for n in (0, 3, 48, 96)),
        (of(Pair("general.alignment", 10, 32), tensors=(row,)), power),
        (of(Pair("general.alignment", 5, 32), tensors=(row,)), power),
        (of(Pair("general.alignment", STRING, "32"), tensors=(row,)), power),
        (of(Pair("general.alignment", ARRAY, [32], U32), tensors=(row,)), power),
        *((of(tensors=(Tensor("a.weight", (256, 1), kind),)), blocks) for kind in (4, 5, 31, 36, 43, -1)),
        (of(tensors=(Tensor("a.weight", (33, 32), 8),)), blocks),
        (of(tensors=(Tensor("a.weight", (32, 8), 12),)), blocks),
        (of(tensors=(Tensor("a.weight", (), 8),)), blocks),
        (of(tensors=(row, replace(section, offset=288))) + bytes(64), place),
        (of(tensors=(row, replace(section, offset=0))), place),
        (of(tensors=(replace(row, offset=32),)) + bytes(64), place),
        (of(tensors=(Tensor("a.weight", (5,)), replace(section, offset=20))), place),
        (of(Pair("", U32, 1)), limits),
        (of(tensors=(Tensor("n" * 64, (8,)),)), limits),
        (of(tensors=(Tensor("é" * 32, (8,)),)), limits),
        (of(tensors=(Tensor("a.weight", (1, 1, 1, 1, 1)),)), limits),
        (of(Pair("a.key", STRING, "", raw=text(b"caf\xe9"))), utf_8),
    ]  # fmt: skip


def version_files(rng: random.Random) -> list[tuple[bytes, str]]:
    old = "Versions 2 and 3 have this layout. Refuse every other one, and every magic but the four bytes GGUF."
    file = File((Pair("a.key", U32, 1),))
    found = [replace(file, version=version) for version in (0, 1, 4, 3 << 24, rng.randint(5, 2**32 - 1))]
    found += [replace(file, magic=magic) for magic in (b"GGML", b"FUGG", b"gguf", b"\x89PNG", b"GGUE")]
    return [(one.content, old) for one in found]


# --- cases -------------------------------------------------------------------------------------


def reads(test: str, file: File, note: str = "") -> Case:
    expected = [{"file": file.expected}]
    return Case(test, ["/in/model.gguf"], files={"model.gguf": file.content}, expected=expected, note=note)


def refusals(test: str, rng: random.Random, drawn: Sequence[tuple[bytes, str]], valid: Sequence[File]) -> list[Case]:
    """Files that must be refused, among some that must not: refusing everything passes nothing."""
    mixed: list[tuple[bytes, dict[str, Any]]] = [(raw, {"refused": why}) for raw, why in drawn]
    mixed += [(file.content, {"file": file.expected}) for file in valid]
    rng.shuffle(mixed)
    files = {f"{number:02}.gguf": raw for number, (raw, _) in enumerate(mixed)}
    return [Case(test, [f"/in/{name}" for name in files], files=files, expected=[expected for _, expected in mixed])]


def cases(context: Context) -> list[Case]:
    """See `grader.checks`."""
    rng = context.rng
    fixture = read_finished(context.model_path("tiny-f16"))
    valid = File((Pair("a.key", U32, rng.randint(0, 99)),), (Tensor("a.weight", (rng.randint(1, 40),)),))
    unpadded = replace(valid, tensors=())
    drawn = [
        Case(
            "fixture",
            ["/models/tiny-f16.gguf"],
            models=["tiny-f16"],
            expected=[{"file": fixture.expected}],
            note="The curriculum's fixture model.",
        ),
        reads("sample", SAMPLE, "The worked sample of the instructions: 6 metadata entries, 2 tensors, alignment 64."),
    ]
    for test, files in (
        ("scalars", scalar_files(rng)),
        ("arrays", array_files(rng)),
        ("tensors", tensor_files(rng)),
        ("alignment", [aligned(rng, alignment) for alignment in (64, 256, 8, 1, 32, 4096)]),
        ("large", [large_file(rng), File(tuple(Pair(f"key.{n}", U32, n) for n in range(3000)), tensors(rng, 2000))]),
    ):
        drawn += [reads(test, unaligned(file)) for file in files]
    second = [replace(valid, version=2), replace(unpadded, version=2)]
    drawn += refusals("versions", rng, version_files(rng), [valid, *second])
    drawn += refusals("truncated", rng, cut_files(rng), [valid, unpadded])
    drawn += refusals("lengths", rng, absurd_files(rng), [valid, unpadded])
    return drawn + refusals("invalid", rng, invalid_files(rng), [valid, aligned(rng, 64)])


# --- inputs that may be shown ------------------------------------------------------------------

KEYS = st.text("abcdefgh.", min_size=1, max_size=8)
REALS = st.floats(width=32, allow_nan=False)
CUT = "The file ends before what it announces."


def values(kind: int) -> st.SearchStrategy[Any]:
    """Values of a type, the plain ones first."""
    if kind in INTEGERS:
        signed, bits = INTEGERS[kind]
        return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else st.integers(0, 2**bits - 1)
    others = {BOOL: st.booleans(), STRING: st.text(st.characters(exclude_categories=("Cs",)), max_size=8)}
    return others.get(kind, REALS)


SCALARS = st.sampled_from([*LAYOUTS, STRING])


def strategy(test: str) -> st.SearchStrategy[Case] | None:
    """Files of one entry or tensor; what a hidden test draws is never among them as a whole."""
    if test == "scalars":
        pair = SCALARS.flatmap(lambda kind: st.builds(lambda key, one: Pair(key, kind, one), KEYS, values(kind)))
        return pair.map(lambda one: shown_file(test, File((one,)), f"{NAMES[one.kind]} {one.key} = {one.value!r}"))
    if test == "arrays":
        pair = SCALARS.flatmap(
            lambda kind: st.builds(lambda key, row: Pair(key, ARRAY, row, kind), KEYS, st.lists(values(kind), max_size=4))
        )
        return pair.map(
            lambda one: shown_file(test, File((one,)), f"ARRAY of {NAMES[one.item or 0]} {one.key} = {one.value!r}")
        )
    if test == "tensors":
        shape = st.lists(st.integers(0, 4), min_size=0, max_size=3)
        return st.builds(one_tensor, st.sampled_from(list(BLOCKS)), shape)
    if test == "alignment":
        return st.builds(
            lambda power, count: shown_file(
                test,
                File((Pair("general.alignment", U32, 2**power),), (Tensor("a", (count,)), Tensor("b", (count,)))),
                f"general.alignment = {2**power}, then two F32 tensors of {count} elements.",
            ),
            st.integers(0, 9),
            st.integers(1, 70),
        )
    if test == "versions":
        return st.integers(0, 20).filter(lambda version: version not in (2, 3)).map(of_version)
    if test == "truncated":
        whole = File((Pair("a", STRING, "text"), Pair("b", ARRAY, [1, 2], U32)), (Tensor("c", (8,)),)).content
        return st.integers(0, len(whole) - 1).map(lambda size: beginning(whole, size))
    return None


def shown_file(test: str, file: File, words: str) -> Case:
    """A valid file, with its bytes for whoever wants to go through them."""
    return reads(test, file, f"{words}\nThe file in hexadecimal digits:\n{file.content[:600].hex(' ')}")


def one_tensor(kind: int, rest: list[int]) -> Case:
    """A file of one tensor of a type, one block wide."""
    tensor = Tensor("a", (BLOCKS[kind][0], *rest), kind)
    return shown_file("tensors", File(tensors=(tensor,)), f"One tensor of type {kind} with ne = {list(tensor.ne)}.")


def of_version(version: int) -> Case:
    """A small file of a version that must be refused."""
    raw = File((Pair("a", U8, 1),), version=version).content
    note = f"A file of version {version} with one entry:\n{raw.hex(' ')}"
    return Case("versions", ["/in/a.gguf"], files={"a.gguf": raw}, expected=[{"refused": "Read versions 2 and 3."}], note=note)


def beginning(whole: bytes, size: int) -> Case:
    """The first bytes of a file; it must be refused."""
    raw = whole[:size]
    note = f"The first {size} of {len(whole)} bytes of a file, in hexadecimal digits:\n{raw.hex(' ')}"
    return Case("truncated", ["/in/cut.gguf"], files={"cut.gguf": raw}, expected=[{"refused": CUT}], note=note)


# --- judging -----------------------------------------------------------------------------------


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """See `grader.checks`."""
    try:
        answers = json_of(run.stdout)
    except Malformed as error:
        return exited(run) or wrong(f"{error} Only the harness prints to stdout; parse_gguf must return or raise.")
    if not isinstance(answers, list) or len(answers) != len(case.expected) or not all(map(well_formed, answers)):
        return exited(run) or wrong("The harness was kept from saying what parse_gguf returned.")
    judged = (judge_file(seen, expected) for seen, expected in zip(answers, case.expected, strict=True))
    return next((judgement for judgement in judged if judgement is not None), None) or exited(run) or right()


def judge_file(seen: dict[str, Any], expected: dict[str, Any]) -> Judgement | None:
    if "raised" in seen:
        if "refused" in expected:
            return wrong("A damaged file made parse_gguf raise something else than ValueError.", hint=NOT_VALUE_ERROR)
        return wrong("parse_gguf failed on a valid file.", expected="a GGUFFile", seen=seen["raised"])
    if "refused" in expected:
        return None if "refused" in seen else wrong("A damaged file was accepted.", hint=expected["refused"])
    if "refused" in seen:
        return wrong("A valid file was refused.", expected="a GGUFFile", seen=f"ValueError: {seen['refused']}")
    wanted = expected["file"]
    if seen["version"] != wanted["version"]:
        return wrong("version is wrong.", expected=wanted["version"], seen=shown(seen["version"]))
    return judge_metadata(seen["metadata"], wanted["metadata"]) or judge_tensors(seen["tensors"], wanted)


def well_formed(answer: object) -> bool:
    """Whether one answer has the shape that the harness gives it."""
    if not isinstance(answer, dict):
        return False
    if {"refused", "raised"} & answer.keys():
        return True
    metadata, found = answer.get("metadata"), answer.get("tensors")
    return (
        "version" in answer
        and isinstance(metadata, list)
        and all(isinstance(row, list) and len(row) == 4 and isinstance(row[0], str) for row in metadata)
        and isinstance(found, list)
        and all(isinstance(row, dict) and row.keys() >= {"name", "ne", "type", "offset", "nbytes"} for row in found)
    )


def judge_metadata(rows: list[Any], wanted: dict[str, list[Any]]) -> Judgement | None:
    seen = {row[0].removeprefix("s:"): row[1:] for row in rows if row[0].startswith("s:")}
    if len(rows) != len(wanted) or seen.keys() != wanted.keys():
        missing = [name for name in wanted if name not in seen]
        labels = {"expected": shown(sorted(wanted)), "seen": f"missing: {shown(missing)}"}
        return wrong("The metadata has other keys than the file.", **labels)
    for name, (kind, item, content) in wanted.items():
        one_kind, one_item, one = seen[name]
        labels = {"expected": f"{name}: {shown(content)}", "seen": f"{name}: {shown(one)}"}
        if one_kind != tag(kind):
            return wrong("The type of a metadata value is wrong.", expected=f"{name}: {kind}", seen=shown(one_kind))
        if one_item != (None if item is None else tag(item)):
            labels = {"expected": f"{name}: {item}", "seen": f"{name}: {shown(one_item)}"}
            return wrong("The item type of a metadata value is wrong.", hint=ITEM_TYPE, **labels)
        if one != content:
            what = NAMES[kind] if item is None else f"{NAMES[item]} array"
            return wrong(f"A value of type {what} is wrong.", hint=hint_for(one, content), **labels)
    return None


def hint_for(seen: Any, wanted: Any) -> str:
    """What the first difference looks like."""
    if isinstance(wanted, list):
        if not isinstance(seen, list):
            return "An array becomes a list."
        if len(seen) != len(wanted):
            return "The count stands before the items, as a UINT64."
        seen, wanted = next(pair for pair in zip(seen, wanted, strict=True) if pair[0] != pair[1])
    if not isinstance(seen, str):
        return "A value becomes an int, a float, a bool or a str."
    if wanted.startswith("b:"):
        return TRUTH
    if wanted.startswith("i:"):
        wrapped = {f"i:{int(wanted[2:]) + sign * 2**bits}" for sign in (-1, 1) for bits in (8, 16, 32, 64)}
        return SIGNS if seen in wrapped else ""
    if wanted.startswith("s:"):
        return TEXT
    return "FLOAT32 and FLOAT64 become Python floats, infinities and NaN included." if wanted.startswith("f:") else ""


def judge_tensors(rows: list[Any], wanted: dict[str, Any]) -> Judgement | None:
    if len(rows) != len(wanted["tensors"]):
        return wrong("The number of tensors is wrong.", expected=len(wanted["tensors"]), seen=len(rows))
    for row, tensor in zip(rows, wanted["tensors"], strict=True):
        if row["name"] != tag(tensor["name"]):
            labels = {"expected": tensor["name"], "seen": shown(row["name"])}
            return wrong("A tensor's name is wrong, or the order is not the file's.", **labels)
        for member in ("ne", "type", "nbytes", "offset"):
            right_one = tag(tensor[member])
            if row[member] != right_one:
                hint = hint_for_tensor(member, row[member], right_one, tensor, wanted)
                name = tensor["name"]
                labels = {"expected": f"{name}: {shown(right_one)}", "seen": f"{name}: {shown(row[member])}"}
                return wrong(f"{member} of a tensor is wrong.", hint=hint, **labels)
    return None


def hint_for_tensor(member: str, seen: Any, right_one: Any, tensor: dict[str, Any], wanted: dict[str, Any]) -> str:
    if member == "ne":
        return REVERSED if isinstance(seen, list) and seen[::-1] == right_one else ""
    if member == "nbytes":
        return IN_BLOCKS
    inside = tensor["offset"] - wanted["start"]
    known = {inside: FROM_SECTION, wanted["head"] + inside: PADDING, up(wanted["head"], 32) + inside: READ_ALIGNMENT}
    return next((hint for place, hint in known.items() if seen == tag(place)), "") if member == "offset" else ""


def shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:2000]
