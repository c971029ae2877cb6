"""From left to right: the wires that leave a box below, and the two kinds of net that can enter it above."""

from __future__ import annotations

from dataclasses import dataclass, field

from sfdebug.graph.grid import Grid, Hop, HopKind

PORT_GAP = 2
"""The least distance between two ports of one box."""


@dataclass(slots=True)
class Ports:
    """The hops of one box: `exits` in order from the left, each with a port of its own; `entries` by net.

    `entries` holds one list of hops for each net that enters, flow and Catch apart, in order from the left.
    """

    exits: list[int] = field(default_factory=list)
    entries: list[list[int]] = field(default_factory=list)


def find_ports(grid: Grid) -> dict[int, Ports]:
    """The ports of every box of `grid`, by element."""
    pos = {place: index for rank in grid.ranks for index, place in enumerate(rank)}
    found = {place: Ports() for rank in grid.ranks for place in rank if grid.elements[place].is_box}
    nets: dict[tuple[int, bool], list[int]] = {}
    for index, hop in enumerate(grid.hops):
        if hop.source in found:
            found[hop.source].exits.append(index)
        if hop.target in found:
            nets.setdefault((hop.target, hop.is_catch), []).append(index)
    for (place, _), hops in nets.items():
        found[place].entries.append(hops)
    for place, ports in found.items():
        ports.exits.sort(key=lambda index: _exit_key(grid.hops[index], pos, place))
        ports.entries.sort(key=lambda hops: _entry_key([grid.hops[index] for index in hops], grid, pos, place))
    return found


def _exit_key(hop: Hop, pos: dict[int, int], box: int) -> tuple[int, int]:
    """Turns to the left, then hops down, then turns to the right; of the turns, the nearest lane outermost.

    A near lane inside a far one makes two nested turns; the other way round they would cross.
    """
    if hop.kind is HopKind.DOWN:
        return (1, pos[hop.target])
    return (0 if pos[hop.target] < pos[box] else 2, -pos[hop.target])


def _entry_key(hops: list[Hop], grid: Grid, pos: dict[int, int], box: int) -> tuple[int, bool]:
    """About where a net comes from, on a scale on which the box's own rank goes from 0 to 1000."""
    total = 0
    for hop in hops:
        if hop.kind is HopKind.HOOK:
            total += -1000 if pos[hop.source] < pos[box] else 2000
        else:
            rank = grid.ranks[grid.elements[hop.source].rank]
            total += (2 * pos[hop.source] + 1) * 500 // len(rank)
    return (total // len(hops), hops[0].is_catch)
