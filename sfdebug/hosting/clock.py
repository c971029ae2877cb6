"""The time of hosted executions: that of the wall, how fast theirs goes beside it, and the clock of each.

Time passes in an execution as it does on the wall, faster by a scale, or, virtually, in jumps: from one timer to the
next, whenever nothing but a timer is waited for.
"""

from __future__ import annotations

import time
from typing import Final, Protocol

from msgspec import Struct

from sfdebug.errors import UsageError


class WallClock(Protocol):
    """What tells the time."""

    def now(self) -> float:
        """Milliseconds since 1970; never less than before."""


class SystemClock:
    """The machine's time when it was made, and from then on what has passed: it never goes back."""

    def __init__(self) -> None:
        self._began = time.time() * 1000 - time.monotonic() * 1000

    def now(self) -> float:
        """Milliseconds since 1970."""
        return self._began + time.monotonic() * 1000


class TimePace(Struct, frozen=True):
    """How long a second of an execution takes: `scale` seconds; 0 for none at all, which is virtual time."""

    scale: float = 1.0

    def __post_init__(self) -> None:
        """Raises UsageError for a scale that no time can have."""
        if not 0 <= self.scale <= _SLOWEST:
            raise UsageError(
                f"a second of an execution cannot take {self.scale:g} seconds",
                fix=f"Give a number from 0 (at once) over 1 (as in reality) to {_SLOWEST}.",
            )

    @property
    def is_virtual(self) -> bool:
        """Whether time passes in jumps."""
        return self.scale == 0


_SLOWEST: Final = 1_000
REAL: Final = TimePace(1.0)
VIRTUAL: Final = TimePace(0.0)


class ExecutionClock:
    """The clock of one execution, in milliseconds since its start; it goes at a rate beside the wall's, and can jump.

    While something is really called, a scaled clock goes as the wall's does, so that a call takes no longer in the
    execution than it does. A virtual one goes as the wall's always, for who waits for somebody outside, and jumps
    besides. One that is stopped stands still.
    """

    def __init__(self, pace: TimePace, wall: float) -> None:
        self._usual = 1.0 if pace.is_virtual else 1.0 / pace.scale
        self._anchor = 0.0
        self._wall = wall
        self._rate = self._usual
        self._is_calling = False
        self._is_stopped = False

    def now(self, wall: float) -> int:
        """The time of the execution when the wall's is that."""
        return int(self._at(wall))

    def due(self, at: float) -> float:
        """When it is that late in the execution, by the wall; never, while the clock is stopped."""
        return self._wall + (at - self._anchor) / self._rate if self._rate else float("inf")

    def jump(self, at: float, wall: float) -> None:
        """It is that late in the execution, if it was earlier."""
        if at > self._at(wall):
            self.go_on_from(at, wall)

    @property
    def standing(self) -> tuple[float, float]:
        """How late it was in the execution when the wall's clock showed that: from there on it goes as it does."""
        return self._anchor, self._wall

    def go_on_from(self, anchor: float, wall: float) -> None:
        """It was that late when the wall's clock showed that."""
        self._anchor, self._wall = float(anchor), wall

    def call(self, wall: float, *, is_calling: bool) -> None:
        """Something is really called from now on, or no longer."""
        self._is_calling = is_calling
        self._go(wall)

    def stop(self, wall: float, *, is_stopped: bool) -> None:
        """It stands still from now on, or no longer."""
        self._is_stopped = is_stopped
        self._go(wall)

    def _go(self, wall: float) -> None:
        """Go at the rate that counts from now on."""
        rate = 0.0 if self._is_stopped else min(1.0, self._usual) if self._is_calling else self._usual
        if rate != self._rate:
            self.go_on_from(self._at(wall), wall)
            self._rate = rate

    def _at(self, wall: float) -> float:
        return self._anchor + max(0.0, wall - self._wall) * self._rate
