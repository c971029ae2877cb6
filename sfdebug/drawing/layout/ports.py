"""The column at which each wire leaves its box, and at which each net enters its box.

A port stands where its line can run straight, if that is on the box's border; else in the middle for a single
wire or for Next, and towards its goal for the others.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from sfdebug.drawing.layout.coordinates import separation, spread
from sfdebug.drawing.layout.grid import PORT_GAP, PORT_MARGIN, Element, Grid, HopKind, NetKind, Ports

NUDGE: Final = 4
"""How far a label is moved to stand under its exit."""


class PortColumns(Struct, frozen=True, gc=False):
    """Columns: of `exits` by hop, of `entries` by (element, net)."""

    exits: dict[int, int]
    entries: dict[tuple[int, NetKind], int]


def assign_ports(grid: Grid, ports: dict[int, Ports], badged: set[int]) -> PortColumns:
    """The columns of all ports. The elements `badged` keep the right end of their lower border for a badge."""
    port_columns = PortColumns({}, {})
    for _ in range(2):  # each end looks at where the other one is
        for node, own in ports.items():
            _enter(grid, node, own, port_columns)
        for node, own in ports.items():
            _leave(grid, node, own, port_columns, badged)
    return port_columns


def straighten(grid: Grid, port_columns: PortColumns, ports: dict[int, Ports]) -> bool:
    """Move what stands a little beside the exit that leads to it under that exit, where nothing is lost.

    Whether anything moved: then the ports are to be assigned again.
    """
    onward: dict[int, list[int]] = {}
    for index, hop in enumerate(grid.hops):
        onward.setdefault(hop.source, []).append(index)
    alone = {hops[0] for own in ports.values() for hops in own.entries if len(hops) == 1}
    moved = False
    for index, column in port_columns.exits.items():
        hop = grid.hops[index]
        element = grid.elements[hop.target]
        if hop.kind is not HopKind.DOWN or element.is_box or not 0 < abs(column - element.x) <= NUDGE:
            continue
        following = onward[hop.target]
        if len(following) == 1 and following[0] in alone:
            goal = grid.elements[grid.hops[following[0]].target]
            fits = not goal.is_dot and goal.first + 1 < column < goal.last - 1
            if fits and _is_free(grid, hop.target, column):
                element.x, moved = column, True
    return moved


def _is_free(grid: Grid, node: int, column: int) -> bool:
    """Whether an element can stand at `column` without coming too near to its neighbours."""
    rank = grid.ranks[grid.elements[node].rank]
    at, element = rank.index(node), grid.elements[node]
    if at:
        left = grid.elements[rank[at - 1]]
        if column - left.x < separation(left, element):
            return False
    if at + 1 < len(rank):
        right = grid.elements[rank[at + 1]]
        return right.x - column >= separation(element, right)
    return True


def _enter(grid: Grid, node: int, own: Ports, port_columns: PortColumns) -> None:
    element = grid.elements[node]
    x, first, last = element.x, element.first, element.last
    goals = []
    for number, hops in enumerate(own.entries):
        goal = x
        if len(hops) == 1 and not element.is_dot:
            hop = grid.hops[hops[0]]
            if hop.kind is HopKind.DOWN:
                column = port_columns.exits.get(hops[0], grid.elements[hop.source].x)
                goal = column if first < column < last else goal
        if number != own.main and goal == x:
            goal = first + PORT_MARGIN if number < own.main else last - PORT_MARGIN
        goals.append(goal)
    weights = [64.0 if number == own.main else 1.0 for number in range(len(own.entries))]
    columns = fit_ports(goals, weights, first, last, margin=1)
    for hops, column in zip(own.entries, columns, strict=True):
        port_columns.entries[node, grid.hops[hops[0]].net] = column


def _leave(grid: Grid, node: int, own: Ports, port_columns: PortColumns, badged: set[int]) -> None:
    if not own.exits:
        return
    element = grid.elements[node]
    first, last, margin = element.first, element.last, _margin(element)
    goals, weights = [], []
    for index, is_line in zip(own.exits, own.mains, strict=True):
        hop = grid.hops[index]
        target = grid.elements[hop.target]
        goal = port_columns.entries.get((hop.target, hop.net), target.x) if target.is_box else target.x
        may_bend = is_line or len(own.exits) == 1
        if may_bend and not first + margin <= goal <= last - margin and hop.kind is HopKind.DOWN:
            goal = element.x
        goals.append(goal)
        weights.append(64.0 if is_line else 1.0)
    last -= 2 if node in badged and element.height > 1 else 0
    in_reach = first < min(goals) and max(goals) < last
    columns = fit_ports(goals, weights, first, last, margin=1 if in_reach else margin)
    port_columns.exits.update(zip(own.exits, columns, strict=True))
    for first, others in own.forks.items():
        port_columns.exits.update(dict.fromkeys(others, port_columns.exits[first]))


def _margin(element: Element) -> int:
    """A box of one row has no corners."""
    return PORT_MARGIN if element.height > 1 else 1


def fit_ports(goals: list[int], weights: list[float], first: int, last: int, margin: int = PORT_MARGIN) -> list[int]:
    """Columns near `goals`, in their order, apart, and between the corners `first` and `last` of a border."""
    if first == last:
        return [first for _ in goals]
    needed = PORT_GAP * (len(goals) - 1)
    margin = margin if last - first - 2 * margin >= needed else 1
    low, high = first + margin, max(last - margin - needed, first + margin)
    if len(goals) == 1:
        return [min(max(goals[0], low), high)]
    apart = [PORT_GAP] * (len(goals) - 1)
    fitted = spread([float(goal) for goal in goals], weights, apart)
    columns = []
    for index, column in enumerate(fitted):
        base = int((column - PORT_GAP * index + 0.5) // 1)
        columns.append(min(max(base, low), high) + PORT_GAP * index)
    return columns
