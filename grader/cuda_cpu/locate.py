"""From places in a program to lines of its source, by addr2line in a box: the program's debug data is not trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.sandbox import Limits, Sandbox
from grader.sandbox.interface import MIB

LIMITS = Limits(
    cpu_seconds=10, wall_seconds=20, memory_bytes=512 * MIB, output_bytes=MIB, processes=8, disk_bytes=64 * MIB
)
MAX_PLACES = 2000
_LINE = re.compile(r"^(?P<file>/(?:src|harness)/[A-Za-z0-9_.\-]{1,80}):(?P<line>\d{1,7})(?: .*)?$")
_ADDRESS = re.compile(r"^0x[0-9a-f]{1,16}$")


@dataclass(frozen=True)
class Line:
    """A line of a learner's file (`solution.cu`) or of the lab's (`harness/main.cu`)."""

    file: str
    number: int

    @property
    def own(self) -> bool:
        """Whether the learner wrote it."""
        return not self.file.startswith("harness/")

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


def locate(binary: bytes, places: Sequence[int], sandbox: Sandbox) -> dict[int, Line]:
    """Lines by place, for the places that have one: the innermost learner's line where code was inlined."""
    wanted = list(places)[:MAX_PLACES]
    if not wanted:
        return {}
    # A place is where a call returns to; the call itself ends one byte before.
    command = ["addr2line", "-a", "-i", "-f", "-e", "/box/program", *(hex(place - 1) for place in wanted)]
    outcome = sandbox.run(command, limits=LIMITS, files_in={"/box/program": binary})
    return parse(outcome.stdout.decode(errors="replace"))


def parse(output: str) -> dict[int, Line]:
    """What addr2line said."""
    found: dict[int, Line] = {}
    place = 0
    for line in output.splitlines():
        if _ADDRESS.match(line):
            place = int(line, 16) + 1
            continue
        match = _LINE.match(line)
        if match is None or place == 0 or int(match["line"]) == 0:
            continue
        seen = Line(match["file"].removeprefix("/src/").removeprefix("/"), int(match["line"]))
        if place not in found or (seen.own and not found[place].own):
            found[place] = seen
    return found
