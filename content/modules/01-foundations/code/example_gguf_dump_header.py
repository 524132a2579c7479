"""Prints the fixed header of a GGUF file and its first metadata keys, with `struct` only.

Usage: example_gguf_dump_header.py FILE.gguf [KEYS]

Stops at the first array: reading those, and everything behind them, is the work
of a complete parser.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import BinaryIO

STRING, ARRAY = 8, 9
# Value type number -> (name, struct format), from `enum gguf_type`.
SCALARS = {
    0: ("uint8", "B"),
    1: ("int8", "b"),
    2: ("uint16", "H"),
    3: ("int16", "h"),
    4: ("uint32", "I"),
    5: ("int32", "i"),
    6: ("float32", "f"),
    7: ("bool", "?"),
    10: ("uint64", "Q"),
    11: ("int64", "q"),
    12: ("float64", "d"),
}


def read(file: BinaryIO, layout: str) -> tuple[int | float | bool, ...]:
    """Read one little-endian struct. Raises ValueError when the file ends inside it."""
    size = struct.calcsize("<" + layout)
    raw = file.read(size)
    if len(raw) != size:
        raise ValueError(f"file ends at byte {file.tell()}, {size - len(raw)} bytes short")
    return struct.unpack("<" + layout, raw)


def read_string(file: BinaryIO) -> str:
    """Read a length (8 bytes) and that many bytes of UTF-8; no terminating zero."""
    (length,) = read(file, "Q")
    raw = file.read(int(length))
    if len(raw) != length:
        raise ValueError(f"file ends inside a string of {length} bytes")
    return raw.decode("utf-8")


# region header
def main(path: Path, keys: int) -> None:
    """Print magic, version, counts and at most `keys` metadata entries of the file."""
    with path.open("rb") as file:
        magic = file.read(4)
        if magic != b"GGUF":
            raise ValueError(f"magic is {magic!r}, not b'GGUF'")
        version, n_tensors, n_keys = read(file, "Iqq")
        print(f"version  {version}\ntensors  {n_tensors}\nkeys     {n_keys}")
        for _ in range(min(keys, int(n_keys))):
            key = read_string(file)
            (kind,) = read(file, "i")
            if kind == ARRAY:
                (item_kind, count) = read(file, "iQ")
                print(f"{key} = array of {count} x type {item_kind}; stopping here")
                return
            if kind == STRING:
                print(f"{key} = {read_string(file)!r}")
            else:
                name, layout = SCALARS[int(kind)]
                print(f"{key} = {read(file, layout)[0]} ({name})")
# endregion header


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: example_gguf_dump_header.py FILE.gguf [KEYS]")
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) == 3 else 8)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
