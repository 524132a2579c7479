"""A conversation with a program in a box, over pipes and an exchange memory; see `interface.Conversation`.

Nothing here depends on the kind of box: it needs the box's first process, a hold on it, and the grader's ends of the
channels. The parent only ever blocks in one place, for a bounded time, and looks at the limits there.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import time

from grader.sandbox.hold import Hold
from grader.sandbox.interface import (
    MAX_FRAME_BYTES,
    Answer,
    ConversationOver,
    Limit,
    Limits,
    Outcome,
    SandboxFault,
    Silence,
)
from grader.sandbox.lines import Box, Lines, waited_seconds
from grader.sandbox.supervise import ENDED, POLL_SECONDS, STARTED, Channel

START_SECONDS = 20.0
_GRACE_SECONDS = 1.0
_LENGTH = struct.Struct("<I")
_SIGNAL_BASE = 128


class PipeConversation:
    """See `interface.Conversation`.

    Args:
        cleanup: closed once, when the box is gone and what it used has been read; it also closes `lines`.

    Raises:
        SandboxFault: the box's supervisor does not say that the program starts.
    """

    def __init__(self, box: Box, lines: Lines, hold: Hold, limits: Limits, cleanup: contextlib.ExitStack) -> None:
        self._box, self._lines, self._hold, self._limits, self._cleanup = box, lines, hold, limits, cleanup
        self._stdout = Channel(box.stdout, limits.output_bytes)
        self._stderr = Channel(box.stderr, limits.output_bytes)
        self._control = Channel(box.control, 4096) if box.control is not None else None
        self._exit_fd = box.life.fileno()
        self._poller = select.poll()
        for fd in (lines.reply, box.stdout, box.stderr, self._exit_fd):
            self._poller.register(fd, select.POLLIN)
        if box.control is not None:
            self._poller.register(box.control, select.POLLIN)
        self._outcome: Outcome | None = None
        self._silence = Silence.ENDED
        self._limit: Limit | None = None
        self._paused = self._program_ended = False
        self._ran, self._since = 0.0, time.monotonic()
        if box.control is not None:
            self._await_start()
        hold.mark_start()

    def ask(self, request: bytes, seconds: float) -> Answer:
        """See `interface.Conversation.ask`."""
        if len(request) > MAX_FRAME_BYTES:
            raise ValueError(f"a request has at most {MAX_FRAME_BYTES} bytes")
        self._check_alive()
        assert not self._paused, "a paused program cannot answer"
        if self._spoke():
            raise self._over(Silence.OUT_OF_TURN)
        frame = _LENGTH.pack(len(request)) + request
        began = time.perf_counter()
        try:
            os.write(self._lines.request, frame)
        except BrokenPipeError:
            self._program_ended = True
            raise self._over(Silence.ENDED) from None
        except BlockingIOError:
            raise self._over(Silence.GARBLED) from None
        payload = self._await_reply(began + seconds)
        return Answer(payload, time.perf_counter() - began)

    def read(self, offset: int, size: int) -> bytes:
        """See `interface.Conversation.read`."""
        self._check_alive()
        content = os.pread(self._lines.exchange, size, offset)
        if len(content) != size:
            raise self._over(Silence.GARBLED)
        return content

    def write(self, offset: int, content: bytes) -> None:
        """See `interface.Conversation.write`."""
        self._check_alive()
        if not 0 <= offset <= offset + len(content) <= self._lines.exchange_bytes:
            raise ValueError(f"{len(content)} bytes at {offset} do not fit into the exchange memory")
        try:
            written = os.pwrite(self._lines.exchange, content, offset)
        except OSError:
            # A program can forbid further writing where the memory could not be sealed against that.
            raise self._over(Silence.GARBLED) from None
        if written != len(content):
            raise self._over(Silence.GARBLED)

    def pause(self) -> None:
        """See `interface.Conversation.pause`."""
        self._check_alive()
        if self._paused:
            return
        self._ran += time.monotonic() - self._since
        self._paused = True
        if not self._hold.freeze():
            self.end()
            raise SandboxFault("the box could not be stopped for a moment")

    def resume(self) -> None:
        """See `interface.Conversation.resume`."""
        self._check_alive()
        if self._paused:
            self._paused = False
            self._since = time.monotonic()
            self._hold.thaw()

    def pin(self, cpu: int) -> None:
        """See `interface.Conversation.pin`."""
        self._check_alive()
        self._hold.pin(cpu)

    def cpu_seconds(self) -> float:
        """See `interface.Conversation.cpu_seconds`."""
        self._check_alive()
        return self._hold.cpu_seconds()

    def waited_seconds(self) -> float:
        """See `interface.Conversation.waited_seconds`."""
        self._check_alive()
        return sum(map(waited_seconds, self._hold.threads()))

    def end(self) -> Outcome:
        """See `interface.Conversation.end`."""
        if self._outcome is None:
            self._outcome = self._finish()
        return self._outcome

    def _check_alive(self) -> None:
        if self._outcome is not None:
            raise ConversationOver(self._silence)

    def _over(self, silence: Silence, limit: Limit | None = None) -> ConversationOver | SandboxFault:
        """End it, and say why. A program cannot reach its supervisor: one that is gone without a word was killed by
        something outside, unless it was for memory that nobody counts here."""
        self._silence, self._limit = silence, limit
        outcome = self.end()
        said_so = self._control is None or self._control.content.startswith(STARTED + ENDED)
        # In a container the word may still be under way; what a program died of by itself is no kill.
        killed = not said_so and outcome.exit_code == -signal.SIGKILL
        if silence is Silence.ENDED and killed and outcome.limit is None and outcome.memory_bytes > 0:
            return SandboxFault(f"the box was ended from outside (status {outcome.exit_code})")
        if silence is Silence.ENDED and self._outcome is not None and self._outcome.limit is not None:
            self._silence = Silence.LIMIT
        return ConversationOver(self._silence)

    def _await_start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        assert self._control is not None
        while not self._control.content:
            if self._look(POLL_SECONDS) & {self._exit_fd} or time.monotonic() > deadline:
                self._look(0.0)
                break
        if not self._control.content.startswith(STARTED):
            reason = self.end().stderr.decode(errors="replace").strip()[-300:]
            raise SandboxFault(f"the box did not start: {reason or 'no word from its supervisor'}")

    def _look(self, seconds: float) -> set[int]:
        """Wait for anything to happen and take what was written, replies excepted; gives what is ready."""
        ready = {fd for fd, _ in self._poller.poll(seconds * 1000)}
        for channel in (self._stdout, self._stderr, self._control):
            if channel is not None and channel.fd in ready:
                result = channel.read()
                if result is False or (result is None and channel is self._control):
                    self._poller.unregister(channel.fd)
                elif result is None:
                    raise self._over(Silence.LIMIT, Limit.OUTPUT)
        if self._exit_fd in ready or (self._control is not None and self._control.content.startswith(STARTED + ENDED)):
            self._program_ended = True
        return ready

    def _spoke(self) -> bool:
        """Whether a reply is waiting though nobody asked."""
        quick = select.poll()
        quick.register(self._lines.reply, select.POLLIN)
        return any(events & select.POLLIN for _, events in quick.poll(0))

    def _await_reply(self, deadline: float) -> bytes:
        received = bytearray()
        while True:
            ready = self._look(POLL_SECONDS)
            if self._lines.reply in ready:
                payload = self._take_reply(received)
                if payload is not None:
                    return payload
            if self._program_ended:
                raise self._over(Silence.ENDED)
            self._check_limits()
            if time.perf_counter() > deadline:
                raise self._over(Silence.LATE)

    def _take_reply(self, received: bytearray) -> bytes | None:
        try:
            part = os.read(self._lines.reply, 2 * MAX_FRAME_BYTES)
        except BlockingIOError:
            return None
        if not part:
            self._program_ended = True
            raise self._over(Silence.ENDED)
        received += part
        if len(received) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(received)
        if length > MAX_FRAME_BYTES:
            raise self._over(Silence.GARBLED)
        if len(received) > _LENGTH.size + length:
            raise self._over(Silence.OUT_OF_TURN)
        return bytes(received[_LENGTH.size :]) if len(received) == _LENGTH.size + length else None

    def _check_limits(self) -> None:
        if self._hold.out_of_memory():
            raise self._over(Silence.LIMIT, Limit.MEMORY)
        if self._hold.cpu_seconds() > self._limits.cpu_seconds:
            raise self._over(Silence.LIMIT, Limit.CPU)
        if self._ran + time.monotonic() - self._since > self._limits.wall_seconds:
            raise self._over(Silence.LIMIT, Limit.WALL)

    def _finish(self) -> Outcome:
        """End the box, wait for it, and say what came of it."""
        with self._cleanup:
            if not self._paused:
                self._ran += time.monotonic() - self._since
            by_itself = self._program_ended
            if by_itself:
                select.select([self._exit_fd], [], [], _GRACE_SECONDS)
            memory, cpu_seconds = self._hold.memory_bytes(), self._hold.cpu_seconds()
            self._hold.kill()
            ending = self._box.life.finish()
            for channel in (self._stdout, self._stderr):
                while channel.read():
                    if not select.select([channel.fd], [], [], 0)[0]:
                        break
            code = ending.status if by_itself else -signal.SIGKILL
            if self._control is not None and _SIGNAL_BASE < code <= _SIGNAL_BASE + 64:
                code = _SIGNAL_BASE - code
            limit = self._limit
            if limit is None and (self._hold.out_of_memory() or code == -signal.SIGXCPU):
                limit = Limit.CPU if code == -signal.SIGXCPU else Limit.MEMORY
            outcome = Outcome(
                exit_code=code,
                stdout=self._stdout.content,
                stderr=self._stderr.content,
                wall_seconds=self._ran,
                cpu_seconds=cpu_seconds,
                memory_bytes=memory or (ending.memory_bytes if self._control is None else 0),
                limit=limit,
                process_limit_hit=self._hold.refused_processes(),
            )
            self._close()
        return outcome

    def _close(self) -> None:
        for fd in (self._box.stdout, self._box.stderr, self._box.control):
            if fd is not None:
                os.close(fd)
