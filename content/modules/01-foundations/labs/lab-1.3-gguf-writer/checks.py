"""Draws metadata, arrays and whole GGUF files, and judges the bytes that `write_gguf` and `rename_model` write.

What a file must hold is known from the draw. A strict reader of our own takes the learner's file apart; where it is
wrong, the first byte that differs from the file as it should be tells which field that is. Of every case one right
file goes through the engine's own reader too, as a second witness.
"""

from __future__ import annotations

import json
import math
import random
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from grader.checks import Case, Context, Judgement, Run, right, wrong
from grader.checks.compare import Malformed, exited, json_of

STRING, ARRAY, BOOL, U8, U32, I32, F32, F64 = 8, 9, 7, 0, 4, 5, 6, 12
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
DTYPES = {"f4": 0, "f2": 1, "i1": 24, "i2": 25, "i4": 26, "i8": 27, "f8": 28}
ALIGNMENT, NAME = b"general.alignment", b"general.name"
MAX_DIMENSIONS, MAX_NAME_BYTES = 4, 63

FROM_SECTION = "Offsets count from the start of the data section, so the first tensor has 0. The reader adds the start."
BETWEEN = "Each tensor starts at a multiple of the alignment: its bytes, then zeros up to the next multiple."
FULL = "Bytes that end at a multiple of the alignment need no padding: alignment - n % alignment is wrong there."
LAST = "The last tensor is padded like every other one; the reader counts that padding as part of the data section."
FRONT = "The data section starts at the next multiple of the file's alignment behind the last description."
OWN_ALIGNMENT = "Pad to the alignment that was asked for, everywhere; 32 is only the default."
REVERSED = "GGUF stores the fastest dimension first: the reverse of the shape that numpy has."
IN_BYTES = "The length of a string counts the bytes of its UTF-8, not its characters."
NO_ZERO = "A string ends with its last byte: no terminating zero is written or counted."
DECLARED = "An alignment other than 32 must be said in the file: general.alignment, a UINT32. The default is 32."
EVERY_ENTRY = "Every entry of kv is written, those with empty values too, and the count says how many there are."
ORDER = "The elements stand row by row, as array[0], array[1], ... would print them, however the array lies in memory."
LITTLE = "The file is little-endian. An array with dtype >f4 has its bytes the other way round."
TYPES = "Types are INT32 each; a value has the type that was asked for, not one guessed from the value."
UNTOUCHED = "Copy the bytes of all other entries as they are: text need not be UTF-8, and a bool may be any byte."
ONE_KIND = (
    "struct.error, OverflowError, KeyError and TypeError are no ValueErrors: "
    "check what you are given, and say with a ValueError what is wrong with it."
)
NOTHING_LEFT = "Check everything, put the bytes together, create the file last: a refusal must not leave one behind."
KEEP = "Mode xb creates a file and raises FileExistsError where there is one; wb empties it first."
HINTS = {
    "the number of tensors": "The header is magic, version, number of tensors, number of entries; counts have 64 bits.",
    "the number of metadata entries": EVERY_ENTRY,
    "the value type of an entry": TYPES,
    "the item type of an array": TYPES,
    "the count of an array": "An array has its item type as an INT32, then its count as a UINT64, then the items.",
    "the type of a tensor": TYPES,
    "the dimensions of a tensor": "Each dimension is an INT64, the fastest first.",
    "the offset of a tensor": BETWEEN,
    "the padding in front of the data section": FRONT,
}
RENAME_HINTS = {
    "the number of metadata entries": "Where general.name is absent, one entry is added, and the count is one more.",
    "the offset of a tensor": "A longer name moves the data section, not the tensors in it: offsets stay as they are.",
    "the padding in front of the data section": FRONT,
}

BEHIND_HEAD = ("the padding in front of the data section", "the bytes of a tensor", "the padding behind a tensor")

# --- what a file holds -------------------------------------------------------------------------


class Fault(ValueError):
    """A file that is no GGUF as the engine wants it."""


@dataclass(frozen=True)
class Entry:
    """One metadata entry; `raw` is its value as the file has it, for arrays with item type and count."""

    key: bytes
    kind: int
    raw: bytes


@dataclass(frozen=True)
class Tensor:
    """One tensor, its dimensions in the file's order."""

    name: bytes
    ne: tuple[int, ...]
    kind: int
    data: bytes


@dataclass(frozen=True)
class Content:
    """All that a file says."""

    entries: tuple[Entry, ...] = ()
    tensors: tuple[Tensor, ...] = ()

    @property
    def alignment(self) -> int:
        stated = next((entry for entry in self.entries if entry.key == ALIGNMENT and entry.kind == U32), None)
        return int.from_bytes(stated.raw, "little") if stated else 32


@dataclass(frozen=True)
class Part:
    """A stretch of a file: which field it is, of which entry or tensor, and its bytes."""

    field: str
    content: bytes
    of: str = ""
    number: int = 0


