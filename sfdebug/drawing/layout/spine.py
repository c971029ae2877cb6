"""Which wires make the spine of a scope: the way that most runs go, drawn as one straight line.

A spine follows Next; at a Choice, the exit that gets furthest, any but a Fail. Where several get as far, it goes on
where they come together, in their middle. What is beside a spine leans on it, so that a long machine stands upright.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from sfdebug.drawing.elements import Badge
from sfdebug.drawing.layout.layers import Layers
from sfdebug.drawing.model import ScopeModel, Wire

_NOWHERE: Final = -1
_FAN: Final = 3
_TAIL: Final = 4
"""A Choice of more exits than a few stands over the middle of them when not so many levels follow."""


class Spines(Struct, frozen=True, gc=False):
    """Wires, as indices: those of the `first` spine, of the `others`, and those that meet on equal terms.

    `joins` are pairs of items that should stand in one column: where ways part, and where they come together.
    """

    first: frozenset[int]
    others: frozenset[int]
    balanced: frozenset[int]
    joins: tuple[tuple[int, int], ...]


def find_spines(scope: ScopeModel, layers: Layers) -> Spines:
    """The spines of `scope`, from each item that no other spine has reached."""
    wires = scope.wires
    leaving: list[list[int]] = [[] for _ in scope.items]
    entering: list[list[int]] = [[] for _ in scope.items]
    for index, wire in enumerate(wires):
        if not wire.is_catch and not layers.is_back[index]:
            leaving[wire.source].append(index)
            entering[wire.target].append(index)
    reach = [0 if Badge.FAIL in item.badges else each for item, each in zip(scope.items, layers.level, strict=True)]
    exits = _exits(leaving, wires, layers.level, reach)
    join = _joins(exits, wires, layers.level)
    taken: set[int] = set()
    walks: list[list[int]] = []
    joins: list[tuple[int, int]] = []
    for start in layers.item_order:
        item, walk = start, []
        while item != _NOWHERE:
            following = join[item]
            if following == _NOWHERE or following in taken:
                break
            taken.add(following)
            if len(exits[item]) == 1:
                walk.append(exits[item][0])
            else:
                joins.append((item, following))
            item = following
        walks.append(walk)
    first, others = frozenset(walks[0] if walks else ()), {index for walk in walks[1:] for index in walk}
    on_spine = first | others
    balanced = {index for _, end in joins for index in entering[end] if wires[index].is_main and index not in on_spine}
    return Spines(first, frozenset(others), frozenset(balanced), tuple(joins))


def _exits(leaving: Sequence[list[int]], wires: Sequence[Wire], level: list[int], reach: list[int]) -> list[list[int]]:
    """The wires by which the spine may leave each item: more than one where none is better than the others.

    `reach` begins as the level of each item, and becomes the level that is got to from there.
    """
    exits: list[list[int]] = [[] for _ in leaving]
    for item in sorted(range(len(level)), key=level.__getitem__, reverse=True):
        mains = [index for index in leaving[item] if wires[index].is_main]
        reach[item] = max([reach[item], *(reach[wires[index].target] for index in leaving[item])])
        best = mains or [index for index in leaving[item] if reach[wires[index].target] == reach[item]]
        if len(leaving[item]) > _FAN and reach[item] - level[item] < _TAIL:
            best = leaving[item]
        near = [index for index in best if level[wires[index].target] == level[item] + 1]
        exits[item] = near if len(near) == 1 else best
    return exits


def _joins(exits: list[list[int]], wires: Sequence[Wire], level: list[int]) -> list[int]:
    """Where all ways by `exits` from each item first come together."""
    join = [_NOWHERE] * len(exits)
    for item in sorted(range(len(level)), key=level.__getitem__, reverse=True):
        ways = [wires[index].target for index in exits[item]]
        met = ways[0] if ways else _NOWHERE
        for way in ways[1:]:
            while met != way and _NOWHERE not in (met, way):
                if level[met] <= level[way]:
                    met = join[met]
                else:
                    way = join[way]
            met = met if met == way else _NOWHERE
        join[item] = met
    return join
