"""Randomness as a value: the n-th draw of a seed is always the same, so a replay draws what the run drew."""

from __future__ import annotations

import uuid
from random import Random


class SeededEntropy:
    """Draws numbers from a seed, from `low` up to `high`; `drawn` counts them, and is all the state there is."""

    __slots__ = ("drawn", "high", "low", "seed")

    def __init__(self, seed: int, drawn: int, low: float = 0.0, high: float = 1.0) -> None:
        self.seed = seed
        self.drawn = drawn
        self.low = low
        self.high = high

    def _next(self) -> Random:
        self.drawn += 1
        return Random(f"{self.seed}/{self.drawn}")

    def uniform(self) -> float:
        """A number in [low, high), which lies within [0, 1)."""
        return self.low + self._next().random() * (self.high - self.low)

    def uuid(self) -> str:
        """A version 4 UUID as text; where numbers are drawn from a part of their range, its digits are, too."""
        if (self.low, self.high) != (0.0, 1.0):
            draw, width = self._next(), self.high - self.low
            digits = "".join(f"{int((self.low + draw.random() * width) * 16):x}" for _ in range(32))
            return str(uuid.UUID(hex=digits, version=4))
        return str(uuid.UUID(int=self._next().getrandbits(128), version=4))