def up(number: int, alignment: int) -> int:
    return -(-number // alignment) * alignment


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def scalar(kind: int, value: Any) -> bytes:
    return text(value) if kind == STRING else struct.pack("<" + LAYOUTS[kind], value)


def entry(key: str | bytes, kind: int, value: Any, item: int | None = None) -> Entry:
    """An entry with the bytes of its value."""
    name = key.encode() if isinstance(key, str) else key
    if kind != ARRAY:
        return Entry(name, kind, scalar(kind, value))
    assert item is not None
    return Entry(name, kind, struct.pack("<iQ", item, len(value)) + b"".join(scalar(item, one) for one in value))


def parts(content: Content) -> list[Part]:
    """The file as it must be, field by field."""
    found = [
        Part("the magic", b"GGUF"),
        Part("the version", struct.pack("<I", 3)),
        Part("the number of tensors", struct.pack("<q", len(content.tensors))),
        Part("the number of metadata entries", struct.pack("<q", len(content.entries))),
    ]
    for number, one in enumerate(content.entries):
        found += [Part(*row, one.key.decode(errors="replace"), number) for row in _fields(one)]
    offset = 0
    for number, tensor in enumerate(content.tensors):
        rows = (
            ("the length of a tensor's name", struct.pack("<Q", len(tensor.name))),
            ("the name of a tensor", tensor.name),
            ("the number of a tensor's dimensions", struct.pack("<I", len(tensor.ne))),
            ("the dimensions of a tensor", struct.pack(f"<{len(tensor.ne)}q", *tensor.ne)),
            ("the type of a tensor", struct.pack("<i", tensor.kind)),
            ("the offset of a tensor", struct.pack("<Q", offset)),
        )
        found += [Part(*row, tensor.name.decode(), number) for row in rows]
        offset += up(len(tensor.data), content.alignment)
    if content.tensors:
        end = sum(len(part.content) for part in found)
        found.append(Part("the padding in front of the data section", bytes(-end % content.alignment)))
    for number, tensor in enumerate(content.tensors):
        padding = bytes(-len(tensor.data) % content.alignment)
        found.append(Part("the bytes of a tensor", tensor.data, tensor.name.decode(), number))
        found.append(Part("the padding behind a tensor", padding, tensor.name.decode(), number))
    return found


def _fields(one: Entry) -> list[tuple[str, bytes]]:
    rows = [
        ("the length of a key", struct.pack("<Q", len(one.key))),
        ("a key", one.key),
        ("the value type of an entry", struct.pack("<i", one.kind)),
    ]
    if one.kind == STRING:
        return [*rows, ("the length of a string", one.raw[:8]), ("the text of a string", one.raw[8:])]
    if one.kind != ARRAY:
        return [*rows, (f"a value of type {NAMES[one.kind]}", one.raw)]
    kind = NAMES[int.from_bytes(one.raw[:4], "little")]
    return [
        *rows,
        ("the item type of an array", one.raw[:4]),
        ("the count of an array", one.raw[4:12]),
        (f"the items of an array of type {kind}", one.raw[12:]),
    ]


def file_of(content: Content) -> bytes:
    return b"".join(part.content for part in parts(content))


# --- the strict reader ---------------------------------------------------------------------------


class Reader:
    """Goes forward through a file, and never past its end."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.position = 0

    def take(self, length: int) -> bytes:
        start = self.position
        if length > len(self.raw) - start:
            raise Fault("The file ends before what it announces.")
        self.position += length
        return self.raw[start : self.position]

    def number(self, letter: str) -> int:
        return int(struct.unpack("<" + letter, self.take(struct.calcsize(letter)))[0])

    def text(self) -> bytes:
        return self.take(self.number("Q"))

    def zeros(self, length: int) -> None:
        if self.take(length).strip(b"\0"):
            raise Fault("Padding must be zeros.")

    def value(self, kind: int) -> bytes:
        start = self.position
        if kind == ARRAY:
            item, count = self.number("i"), self.number("Q")
            self.items(item, count)
        else:
            self.items(kind, 1)
        return self.raw[start : self.position]

    def items(self, kind: int, count: int) -> None:
        if kind in LAYOUTS:
            self.take(count * struct.calcsize("<" + LAYOUTS[kind]))
        elif kind == STRING and 8 * count <= len(self.raw) - self.position:
            for _ in range(count):
                self.text()
        else:
            raise Fault("A value has a type that does not exist, or too many items.")


def read(raw: bytes) -> Content:
    """What a file says, if it follows every rule.

    Raises:
        Fault: it does not.
    """
    reader = Reader(raw)
    if reader.take(4) != b"GGUF" or reader.number("I") != 3:
        raise Fault("A file begins with GGUF and version 3.")
    n_tensors, n_entries = reader.number("q"), reader.number("q")
    if not (0 <= 32 * n_tensors <= len(raw) and 0 <= 13 * n_entries <= len(raw)):
        raise Fault("The counts of the header are impossible.")
    entries = []
    for _ in range(n_entries):
        key, kind = reader.text(), reader.number("i")
        entries.append(Entry(key, kind, reader.value(kind)))
    if len({one.key for one in entries}) < n_entries or any(not one.key for one in entries):
        raise Fault("A key is empty or stands twice.")
    alignment = Content(tuple(entries)).alignment
    if any(one.key == ALIGNMENT and one.kind != U32 for one in entries) or alignment.bit_count() != 1:
        raise Fault("general.alignment is a UINT32 and a power of two.")
    infos, place = [], 0
    for _ in range(n_tensors):
        name, n_dims = reader.text(), reader.number("I")
        if len(name) > MAX_NAME_BYTES or n_dims > MAX_DIMENSIONS:
            raise Fault("A tensor's name is too long, or it has too many dimensions.")
        ne = tuple(reader.number("q") for _ in range(n_dims))
        kind, offset = reader.number("i"), reader.number("Q")
        elements, size = BLOCKS.get(kind, (0, 0))
        if not elements or any(n < 0 for n in ne) or (ne or (1,))[0] % elements:
            raise Fault("A tensor has an impossible type or shape.")
        if offset != place:
            raise Fault("A tensor's offset is not where it must begin.")
        infos.append((name, ne, kind, math.prod(ne) // elements * size))
        place += up(infos[-1][3], alignment)
    if len({name for name, *_ in infos}) < n_tensors:
        raise Fault("A tensor's name stands twice.")
    rest = -reader.position % alignment
    if infos or len(raw) - reader.position == rest:
        reader.zeros(rest)
    tensors = []
    for name, ne, kind, nbytes in infos:
        tensors.append(Tensor(name, ne, kind, reader.take(nbytes)))
        reader.zeros(-nbytes % alignment)
    if reader.position != len(raw):
        raise Fault("The file goes on behind its end.")
    return Content(tuple(entries), tuple(tensors))


# --- jobs --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Array:
    """A tensor that is handed to `write_gguf`: `data` has its elements row by row, little-endian."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    data: bytes
    layout: str = ""

    @property
    def tensor(self) -> Tensor:
        return Tensor(self.name.encode(), self.shape[::-1], DTYPES[self.dtype], self.data)


@dataclass(frozen=True)
class Job:
    """One call of the learner's functions, and what must come of it."""

    call: str
    given: dict[str, Any]
    """What the harness is told, apart from the paths."""
    arrays: tuple[Array, ...] = ()
    source: bytes | None = None
    before: bytes | None = None
    """What lies at the target's path beforehand."""
    wanted: Content = Content()
    movable: Entry | None = None
    """An entry that may stand anywhere."""
    optional: bool = False
    """Whether the movable entry may be absent."""
    refusal: str = ""
    """The exception that must be raised; then no file may be written."""
    why: str = ""
    note: str = ""


Pair = tuple[Any, ...]
"""Key, value type, value, and for arrays the item type."""


def write(
    pairs: Sequence[Pair], arrays: Sequence[Array] = (), alignment: int | None = None, note: str = "", **more: Any
) -> Job:
    """A call of `write_gguf`."""
    entries = () if "refusal" in more else tuple(entry(*pair) for pair in pairs)
    stated = Entry(ALIGNMENT, U32, struct.pack("<I", (alignment or 32) % 2**32))
    inside = any(pair[0] == "general.alignment" for pair in pairs)
    given = {"kv": [[p[0], p[1], p[3] if len(p) > 3 else None, spelt(p[2])] for p in pairs], "alignment": alignment}
    tensors = () if "refusal" in more else tuple(array.tensor for array in arrays)
    return Job(
        "write", given, tuple(arrays), wanted=Content(entries, tensors), movable=None if inside else stated,
        optional=(alignment or 32) == 32, note=note, **more,
    )  # fmt: skip


def rename(source: Content | bytes, name: str, note: str = "", **more: Any) -> Job:
    """A call of `rename_model`."""
    raw = source if isinstance(source, bytes) else file_of(source)
    wanted = Content()
    if isinstance(source, Content):
        wanted = Content(tuple(one for one in source.entries if one.key != NAME), source.tensors)
    return Job(
        "rename", {"name": name}, source=raw, wanted=wanted, movable=entry(NAME, STRING, name), note=note, **more
    )


def spelt(value: Any) -> Any:
    """A value as JSON that keeps every float."""
    if isinstance(value, float):
        return {"float": value.hex()}
    return [spelt(one) for one in value] if isinstance(value, list) else value


def case_of(test: str, jobs: Sequence[Job], note: str = "") -> Case:
    """One run in which all these calls are made, each with a target of its own."""
    rows, files, data = [], {}, bytearray()
    for number, job in enumerate(jobs):
        row = {"call": job.call, "path": f"{number:02}.gguf", **job.given, "tensors": []}
        row["before"] = None if job.before is None else job.before.hex()
        for array in job.arrays:
            told = {"name": array.name, "dtype": "<" + array.dtype, "shape": array.shape, "layout": array.layout}
            row["tensors"].append({**told, "at": len(data)})
            data += array.data
        if job.call == "rename" and "source" not in row:
            row["source"] = f"{number:02}-source.gguf"
            if job.source is not None:
                files[row["source"]] = job.source
        rows.append(row)
    files["jobs.json"] = json.dumps(rows).encode()
    if data:
        files["data.bin"] = bytes(data) + b"\0"
    args = ["/in/jobs.json", "/models/tiny-f16.gguf"]
    outputs = [row["path"] for row in rows]
    return Case(test, args, files=files, files_out=outputs, models=["tiny-f16"], expected=list(jobs), note=note)


# --- drawing -----------------------------------------------------------------------------------

WORDS = ("attention", "block", "cache", "embd", "ffn", "head", "layer", "norm", "output", "rope", "token", "weight")
SPIKY = ("", "Ω", "漢字", "🦙", "a\0b", "\n", "▁the", "é" * 70, "x" * 255, "y" * 256, '"quoted"', "\u2028")


def key(rng: random.Random, number: int) -> str:
    return f"{rng.choice(WORDS)}.{rng.choice(('', 'é', '鍵', '🦙'))}{rng.choice(WORDS)}_{number}"


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
        F32: [-0.0, math.inf, 1.1],
        F64: [5e-324, -math.inf, 0.1],
    }
    return others[kind]


