"""What a lab's Python harness imports to be asked item by item, so that speed can be measured from outside the program.

    import sys
    from llsys_serve import asked_to_serve, serve
    from matvec import matvec                      # the learner's

    def solve(given: memoryview, result: memoryview) -> None:
        '''Fill all of `result` from `given`; `given` is a private copy.'''

    if asked_to_serve(sys.argv):
        serve(solve)

A turn is one request: a number that comes back, and where a table of items lies in the exchange memory. Nothing here is
trusted: inputs are new every turn, outputs are verified outside, and the clock is not in this process.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Callable, Sequence

_REQUEST_FD, _REPLY_FD, _EXCHANGE_FD = 3, 4, 5
_LENGTH, _REQUEST, _ROW = struct.Struct("<I"), struct.Struct("<QQQ"), struct.Struct("<QQQQ")


def asked_to_serve(arguments: Sequence[str]) -> bool:
    """Whether the program was started to be asked and not for one test case."""
    return list(arguments[1:]) == ["--serve"]


def serve(solve: Callable[[memoryview, memoryview], object]) -> None:
    """Answer requests until there are none."""
    size = os.fstat(_EXCHANGE_FD).st_size
    memory = memoryview(mmap.mmap(_EXCHANGE_FD, size, flags=mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)))
    while True:
        head = os.read(_REQUEST_FD, _LENGTH.size)
        if len(head) < _LENGTH.size:
            return
        number, table, count = _REQUEST.unpack(os.read(_REQUEST_FD, _LENGTH.unpack(head)[0]))
        rows = _ROW.iter_unpack(memory[table : table + count * _ROW.size])
        items = [(memory[a : a + a_size], memory[b : b + b_size]) for a, a_size, b, b_size in rows]
        for given, result in items:
            solve(given, result)
        os.write(_REPLY_FD, _LENGTH.pack(8) + number.to_bytes(8, "little"))
