"""One of the two programs of a benchmark, in its box, paused whenever it is not its turn."""

from __future__ import annotations

import random
import struct
import threading
from dataclasses import dataclass

from grader.benchmark.batch import Batch
from grader.contract import Verdict
from grader.sandbox import Conversation, ConversationOver, Limit, Outcome, Silence
from grader.sandbox.lines import waited_seconds

IDLE_SECONDS = 0.0005
"""Processor time between two turns that is still put down to the kernel's own book-keeping."""
_REQUEST = struct.Struct("<QQQ")
_NUMBER = struct.Struct("<Q")
_VERDICT_OF_LIMIT = {
    Limit.CPU: Verdict.TIME_LIMIT,
    Limit.WALL: Verdict.TIME_LIMIT,
    Limit.MEMORY: Verdict.MEMORY_LIMIT,
    Limit.OUTPUT: Verdict.OUTPUT_LIMIT,
}


class TurnFailed(RuntimeError):
    """A side did not do its turn as it should; the message is for the learner."""

    def __init__(self, verdict: Verdict, message: str) -> None:
        super().__init__(message)
        self.verdict = verdict


class TooSlow(TurnFailed):
    """A turn took so long that its time no longer matters."""


def another_answer() -> TurnFailed:
    """The program replied, but not to what it was asked."""
    return TurnFailed(Verdict.REJECTED, "The program answered something else than it was asked.")


@dataclass(frozen=True)
class DeviceTimes:
    """What else is known of a turn whose work a device does, in seconds."""

    whole: float
    """The timed stage by the device's events, as the program says."""
    launches: float
    """Of it the part after the inputs were drawn."""
    collecting: float
    """From the end of the timed stage until the outputs were there, by the grader's clock."""
    waited: float
    """Of the timed stage and of collecting: how long others had the processor, by the kernel's word."""


@dataclass(frozen=True)
class Timing:
    """What one turn took, in seconds."""

    wall: float
    cpu: float
    """Of all threads and processes of the box."""
    waited: float
    """Ready to run, here or in the box, while others had the processor."""
    device: DeviceTimes | None = None
    """Only where the turn had stages."""

    @property
    def alone(self) -> float:
        """The time that counts on one processor: what it would have taken without other programs.

        Processor time of all threads is the lower bound, so nothing that computes can hide in it; only a program that
        sleeps can make `waited` larger than it was, and sleeping does no work.
        """
        return max(self.cpu, self.wall - self.waited)


class Side:
    """A program that is asked in turns. It is running after it was made: the first turn finds it started."""

    def __init__(self, conversation: Conversation, rng: random.Random, cpu: int | None) -> None:
        self._conversation = conversation
        self._rng = rng
        self._cpu = cpu
        self._idle_since: float | None = None

    def turn(self, batch: Batch, seconds: float) -> tuple[Timing, list[bytes]]:
        """One turn: its time and its outputs.

        Raises:
            TurnFailed: no answer, a wrong one, or work outside the turn.
        """
        try:
            return self._turn(batch, seconds)
        except ConversationOver as over:
            raise self._explain(over.silence, self._conversation.end(), seconds) from None

    def _turn(self, batch: Batch, seconds: float) -> tuple[Timing, list[bytes]]:
        conversation, number = self._conversation, self._rng.getrandbits(64)
        conversation.pause()
        batch.put(conversation)
        before, waited = self._cpu_seconds_after_idling(), self._waited()
        request = _REQUEST.pack(number, batch.table, len(batch.inputs))
        conversation.resume()
        answer = conversation.ask(request, seconds)
        conversation.pause()
        self._idle_since = conversation.cpu_seconds()
        if answer.payload != _NUMBER.pack(number):
            raise another_answer()
        timing = Timing(answer.wall_seconds, self._idle_since - before, max(0.0, self._waited() - waited))
        return timing, batch.take(conversation)

    def _cpu_seconds_after_idling(self) -> float:
        """Processor time so far, of which none since the last turn."""
        now = self._conversation.cpu_seconds()
        if self._idle_since is not None and now - self._idle_since > IDLE_SECONDS:
            raise TurnFailed(Verdict.REJECTED, "The program used processor time while it was not its turn.")
        return now

    def _waited(self) -> float:
        """How long either end of the conversation has been kept from running by others."""
        return self._conversation.waited_seconds() + waited_seconds(threading.get_native_id())

    def settle(self, batch: Batch, seconds: float) -> None:
        """The first turn, not timed: waits until the program has started, then holds it to its processor."""
        self.turn(batch, seconds)
        if self._cpu is not None:
            self._conversation.pin(self._cpu)

    def end(self) -> Outcome:
        """End the program."""
        return self._conversation.end()

    def _explain(self, silence: Silence, outcome: Outcome, seconds: float) -> TurnFailed:
        match silence:
            case Silence.LATE:
                return TooSlow(Verdict.PARTIAL, f"One turn was not finished after {seconds:.3g} s.")
            case Silence.LIMIT if outcome.limit is not None:
                return TurnFailed(
                    _VERDICT_OF_LIMIT[outcome.limit], f"The benchmark ended at its {outcome.limit.value} limit."
                )
            case Silence.OUT_OF_TURN | Silence.GARBLED | Silence.LIMIT:
                return TurnFailed(Verdict.REJECTED, "The program spoke on the grader's channel without being asked.")
            case Silence.ENDED:
                how = f"exit status {outcome.exit_code}" if outcome.exit_code >= 0 else f"signal {-outcome.exit_code}"
                return TurnFailed(Verdict.RUNTIME_ERROR, f"The program ended with {how} during the benchmark.")
