"""How often a list asks what is new: less often while nothing is, and while AWS asks for fewer requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sfdebug.aws.pacing import Slowdown

_SECONDS: Final = (5, 10, 20, 30, 60)
_QUIET: Final = 3
"""The slowest of these while nothing is new; slower still only because of AWS."""
_LEAST_WAIT: Final = 0.5
"""A shorter wait for the turn of a request is not worth a word."""


class NewsPace:
    """The pace by now."""

    def __init__(self) -> None:
        self._step = 0
        self._was_throttled = False
        self.is_slowed = False
        """Whether AWS has asked for fewer requests the last time."""

    def seconds(self, *, is_looked_at: bool) -> int:
        """How long to wait; longer while something else is looked at."""
        return _SECONDS[self._step] if is_looked_at else max(_SECONDS[self._step], _SECONDS[_QUIET])

    def throttled(self) -> None:
        """AWS asks for fewer requests."""
        self.is_slowed = self._was_throttled = True
        self._step = min(len(_SECONDS) - 1, self._step + 1)

    def asked(self, *, changed: bool) -> None:
        """It was asked, with or without news."""
        self.is_slowed, self._was_throttled = self._was_throttled, False
        if self.is_slowed:
            return
        self._step = 0 if changed else min(_QUIET, self._step + 1)

    def words(self, slowdown: Slowdown | None) -> str:
        """`every 10 s, slowed by AWS's limits: GetExecutionHistory 4 a second`."""
        every = f"every {_SECONDS[self._step]} s"
        is_slow = slowdown is not None and (slowdown.is_throttled or slowdown.seconds > _LEAST_WAIT)
        if not is_slow and not self.is_slowed:
            return every
        every += ", slowed by AWS's limits"
        if slowdown is None or not is_slow:
            return every
        a_second = slowdown.per_second
        return f"{every}: {slowdown.operation} {a_second:.0f} a second" if a_second >= 1 else every
