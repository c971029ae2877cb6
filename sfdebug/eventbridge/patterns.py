"""Event patterns: which events a rule, or the filter of a pipe, lets through.

A pattern is a choice of alternatives (`$or` makes several), each of which wants something of every field that it names.
An event is looked at as its values, each under the names that lead to it, joined by dots, and with the places in arrays
that it stands at: values of different elements of one array never fit together. Source: EventBridge User Guide,
"Creating event patterns"; README of AWS's Event Ruler, "JSON Array Matching", on arrays, dots and `exists`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.eventbridge.matchers import PresenceMatcher, ValueMatcher

if TYPE_CHECKING:
    from sfdebug.eventbridge.matchers import LeafValue
    from sfdebug.values import Json

ArrayPlace = tuple[int, int]
"""An array of an event, by a number of its own, and an element of it."""


class PatternField(Struct, frozen=True):
    """What an alternative wants of a field: one of `matchers`. `keys` lead to it as they are written."""

    keys: tuple[str, ...]
    matchers: tuple[ValueMatcher, ...]

    @property
    def path(self) -> str:
        """The names that lead to it, joined: what is written with a dot and what is nested are the same."""
        return ".".join(self.keys)

    def allows_absence(self) -> bool:
        """Whether the field may be missing."""
        return any(isinstance(each, PresenceMatcher) and not each.is_wanted for each in self.matchers)

    def matches(self, value: LeafValue) -> bool:
        """Whether a value fits."""
        return any(each.matches(value) for each in self.matchers)


class EventPattern(Struct, frozen=True):
    """A pattern, read: the fields of each alternative, in the order of their paths."""

    alternatives: tuple[tuple[PatternField, ...], ...]

    def matches(self, event: Json) -> bool:
        """Whether an event fits."""
        wanted = {field.path for alternative in self.alternatives for field in alternative}
        found = _EventValues(event, wanted)
        return any(_fits(alternative, found) for alternative in self.alternatives)


class _FoundValue(Struct, frozen=True):
    value: LeafValue
    places: tuple[ArrayPlace, ...]


class _EventValues:
    """The values of an event at the paths that somebody asks for."""

    def __init__(self, event: Json, wanted: set[str]) -> None:
        self._found: dict[str, list[_FoundValue]] = {}
        self._arrays: list[str] = []
        """The path of each array."""
        leading = {path[:at] for path in wanted for at, sign in enumerate(path) if sign == "."} | {"", *wanted}
        waiting: list[tuple[str, Json, tuple[ArrayPlace, ...]]] = [("", event, ())]
        while waiting:
            path, value, places = waiting.pop()
            if isinstance(value, dict):
                for key, item in value.items():
                    inner = f"{path}.{key}" if path else key
                    if inner in leading:
                        waiting.append((inner, item, places))
            elif isinstance(value, list):
                self._arrays.append(path)
                array = len(self._arrays) - 1
                waiting += ((path, item, (*places, (array, index))) for index, item in enumerate(value))
            elif path in wanted:
                self._found.setdefault(path, []).append(_FoundValue(value, places))

    def at(self, path: str) -> list[_FoundValue]:
        """The values at a path."""
        return self._found.get(path, [])

    def still_counting(self, places: Mapping[int, int], paths: list[str]) -> frozenset[ArrayPlace]:
        """Of places in arrays those that a later path may lead through."""
        return frozenset(
            (array, index)
            for array, index in places.items()
            if any(path == self._arrays[array] or path.startswith(f"{self._arrays[array]}.") for path in paths)
        )


def _fits(alternative: tuple[PatternField, ...], found: _EventValues) -> bool:
    """Whether there is a value for each field, and all of them in elements that agree.

    All ways are followed at once, field by field; ways that no later field can tell apart are one.
    """
    ways: set[frozenset[ArrayPlace]] = {frozenset()}
    for number, field in enumerate(alternative):
        later = [other.path for other in alternative[number + 1 :]]
        next_ways: set[frozenset[ArrayPlace]] = set()
        for way in ways:
            places = dict(way)
            next_ways |= {found.still_counting(each, later) for each in _ways_on(field, places, found)}
        if not next_ways:
            return False
        ways = next_ways
    return True


def _ways_on(field: PatternField, places: dict[int, int], found: _EventValues) -> Iterator[dict[int, int]]:
    is_there = False
    for each in found.at(field.path):
        if all(places.get(array, index) == index for array, index in each.places):
            is_there = True
            if field.matches(each.value):
                yield {**places, **dict(each.places)}
    if not is_there and field.allows_absence():
        yield places
