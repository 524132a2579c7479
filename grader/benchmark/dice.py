"""Random numbers that say nothing about the next ones.

A program that is measured sees thousands of drawn inputs. From 624 words of Python's own generator all later ones
follow; it could then compute answers ahead in one long turn, which a median forgives, and copy them in the others.
"""

from __future__ import annotations

import hashlib
import random

_BLOCK_BITS = 8 * hashlib.blake2b.MAX_DIGEST_SIZE


class Dice(random.Random):
    """The same numbers for the same key. Whoever does not know the key cannot continue them."""

    def __init__(self, key: bytes) -> None:
        super().__init__(0)
        self._key = hashlib.blake2b(key).digest()
        self._blocks = 0
        self._bits = 0
        self._left = 0

    @classmethod
    def after(cls, rng: random.Random) -> Dice:
        """Dice whose key another generator draws."""
        return cls(rng.randbytes(hashlib.blake2b.MAX_KEY_SIZE))

    def getrandbits(self, k: int, /) -> int:
        """`k` random bits."""
        if k < 0:
            raise ValueError("the number of bits must not be negative")
        if self._left < k:
            count = -(-(k - self._left) // _BLOCK_BITS)
            blocks = b"".join(self._block(self._blocks + place) for place in range(count))
            self._bits |= int.from_bytes(blocks, "little") << self._left
            self._blocks += count
            self._left += count * _BLOCK_BITS
        drawn = self._bits & ((1 << k) - 1)
        self._bits >>= k
        self._left -= k
        return drawn

    def _block(self, number: int) -> bytes:
        return hashlib.blake2b(number.to_bytes(8, "little"), key=self._key).digest()

    def random(self) -> float:
        """At least 0 and less than 1."""
        return float(self.getrandbits(53) * 2.0**-53)