def elements(rng: random.Random, dtype: str, count: int) -> bytes:
    """Elements of which no two neighbours are alike; floats among them are finite."""
    width = int(dtype[1])
    raw = bytearray(rng.randbytes(count * width))
    if dtype[0] == "f":
        for at in range(width - 1, len(raw), width):
            raw[at] = raw[at] & 0x80 | 0x30 | raw[at] & 0x0F
    return bytes(raw)


def array(rng: random.Random, name: str, dtype: str, shape: Sequence[int], layout: str = "") -> Array:
    return Array(name, dtype, tuple(shape), elements(rng, dtype, math.prod(shape)), layout)


def arrays(rng: random.Random, count: int) -> list[Array]:
    """Arrays with odd numbers of elements, none of which ends at a multiple of 16; the first is the largest."""
    found = [array(rng, "token_embd.weight", "f4", (3, rng.choice((23, 25, 27))))]
    for number in range(1, count):
        shape = [rng.choice((1, 3, 5, 7)) for _ in range(rng.randint(1, 4))]
        found.append(array(rng, f"blk.{number}.{rng.choice(WORDS)}.weight", rng.choice(list(DTYPES)), shape))
    return found


def ends_at(job: Job, wanted: int) -> Job:
    """The same call with one more entry, so that the file's head ends `wanted` behind a multiple of the alignment."""
    stated = (job.movable,) if job.movable and not job.optional else ()
    content = replace(job.wanted, entries=(*job.wanted.entries, *stated, entry("filler", STRING, "")))
    filler = "." * ((wanted - head_of(content)) % content.alignment)
    given = {**job.given, "kv": [*job.given["kv"], ["filler", STRING, None, filler]]}
    entries = (*job.wanted.entries, entry("filler", STRING, filler))
    return replace(job, given=given, wanted=replace(job.wanted, entries=entries))


def sample_job() -> Job:
    """The worked sample of the instructions."""
    pairs = [
        ("general.architecture", STRING, "toy"),
        ("toy.answer", U32, 42),
        ("toy.words", ARRAY, ["é", "🦙"], STRING),
    ]
    rows = [
        Array("m", "f4", (2, 3), struct.pack("<6f", 1, 2, 3, 4, 5, 6)),
        Array("v", "i1", (5,), struct.pack("<5b", 7, 8, 9, -10, 11)),
    ]
    return write(pairs, rows)


