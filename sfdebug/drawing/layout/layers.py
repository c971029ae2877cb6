"""Which row of boxes each item of a scope stands in, and which wires lead back up.

Cycles are broken by a depth-first walk from the start in definition order: a wire to an item that the walk is
still inside leads back. The rest is acyclic, and is layered so that wires are short. What a Choice of many targets
leads to stands on shelves below one another, which one rail leads to; what nothing leads to stands below all else.
"""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Final

from msgspec import Struct

from sfdebug.drawing.layout.network_simplex import Link, shorten
from sfdebug.drawing.layout.rails import Rails, find_rails
from sfdebug.drawing.model import ItemKind, ScopeModel, Wire

_MAIN: Final = 1
_OTHER: Final = 1
_RAIL: Final = 2
"""How much a level of its length counts for a wire of Next, for any other, and for one to a shelf."""


class Layers(Struct, frozen=True, gc=False):
    """`level` of each item, from 0; `is_back` of each wire; items and wires in the order in which the walk met them.

    From level `loose` on stand items that no way from the start leads to; -1 where there are none.
    """

    level: list[int]
    is_back: list[bool]
    item_order: list[int]
    wire_order: list[int]
    rails: Rails
    loose: int = -1


def assign_layers(scope: ScopeModel, widths: Sequence[int] = (), row: int = 0) -> Layers:
    """The layers of `scope`: every wire that does not lead back goes to a greater level.

    With the `widths` of its items, what a Choice of many targets leads to is put on shelves of no more than `row`.
    """
    count = len(scope.items)
    leaving: list[list[int]] = [[] for _ in range(count)]
    for index, wire in enumerate(scope.wires):
        leaving[wire.source].append(index)
    is_back, order, wire_order = _walk(scope.wires, leaving)
    reached = _reached(scope, leaving)
    for index, wire in enumerate(scope.wires):
        is_back[index] = is_back[index] or (reached[wire.target] and not reached[wire.source])
    rails = find_rails(scope, is_back)
    links = [
        Link(wire.source, wire.target, 1, _RAIL if index in rails.of else _MAIN if wire.is_main else _OTHER)
        for index, wire in enumerate(scope.wires)
        if not is_back[index]
    ]
    shelved, virtual = _shelves(rails, scope, is_back, links, widths, row) if widths else ([], 0)
    links += shelved
    total = count + virtual
    entered = {link.head for link in links}
    loose = [item for item in (*order, *range(count, total)) if item not in entered]
    above = [item for item in range(count) if reached[item]]
    below = [item for item in range(count) if not reached[item]]
    if below and above:
        # Between both stands an item that is not drawn.
        onward = {link.tail for link in links}
        links += [Link(item, total, 1, 0) for item in above if item not in onward]
        links += [Link(total, item, 1, 0) for item in below]
        loose = [item for item in loose if reached[item]] if scope.items else []
        total += 1
    if scope.items and scope.items[0].kind is ItemKind.START:
        links += [Link(0, item, 1, 0) for item in loose if item]  # nothing stands beside the marker
        level = _longest_paths(total, links)
        shorten(level, links)
    else:
        # What has nothing above it hangs on a root that is not drawn.
        links += [Link(total, item, 1, 0) for item in loose]
        level = _longest_paths(total + 1, links)
        shorten(level, links)
    del level[count:]
    used = {depth: index for index, depth in enumerate(sorted(set(level)))}
    level = [used[depth] for depth in level]
    first = min((level[item] for item in below), default=-1) if above else -1
    return Layers(level, is_back, order, wire_order, rails, first)


def _shelves(
    rails: Rails, scope: ScopeModel, is_back: list[bool], links: list[Link], widths: Sequence[int], row: int
) -> tuple[list[Link], int]:
    """The links that make shelves, and how many more items they need; none where they would go round in a circle."""
    if rails.of:
        highest = _longest_paths(len(scope.items), links)
        shelved, virtual = rails.links(scope, is_back, highest, widths, row)
        if _is_acyclic([*links, *shelved]):
            return shelved, virtual
    return [], 0


def _reached(scope: ScopeModel, leaving: list[list[int]]) -> list[bool]:
    """Which items some way from the start leads to; all of them where it is not known where the start is."""
    ahead = [index for index, item in enumerate(scope.items) if item.kind is ItemKind.START or item.path == scope.start]
    if not ahead:
        return [True] * len(scope.items)
    reached = [False] * len(scope.items)
    while ahead:
        item = ahead.pop()
        if not reached[item]:
            reached[item] = True
            ahead.extend(scope.wires[index].target for index in leaving[item])
    return reached


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


def _is_acyclic(links: Sequence[Link]) -> bool:
    above: dict[int, set[int]] = {}
    for link in links:
        above.setdefault(link.head, set()).add(link.tail)
    try:
        TopologicalSorter(above).prepare()
    except CycleError:
        return False
    return True


def _longest_paths(count: int, links: Sequence[Link]) -> list[int]:
    """The level of each item if all stand as high as they can."""
    below: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    waiting, level = [0] * count, [0] * count
    for tail, head, least, _ in links:
        below[tail].append((head, least))
        waiting[head] += 1
    ready = [item for item, links_above in enumerate(waiting) if not links_above]
    for item in ready:
        for head, least in below[item]:
            depth = level[item] + least
            if depth > level[head]:
                level[head] = depth
            waiting[head] -= 1
            if not waiting[head]:
                ready.append(head)
    return level
