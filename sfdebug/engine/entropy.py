"""Randomness as a value: the n-th draw of a seed is always the same, so a replay draws what the run drew."""

from __future__ import annotations

import uuid
from random import Random


class SeededEntropy:
    """Draws numbers from a seed; `drawn` says how many so far, and is all the state there is."""

    __slots__ = ("drawn", "seed")

    def __init__(self, seed: int, drawn: int) -> None:
        self.seed = seed
        self.drawn = drawn

    def _next(self) -> Random:
        self.drawn += 1
        return Random(f"{self.seed}/{self.drawn}")

    def uniform(self) -> float:
        """A number in [0, 1)."""
        return self._next().random()

    def uuid(self) -> str:
        """A version 4 UUID as text."""
        return str(uuid.UUID(int=self._next().getrandbits(128), version=4))
