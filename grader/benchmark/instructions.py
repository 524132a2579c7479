"""Counting the instructions of a turn: a second witness that neither load nor a clock can move.

The program runs under valgrind's lackey in the sandbox, once with a turn of many items and once with an empty one, from
requests and an exchange memory prepared as files; the difference is what the items took. Lackey and not callgrind,
because a program can switch callgrind's counting off; what a program starts instead of itself is counted too, and a
count that does not fit the processor time that counting took is not believed. No count is no proof of anything:
valgrind knows no AVX-512, and the program may start no second thread there.
"""

from __future__ import annotations

import re
import shutil
import struct
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from grader.benchmark.batch import Batch
from grader.benchmark.side import TurnFailed
from grader.casework import GraderFault, run_box
from grader.contract import Verdict
from grader.languages import Program
from grader.languages.serve import SERVE_ARGUMENT
from grader.sandbox import Limits, Outcome, Sandbox
from grader.sandbox.interface import MIB

LIMITS = Limits(
    cpu_seconds=120, wall_seconds=240, memory_bytes=2048 * MIB, output_bytes=MIB, processes=4, disk_bytes=512 * MIB,
    files_bytes=256 * MIB,
)  # fmt: skip
MAX_DISAGREEMENT = 4.0
"""How much longer than the reference's a learner's instruction may take to count. Wide ones can: eight fused
multiply-additions in one are counted five times as slowly as a plain one."""
LONG_SECONDS = 0.25
"""Processor time below which that says nothing."""
# One process, so that no other can write where the count is read.
_RUN = (
    "cp /in/exchange /box/exchange && chmod 600 /box/exchange && "
    'exec prlimit --nproc=1 valgrind --tool=lackey --basic-counts=yes --trace-children=yes "$@" '
    "3</in/requests 4>/dev/null 5<>/box/exchange"
)
_NOT_COUNTED = (
    "It did not end as it should while its instructions were counted, which valgrind does: with one thread and without "
    "AVX-512."
)
_COUNT = re.compile(rb"^==\d+== +guest instrs: +([\d,]+)$", re.M)
_FRAME = struct.Struct("<IQQQ")


@dataclass(frozen=True)
class Count:
    """Instructions of a turn's items, and the processor time that counting them took."""

    instructions: int
    cpu_seconds: float
    outputs: list[bytes]


def available() -> bool:
    """Whether valgrind is installed here."""
    return shutil.which("valgrind") is not None


def count(sandbox: Sandbox, program: Program, batch: Batch, exchange_bytes: int) -> Count:
    """Count the instructions that a turn takes.

    Raises:
        TurnFailed: the program did not end as it should, or gave no count.
    """
    with ThreadPoolExecutor(2, thread_name_prefix="count") as pool:
        turns = [pool.submit(_run, sandbox, program, batch, exchange_bytes, items) for items in (len(batch.inputs), 0)]
        full, empty = (turn.result() for turn in turns)
    exchange = full.files.get("exchange", b"")
    if len(exchange) != exchange_bytes:
        raise TurnFailed(Verdict.WRONG_ANSWER, "The program broke its memory while its instructions were counted.")
    instructions = _counted(full) - _counted(empty)
    if instructions <= 0:
        raise TurnFailed(Verdict.REJECTED, "The program hid its instructions from the count.")
    outputs = [exchange[offset : offset + size] for offset, size in batch.outputs]
    return Count(instructions, max(1e-3, full.cpu_seconds - empty.cpu_seconds), outputs)


def _run(sandbox: Sandbox, program: Program, batch: Batch, exchange_bytes: int, items: int) -> Outcome:
    exchange = bytearray(exchange_bytes)
    exchange[batch.offset : batch.offset + len(batch.image)] = batch.image
    files: Mapping[str, bytes] = {
        **program.files_in,
        "/in/exchange": bytes(exchange),
        "/in/requests": _FRAME.pack(_FRAME.size - 4, 0, batch.table, items),
    }
    return run_box(
        sandbox,
        lambda box: box.run(
            ["/bin/sh", "-c", _RUN, "sh", *program.command, SERVE_ARGUMENT],
            limits=LIMITS,
            files_in=files,
            mounts=program.mounts,
            files_out=["exchange"],
            env=program.env,
        ),
    )


def _counted(outcome: Outcome) -> int:
    found = _COUNT.findall(outcome.stderr)
    if outcome.exit_code != 0 or outcome.limit is not None or not found:
        raise TurnFailed(Verdict.RUNTIME_ERROR, _NOT_COUNTED)
    return int(found[-1].replace(b",", b""))


def count_reference(sandbox: Sandbox, program: Program, batch: Batch, exchange_bytes: int) -> Count:
    """`count` for the reference, whose failures are ours.

    Raises:
        GraderFault: it failed.
    """
    try:
        return count(sandbox, program, batch, exchange_bytes)
    except TurnFailed as failure:
        raise GraderFault(f"the reference solution fails while it is counted: {failure}") from failure


def believe(reference: Count, learner: Count) -> None:
    """Compare what counting cost with what was counted.

    Raises:
        TurnFailed: the learner's program ran much longer under the counter than its count explains.
    """
    pace = learner.cpu_seconds / learner.instructions * reference.instructions / reference.cpu_seconds
    if pace > MAX_DISAGREEMENT and learner.cpu_seconds > LONG_SECONDS:
        raise TurnFailed(Verdict.HELD, "Its instructions took longer to count than their number explains.")
