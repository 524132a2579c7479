"""Reference and learner in turns, until the ratio of their times is known well enough.

Everything that could be guessed is drawn afresh: which side goes first in a pair, what the items are, where they lie,
how many turns of a round are thrown away. Which turns count is known here only.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeVar

from grader.benchmark.batch import Batch, room_for
from grader.benchmark.side import DeviceTimes, Side, Timing, TooSlow, TurnFailed
from grader.benchmark.staged import StagedSide
from grader.benchmark.statistics import decide, pair_ratios
from grader.casework import GraderFault
from grader.checks import BenchmarkInput, Judgement
from grader.contract import Verdict
from grader.sandbox import Conversation, SandboxFault
from grader.sandbox.interface import MIB

TURN_SECONDS = 0.002
"""How long the reference's turn should take: long against what asking costs, short against what disturbs."""
STAGED_TURN_SECONDS = 0.010
"""The same where the work is a device's: waking the program and starting the device take a tenth of a millisecond."""
MAX_ITEMS = 4096
MAX_TURN_BYTES = 8 * MIB
"""Items of one turn; drawing and checking more would take longer than the turn itself."""
FIRST_LOOK = 120
PAIRS_PER_ROUND = 40
"""Pairs that one pair of boxes gives. New boxes then, because memory is laid out differently in every process."""
WARM_UP = (3, 7)
ALONE_TURNS, ALONE_WARM_UP = 10, 3
"""Turns of a reference on a device before the learner's program is started, and how many of them do not count."""
START_SECONDS = 60.0
HOPELESS = 40.0
"""A turn may take this many times the reference's."""

_Result = TypeVar("_Result")
Draw = Callable[[int], BenchmarkInput]
"""A new item for a turn."""
Verify = Callable[[Batch, Sequence[bytes], Sequence[bytes]], Judgement | None]
"""What is wrong with a side's outputs, given the reference's; None when nothing is."""


@dataclass
class Measurement:
    """What was measured. Times are seconds of one whole turn."""

    reference: list[float] = field(default_factory=list)
    learner: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    """Work of the turn, in the lab's unit."""
    items: list[int] = field(default_factory=list)
    reference_device: list[DeviceTimes] = field(default_factory=list)
    learner_device: list[DeviceTimes] = field(default_factory=list)
    """Of the same turns; empty where the work was the processor's."""
    alone: list[float] = field(default_factory=list)
    """On a device: seconds for a unit of the reference's work while no program of the learner's was there."""
    decided: bool | None = None
    """Whether the ratio reaches the threshold; None when that stayed open."""
    failure: TurnFailed | None = None
    """What the learner's program did wrong instead."""

    @property
    def ratios(self) -> list[float]:
        """Reference time over learner time."""
        return pair_ratios(self.reference, self.learner)


@dataclass(frozen=True)
class Plan:
    """What a duel is fought with."""

    start_reference: Callable[[int], Conversation]
    """Starts a box; the number is the size of its exchange memory in bytes."""
    start_learner: Callable[[int], Conversation]
    draw: Draw
    verify: Verify
    threshold: float
    max_pairs: int
    rng: random.Random
    cpu: int | None
    """Processor for both sides; None lets them use all."""
    on_pairs: Callable[[int], None] = lambda pairs: None
    staged: bool = False
    """Whether turns have stages, because the work is a device's."""

    @property
    def turn_seconds(self) -> float:
        """How long the reference's turn should take."""
        return STAGED_TURN_SECONDS if self.staged else TURN_SECONDS

    def side(self, conversation: Conversation) -> Side:
        """One side of the duel."""
        return (StagedSide if self.staged else Side)(conversation, self.rng, self.cpu)


