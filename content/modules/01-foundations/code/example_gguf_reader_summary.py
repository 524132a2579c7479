"""Summarizes a GGUF file: the numbers that define its architecture, and an inventory of its tensors by type.

Usage: example_gguf_reader_summary.py FILE.gguf

Reads with GGUFReader of the `gguf` package, which maps the file: the weights are never loaded.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from gguf import GGUFReader, GGUFValueType


# region architecture
def architecture_table(reader: GGUFReader) -> dict[str, object]:
    """The scalar keys of the file's own architecture, without its name in front."""
    field = reader.get_field("general.architecture")
    if field is None or field.types != [GGUFValueType.STRING]:
        raise ValueError("general.architecture is missing or no string")
    name = str(field.contents())
    table: dict[str, object] = {"architecture": name}
    for key, value in reader.fields.items():
        if key.startswith(name + ".") and value.types[0] != GGUFValueType.ARRAY:
            table[key[len(name) + 1 :]] = value.contents()
    return table
# endregion architecture


# region inventory
def inventory(reader: GGUFReader) -> dict[str, tuple[int, int, int]]:
    """For each tensor type: how many tensors, elements and bytes. Padding is not counted."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for tensor in reader.tensors:
        row = found[tensor.tensor_type.name]
        row[0] += 1
        row[1] += int(tensor.n_elements)
        row[2] += int(tensor.n_bytes)
    return {name: (row[0], row[1], row[2]) for name, row in found.items()}
# endregion inventory


def main(path: Path) -> None:
    """Print both tables, the inventory from the largest part to the smallest."""
    reader = GGUFReader(path)
    for key, value in architecture_table(reader).items():
        shown = f"{value:.6g}" if isinstance(value, float) else value
        print(f"{key:<34} {shown}")
    parts = inventory(reader)
    total = tuple(sum(row[i] for row in parts.values()) for i in range(3))
    print(f"\n{'type':<8} {'tensors':>7} {'elements':>10} {'bytes':>10} {'bits each':>9}")
    for name, (tensors, elements, size) in [*sorted(parts.items(), key=lambda part: -part[1][2]), ("all", total)]:
        bits = 8 * size / elements if elements else 0.0
        print(f"{name:<8} {tensors:>7} {elements:>10} {size:>10} {bits:>9.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: example_gguf_reader_summary.py FILE.gguf")
    try:
        main(Path(sys.argv[1]))
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"error: {error}")