def scalar_jobs(rng: random.Random) -> list[Job]:
    kinds = [*LAYOUTS, STRING]
    known = [(f"{NAMES[kind].lower()}.{n}", kind, one) for kind in kinds for n, one in enumerate(extremes(kind))]
    spiky = [(f"text.{n}", STRING, one) for n, one in enumerate(SPIKY)]
    jobs = [write(known), write([]), write(spiky), write([("Ключ.鍵", STRING, "значение"), ("k" * 300, U8, 7)])]
    jobs.append(write([("float.of_int", F32, 3), ("a.double", F64, -7)]))
    for _ in range(3):
        drawn = [(key(rng, n), kind, value(rng, kind)) for n, kind in enumerate(rng.choices(kinds, k=40))]
        jobs.append(ends_at(write(drawn, [array(rng, "token_embd.weight", "f4", (5, 9))]), 1))
    return jobs


def array_jobs(rng: random.Random) -> list[Job]:
    kinds = [*LAYOUTS, STRING]
    small = [(f"small.{NAMES[kind].lower()}", ARRAY, [1, 2, 3], kind) for kind in rng.sample(list(INTEGERS), 8)]
    empty = [(f"empty.{NAMES[kind].lower()}", ARRAY, [], kind) for kind in kinds]
    ends = [(f"ends.{NAMES[kind].lower()}", ARRAY, extremes(kind) * 2, kind) for kind in kinds]
    jobs = [write(small), write(rng.sample(empty, len(empty))), write([*ends, ("after", STRING, "the arrays")])]
    for _ in range(3):
        drawn = [
            (key(rng, n), ARRAY, [value(rng, kind) for _ in range(rng.choice((1, 3, rng.randint(50, 400))))], kind)
            for n, kind in enumerate(rng.choices(kinds, k=12))
        ]
        jobs.append(ends_at(write(drawn, [array(rng, "output.weight", "f2", (3, 7))]), 1))
    return jobs


def tensor_jobs(rng: random.Random) -> list[Job]:
    note = ("general.name", STRING, " ".join(rng.choices(WORDS, k=rng.randint(1, 9))))
    every = [array(rng, f"of_{dtype}", dtype, (3, rng.choice((5, 7)))) for dtype in DTYPES]
    edges = [
        array(rng, "none", "f4", (0,)), array(rng, "no_rows", "f4", (0, 8)), array(rng, "one", "i1", (1,)),
        array(rng, "n" * MAX_NAME_BYTES, "i1", (1, 1, 1, 1)), array(rng, "имя", "f2", (7, 1, 3)),
        array(rng, "exact", "f4", (8,)), array(rng, "after", "f8", (2, 3, 4, 5)), array(rng, "last", "i1", (5,)),
    ]  # fmt: skip
    jobs = [write([note], every), write([note], edges), write([note]), write([], edges[:1])]
    jobs += [write([note], arrays(rng, rng.randint(5, 40))) for _ in range(3)]
    jobs.append(ends_at(write([note], [array(rng, "exact", "f4", (16,))]), 0))
    return [*jobs, ends_at(write([note], arrays(rng, 3)), 1)]


def layout_jobs(rng: random.Random) -> list[Job]:
    layouts = ("columns", "gaps", "backwards", "swapped")
    every = [
        array(rng, f"{layout}.{dtype}", dtype, (rng.choice((3, 5)), rng.choice((3, 5)), 3), layout)
        for layout in layouts
        for dtype in ("f4", "i2", "i1", "f8")
    ]
    rng.shuffle(every)
    return [ends_at(write([], rows), 1) for rows in ([array(rng, "a.weight", "f4", (3, 5), "columns")], every)]


def alignment_jobs(rng: random.Random) -> list[Job]:
    jobs = []
    for alignment in (64, 256, 8, 16, 128, 32, 4096):
        pairs = [(key(rng, n), U32, n) for n in range(rng.randint(1, 6))]
        exact = array(rng, "exact", "i1", (alignment,))
        rows = [*arrays(rng, 4), exact, array(rng, "last", "i1", (rng.choice((3, 5, 7)),))]
        if rng.random() < 0.5:
            pairs.insert(rng.randint(0, len(pairs)), ("general.alignment", U32, alignment))
        jobs.append(ends_at(write(pairs, rows, alignment), 1))
    jobs.append(ends_at(write([("a.key", U8, 1)], [array(rng, "a", "i1", (64,))], 64), 0))
    return [*jobs, write([("general.alignment", U32, 64)], arrays(rng, 3), 64)]


def refusal_jobs(rng: random.Random) -> list[Job]:
    number = rng.randint(1, 99)
    fine = array(rng, "a.weight", "f4", (3, 5))
    fits = "A value must fit its type: no float or text for an integer, nothing out of range, no text for a BOOL."
    kinds = "There are 13 value types, 0 to 12; the items of an array must not be arrays, and its value is a list."
    power = "An alignment is a power of two, and general.alignment says the same or is not there."
    named = "A key has at least one byte, a tensor's name at most 63 bytes (not characters); text must be UTF-8."
    shaped = "A tensor has at most four dimensions, and a dtype that GGML_TYPE_OF has."

    def bad(why: str, *pairs: Pair, rows: Sequence[Array] = (fine,), alignment: int | None = None) -> Job:
        valid = ("a.key", U32, number)
        return write([valid, *pairs], rows, alignment, refusal="ValueError", why=why)

    drawn = [
        *(bad(fits, ("b", kind, one)) for kind, one in (
            (U8, 256), (U8, -1), (1, 128), (2, 65536), (U32, 2**32), (U32, -number), (I32, 2**31), (10, 2**64),
            (11, 2**63), (U32, 1.5), (U32, "7"), (F32, 1e39), (F32, "0.5"), (F64, "x"), (BOOL, "false"), (BOOL, 2),
            (STRING, 7), (STRING, None), (I32, None), (I32, [1]), (STRING, ["a"]),
        )),
        bad(fits, ("b", ARRAY, [1, 2, 256], U8)),
        bad(fits, ("b", ARRAY, ["a", 7], STRING)),
        bad(fits, ("b", ARRAY, [True, "no"], BOOL)),
        bad(fits, ("b", ARRAY, [[1, 2], [3]], U32)),
        *(bad(kinds, ("b", kind, 0)) for kind in (13, 255, -1)),
        bad(kinds, ("b", ARRAY, [[1, 2], [3]], ARRAY)),
        bad(kinds, ("b", ARRAY, [], ARRAY)),
        bad(kinds, ("b", ARRAY, [1, 2], 13)),
        bad(kinds, ("b", ARRAY, [], -1)),
        bad(kinds, ("b", ARRAY, [1, 2], None)),
        bad(kinds, ("b", ARRAY, "text", STRING)),
        bad(kinds, ("b", ARRAY, 7, U32)),
        *(bad(power, alignment=n) for n in (0, 3, 48, 96, -32)),
        bad(power, ("general.alignment", U32, 64)),
        bad(power, ("general.alignment", U32, 32), alignment=64),
        bad(power, ("general.alignment", 10, 64), alignment=64),
        bad(power, ("general.alignment", STRING, "64"), alignment=64),
        bad(named, ("", U32, 1)),
        bad(named, ("b", STRING, "\ud800")),
        bad(named, ("\udfff", U8, 1)),
        bad(named, rows=[fine, array(rng, "n" * 64, "f4", (2,))]),
        bad(named, rows=[fine, array(rng, "é" * 32, "f4", (2,))]),
        bad(shaped, rows=[fine, array(rng, "b", "f4", (1, 2, 1, 2, 1))]),
        *(bad(shaped, rows=[fine, Array("b", dtype, (2,), bytes(32))]) for dtype in ("u1", "u4", "c8", "b1")),
    ]  # fmt: skip
    return [ends_at(write([("a.key", U32, number)], arrays(rng, 2)), 1), *drawn]