class Duel:
    """One benchmark of one submission."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._turn = 0
        self._items = 0
        self._limit = START_SECONDS
        first = plan.draw(0)
        self._exchange_bytes = max(2 * MAX_TURN_BYTES, 3 * room_for([first]))

    def fight(self) -> Measurement:
        """Measure until it is decided or `max_pairs` are spent.

        Raises:
            GraderFault: the reference failed.
        """
        found = Measurement()
        look = min(FIRST_LOOK, self._plan.max_pairs)
        try:
            while True:
                while len(found.learner) < look:
                    self._round(found, min(PAIRS_PER_ROUND, look - len(found.learner)))
                found.decided = decide(found.ratios, self._plan.threshold)
                if found.decided is not None or look >= self._plan.max_pairs:
                    return found
                look = min(2 * look, self._plan.max_pairs)
        except TooSlow as slow:
            found.decided, found.failure = False, slow
        except TurnFailed as failure:
            found.failure = failure
        except SandboxFault as fault:
            raise GraderFault(f"a box of the benchmark failed: {fault}") from fault
        return found

    def _round(self, found: Measurement, pairs: int) -> None:
        plan = self._plan
        with closing(_Ending()) as ending:
            reference = ending.add(plan.side(plan.start_reference(self._exchange_bytes)))
            if plan.staged:
                found.alone += self._alone(reference)
            learner = ending.add(plan.side(plan.start_learner(self._exchange_bytes)))
            batch = self._batch(1)
            _ours(lambda: reference.settle(batch, START_SECONDS))
            learner.settle(batch, START_SECONDS)
            if not self._items:
                self._calibrate(reference)
            warm_up = plan.rng.randint(*WARM_UP)
            for number in range(warm_up + pairs):
                batch = self._batch(self._items)
                ours, theirs = self._pair(reference, learner, batch)
                if number >= warm_up:
                    found.reference.append(self._seconds(ours))
                    found.learner.append(self._seconds(theirs))
                    found.work.append(batch.work)
                    found.items.append(len(batch.inputs))
                    if ours.device is not None and theirs.device is not None:
                        found.reference_device.append(ours.device)
                        found.learner_device.append(theirs.device)
            plan.on_pairs(len(found.learner))

    def _alone(self, reference: Side) -> list[float]:
        """What the device does for the reference when nobody else can have left work on it."""
        _ours(lambda: reference.settle(self._batch(1), START_SECONDS))
        if not self._items:
            self._calibrate(reference)
        found = []
        for _ in range(ALONE_TURNS):
            batch = self._batch(self._items)
            timing, _ = _ours(lambda batch=batch: reference.turn(batch, START_SECONDS))  # type: ignore[misc]
            found.append(timing.wall / (batch.work or len(batch.inputs)))
        return found[ALONE_WARM_UP:]

    def _seconds(self, timing: Timing) -> float:
        return timing.alone if self._plan.cpu is not None else timing.wall

    def _batch(self, items: int) -> Batch:
        self._turn += 1
        inputs = [self._plan.draw(self._turn) for _ in range(items)]
        if room_for(inputs) > self._exchange_bytes:
            raise GraderFault("the items of a benchmark turn differ too much in size")
        return Batch.lay(inputs, self._exchange_bytes, self._plan.rng)

    def _pair(self, reference: Side, learner: Side, batch: Batch) -> tuple[Timing, Timing]:
        """Both sides on one batch, in an order that nobody can foresee; every element of both is looked at."""
        learner_first = self._plan.rng.random() < 0.5
        if learner_first:
            theirs, seen = learner.turn(batch, self._limit)
        ours, expected = _ours(lambda: reference.turn(batch, START_SECONDS))
        if not learner_first:
            theirs, seen = learner.turn(batch, self._limit)
        if (fault := self._plan.verify(batch, expected, expected)) is not None:
            raise GraderFault(f"the reference gives a wrong output in a benchmark turn: {fault.message}")
        if (wrong := self._plan.verify(batch, seen, expected)) is not None:
            raise TurnFailed(Verdict.WRONG_ANSWER, f"A benchmark turn gave a wrong output: {wrong.message}")
        return ours, theirs

    def _calibrate(self, reference: Side) -> None:
        """Find how many items make a turn long enough, on the reference: the same number for both."""
        items, wanted = 1, self._plan.turn_seconds
        while True:
            batch = self._batch(items)
            timings = [_ours(lambda batch=batch: reference.turn(batch, START_SECONDS))[0] for _ in range(3)]  # type: ignore[misc]
            seconds = sorted(self._seconds(timing) for timing in timings)[1]
            fits = max(1, int(MAX_TURN_BYTES // max(1, room_for(batch.inputs) / items)))
            most = min(MAX_ITEMS, fits)
            if seconds >= wanted / 2 or items >= most:
                break
            items = min(most, max(items * 2, math.ceil(items * wanted / seconds)))
        self._items = min(most, max(1, math.ceil(items * wanted / seconds)))
        self._limit = max(0.5, HOPELESS * seconds * self._items / items)


class _Ending:
    """Ends every side, whatever happens."""

    def __init__(self) -> None:
        self._sides: list[Side] = []

    def add(self, side: Side) -> Side:
        self._sides.append(side)
        return side

    def close(self) -> None:
        for side in self._sides:
            side.end()


def _ours(act: Callable[[], _Result]) -> _Result:
    """A failure of the reference is our fault."""
    try:
        return act()
    except TurnFailed as failure:
        raise GraderFault(f"the reference solution fails its benchmark: {failure}") from failure
