"""What a finding says to the learner: who did what where, and what would have been allowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.contract import FindingKind
from grader.cuda_cpu.locate import Line
from grader.cuda_cpu.trace import Seen

_DID = {"read": "reads", "write": "writes", "atomic": "updates", "": "touches"}
_BEFORE = {"read": "read it", "write": "wrote it", "atomic": "updated it atomically", "": "used it"}


@dataclass(frozen=True)
class Sense:
    """What a word of the trace means."""

    kind: FindingKind
    severity: str
    brief: str
    """Without a number or a name: for tests whose input is not shown."""
    full: Callable[[Seen, dict[int, Line]], str]


def _who(seen: Seen) -> str:
    return f"Thread {_index(seen.thread)} of block {_index(seen.block)}"


def _index(index: tuple[int, int, int]) -> str:
    return f"({index[0]}, {index[1]}, {index[2]})"


def _what(seen: Seen, lines: dict[int, Line]) -> str:
    if seen.space == "shared":
        return "the dynamic shared memory" if seen.name == "dynamic" else f"the shared array “{seen.name}”"
    if seen.name:
        memory = "constant" if seen.space == "constant" else "device"
        return f"the {memory} variable “{seen.name}”"
    made = lines.get(seen.made)
    return f"the allocation made at {made}" if made else "an allocation"


def _out_of_bounds(seen: Seen, lines: dict[int, Line]) -> str:
    where = f"at byte {seen.offset} of" if seen.offset >= 0 else f"{-seen.offset} bytes in front of"
    if seen.space == "shared" and not seen.name:
        return f"{_who(seen)} {_DID[seen.access]} {seen.size} bytes of shared memory that belong to no array."
    if seen.space == "global" and not seen.extent:
        return f"{_who(seen)} {_DID[seen.access]} {seen.size} bytes at an address that belongs to no allocation."
    size = f"which has {seen.extent} bytes"
    if seen.name == "dynamic":
        size = f"for which the launch asked {seen.extent} bytes"
    return f"{_who(seen)} {_DID[seen.access]} {seen.size} bytes {where} {_what(seen, lines)}, {size}."


def _race(seen: Seen, lines: dict[int, Line]) -> str:
    other = lines.get(seen.other)
    first = f"thread {seen.other_thread} of {'the same' if seen.same_block else 'another'} block"
    before = {"read": "read it", "write": "wrote it", "atomic": "updated it atomically"}.get(
        seen.other_access, "used it"
    )
    at = f" at {other}" if other else ""
    missing = "barrier" if seen.same_block else "order"
    return (
        f"Race on {_what(seen, lines)}, byte {seen.offset}: {_who(seen)} {_DID[seen.access]} it, {first} {before}{at}, "
        f"with no {missing} between them."
    )


def _same_value(seen: Seen, lines: dict[int, Line]) -> str:
    return f"Several threads write the same value to {_what(seen, lines)} at the same time, which is harmless."


def _uninitialised(seen: Seen, lines: dict[int, Line]) -> str:
    return (
        f"{_who(seen)} reads {seen.size} bytes, {seen.offset} bytes into {_what(seen, lines)}, that nobody has written."
    )


def _freed(seen: Seen, lines: dict[int, Line]) -> str:
    return f"{_who(seen)} {_DID[seen.access]} {seen.size} bytes of {_what(seen, lines)} after it was freed."


def _misaligned(seen: Seen, lines: dict[int, Line]) -> str:
    del lines
    did = f"{_who(seen)} {_DID[seen.access]} {seen.size} bytes at once"
    return f"{did} at an address that is not a multiple of {seen.size}."


def _host(seen: Seen, lines: dict[int, Line]) -> str:
    del lines
    return (
        f"{_who(seen)} {_DID[seen.access]} {seen.size} bytes of host memory, which a device cannot reach: copy it to "
        "memory from cudaMalloc first."
    )


def _elsewhere(seen: Seen, lines: dict[int, Line]) -> str:
    other = lines.get(seen.other)
    return (
        f"Some threads of a block wait at this __syncthreads and others at another one{f', {other}' if other else ''}."
    )


def _exited(seen: Seen, lines: dict[int, Line]) -> str:
    del lines
    return f"At this __syncthreads {seen.value} threads of the block had already ended: all of them must reach it."


def _deadlock(seen: Seen, lines: dict[int, Line]) -> str:
    other = lines.get(seen.other)
    rest = f", others at {other}" if other else ""
    return f"Deadlock: {seen.value} threads of block {_index(seen.block)} wait here{rest}, and nobody can go on."


def _plain(text: str) -> Callable[[Seen, dict[int, Line]], str]:
    return lambda seen, lines: f"{_who(seen)} {text}"


def _fixed(text: str) -> Callable[[Seen, dict[int, Line]], str]:
    return lambda seen, lines: text


def _sense(
    kind: FindingKind, severity: str, brief: str, full: Callable[[Seen, dict[int, Line]], str] | None = None
) -> Sense:
    return Sense(kind, severity, brief, full or _fixed(brief))


K = FindingKind
NULL = "uses a null pointer."
STACK = "needs more local memory than a thread has here (128 KiB): is there a recursion without end?"
SENSES: dict[str, Sense] = {
    "out_of_bounds": _sense(K.OUT_OF_BOUNDS, "error", "A thread goes beyond the end of an array.", _out_of_bounds),
    "null_pointer": _sense(K.OUT_OF_BOUNDS, "error", f"A thread {NULL}", _plain(NULL)),
    "host_memory": _sense(K.OUT_OF_BOUNDS, "error", "A thread touches host memory.", _host),
    "foreign_local": _sense(
        K.OUT_OF_BOUNDS, "error", "A thread touches a local variable of another thread.",
        _plain("touches a local variable of another thread."),
    ),
    "constant_written": _sense(
        K.OUT_OF_BOUNDS, "error", "A kernel writes to constant memory.", _plain("writes to constant memory.")
    ),
    "illegal_address": _sense(
        K.OUT_OF_BOUNDS, "error", "A thread uses an address where there is no memory.",
        _plain("uses an address where there is no memory."),
    ),
    "host_touched_device": _sense(
        K.OUT_OF_BOUNDS, "error", "The host's own code touches device memory: copy it with cudaMemcpy instead."
    ),
    "bad_copy": _sense(
        K.OUT_OF_BOUNDS, "warning",
        "This copy or fill goes beyond an allocation, or its direction does not fit its addresses: it was refused.",
    ),
    "use_after_free": _sense(K.USE_AFTER_FREE, "error", "A thread uses memory after it was freed.", _freed),
    "misaligned": _sense(
        K.MISALIGNED, "error", "A thread uses an address that is not a multiple of the access's size.", _misaligned
    ),
    "misaligned_crash": _sense(
        K.MISALIGNED, "error", "A thread uses an address that is not a multiple of the access's size."
    ),
    "uninitialised": _sense(K.UNINITIALISED, "error", "A thread reads memory that nobody has written.", _uninitialised),
    "race": _sense(K.RACE, "error", "Two threads use the same memory with no barrier between them.", _race),
    "race_same_value": _sense(
        K.RACE, "note", "Several threads write the same value at the same time, which is harmless.", _same_value
    ),
    "barrier_after_exit": _sense(
        K.DIVERGENT_BARRIER, "error", "Some threads of the block had ended before this __syncthreads.", _exited
    ),
    "barrier_elsewhere": _sense(
        K.DIVERGENT_BARRIER, "error", "Some threads of a block wait at another __syncthreads.", _elsewhere
    ),
    "deadlock": _sense(K.DEADLOCK, "error", "Threads of a block wait for each other.", _deadlock),
    "shuffle_from_absent": _sense(
        K.UNDEFINED, "error", "A lane reads from a lane that takes no part in the shuffle.",
        _plain("reads from a lane that takes no part in the shuffle: the value is undefined."),
    ),
    "lane_not_in_mask": _sense(
        K.UNDEFINED, "error", "A lane calls a warp function with a mask that does not name it.",
        _plain("calls a warp function with a mask that does not name its own lane."),
    ),
    "meeting_elsewhere": _sense(
        K.UNDEFINED, "error", "Lanes named in one mask call different warp functions at the same time."
    ),
    "meeting_after_exit": _sense(K.UNDEFINED, "warning", "The mask names lanes that have already ended."),
    "division": _sense(K.UNDEFINED, "error", "A thread divides a whole number by zero.", _plain("divides by zero.")),
    "stack": _sense(K.OTHER, "error", f"A thread {STACK}", _plain(STACK)),
    "bad_configuration": _sense(
        K.OTHER, "warning", "This launch was refused: grid or block exceed what a device can do, or are empty."
    ),
    "bad_shared_size": _sense(
        K.OTHER, "warning",
        "This launch was refused: more than 48 KiB of dynamic shared memory need cudaFuncSetAttribute, and 99 KiB are "
        "the most that every device since 2020 offers.",
    ),
    "never_waited_for": _sense(
        K.OTHER, "warning", "The program ended without waiting for this launch, so it never ran here."
    ),
}  # fmt: skip
