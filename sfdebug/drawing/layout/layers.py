"""Which row of boxes each item of a scope stands in, and which wires lead back up.

Cycles are broken by a depth-first walk from the start in definition order: a wire to an item that the walk is
still inside leads back. The rest is acyclic, and is layered by longest paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import TopologicalSorter
from typing import Final

from msgspec import Struct

from sfdebug.drawing.layout.network_simplex import Link, shorten
from sfdebug.drawing.model import ItemKind, ScopeModel, Wire

_MAIN: Final = 1
_OTHER: Final = 1
"""How much a level of its length counts for a wire of Next, and for any other."""


class Layers(Struct, frozen=True, gc=False):
    """`level` of each item, from 0; `is_back` of each wire; items and wires in the order in which the walk met them."""

    level: list[int]
    is_back: list[bool]
    item_order: list[int]
    wire_order: list[int]


def assign_layers(scope: ScopeModel) -> Layers:
    """The layers of `scope`: every wire that does not lead back goes to a greater level."""
    count = len(scope.items)
    leaving: list[list[int]] = [[] for _ in range(count)]
    for index, wire in enumerate(scope.wires):
        leaving[wire.source].append(index)
    is_back, order, wire_order = _walk(scope.wires, leaving)
    links = [
        Link(wire.source, wire.target, 1, _MAIN if wire.is_main else _OTHER)
        for wire, back in zip(scope.wires, is_back, strict=True)
        if not back
    ]
    entered = {link.head for link in links}
    loose = [item for item in order if item not in entered]
    if scope.items and scope.items[0].kind is ItemKind.START:
        links += [Link(0, item, 1, 0) for item in loose if item]  # nothing stands beside the marker
        level = _longest_paths(count, links)
        shorten(level, links)
    else:
        # What has nothing above it hangs on a root that is not drawn.
        links += [Link(count, item, 1, 0) for item in loose]
        level = _longest_paths(count + 1, links)
        shorten(level, links)
        level.pop()
    used = {depth: index for index, depth in enumerate(sorted(set(level)))}
    return Layers([used[depth] for depth in level], is_back, order, wire_order)


def _walk(wires: Sequence[Wire], leaving: list[list[int]]) -> tuple[list[bool], list[int], list[int]]:
    is_back = [False] * len(wires)
    state = [0] * len(leaving)  # 0 not met, 1 inside, 2 left
    order: list[int] = []
    wire_order: list[int] = []
    for root in range(len(leaving)):
        if state[root]:
            continue
        state[root] = 1
        order.append(root)
        trail = [(root, iter(leaving[root]))]
        while trail:
            item, rest = trail[-1]
            index = next(rest, None)
            if index is None:
                state[item] = 2
                trail.pop()
                continue
            wire_order.append(index)
            target = wires[index].target
            if state[target] == 1:
                is_back[index] = True
            elif state[target] == 0:
                state[target] = 1
                order.append(target)
                trail.append((target, iter(leaving[target])))
    return is_back, order, wire_order


def _longest_paths(count: int, links: Sequence[Link]) -> list[int]:
    """The level of each item if all stand as high as they can."""
    above: dict[int, list[tuple[int, int]]] = {item: [] for item in range(count)}
    for link in links:
        above[link.head].append((link.tail, link.least))
    level = [0] * count
    for item in TopologicalSorter({item: [tail for tail, _ in into] for item, into in above.items()}).static_order():
        level[item] = max([level[tail] + least for tail, least in above[item]], default=0)
    return level
