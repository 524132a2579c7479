"""Programs that stay in their box and are asked again and again."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.sandbox import (
    Bubblewrap,
    Conversation,
    ConversationOver,
    Limit,
    Limits,
    Sandbox,
    SandboxFault,
    Silence,
    Unprotected,
)
from grader.sandbox.conversation import PipeConversation
from grader.sandbox.interface import MAX_FRAME_BYTES, MIB
from tests.stack import wait_for

LIMITS = Limits(2, 4, 128 * MIB, 4096, 16, 16 * MIB)
HEAD = """
import mmap, os, struct, sys, threading, time
memory = mmap.mmap(5, 65536)
def asked():
    size, = struct.unpack("<I", os.read(3, 4))
    return os.read(3, size)
def reply(payload):
    os.write(4, struct.pack("<I", len(payload)) + payload)
"""
ECHO = "while True: reply(asked())\n"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["bubblewrap", "none"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return Bubblewrap() if request.param == "bubblewrap" else Unprotected()


@contextmanager
def program(sandbox: Sandbox, source: str, limits: Limits = LIMITS) -> Iterator[Conversation]:
    conversation = sandbox.start(
        ["/usr/bin/python3", "/in/program.py"],
        limits=limits,
        files_in={"/in/program.py": (HEAD + source).encode()},
        exchange_bytes=65536,
    )
    try:
        yield conversation
    finally:
        conversation.end()


def silence_of(conversation: Conversation, seconds: float = 3.0) -> Silence:
    for _ in range(1000):
        try:
            conversation.ask(b"?", seconds)
        except ConversationOver as over:
            return over.silence
    raise AssertionError("it goes on answering")


def test_every_request_is_answered_and_memory_is_shared_both_ways(sandbox: Sandbox) -> None:
    source = "while True:\n    asked()\n    memory[100:104] = memory[0:4][::-1]\n    reply(b'done')\n"
    with program(sandbox, source) as conversation:
        for text in (b"abcd", b"wxyz"):
            conversation.write(0, text)
            assert conversation.ask(b"reverse", 5).payload == b"done"
            assert conversation.read(100, 4) == text[::-1]


def test_a_program_has_the_three_descriptors_and_no_others(sandbox: Sandbox) -> None:
    source = "asked()\nreply(','.join(sorted(os.listdir('/proc/self/fd'))).encode())\nasked()\n"
    with program(sandbox, source) as asked:
        assert asked.ask(b"?", 5).payload == b"0,1,2,3,4,5,6,7"  # 6 is mmap's own copy of 5, 7 the listing


def test_the_exchange_memory_cannot_change_its_size(sandbox: Sandbox) -> None:
    source = "asked()\ntry:\n    os.ftruncate(5, 10)\n    reply(b'cut')\nexcept OSError: reply(b'kept')\nasked()\n"
    with program(sandbox, source) as conversation:
        assert conversation.ask(b"?", 5).payload == b"kept"


def test_a_paused_box_uses_no_processor_time_and_goes_on_afterwards(sandbox: Sandbox) -> None:
    spin = "threading.Thread(target=lambda: [0 for _ in iter(int, 1)], daemon=True).start()\n"
    with program(sandbox, spin + ECHO) as conversation:
        conversation.ask(b"one", 5)
        conversation.pause()
        before = conversation.cpu_seconds()
        time.sleep(0.2)
        assert conversation.cpu_seconds() == before
        conversation.resume()
        assert conversation.ask(b"two", 5).payload == b"two"
        assert conversation.cpu_seconds() > before


def test_the_time_of_an_answer_is_what_passed_outside(sandbox: Sandbox) -> None:
    source = "time.perf_counter = lambda: 0.0\nwhile True:\n    x = asked()\n    time.sleep(0.05)\n    reply(x)\n"
    with program(sandbox, source) as conversation:
        assert 0.05 <= conversation.ask(b"?", 5).wall_seconds < 1


def test_a_program_that_ends_is_seen_with_its_status(sandbox: Sandbox) -> None:
    with program(sandbox, "asked()\nprint('bye', flush=True)\nsys.exit(7)\n") as conversation:
        assert silence_of(conversation) is Silence.ENDED
        assert (conversation.end().exit_code, conversation.end().stdout) == (7, b"bye\n")


def test_a_program_that_does_not_answer_is_ended_in_time(sandbox: Sandbox) -> None:
    with program(sandbox, "asked()\ntime.sleep(60)\n") as conversation:
        assert silence_of(conversation, 0.2) is Silence.LATE


def test_two_replies_to_one_request_end_the_conversation(sandbox: Sandbox) -> None:
    source = "while True:\n    x = asked()\n    reply(x)\n    time.sleep(0.01)\n    reply(x)\n"
    with program(sandbox, source) as conversation:
        conversation.ask(b"?", 5)
        time.sleep(0.1)
        assert silence_of(conversation) is Silence.OUT_OF_TURN


@pytest.mark.parametrize("sent", ["b'\\xff' * 4", "b'\\xff\\xff\\0\\0' + b'x' * 70000"])
def test_what_is_no_frame_ends_the_conversation(sandbox: Sandbox, sent: str) -> None:
    with program(sandbox, f"asked()\nos.write(4, {sent})\ntime.sleep(9)\n") as conversation:
        assert silence_of(conversation) is Silence.GARBLED


@pytest.mark.parametrize(
    ("source", "limit"),
    [("while True: pass\n", Limit.CPU), ("print('x' * 10**6, flush=True)\ntime.sleep(9)\n", Limit.OUTPUT)],
)
def test_limits_hold_while_a_program_is_asked(sandbox: Sandbox, source: str, limit: Limit) -> None:
    with program(sandbox, "asked()\n" + source, Limits(0.5, 9, 128 * MIB, 4096, 16, 16 * MIB)) as conversation:
        assert silence_of(conversation, 8) is Silence.LIMIT
        assert conversation.end().limit is limit


def test_the_memory_limit_holds_in_a_box() -> None:
    with program(Bubblewrap(), "asked()\nhold = bytearray(512 << 20)\nreply(b'had it')\n") as conversation:
        assert silence_of(conversation) in (Silence.LIMIT, Silence.ENDED)
        assert conversation.end().limit is Limit.MEMORY


def test_nothing_is_left_when_it_ends_even_while_paused(sandbox: Sandbox) -> None:
    fds = len(os.listdir("/proc/self/fd"))
    fork = "for _ in range(4):\n    if os.fork() == 0: time.sleep(60)\n"
    with program(sandbox, fork + "import socket\n" + ECHO) as conversation:
        conversation.ask(b"?", 5)
        conversation.pause()
        assert conversation.end().exit_code == -9
        assert conversation.end() is conversation.end()
    with pytest.raises(ConversationOver):
        conversation.ask(b"?", 1)
    assert len(os.listdir("/proc/self/fd")) == fds


def test_a_request_longer_than_a_frame_is_our_mistake(sandbox: Sandbox) -> None:
    with program(sandbox, ECHO) as conversation, pytest.raises(ValueError, match="at most"):
        conversation.ask(b"x" * (MAX_FRAME_BYTES + 1), 1)


def test_a_program_that_cannot_start_ends_at_the_first_question() -> None:
    conversation = Bubblewrap().start(["/nowhere"], limits=LIMITS)
    assert silence_of(conversation) is Silence.ENDED
    assert conversation.end().exit_code == 127


def test_a_box_that_something_outside_ends_is_not_the_programs_fault() -> None:
    with program(Bubblewrap(), ECHO) as conversation:
        conversation.ask(b"?", 5)
        assert isinstance(conversation, PipeConversation)
        for thread in conversation._hold.threads():
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):  # the first one may take the others along
                if b"supervisor" in Path(f"/proc/{thread}/cmdline").read_bytes().split(b"\0")[0]:
                    os.kill(thread, signal.SIGKILL)
        wait_for(lambda: not conversation._hold.threads(), why="the box lives on")
        with pytest.raises(SandboxFault, match="from outside"):
            conversation.ask(b"?", 5)
