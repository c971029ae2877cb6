"""What stands in each cell of a drawing's lines: which arms, of which edges, solid or dashed, and the arrows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from typing import Final

from sfdebug.graph.drawing import EdgeKind, Layout, Point, Stroke
from sfdebug.graph.glyphs import EAST, HORIZONTAL, NORTH, SOUTH, VERTICAL, WEST

_UP_EVERY: Final = 4
"""Every so many rows a line that climbs shows its direction."""


class Mark(Enum):
    """What a cell of a line shows."""

    LINE = auto()
    DOWN = auto()
    UP = auto()
    PORT = auto()
    START = auto()


@dataclass(slots=True)
class Line:
    """One cell: its arms, and the edges that they belong to. `bends` if one of the lines turns here.

    Where two nets cross, the upright one shows, and `under` is the other.
    """

    net: int
    arms: int
    is_dashed: bool
    edges: tuple[int, ...]
    bends: bool = False
    mark: Mark = Mark.LINE
    under: Line | None = None


def trace(layout: Layout) -> dict[Point, Line]:
    """Every cell that a line runs through, from the port on its source's border to the arrow above its target."""
    found: dict[Point, Line] = {}
    for stroke in layout.strokes:
        _lay(stroke, found)
    for line in found.values():
        if line.arms == VERTICAL | HORIZONTAL and not line.bends:
            line.arms = VERTICAL  # two lines of one net that cross without joining
    drawn = [edge for edge in layout.edges if edge.corners]
    for edge in drawn:
        found[edge.corners[0]].mark = Mark.START if edge.kind is EdgeKind.START else Mark.PORT
        column, row = edge.corners[-1]
        found.pop((column, row), None)  # the border of its target
        found[column, row - 1].mark = Mark.DOWN
    climbs = {(x, bottom, top) for edge in drawn for (x, bottom), (_, top) in pairwise(edge.corners)}
    for x, bottom, top in sorted(climbs):
        if top < bottom:
            _mark_climb(x, bottom, top, found)
    return found


def _lay(stroke: Stroke, found: dict[Point, Line]) -> None:
    arms_back = 0
    for (x, y), (to_x, to_y) in pairwise(stroke.corners):
        if to_x == x:
            ahead, across, back = (SOUTH, VERTICAL, NORTH) if to_y > y else (NORTH, VERTICAL, SOUTH)
            step = 1 if to_y > y else -1
            between = [(x, row) for row in range(y + step, to_y, step)]
        else:
            ahead, across, back = (EAST, HORIZONTAL, WEST) if to_x > x else (WEST, HORIZONTAL, EAST)
            step = 1 if to_x > x else -1
            between = [(column, y) for column in range(x + step, to_x, step)]
        _add(stroke, (x, y), arms_back | ahead, bool(arms_back), found)
        for at in between:
            if at in found:
                _add(stroke, at, across, False, found)
            else:
                found[at] = Line(stroke.net, across, stroke.is_catch, stroke.edges)
        arms_back = back
    _add(stroke, stroke.corners[-1], arms_back, False, found)


def _add(stroke: Stroke, at: Point, arms: int, bends: bool, found: dict[Point, Line]) -> None:
    line = found.get(at)
    if line is None:
        found[at] = Line(stroke.net, arms, stroke.is_catch, stroke.edges, bends)
        return
    if line.net != stroke.net and line.under is not None:
        line = line.under
    if line.net == stroke.net:
        line.arms |= arms
        line.bends = line.bends or bends
        if line.edges != stroke.edges:
            line.edges = tuple(dict.fromkeys(line.edges + stroke.edges))
    elif arms == HORIZONTAL:
        line.under = Line(stroke.net, arms, stroke.is_catch, stroke.edges)
    else:
        found[at] = Line(stroke.net, arms, stroke.is_catch, stroke.edges, bends, under=line)


def _mark_climb(x: int, bottom: int, top: int, found: dict[Point, Line]) -> None:
    """Show the direction of a line that climbs in column `x`, at least once."""
    plain = []
    for row in range(top + 1, bottom):
        line = found[x, row]
        if line.arms == VERTICAL and line.under is None:
            plain.append(line)
            if row % _UP_EVERY == 0:
                line.mark = Mark.UP
    if plain and not any(line.mark is Mark.UP for line in plain):
        plain[len(plain) // 2].mark = Mark.UP
