"""Calls the learner's function, for one test case or turn by turn."""

import struct
import sys

from llsys_serve import asked_to_serve, serve
from matmul import matmul

SHAPE = struct.Struct("<iii")


def solve(given: memoryview, result: memoryview) -> int:
    """Gives the number of elements."""
    rows, inner, columns = SHAPE.unpack_from(given)
    numbers = given[SHAPE.size :].cast("f")
    matmul(numbers[: rows * inner], numbers[rows * inner :], result.cast("f"), rows, inner, columns)
    return rows * columns


if asked_to_serve(sys.argv):
    serve(solve)
else:
    result = memoryview(bytearray(1 << 16))
    count = solve(memoryview(sys.stdin.buffer.read()), result)
    print("\n".join(repr(value) for value in result.cast("f")[:count]))
