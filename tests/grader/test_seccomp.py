"""The system-call filter, run by a small interpreter for both architectures."""

from __future__ import annotations

import errno
import struct

import pytest

from grader.sandbox.seccomp import ARCHITECTURES, DENIED, LAST_KNOWN, program

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
MACHINES = sorted(ARCHITECTURES)


def decide(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """What the kernel would answer to one call."""
    arch = ARCHITECTURES[machine]
    call = struct.pack("<IIQ6Q", number, arch.audit if audit is None else audit, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    code = list(struct.iter_unpack("<HBBI", program(machine)))
    accumulator, position = 0, 0
    while True:
        operation, yes, no, value = code[position]
        position += 1
        if operation == 0x06:
            return int(value)
        if operation == 0x20:
            accumulator = struct.unpack_from("<I", call, value)[0]
            continue
        holds = {0x15: accumulator == value, 0x25: accumulator > value, 0x45: bool(accumulator & value)}[operation]
        position += yes if holds else no


@pytest.mark.parametrize("machine", MACHINES)
def test_denied_calls_are_refused_and_others_are_not(machine: str) -> None:
    column = ARCHITECTURES[machine].column
    denied = {numbers[column] for numbers in DENIED.values() if numbers[column] >= 0}
    special = {ARCHITECTURES[machine].clone3}
    for number in range(LAST_KNOWN + 1):
        if number in special:
            continue
        answer = decide(machine, number, 1)
        if number in denied:
            assert answer == ERRNO | errno.EPERM
        elif number not in (ARCHITECTURES[machine].personality, ARCHITECTURES[machine].prlimit64):
            assert answer == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_unknown_calls_and_clone3_are_not_implemented(machine: str) -> None:
    assert decide(machine, LAST_KNOWN + 1) == ERRNO | errno.ENOSYS
    assert decide(machine, 0x3FFFFFFF) == ERRNO | errno.ENOSYS
    assert decide(machine, ARCHITECTURES[machine].clone3) == ERRNO | errno.ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_foreign_architectures_are_killed(machine: str) -> None:
    assert decide(machine, 1, audit=0x40000003) == KILL
    if machine == "x86_64":
        assert decide(machine, 0x40000000 + 1) == KILL


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_are_judged_by_their_arguments(machine: str) -> None:
    arch = ARCHITECTURES[machine]
    refused = ERRNO | errno.EPERM
    assert decide(machine, arch.clone, 17) == ALLOW
    assert decide(machine, arch.clone, 0x3D0F00) == ALLOW
    for flag in (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert decide(machine, arch.clone, flag | 17) == refused
    assert [decide(machine, arch.personality, value) for value in (0, 0xFFFFFFFF, 0x40000)] == [ALLOW, ALLOW, refused]
    for call in (arch.socket, arch.socketpair):
        assert [decide(machine, call, family) for family in (1, 2, 10)] == [ALLOW] * 3
        for family in (16, 17, 38, 40, 44):
            assert decide(machine, call, family) == ERRNO | errno.EAFNOSUPPORT
    assert [decide(machine, arch.ioctl, 0, value) for value in (0x5401, 0x5412, 0x541C)] == [ALLOW, refused, refused]
    assert [decide(machine, arch.prctl, value) for value in (4, 22, 38)] == [ALLOW, refused, ALLOW]
    for command, answer in ((1, ALLOW), (6, ALLOW), (5, refused), (36, refused), (1024, refused), (1026, refused)):
        assert decide(machine, arch.fcntl, 3, command) == answer
    assert [decide(machine, arch.setrlimit, value, 1) for value in (3, 4)] == [ALLOW, refused]
    limits = [(0, 3, 0), (0, 3, 1), (0, 4, 0), (0, 4, 1), (0, 4, 1 << 32), (1, 3, 1), (1, 3, 0)]
    answers = [ALLOW, ALLOW, ALLOW, refused, refused, refused, refused]
    assert [decide(machine, arch.prlimit64, *values) for values in limits] == answers
