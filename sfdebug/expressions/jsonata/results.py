"""What an evaluation gives as plain JSON: what it made is copied, what it was given is shared as it is.

How AWS writes numbers that JSON cannot show was measured there: 1/0 is "Infinity", 0/0 is "NaN", also inside arrays.
Whole numbers beyond 64 bits become doubles there; of these, what is shared here stays as it was given.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from sfdebug.expressions.jsonata.errors import too_large
from sfdebug.expressions.jsonata.values import JsonataFunction, UnsupportedResultError, exact, in_64_bits
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from sfdebug.expressions.jsonata.limits import JsonataRun

AS_IT_IS: Final = frozenset({str, bool, type(None), dict, list, type(MISSING)})
"""Types of results that are what they stand for already."""

_TINY: Final = frozenset({bool, type(None)})

_LONGEST: Final = 2**63
"""Whole numbers below this are exact: `exact` says so too, one call for each number slower."""

_NUMBERS: Final = frozenset({int})
_TEXT: Final = frozenset({str})

_FLAT: Final = frozenset({int, bool, type(None), dict, list, str})
"""Types of what needs no conversion inside a result."""

_FREE: Final = 64
"""How many parts of the inputs a result may repeat before their sizes count: few cannot make it grow without bound."""


def plain(value: Any, run: JsonataRun) -> Json:
    """`value` as plain JSON. Raises JsonataFault for too many values or characters, UnsupportedResultError for a
    function."""
    if isinstance(value, (list, dict)) and len(value) <= _FREE:
        items = value if isinstance(value, list) else value.values()
        kinds = set(map(type, items))
        if kinds <= _FLAT and (int not in kinds or _are_exact(items, kinds)):
            return list(value) if isinstance(value, list) else dict(value)
    return _Plain(run).convert(value)


def _are_exact(items: Collection[Any], kinds: set[type]) -> bool:
    if kinds == _NUMBERS:
        return exact(max(items)) and exact(min(items))
    return not [item for item in items if type(item) is int and not -_LONGEST <= item < _LONGEST]


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


class _Plain:
    """One conversion, which counts the values and characters of the result."""

    __slots__ = ("_characters", "_items", "_run", "_shared", "_weights")

    def __init__(self, run: JsonataRun) -> None:
        self._run = run
        self._items = run.limits.items
        self._characters = run.limits.characters
        self._shared = 0
        self._weights: dict[int, tuple[int, int]] = {}

    def convert(self, item: Any) -> Json:
        """`item` as plain JSON."""
        kind = type(item)
        if kind is int:
            return in_64_bits(item)
        if kind is str:
            self._spend(0, len(item))
            return str(item)
        if kind is float:
            return _number(item)
        if isinstance(item, (list, dict)):
            if kind is list or kind is dict:
                self._share(item)
                return item
            return self._array(item) if isinstance(item, list) else self._object(item)
        if isinstance(item, JsonataFunction):
            raise UnsupportedResultError
        if item is MISSING:
            return None
        scalar: bool | None = item
        return scalar

    def _array(self, array: list[Any]) -> list[Json]:
        self._spend(len(array), 0)
        kinds = set(map(type, array))
        if kinds == _NUMBERS and _are_exact(array, kinds):
            return list(array)
        if kinds == _TEXT:
            self._spend(0, sum(map(len, array)))
            return list(array)
        return [item if type(item) in _TINY else self.convert(item) for item in array]

    def _object(self, value: dict[str, Any]) -> dict[str, Json]:
        self._spend(len(value), sum(map(len, value)))
        return {key: item if type(item) in _TINY else self.convert(item) for key, item in value.items()}

    def _share(self, value: list[Any] | dict[str, Any]) -> None:
        self._shared += 1
        if self._shared <= _FREE:
            return
        weight = self._weights.get(id(value))
        if weight is None:
            weight = self._weights[id(value)] = _weight(value)
        self._spend(*weight)

    def _spend(self, items: int, characters: int) -> None:
        self._items -= items
        self._characters -= characters
        if self._items < 0:
            self._run.refuse_items()
        if self._characters < 0:
            raise too_large(self._run.limits.characters, "characters")


def _weight(value: list[Any] | dict[str, Any]) -> tuple[int, int]:
    """How many values and characters plain JSON holds."""
    items = characters = 0
    waiting: list[Any] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            characters += len(each)
        elif isinstance(each, dict):
            items += len(each)
            characters += sum(map(len, each))
            waiting.extend(each.values())
        elif isinstance(each, list):
            items += len(each)
            waiting.extend(each)
    return items, characters