def model(
    rng: random.Random, entries: Sequence[Entry], kinds: Iterable[int], alignment: int | None = None, rest: int = -3
) -> Content:
    """A file to be renamed; its head ends `rest` behind a multiple of the alignment, if it has tensors."""
    own = list(entries)
    if alignment is not None:
        own.insert(rng.randint(0, len(own)), entry(ALIGNMENT, U32, alignment))
    tensors = []
    for number, kind in enumerate(kinds):
        in_block, size = BLOCKS[kind]
        ne = (in_block * rng.randint(1, 3), *(rng.randint(1, 3) for _ in range(rng.randint(0, 3))))
        data = rng.randbytes(math.prod(ne) // in_block * size)
        tensors.append(Tensor(f"blk.{number}.{rng.choice(WORDS)}.weight".encode(), ne, kind, data))
    short = Content((*own, entry("filler", STRING, "")), tuple(tensors))
    filler = "." * ((rest - head_of(short)) % short.alignment)
    return replace(short, entries=(*own, entry("filler", STRING, filler)))


def head_of(content: Content) -> int:
    """Bytes in front of the data section, without its padding."""
    return sum(len(part.content) for part in parts(content) if part.field not in BEHIND_HEAD)


def plain_entries(rng: random.Random) -> list[Entry]:
    kinds = [*LAYOUTS, STRING]
    found = [entry(key(rng, n), kind, value(rng, kind)) for n, kind in enumerate(rng.choices(kinds, k=9))]
    found += [
        entry(f"list.{n}", ARRAY, [value(rng, kind) for _ in range(rng.choice((0, 1, 17)))], kind)
        for n, kind in enumerate(rng.sample(kinds, 4))
    ]
    rng.shuffle(found)
    return [*found[:5], entry(NAME, STRING, "before " + rng.choice(WORDS)), *found[5:]]


def long_name(rng: random.Random, source: Content, rest: int = 1) -> str:
    """A name with which the head ends `rest` behind a multiple of the alignment."""
    name = " ".join([*rng.choices(WORDS, k=rng.randint(8, 30)), *rng.choices(("漢字", "Ω", "é"), k=2)])
    others = tuple(one for one in source.entries if one.key != NAME)
    head = head_of(replace(source, entries=(*others, entry(NAME, STRING, name))))
    return name + "." * ((rest - head) % source.alignment)


def renamed(rng: random.Random, source: Content, rest: int = 1, **more: Any) -> Job:
    """`rename` with such a name."""
    return rename(source, long_name(rng, source, rest), **more)


def rename_jobs(rng: random.Random) -> list[Job]:
    every = rng.sample(list(BLOCKS), len(BLOCKS))
    jobs = [renamed(rng, model(rng, plain_entries(rng), every))]
    for alignment in (64, 8, 256, 16, 32, 128, 4096):
        source = model(rng, plain_entries(rng), rng.choices(list(BLOCKS), k=5), alignment)
        jobs += [renamed(rng, source), rename(source, rng.choice(WORDS))]
    before = "a name of 31 characters, no more"
    source = model(rng, [entry(NAME, STRING, before), *plain_entries(rng)[:4]], [0, 8, 24])
    jobs += [rename(source, before[::-1]), rename(source, ""), renamed(rng, source, 0)]
    exact = model(rng, plain_entries(rng), [0, 24], 64, rest=0)
    return [*jobs, renamed(rng, exact), renamed(rng, model(rng, plain_entries(rng), []))]


def trap_jobs(rng: random.Random) -> list[Job]:
    looks = text("general.name") + struct.pack("<i", STRING) + text("a trap")
    others = [
        entry("adapter.general.name", STRING, "not this one"),
        entry("general.name.more", STRING, "nor this"),
        entry("general.description", STRING, "its general.name is a name"),
        entry("tokenizer.ggml.tokens", ARRAY, ["general.name", "a", "general.name"], STRING),
        Entry(b"template", STRING, text(looks)),
        entry("general.named", U32, 1),
    ]
    odd = [
        Entry(b"latin", STRING, text(b"caf\xe9")),
        Entry(b"pieces", ARRAY, struct.pack("<iQ", STRING, 2) + text(b"\xff\xfe") + text(b"\xe2\x96")),
        Entry(b"truth", BOOL, b"\x02"),
        Entry(b"truths", ARRAY, struct.pack("<iQ", BOOL, 3) + b"\x01\xff\x00"),
        Entry(b"nan", F32, bytes.fromhex("0100a07f")),
        Entry(b"nans", ARRAY, struct.pack("<iQ", F32, 2) + bytes.fromhex("efbeadff0100807f")),
    ]
    named = entry(NAME, STRING, "found")
    return [
        renamed(rng, model(rng, [*others, named], [0, 1, 8])),
        renamed(rng, model(rng, others[:4], [0, 24])),
        renamed(rng, model(rng, [], [0, 24])),
        renamed(rng, model(rng, [entry(NAME, U32, 7), *others[:2]], [0, 12])),
        renamed(rng, model(rng, [others[0], entry(NAME, ARRAY, ["two", "names"], STRING)], [0, 2], 64)),
        renamed(rng, model(rng, [*odd, named], [0, 8]), why=UNTOUCHED),
    ]


def file_jobs(rng: random.Random) -> list[Job]:
    precious = b"precious " + rng.randbytes(40)
    source = model(rng, plain_entries(rng), [0, 8], 64)
    raw = file_of(source)
    exists = {"refusal": "FileExistsError", "why": KEEP}
    damaged = "A source whose description is damaged is refused with a ValueError, before anything is written."
    ends = [0]
    for part in parts(source):
        ends.append(ends[-1] + len(part.content))
    fields = [part.field for part in parts(source)]
    in_infos = ends[fields.index("the offset of a tensor")] + 3
    cuts = [0, 3, 6, 20, 24, ends[6] + 1, ends[fields.index("the number of a tensor's dimensions")], in_infos]

    def one(kind: int, tail: bytes) -> bytes:
        return b"GGUF" + struct.pack("<Iqq", 3, 0, 1) + text("a.key") + struct.pack("<i", kind) + tail + bytes(64)

    broken = [raw[:cut] for cut in cuts]
    broken += [b"GGML" + raw[4:], raw[:4] + struct.pack("<I", 7) + raw[8:]]
    broken += [one(13, b""), one(ARRAY, struct.pack("<iQ", ARRAY, 1)), one(STRING, struct.pack("<Q", 2**60))]
    broken += [one(ARRAY, struct.pack("<iQ", U32, 2**60)), one(ARRAY, struct.pack("<iQ", STRING, 2**60))]
    broken += [
        file_of(Content((entry(ALIGNMENT, U32, 48),))),
        b"GGUF" + struct.pack("<Iqq", 3, 1, 1) + text(ALIGNMENT) + struct.pack("<iI", U32, 0) + bytes(64),
    ]
    name = long_name(rng, source)
    return [
        rename(source, name),
        ends_at(write([("a.key", U32, 1)], arrays(rng, 2)), 1),
        write([("a.key", U32, 1)], arrays(rng, 2), before=precious, **exists),
        rename(raw, name, before=precious, **exists),
        _same(raw, name, exists),
        _missing(name),
        *(rename(one, name, refusal="ValueError", why=damaged) for one in broken),
    ]


def _same(raw: bytes, name: str, exists: dict[str, str]) -> Job:
    job = rename(raw, name, before=raw, **exists)
    return replace(job, given={**job.given, "source": "same"})


def _missing(name: str) -> Job:
    why = "A source that does not exist is an OSError, and leaves no target behind: open the source first."
    return replace(rename(b"", name, refusal="OSError", why=why), source=None)


def engine_jobs(raw: bytes) -> list[Job]:
    """The fixture model through both functions."""
    content = read(raw)
    pairs = [_decoded(one) for one in content.entries]
    letters = {kind: dtype for dtype, kind in DTYPES.items()}
    rows = [Array(one.name.decode(), letters[one.kind], one.ne[::-1], one.data) for one in content.tensors]
    renamed = rename(content, "A renamed copy")
    return [write(pairs, rows), replace(renamed, source=None, given={**renamed.given, "source": "model"})]


def _decoded(one: Entry) -> Pair:
    """An entry of a good file as key, type, value and item type."""
    reader = Reader(one.raw)

    def item(kind: int) -> Any:
        if kind == STRING:
            return reader.text().decode()
        (found,) = struct.unpack("<" + LAYOUTS[kind], reader.take(struct.calcsize("<" + LAYOUTS[kind])))
        return found

    name = one.key.decode()
    if one.kind != ARRAY:
        return (name, one.kind, item(one.kind))
    kind, count = reader.number("i"), reader.number("Q")
    return (name, ARRAY, [item(kind) for _ in range(count)], kind)


def cases(context: Context) -> list[Case]:
    """See `grader.checks`."""
    rng = context.rng
    note = "write_gguf(path, kv, tensors) with the three entries and the arrays m and v of the instructions."
    fixture = context.model_path("tiny-f16").read_bytes()
    told = "All entries and arrays of models/tiny-f16.gguf through write_gguf; then rename_model on that file."
    return [
        case_of("sample", [sample_job()], note),
        case_of("engine", engine_jobs(fixture), told),
        case_of("scalars", scalar_jobs(rng)),
        case_of("arrays", array_jobs(rng)),
        case_of("tensors", tensor_jobs(rng)),
        case_of("layouts", layout_jobs(rng)),
        case_of("alignment", alignment_jobs(rng)),
        case_of("refusals", refusal_jobs(rng)),
        case_of("rename", rename_jobs(rng)),
        case_of("traps", trap_jobs(rng)),
        case_of("files", file_jobs(rng)),
    ]


# --- inputs that may be shown ------------------------------------------------------------------

KEYS = st.text("abcdefgh.é", min_size=1, max_size=8)
SCALARS = st.sampled_from([*LAYOUTS, STRING])
SHAPES = st.one_of(st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple), st.just((32,)))
SHOWN_LAYOUTS = {"columns": "order F", "gaps": "a step of 2", "backwards": "a negative step", "swapped": "dtype >"}


