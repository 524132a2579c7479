"""Copies a GGUF file with one metadata value changed, and proves that the tensors stayed the same.

Usage: example_gguf_edit_metadata.py IN.gguf OUT.gguf KEY VALUE

The key must exist, and keeps its type. The copy gets its name only when it has been
compared with the source, so an interrupted run leaves no half-written model behind.
"""

from __future__ import annotations

import hashlib
import os
import struct
import sys
from pathlib import Path
from typing import Any

import gguf
from gguf import GGUFValueType as Kind

BOOLS = {"true": True, "false": False}
LAYOUT = "general.alignment"


# region parse
def parse(text: str, kind: Kind) -> str | int | float | bool:
    """The value that a command line means. Raises ValueError if it is none of the key's type."""
    if kind is Kind.STRING:
        return text
    if kind is Kind.BOOL:
        if text not in BOOLS:  # bool("false") is True
            raise ValueError(f"{text!r} is neither true nor false")
        return BOOLS[text]
    if kind in (Kind.FLOAT32, Kind.FLOAT64):
        return float(text)
    if kind is Kind.ARRAY:
        raise ValueError("an array cannot be given on the command line")
    return int(text, 0)
# endregion parse


# region digests
def digests(reader: gguf.GGUFReader) -> dict[str, tuple[str, list[int], str]]:
    """For each tensor, by name: type, shape, and the SHA-256 of its bytes."""
    return {
        tensor.name: (
            tensor.tensor_type.name,
            tensor.shape.tolist(),
            hashlib.sha256(tensor.data.tobytes()).hexdigest(),
        )
        for tensor in reader.tensors
    }
# endregion digests


# region copy
def copy(reader: gguf.GGUFReader, path: Path, changes: dict[str, Any]) -> None:
    """Write all entries and tensors of the source in their order (the architecture first), with `changes` applied."""
    fields = [field for name, field in reader.fields.items() if not name.startswith("GGUF.")]
    values = {field.name: changes.get(field.name, field.contents()) for field in fields}
    architecture = values["general.architecture"]
    writer = gguf.GGUFWriter(path, architecture, endianess=reader.endianess)
    writer.data_alignment = int(reader.alignment)  # the entry is copied below, the layout follows this
    for field in fields:
        item = field.types[-1] if len(field.types) > 1 else None
        if field.name != "general.architecture":  # the constructor has added it
            writer.add_key_value(field.name, values[field.name], field.types[0], item)
    for tensor in reader.tensors:  # views into the mapped source: nothing is read yet
        writer.add_tensor(
            tensor.name, tensor.data, raw_dtype=tensor.tensor_type, tensor_endianess=reader.endianess
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
# endregion copy


def main(source: Path, target: Path, key: str, text: str) -> None:
    """Change one value. Raises ValueError when that cannot be done or the copy differs."""
    if target.exists():  # above all the source itself: opening it for writing would empty it
        raise ValueError(f"{target} exists")
    reader = gguf.GGUFReader(source)
    field = reader.fields.get(key)
    if field is None or key.startswith("GGUF."):
        raise ValueError(f"{source} has no key {key}")
    if key == LAYOUT:
        raise ValueError(f"{LAYOUT} moves every tensor: that is no change of metadata alone")
    value = parse(text, field.types[0])
    partial = target.with_name(target.name + ".partial")
    try:
        copy(reader, partial, {key: value})
        before, after = digests(reader), digests(gguf.GGUFReader(partial))
        if list(before.items()) != list(after.items()):
            raise ValueError("the copy has other tensors")
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    print(f"{key}: {field.contents()!r} -> {value!r}")
    print(f"{len(after)} tensors, {sum(tensor.n_bytes for tensor in reader.tensors)} bytes, identical")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: example_gguf_edit_metadata.py IN.gguf OUT.gguf KEY VALUE")
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
    except (OSError, ValueError, OverflowError, struct.error) as error:
        sys.exit(f"error: {error}")
