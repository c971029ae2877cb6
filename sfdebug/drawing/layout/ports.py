"""The column at which each wire leaves its box, and at which each net enters its box.

A port stands where its line can run straight, if that is on the box's border; else in the middle for a single
wire or for Next, and towards its goal for the others.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from msgspec import Struct

from sfdebug.drawing.giving_way import give_way
from sfdebug.drawing.layout.coordinates import separation, spread
from sfdebug.drawing.layout.grid import DOWN, PORT_GAP, PORT_MARGIN, Element, Grid, NetKind, Ports

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


def movable(grid: Grid, ports: dict[int, Ports]) -> dict[int, int]:
    """The lines and labels that only lead to a box which they enter alone, each with that box: they may be moved."""
    leaving = Counter([hop.source for hop in grid.hops])
    alone = [grid.hops[hops[0]] for own in ports.values() for hops in own.entries if len(hops) == 1]
    return {hop.source: hop.target for hop in alone if leaving[hop.source] == 1}


def straighten(grid: Grid, port_columns: PortColumns) -> bool:
    """Move what stands a little beside the exit that leads to it under that exit, where nothing is lost.

    Whether anything moved: then the ports are to be assigned again.
    """
    onward, moved = grid.movable, False
    for index, column in port_columns.exits.items():
        hop = grid.hops[index]
        element = grid.elements[hop.target]
        if hop.kind is not DOWN or element.is_box or not 0 < abs(column - element.x) <= NUDGE:
            continue
        if hop.target in onward:
            goal = grid.elements[onward[hop.target]]
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
    if not own.entries:
        return
    elements, hops = grid.elements, grid.hops
    element = elements[node]
    x = element.x
    first, last = x - element.left, x + element.right
    goals = []
    for number, nets in enumerate(own.entries):
        goal = x
        if len(nets) == 1 and not element.is_dot:
            hop = hops[nets[0]]
            if hop.kind is DOWN:
                column = port_columns.exits.get(nets[0])
                if column is None:
                    column = elements[hop.source].x
                if first < column < last:
                    goal = column
        if number != own.main and goal == x:
            goal = first + PORT_MARGIN if number < own.main else last - PORT_MARGIN
        goals.append(goal)
    columns = fit_ports(goals, own.entry_weights, first, last, margin=1)
    for nets, column in zip(own.entries, columns, strict=True):
        port_columns.entries[node, hops[nets[0]].net] = column


def _leave(grid: Grid, node: int, own: Ports, port_columns: PortColumns, badged: set[int]) -> None:
    give_way()
    if not own.exits:
        return
    elements, hops = grid.elements, grid.hops
    element = elements[node]
    first, last, margin = element.x - element.left, element.x + element.right, _margin(element)
    goals = []
    for index, is_line in zip(own.exits, own.mains, strict=True):
        hop = hops[index]
        target = elements[hop.target]
        goal = target.x
        if target.is_box:
            goal = port_columns.entries.get((hop.target, hop.net), goal)
        may_bend = is_line or len(own.exits) == 1
        if may_bend and not first + margin <= goal <= last - margin and hop.kind is DOWN:
            goal = element.x
        goals.append(goal)
    if node in badged and element.height > 1:
        last -= 2
    in_reach = first < min(goals) and max(goals) < last
    columns = fit_ports(goals, own.exit_weights, first, last, margin=1 if in_reach else margin)
    port_columns.exits.update(zip(own.exits, columns, strict=True))
    for first, others in own.forks.items():
        port_columns.exits.update(dict.fromkeys(others, port_columns.exits[first]))


def _margin(element: Element) -> int:
    """A box of one row has no corners."""
    return PORT_MARGIN if element.height > 1 else 1


def fit_ports(goals: list[int], weights: list[float], first: int, last: int, margin: int = PORT_MARGIN) -> list[int]:
    """Columns near `goals`, in their order, apart, and between the corners `first` and `last` of a border."""
    count = len(goals)
    if first == last:
        return [first] * count
    needed = PORT_GAP * (count - 1)
    margin = margin if last - first - 2 * margin >= needed else 1
    low = first + margin
    high = max(last - margin - needed, low)
    if count == 1:
        (goal,) = goals
        return [low if goal < low else high if goal > high else goal]
    fitted = spread([float(goal) for goal in goals], weights, [PORT_GAP] * (count - 1))
    columns = []
    for index, column in enumerate(fitted):
        base = int((column - PORT_GAP * index + 0.5) // 1)
        columns.append(min(max(base, low), high) + PORT_GAP * index)
    return columns
