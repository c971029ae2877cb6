"""Which row of boxes each item of a scope stands in, and which wires lead back up.

Cycles are broken by a depth-first walk from the start in definition order: a wire to an item that the walk is
still inside leads back. The rest is acyclic, and is layered by longest paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sfdebug.graph.model import ItemKind, ScopeModel, Wire


@dataclass(frozen=True, slots=True)
class Layers:
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
    forward = [wire for wire, back in zip(scope.wires, is_back, strict=True) if not back]
    pairs = [(wire.source, wire.target) for wire in forward]
    if scope.items and scope.items[0].kind is ItemKind.START:
        entered = {target for _, target in pairs}
        pairs += [(0, item) for item in range(1, count) if item not in entered]  # nothing stands beside the marker
    level = _longest_paths(count, pairs)
    _pull_down(level, forward, [item for item in order if scope.items[item].kind is not ItemKind.START])
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


def _longest_paths(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(pairs)
    level = [0] * count
    for depth, generation in enumerate(nx.topological_generations(graph)):
        for item in generation:
            level[item] = depth
    return level


def _pull_down(level: list[int], forward: Sequence[Wire], order: Sequence[int]) -> None:
    """Move items with more wires out than in next to what they lead to, so that fewer long lines remain."""
    below: list[list[int]] = [[] for _ in level]
    entering = [0] * len(level)
    for wire in forward:
        below[wire.source].append(wire.target)
        entering[wire.target] += 1
    for item in sorted(order, key=lambda item: -level[item]):
        if len(below[item]) > entering[item]:
            level[item] = max(level[item], min(level[target] for target in below[item]) - 1)
