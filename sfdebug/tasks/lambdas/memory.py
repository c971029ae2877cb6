"""The memory that a function's process holds, watched so that a handler that fills it does not take the machine along.

A function may hold more here than its MemorySize says: another interpreter, a development build, other libraries. What
holds far more is ended, as Lambda ends what holds more.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LEEWAY: Final = 512
"""MB above the function's MemorySize."""

EVERY: Final = 0.2
"""Seconds between two looks."""


class MemoryWatch:
    """Watches one process. Where no system tells what it holds, nothing is watched."""

    def __init__(self, process: int, memory: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._process = process
        self.limit = memory + LEEWAY
        self.held = 0
        """MB, as seen last."""
        self._clock = clock
        self._looked = 0.0

    def is_over(self) -> bool:
        """Whether it holds more than it may; the process is looked at every so often."""
        now = self._clock()
        if now - self._looked >= EVERY:
            self._looked = now
            self.held = held_by(self._process)
        return self.held > self.limit


def held_by(process: int) -> int:
    """MB that a process holds in memory; 0 where that is not known."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") >> 20
    return 0
