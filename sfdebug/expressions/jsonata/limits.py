"""How much one JSONata evaluation may do: the bounds, as settings, and what keeps count of them."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from time import thread_time
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sfdebug.expressions.jsonata.errors import too_large, too_long
from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Entropy

_NOTHING: Final[Mapping[str, Any]] = {}

_SEARCH_SECONDS: Final = 2.0
"""AWS gives a whole expression one second, and the library that searches looks at the clock seldom."""

_LONGEST_PICTURE: Final = 1_000

_UNCOUNTED: Final = 64
"""Fewer characters count as no step."""

_CLOCK_EVERY: Final = 1024
"""Steps between two looks at the clock: looking costs more than a step."""


class JsonataLimits(Struct, frozen=True, gc=False):
    """Bounds of one evaluation.

    `depth` is how deep the evaluation of parts of the expression may nest, calls of its functions included, and `calls`
    how many of those calls; `steps` (items visited and functions called: the same on every machine) and, for what steps
    cannot see, `seconds` of the processor (a machine that does something else meanwhile ends nothing) bound its length;
    `items` of an array, or values of a result, and `characters` of a string, or of a result, bound its size, as
    `range_items` does for what $range makes.

    AWS documents the kinds of bounds, but not where they lie. Measured there: depth 100 is taken and 101 is not,
    `[1..873782]` is and one more is not, a string of 2^22 characters is and one of 2^23 is not, and for $range a bound
    of its own: `$range(1, 360145, 1)` is taken and one more is not.
    """

    depth: int = 100
    calls: int = 400
    steps: int = 2_000_000
    items: int = 873_782
    range_items: int = 360_145
    characters: int = 6_990_256
    seconds: float = 8.0


DEFAULT_LIMITS: Final = JsonataLimits()


class JsonataRun:
    """One evaluation: what it sees, its bounds and what of them is used, its source of randomness and its clock.

    `states` is what `$states` means and `input` what `$$` means (MISSING: nothing). `depth` counts the calls that are
    being made, `base` is how deep the evaluation of the function in hand is nested. The counters stand in the class
    until they are first counted up: most evaluations never do, and there are millions of them.
    """

    base = 0
    depth = 0
    steps = 0
    _deadline = 0.0
    next_look = _CLOCK_EVERY

    def __init__(
        self,
        limits: JsonataLimits,
        entropy: Entropy | None,
        now: int | None,
        states: Value = MISSING,
        variables: Mapping[str, Any] = _NOTHING,
        input: Value = MISSING,
    ) -> None:
        self.limits = limits
        self.entropy = entropy
        self.now = now
        self.states = states
        self.variables = variables
        self.input = input
        if limits.steps < _CLOCK_EVERY:
            self.next_look = limits.steps

    def tick(self, steps: int = 1) -> None:
        """Count `steps`. Raises JsonataFault when the evaluation has taken too many, or too long."""
        self.steps += steps
        if self.steps >= self.next_look:
            self.look()

    def look(self) -> None:
        """Look at the bounds: raise JsonataFault when the evaluation has taken too many steps, or too long."""
        if self.steps > self.limits.steps:
            raise too_long(f"{self.limits.steps:,} steps")
        now = thread_time()
        if self._deadline == 0.0:
            self._deadline = now + self.limits.seconds
        elif now > self._deadline:
            self.out_of_time()
        self.next_look = min(self.steps + _CLOCK_EVERY, self.limits.steps + 1)

    def out_of_time(self) -> None:
        """Raise the fault of an evaluation that takes too long."""
        raise too_long(f"{self.limits.seconds:g} seconds")

    def search_seconds(self) -> float:
        """Seconds of the processor for one search of a regular expression: what is left, at least a little. The library
        that searches counts them, too."""
        if self._deadline == 0.0:
            self._deadline = thread_time() + self.limits.seconds
        return max(min(self._deadline - thread_time(), _SEARCH_SECONDS), 0.001)

    def made(self, value: object) -> None:
        """Count a value that a function has made as steps, by its size: many large values must not fill the memory."""
        if isinstance(value, str):
            self.tick(len(value) >> 6)
        elif isinstance(value, (list, dict)):
            self.tick(len(value) >> 4)

    def check_items(self, array: Sized) -> None:
        """Raise JsonataFault when an array has become too long."""
        if len(array) > self.limits.items:
            raise too_large(self.limits.items, "items")

    def check_range(self, count: float) -> None:
        """Raise JsonataFault when $range would give `count` items, and that is too many."""
        if count > self.limits.range_items:
            raise too_large(self.limits.range_items, "items of $range")
        self.check_size(count)

    def check_size(self, count: float) -> None:
        """Raise JsonataFault when an array of `count` items would be too long."""
        if count > self.limits.items:
            raise too_large(self.limits.items, "items")

    def check_picture(self, picture: object) -> None:
        """Raise JsonataFault for a picture of numbers or dates that is too long to be one: reading it takes long."""
        if isinstance(picture, str) and len(picture) > _LONGEST_PICTURE:
            raise too_large(_LONGEST_PICTURE, "characters of a picture")

    def check_characters(self, count: float) -> None:
        """Raise JsonataFault when a string of `count` characters would be too long."""
        if count < _UNCOUNTED <= self.limits.characters:
            return
        self.tick(int(min(count, self.limits.characters)) >> 6)
        if count > self.limits.characters:
            raise too_large(self.limits.characters, "characters")
