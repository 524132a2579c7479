"""A side whose work is done by a device: its turn is prepared, run and collected in three requests.

The clock covers the second one, whose inputs the program sees only then. It ends when the device has nothing left to
do; whatever was put off nevertheless has to be done while the outputs are collected, which is asked for at once and
timed as well (see `device`).
"""

from __future__ import annotations

import math
import struct
from enum import IntEnum

from grader.benchmark.batch import Batch
from grader.benchmark.side import DeviceTimes, Side, Timing, another_answer
from grader.sandbox import Answer

PREPARE_SECONDS = 60.0
"""At most, for making room on the device and filling it; the harness alone works then."""
_REQUEST = struct.Struct("<QQQQ")
_NUMBER, _RUN = struct.Struct("<Q"), struct.Struct("<Qdd")


class Stage(IntEnum):
    """The requests of a turn, in their order."""

    PREPARE = 0
    RUN = 1
    COLLECT = 2


class StagedSide(Side):
    """See the module."""

    def _turn(self, batch: Batch, seconds: float) -> tuple[Timing, list[bytes]]:
        conversation = self._conversation
        conversation.pause()
        batch.put_outline(conversation)
        before = self._cpu_seconds_after_idling()
        conversation.resume()
        self._ask(Stage.PREPARE, batch, PREPARE_SECONDS)
        conversation.pause()
        batch.put_inputs(conversation)
        already = self._waited()
        conversation.resume()
        ran, (whole, launches) = self._ask(Stage.RUN, batch, seconds)
        collected, _ = self._ask(Stage.COLLECT, batch, seconds)
        conversation.pause()
        self._idle_since = conversation.cpu_seconds()
        waited = max(0.0, self._waited() - already)
        device = DeviceTimes(whole, launches, collected.wall_seconds, waited)
        return Timing(ran.wall_seconds, self._idle_since - before, waited, device), batch.take(conversation)

    def _ask(self, stage: Stage, batch: Batch, seconds: float) -> tuple[Answer, tuple[float, float]]:
        """One request; what the events said is (0, 0) but for a run."""
        number = self._rng.getrandbits(64)
        request = _REQUEST.pack(number, batch.table, len(batch.inputs), stage)
        answer = self._conversation.ask(request, seconds)
        if stage is not Stage.RUN:
            if answer.payload != _NUMBER.pack(number):
                raise another_answer()
            return answer, (0.0, 0.0)
        if len(answer.payload) != _RUN.size:
            raise another_answer()
        echoed, whole, launches = _RUN.unpack(answer.payload)
        if echoed != number or not all(math.isfinite(time) and time >= 0 for time in (whole, launches)):
            raise another_answer()
        return answer, (whole, launches)
