"""From left to right: the wires that leave a box below, and the two kinds of net that can enter it above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sfdebug.drawing.layout.grid import Grid, Hop, HopKind

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


def hang(grid: Grid, ports: dict[int, Ports], names: Mapping[int, int]) -> None:
    """Make dots of the boxes at `names`, each with a name of so many cells behind it; room on either side for ports."""
    for place, name in names.items():
        element, own = grid.elements[place], ports[place]
        count = len(own.exits)
        mains = [number for number, index in enumerate(own.exits) if grid.hops[index].is_main_flow]
        before = PORT_GAP * mains[0] if mains else count - 1
        after = PORT_GAP * (count - 1) - before
        left, right = _left_turns(grid, place, own), 0
        if len(own.entries) > 1:
            catch_is_left = grid.hops[own.entries[0][0]].is_catch
            left, right = left + catch_is_left, int(not catch_is_left)
        before, after = max(before, PORT_GAP * left), max(after, PORT_GAP * right)
        element.is_dot = True
        element.left, element.right = max(1, before + 1), max(name, after + 1)


def _left_turns(grid: Grid, place: int, own: Ports) -> int:
    """How many lines leave a box for lanes on its left."""
    turns = [grid.hops[index].target for index in own.exits if grid.hops[index].kind is HopKind.TURN]
    rank = grid.ranks[grid.elements[place].rank] if turns else []
    return sum(rank.index(lane) < rank.index(place) for lane in turns)


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
