"""What a box costs that does nothing: start and stop of `/usr/bin/true`, against the bare program and bare bubblewrap.

Each round runs every way once, in an order of its own, so that what else the machine does touches all alike. The
containers of the Docker sandbox wait ready, as they do on a grading machine; "session" is a further run of one attempt.
Docker is measured by itself, and each run waits until the container that follows the last one has been made: making it
takes a processor for longer than a box lasts.

Usage: python -m tests.bench.sandbox_start [ROUNDS] [bubblewrap|docker ...]
"""

from __future__ import annotations

import contextlib
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from grader.sandbox import Bubblewrap, Limits
from grader.sandbox.docker import Docker
from grader.sandbox.interface import MIB
from tests.bench.site import record

Ways = dict[str, Callable[[], object]]
COMMAND = ["/usr/bin/true"]
LIMITS = Limits(
    cpu_seconds=5, wall_seconds=10, memory_bytes=256 * MIB, output_bytes=64 * 1024, processes=16, disk_bytes=16 * MIB
)
BARE_BOX = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", *COMMAND]


def measured(
    rounds: int, ways: Mapping[str, Callable[[], object]], before: Callable[[], object] = lambda: None
) -> dict[str, list[float]]:
    """Milliseconds of every way; `before` each run is not timed."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name in random.sample(list(ways), len(ways)):
            before()
            began = time.perf_counter()
            ways[name]()
            times[name].append(1000 * (time.perf_counter() - began))
    return times


def main(rounds: int = 200, *kinds: str) -> None:
    """Measure and print."""
    bare: Ways = {
        "bare": lambda: subprocess.run(COMMAND, check=True),
        "bare_bubblewrap": lambda: subprocess.run(BARE_BOX, check=True),
    }
    times: dict[str, list[float]] = {}
    with contextlib.ExitStack() as stack:
        if "bubblewrap" in kinds or not kinds:
            bubblewrap = Bubblewrap()
            times |= measured(rounds, bare | {"bubblewrap": lambda: bubblewrap.run(COMMAND, limits=LIMITS)})
        if "docker" in kinds:
            docker = stack.enter_context(Docker())
            session = stack.enter_context(docker.session())
            ways: Ways = {
                "docker": lambda: docker.run(COMMAND, limits=LIMITS),
                "docker_session": lambda: session.run(COMMAND, limits=LIMITS),
            }
            times |= measured(rounds, (bare if not times else {}) | ways, docker.settle)
    fields: dict[str, object] = {"unit": "ms", "rounds": rounds}
    reference = statistics.median(times["bare_bubblewrap"])
    for name, seen in times.items():
        cuts = statistics.quantiles(seen, n=20)
        median = statistics.median(seen)
        times_bare = round(median / reference, 2)
        fields[name] = {"p50": round(median, 2), "p95": round(cuts[-1], 2), "times_bare_box": times_bare}
    record("sandbox_start", fields)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, *sys.argv[2:])
