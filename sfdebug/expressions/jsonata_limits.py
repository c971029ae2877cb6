"""How much one JSONata evaluation may do: the bounds, as settings, and what keeps count of them."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final

from sfdebug.expressions.jsonata_errors import TOO_DEEP, TOO_LARGE, TOO_LONG, JsonataFault

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Entropy

_CLOCK_EVERY: Final = 1024
"""Steps between two looks at the clock: looking costs more than a step."""


@dataclass(frozen=True, slots=True)
class JsonataLimits:
    """Bounds of one evaluation; AWS does not publish its own.

    `calls` nested function calls, `steps` (items visited and functions called: the same on every machine), `items` in
    an array or values in a result, `characters` in a string, and, for what steps cannot see, `seconds` of real time.
    """

    calls: int = 400
    steps: int = 2_000_000
    items: int = 1_000_000
    characters: int = 10_000_000
    seconds: float = 10.0


DEFAULT_LIMITS: Final = JsonataLimits()


class Run:
    """One evaluation: its bounds and what of them is used, its source of randomness and its clock."""

    __slots__ = ("_deadline", "_next_look", "depth", "entropy", "limits", "now", "steps")

    def __init__(self, limits: JsonataLimits, entropy: Entropy | None, now: int | None) -> None:
        self.limits = limits
        self.entropy = entropy
        self.now = now
        self.steps = 0
        self.depth = 0
        self._deadline = 0.0
        self._next_look = min(_CLOCK_EVERY, limits.steps)

    def tick(self, steps: int = 1) -> None:
        """Count `steps`. Raises JsonataFault when the evaluation has taken too many, or too long."""
        self.steps += steps
        if self.steps >= self._next_look:
            self._look()

    def _look(self) -> None:
        if self.steps > self.limits.steps:
            raise JsonataFault(TOO_LONG, message=f"{self.limits.steps:,} steps")
        now = monotonic()
        if self._deadline == 0.0:
            self._deadline = now + self.limits.seconds
        elif now > self._deadline:
            self.out_of_time()
        self._next_look = min(self.steps + _CLOCK_EVERY, self.limits.steps + 1)

    def out_of_time(self) -> None:
        """Raise the fault of an evaluation that takes too long."""
        raise JsonataFault(TOO_LONG, message=f"{self.limits.seconds:g} seconds")

    def seconds_left(self) -> float:
        """Real time that is left, at least a little."""
        if self._deadline == 0.0:
            self._deadline = monotonic() + self.limits.seconds
        return max(self._deadline - monotonic(), 0.001)

    def enter(self) -> None:
        """Count a function call; leave with `depth -= 1`. Raises JsonataFault when they nest too deep."""
        if self.depth >= self.limits.calls:
            raise JsonataFault(TOO_DEEP, value=self.limits.calls)
        self.depth += 1
        self.tick()

    def made(self, value: object) -> None:
        """Count a value that a function has made as steps, by its size: many large values must not fill the memory."""
        if isinstance(value, str):
            self.tick(len(value) >> 6)
        elif isinstance(value, (list, dict)):
            self.tick(len(value) >> 4)

    def check_items(self, array: Sized) -> None:
        """Raise JsonataFault when an array has become too long."""
        if len(array) > self.limits.items:
            self.refuse_items()

    def refuse_items(self) -> None:
        """Raise the fault of an array that is, or would become, too long."""
        raise JsonataFault(TOO_LARGE, value=self.limits.items, message="items")

    def check_size(self, count: float) -> None:
        """Raise JsonataFault when an array of `count` items would be too long."""
        if count > self.limits.items:
            self.refuse_items()

    def check_characters(self, count: float) -> None:
        """Raise JsonataFault when a string of `count` characters would be too long."""
        self.tick(int(min(count, self.limits.characters)) >> 6)
        if count > self.limits.characters:
            raise JsonataFault(TOO_LARGE, value=self.limits.characters, message="characters")
