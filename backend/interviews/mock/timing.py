"""Where an interview stands after so many seconds. Knows neither clock nor database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """When a phase begins and ends, in seconds from the start of the interview."""

    begins: int
    ends: int


def stretches(minutes: Sequence[int], moved_on: Mapping[str, int]) -> list[Stretch]:
    """The phases of an interview.

    `moved_on`: number of a phase (from 0, as text) -> second at which the learner left it early. The next phases
    begin earlier then, and the last one gets the time: an interview never gets shorter or longer by it.
    """
    total = 60 * sum(minutes)
    found: list[Stretch] = []
    begins = 0
    for number, length in enumerate(minutes):
        ends = begins + 60 * length
        left = moved_on.get(str(number))
        if left is not None:
            ends = max(begins, min(ends, left))
        if number == len(minutes) - 1:
            ends = total
        found.append(Stretch(begins, ends))
        begins = ends
    return found


def current(phases: Sequence[Stretch], second: float) -> int:
    """Number of the phase that runs at a second; the last one from its beginning on."""
    return next((number for number, one in enumerate(phases) if second < one.ends), len(phases) - 1)
