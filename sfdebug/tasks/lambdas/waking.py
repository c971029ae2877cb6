"""The time in which this program looked on: what a function may take is not taken from it by a machine that was busy.

A function answers over a connection that this program reads. Where the program itself did not have the processor for
seconds, an answer that was given in time lies there unread, and the clock says that it is too late.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class WakingClock:
    """Seconds from 0 on, for who looks at it at least every so often: what lies between two looks counts up to twice
    that, however long it was."""

    def __init__(self, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = 2 * every
        self._clock = clock
        self._looked = clock()
        self._passed = 0.0

    def __call__(self) -> float:
        """What has passed."""
        now = self._clock()
        self._passed += min(now - self._looked, self._most)
        self._looked = now
        return self._passed
