"""Where parts of a Task's result are in the data of the states after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sfdebug.debugger.suggestions.expressions import INPUT, Steps, copies

if TYPE_CHECKING:
    from sfdebug.values import Json


@dataclass(frozen=True, slots=True)
class ResultLocation:
    """What lies at `under` in `root` (the input, or a variable) is what lies at `inside` in the result."""

    root: str = INPUT
    under: Steps = ()
    inside: Steps = ()


Places: TypeAlias = "tuple[ResultLocation, ...]"


def found_at(places: Iterable[ResultLocation], root: str, steps: Steps) -> Iterator[ResultLocation]:
    """What a path finds of the result, as places of the value that it finds."""
    for place in places:
        if place.root != root:
            continue
        size = len(place.under)
        if steps[:size] == place.under:
            yield ResultLocation(INPUT, (), place.inside + steps[size:])
        elif place.under[: len(steps)] == steps:
            yield ResultLocation(INPUT, place.under[len(steps) :], place.inside)


def narrowed(places: Iterable[ResultLocation], steps: Steps | None) -> Places:
    """The places after the input was narrowed to a path of it (None: one that leads elsewhere); the variables stay."""
    places = tuple(places)
    kept = tuple(place for place in places if place.root != INPUT)
    return kept if steps is None else (*kept, *found_at(places, INPUT, steps))


def built(places: Iterable[ResultLocation], template: Json, root: str, *, jsonata: bool) -> Iterator[ResultLocation]:
    """What of the result is in a value that a template makes; the value is to be `root`."""
    places = tuple(places)
    for place, mention in copies(template, jsonata=jsonata):
        for found in found_at(places, mention.root, mention.steps):
            yield ResultLocation(root, place + found.under, found.inside)


def assigned(places: Places, sources: Iterable[ResultLocation], template: Json, *, jsonata: bool) -> Places:
    """The places after an Assign, whose expressions see `sources`."""
    if not isinstance(template, dict) or not template:
        return places
    names = {name if jsonata else name.removesuffix(".$") for name in template}
    made: list[ResultLocation] = []
    sources = tuple(sources)
    for place in built(sources, template, "", jsonata=jsonata):
        name = place.under[0]
        made.append(ResultLocation(str(name), place.under[1:], place.inside))
    return (*(place for place in places if place.root not in names), *made)
