"""What a program has seen of the inputs says nothing about those to come."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from grader.benchmark.dice import Dice

WORDS = 624
"""Of state in Python's own generator."""


def continued(seen: Sequence[int]) -> random.Random:
    """Python's generator as it is after it gave these words: every step of its output can be undone."""

    def unshifted(value: int, shift: int, mask: int, left: bool) -> int:
        found = value
        for _ in range(32 // shift + 1):
            found = value ^ (((found << shift) if left else (found >> shift)) & mask)
        return found & 0xFFFFFFFF

    state = []
    for word in seen[-WORDS:]:
        word = unshifted(word, 18, 0xFFFFFFFF, left=False)
        word = unshifted(word, 15, 0xEFC60000, left=True)
        word = unshifted(word, 7, 0x9D2C5680, left=True)
        state.append(unshifted(word, 11, 0xFFFFFFFF, left=False))
    rng = random.Random()
    rng.setstate((3, (*state, WORDS), None))
    return rng


@pytest.mark.parametrize(("made", "foreseen"), [(lambda: random.Random(5), True), (lambda: Dice(b"5"), False)])
def test_numbers_that_were_seen_do_not_give_away_the_next(made: Callable[[], random.Random], foreseen: bool) -> None:
    rng = made()
    seen = [rng.getrandbits(32) for _ in range(WORDS)]
    guessed = continued(seen)
    assert ([rng.getrandbits(32) for _ in range(9)] == [guessed.getrandbits(32) for _ in range(9)]) is foreseen


def test_the_same_key_gives_the_same_numbers_and_another_gives_others() -> None:
    def drawn(key: bytes) -> list[object]:
        dice = Dice(key)
        return [dice.random(), dice.choice(range(9)), dice.getrandbits(200), dice.randbytes(5), dice.gauss(0, 1)]

    assert drawn(b"a") == drawn(b"a") != drawn(b"b")
    first, second = (Dice.after(random.Random(seed)).getrandbits(64) for seed in (1, 2))
    assert first != second


def test_all_values_come_as_often() -> None:
    dice = Dice(b"c")
    counts = [0] * 10
    for _ in range(20_000):
        counts[dice.randrange(10)] += 1
    assert all(1800 < count < 2200 for count in counts)
    numbers = [dice.random() for _ in range(20_000)]
    assert all(0 <= number < 1 for number in numbers)
    assert abs(sum(numbers) / len(numbers) - 0.5) < 0.02