def values(kind: int) -> st.SearchStrategy[Any]:
    """Values of a type, the plain ones first."""
    if kind in INTEGERS:
        signed, bits = INTEGERS[kind]
        return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else st.integers(0, 2**bits - 1)
    others = {BOOL: st.booleans(), STRING: st.text(st.characters(exclude_categories=("Cs",)), max_size=8)}
    return others.get(kind, st.floats(width=32, allow_nan=False))


def counted(name: str, dtype: str, shape: tuple[int, ...], layout: str = "") -> Array:
    """An array with the elements 1, 2, 3, ..."""
    letter = {"f4": "f", "f2": "e", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q"}[dtype]
    numbers = [n % 100 + 1 for n in range(math.prod(shape))]
    return Array(name, dtype, shape, struct.pack(f"<{len(numbers)}{letter}", *numbers), layout)


def shown_write(test: str, pairs: Sequence[Pair], rows: Sequence[Array], alignment: int | None = None) -> Case:
    """One call, in words and with the file that it must give."""
    lines = [f"kv[{p[0]!r}] = Value({p[1]}, {p[3] if len(p) > 3 else None}, {p[2]!r})" for p in pairs]
    for row in rows:
        how = f", in memory with {SHOWN_LAYOUTS[row.layout]}" if row.layout else ""
        lines.append(f"tensors[{row.name!r}]: dtype {row.dtype}, shape {row.shape}, elements 1, 2, 3, ...{how}")
    job = write(pairs, rows, alignment)
    stated = (job.movable,) if job.movable and not job.optional else ()
    whole = file_of(replace(job.wanted, entries=(*job.wanted.entries, *stated)))
    note = "\n".join([*lines, f"alignment = {alignment or 32}", "A right file:", whole[:600].hex(" ")])
    return case_of(test, [job], note)


def strategy(test: str) -> st.SearchStrategy[Case] | None:
    """Small calls; what a hidden test draws is never among them as a whole."""
    if test == "scalars":
        pair = SCALARS.flatmap(lambda kind: st.tuples(KEYS, st.just(kind), values(kind)))
        return st.lists(pair, max_size=2, unique_by=lambda row: row[0]).map(lambda rows: shown_write(test, rows, []))
    if test == "arrays":
        pair = SCALARS.flatmap(
            lambda kind: st.tuples(KEYS, st.just(ARRAY), st.lists(values(kind), max_size=4), st.just(kind))
        )
        return pair.map(lambda row: shown_write(test, [row], []))
    row = st.builds(counted, st.just("a"), st.sampled_from(list(DTYPES)), SHAPES)
    if test == "tensors":
        return st.lists(row, max_size=3).map(
            lambda rows: shown_write(test, [], [replace(one, name="abc"[n]) for n, one in enumerate(rows)])
        )
    if test == "layouts":
        layout = st.sampled_from(list(SHOWN_LAYOUTS))
        return st.builds(lambda one, how: shown_write(test, [], [replace(one, layout=how)]), row, layout)
    if test == "alignment":
        return st.builds(
            lambda power, one: shown_write(test, [], [one, replace(one, name="b")], 2**power), st.integers(3, 8), row
        )
    if test == "rename":
        return st.builds(shown_rename, st.integers(3, 8), st.text("abc", max_size=40), st.text("xyz", max_size=40))
    return None


def shown_rename(power: int, before: str, after: str) -> Case:
    """A small file and its new name."""
    one = counted("a", "f4", (3,)).tensor
    source = Content((entry(ALIGNMENT, U32, 2**power), entry(NAME, STRING, before)), (one, replace(one, name=b"b")))
    note = f"rename_model(src, dst, {after!r}) on this file:\n{file_of(source)[:600].hex(' ')}"
    return case_of("rename", [rename(source, after)], note)


# --- judging -----------------------------------------------------------------------------------


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """See `grader.checks`."""
    try:
        answers = json_of(run.stdout)
    except Malformed as error:
        return exited(run) or wrong(f"{error} Only the harness prints to stdout.")
    jobs: Sequence[Job] = case.expected
    if not isinstance(answers, list) or len(answers) != len(jobs) or not all(map(well_formed, answers)):
        return exited(run) or wrong("The harness was kept from saying what came of the calls.")
    for number, (answer, job) in enumerate(zip(answers, jobs, strict=True)):
        judgement = judge_call(answer, job, run.files.get(f"{number:02}.gguf"))
        if judgement is not None:
            return judgement
    return judge_by_engine(case, run, context) or exited(run) or right()


def well_formed(answer: object) -> bool:
    """Whether one answer has the shape that the harness gives it."""
    if not isinstance(answer, dict) or not isinstance(answer.get("kinds"), list):
        return False
    return answer.get("raised") is None or isinstance(answer["raised"], str)


def judge_call(answer: dict[str, Any], job: Job, raw: bytes | None) -> Judgement | None:
    name = "write_gguf" if job.call == "write" else "rename_model"
    raised = answer["raised"]
    if job.refusal:
        if raised is None:
            return wrong(f"{name} accepted what must be refused.", hint=job.why)
        if raw != job.before:
            if job.before is not None:
                return wrong("A file that existed was changed.", hint=KEEP)
            return wrong(f"{name} refused, and left a file behind.", hint=NOTHING_LEFT)
        if job.refusal not in answer["kinds"]:
            hint = ONE_KIND if job.refusal == "ValueError" else job.why
            return wrong(f"{name} raised something else than {job.refusal}.", hint=hint)
        return None
    if raised is not None:
        return wrong(f"{name} failed where a file must be written.", hint=job.why, expected="a file", seen=raised)
    if raw is None:
        return wrong(f"{name} returned without having written a file.", expected="a file", seen="nothing at that path")
    return judge_file(raw, job)


def judge_file(raw: bytes, job: Job) -> Judgement | None:
    try:
        seen = read(raw)
    except Fault as fault:
        return difference(raw, job, str(fault))
    others, moved = seen.entries, []
    if job.movable is not None:
        moved = [one for one in seen.entries if one.key == job.movable.key]
        others = tuple(one for one in seen.entries if one.key != job.movable.key)
    placed = job.movable is None or moved == [job.movable] or (job.optional and not moved)
    if placed and replace(seen, entries=others) == job.wanted:
        return None
    return difference(raw, job, "The file says something else than it must.")


def judge_by_engine(case: Case, run: Run, context: Context) -> Judgement | None:
    """The engine's own reader on one of the files, and its words where it is a model."""
    if len(case.expected) == 1 and case.test != "sample":
        return None  # one of a search for a counterexample, which has many and little time
    number = next(n for n, job in enumerate(case.expected) if not job.refusal)
    files = {"model.gguf": run.files[f"{number:02}.gguf"]}
    if case.test != "engine":
        options = ["--split", "--split-max-tensors", "100000", "--dry-run", "/in/model.gguf", "parts"]
        done = context.tool("llama-gguf-split", options, files=files)
        return None if done.exit_code == 0 else wrong("The engine's own reader refuses the file.")
    for _ in range(SPEECHES):
        # The tool may end before the last of its output is out; how much that is depends on the machine's load.
        own, copy = (_said(context, inputs) for inputs in ({}, files))
        if copy.exit_code != 0 or not alike(own.stdout, copy.stdout):
            return wrong("The engine says something else with your file.", expected=own.stdout, seen=copy.stdout)
        if min(len(own.stdout), len(copy.stdout)) >= ENOUGH_SAID:
            break
    return None


SPEECHES, ENOUGH_SAID = 4, 40


def alike(first: bytes, second: bytes) -> bool:
    """Whether two outputs agree as far as the shorter one goes."""
    both = min(len(first), len(second))
    return first[:both] == second[:both]


def _said(context: Context, files: dict[str, bytes]) -> Run:
    """What the engine makes of the fixture model, or of the file that is given."""
    path = "/in/model.gguf" if files else "/models/tiny-f16.gguf"
    options = ["-m", path, "-p", "The model", "-n", "24", "--temp", "0", "-no-cnv", "-t", "1", "--no-warmup"]
    return context.tool("llama-completion", options, files=files, models=["tiny-f16"])


def difference(raw: bytes, job: Job, fault: str) -> Judgement:
    """Where a file first leaves what it must be, of all orders that are allowed."""
    orders = [job.wanted.entries]
    if job.movable is not None:
        rest = job.wanted.entries
        orders = [(*rest[:n], job.movable, *rest[n:]) for n in range(min(len(rest), 64) + 1)]
        orders += [rest] if job.optional else []
    found = [first_difference(raw, parts(replace(job.wanted, entries=entries))) for entries in orders]
    furthest = max(at for at, _, _ in found)
    told = [explained(raw, *one, job, fault) for one in found if one[0] == furthest]
    return next((one for one in told if one.hint), told[0])


def explained(raw: bytes, at: int, rows: list[Part], number: int, job: Job, fault: str) -> Judgement:
    """The first byte that differs, in words."""
    if number == len(rows):
        if at == len(raw):
            return wrong(fault)
        return wrong("The file goes on behind its end.", hint=FULL if job.wanted.tensors else "")
    part = rows[number]
    start = sum(len(one.content) for one in rows[:number])
    what = f"The file ends before or within {part.field}." if at == len(raw) else f"Wrong bytes: {part.field}."
    shown = max(8, min(64, len(part.content)))
    labels = {
        "expected": f"{part.of}: {part.field}, at {start}: {part.content[:shown].hex(' ')}",
        "seen": f"at {start}: {raw[start : start + shown].hex(' ')}",
    }
    return wrong(what, hint=hint_for(part, raw, start, rows, job) or job.why, **labels)


def first_difference(raw: bytes, rows: list[Part]) -> tuple[int, list[Part], int]:
    """Place of the first byte that differs, and the part that it belongs to."""
    start = 0
    for number, part in enumerate(rows):
        seen = raw[start : start + len(part.content)]
        if seen != part.content:
            pairs = enumerate(zip(seen, part.content, strict=False))
            return start + next((n for n, (one, other) in pairs if one != other), len(seen)), rows, number
        start += len(part.content)
    return start, rows, len(rows)


def hint_for(part: Part, raw: bytes, start: int, rows: list[Part], job: Job) -> str:
    """What the difference looks like."""
    number = int.from_bytes(raw[start : start + 8], "little")
    tensors, alignment = job.wanted.tensors, _alignment(job)
    if part.field.startswith("the length of"):
        following = rows[rows.index(part) + 1].content
        if number == len(following.decode(errors="replace")) != len(following):
            return IN_BYTES
        return NO_ZERO if number == len(following) + 1 else ""
    if part.field == "the bytes of a tensor":
        return _data_hint(part, raw, start, alignment, job)
    if part.field == "the padding behind a tensor":
        return LAST if part.number == len(tensors) - 1 else BETWEEN
    if job.call == "rename":
        return RENAME_HINTS.get(part.field, "")
    if part.field == "the items of an array of type STRING":
        return IN_BYTES
    if part.field == "the number of metadata entries":
        return DECLARED if job.movable and job.movable.key == ALIGNMENT and not job.optional else EVERY_ENTRY
    if part.field == "the dimensions of a tensor":
        ne = tensors[part.number].ne
        seen = raw[start : start + 8 * len(ne)]
        return REVERSED if seen == struct.pack(f"<{len(ne)}q", *ne[::-1]) else HINTS[part.field]
    if part.field == "the offset of a tensor":
        return _offset_hint(part, number, rows, tensors, alignment)
    return HINTS.get(part.field, "")


def _data_hint(part: Part, raw: bytes, start: int, alignment: int, job: Job) -> str:
    place = raw.find(part.content, max(0, start - alignment), start + alignment + len(part.content))
    if place >= 0:
        return FULL if place == start + alignment else BETWEEN if part.number else FRONT
    swapped = any(one.layout == "swapped" and one.name == part.of for one in job.arrays)
    return LITTLE if swapped else ORDER if job.call == "write" else FRONT


def _alignment(job: Job) -> int:
    own = job.wanted.alignment
    if job.movable is not None and job.movable.key == ALIGNMENT:
        own = int.from_bytes(job.movable.raw, "little")
    return own


def _offset_hint(part: Part, seen: int, rows: list[Part], tensors: Sequence[Tensor], alignment: int) -> str:
    sizes = [len(one.data) for one in tensors[: part.number]]
    right_one = sum(up(size, alignment) for size in sizes)
    head = sum(len(row.content) for row in rows if row.field not in BEHIND_HEAD)
    if seen - right_one >= head:
        return FROM_SECTION
    if seen == sum(sizes):
        return BETWEEN
    if seen == sum(up(size, 32) for size in sizes):
        return OWN_ALIGNMENT
    if seen == sum(size + alignment - size % alignment for size in sizes):
        return FULL
    return HINTS[part.field]
