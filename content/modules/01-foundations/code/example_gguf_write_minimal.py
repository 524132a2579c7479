"""Writes a small, valid GGUF file with GGUFWriter, then reads it back and compares.

Usage: example_gguf_write_minimal.py OUT.gguf

The file holds metadata of several types and two tensors, one in 16-bit floats and one
quantized to Q8_0. It is a complete container and no model: no engine has code for the
architecture "toy". Exit status 0 when everything came back as it was written.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from numpy.typing import NDArray

LABELS = ["alpha", "été", ""]  # any UTF-8, and empty strings too
ALIGNMENT = 64


# region write
def write(path: Path, plain: NDArray[np.float16], blocks: NDArray[np.uint8]) -> None:
    """Write both tensors and five metadata entries of our own."""
    writer = gguf.GGUFWriter(path, "toy")  # "toy" becomes general.architecture, the first entry
    writer.add_custom_alignment(ALIGNMENT)  # the key and the layout: setting the key alone would not do
    writer.add_uint32("toy.block_count", 1)  # the type is in the method's name
    writer.add_float32("toy.rate", 0.1)
    writer.add_array("toy.labels", LABELS)  # here the type is guessed from the items
    writer.add_tensor("toy.plain", plain)  # NumPy's dtype says F16
    writer.add_tensor("toy.blocks", blocks, raw_dtype=Type.Q8_0)  # bytes: only we know what they are
    writer.write_header_to_file()  # from here on nothing can be added
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
# endregion write


# region check
def problems(path: Path, plain: NDArray[np.float16], blocks: NDArray[np.uint8]) -> list[str]:
    """What a reader finds that is not what was written."""
    reader = gguf.GGUFReader(path)
    expected = {"toy.block_count": 1, "toy.rate": np.float32(0.1), "toy.labels": LABELS}
    found = [
        f"{key} is {reader.fields[key].contents()!r}"
        for key, value in expected.items()
        if reader.fields[key].contents() != value
    ]
    for tensor, wanted in zip(reader.tensors, (plain, blocks), strict=True):
        print(
            f"{tensor.name:10s} {tensor.tensor_type.name:4s} ne {tensor.shape.tolist()!s:8s} "
            f"{tensor.n_bytes:3d} bytes at {tensor.data_offset}"
        )
        if tensor.data_offset % ALIGNMENT != 0:
            found.append(f"{tensor.name} starts at {tensor.data_offset}, which is not aligned")
        if not np.array_equal(tensor.data, wanted):
            found.append(f"{tensor.name} has other data")
    return found
# endregion check


def main(path: Path) -> int:
    """Write, read back, report. Returns the exit status."""
    values = np.linspace(-1, 1, 3 * 64, dtype=np.float32).reshape(3, 64)
    plain = values[:, :4].astype(np.float16)  # 3 rows of 4: ne is 4, 3
    blocks = gguf.quants.quantize(values, Type.Q8_0)  # 3 rows of 2 blocks of 34 bytes
    write(path, plain, blocks)
    found = problems(path, plain, blocks)
    error = np.abs(gguf.quants.dequantize(blocks, Type.Q8_0) - values).max()
    print(f"{path.stat().st_size} bytes, largest error of Q8_0 {error:.4f}")
    for problem in found:
        print("wrong:", problem)
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: example_gguf_write_minimal.py OUT.gguf")
    sys.exit(main(Path(sys.argv[1])))
