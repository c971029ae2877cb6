"""What stands in each cell of a drawing's lines: which arms, of which edges, solid or dashed, and the arrows.

The cells between two corners are all the same, and share one `CellLines`; a cell in which lines meet, or that is
marked, has a `CellLines` of its own.
"""

from __future__ import annotations

from enum import Enum, auto
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from sfdebug.drawing.elements import EdgeKind, Layout, Point, Stroke

NORTH: Final = 1
EAST: Final = 2
SOUTH: Final = 4
WEST: Final = 8
VERTICAL: Final = NORTH | SOUTH
HORIZONTAL: Final = EAST | WEST
"""A line's arms are the sum of those for the sides that it connects to."""

_UP_EVERY: Final = 4
"""Every so many rows a line that climbs shows its direction."""


class LineMark(Enum):
    """What a cell of a line shows."""

    LINE = auto()
    DOWN = auto()
    UP = auto()
    START = auto()


class CellLines(NamedTuple):
    """One cell: its arms, and the edges that they belong to. `bends` if one of the lines turns here.

    Where two nets cross, the upright one shows, and `under` is the other.
    """

    net: int
    arms: int
    is_dashed: bool
    edges: tuple[int, ...]
    bends: bool = False
    mark: LineMark = LineMark.LINE
    under: CellLines | None = None


Rows: TypeAlias = "list[dict[int, CellLines]]"
"""The cells of lines, by row and column."""


def trace(layout: Layout) -> Rows:
    """Every cell that a line runs through, from the port on its source's border to the arrow above its target.

    Where boxes have one row, a line begins in the row below.
    """
    rows: Rows = [{} for _ in range(layout.height)]
    met: list[Point] = []
    for stroke in layout.strokes:
        _lay(stroke, rows, met)
    for x, y in met:
        line = rows[y][x]
        if line.arms == VERTICAL | HORIZONTAL and not line.bends:
            rows[y][x] = line._replace(arms=VERTICAL)  # two lines of one net that cross without joining
    drawn = [edge for edge in layout.edges if edge.corners]
    for edge in drawn:
        x, y = edge.corners[0]
        source = None if edge.kind is EdgeKind.START else layout.box(edge.source)
        if source is not None and source.height == 1:
            rows[y].pop(x, None)
        elif source is None:
            rows[y][x] = _marked(rows[y][x], LineMark.START)
        x, y = edge.corners[-1]
        rows[y].pop(x, None)  # the border of its target
        if rows[y - 1][x].mark is not LineMark.DOWN:
            rows[y - 1][x] = _marked(rows[y - 1][x], LineMark.DOWN)
    climbs = {(x, bottom, top) for edge in drawn for (x, bottom), (_, top) in pairwise(edge.corners) if top < bottom}
    for x, bottom, top in sorted(climbs):
        _mark_climb(x, bottom, top, rows)
    return rows


def _lay(stroke: Stroke, rows: Rows, met: list[Point]) -> None:
    net, is_catch, edges = stroke.net, stroke.is_catch, stroke.edges
    upright, level = CellLines(net, VERTICAL, is_catch, edges), CellLines(net, HORIZONTAL, is_catch, edges)
    arms_back = 0
    for (x, y), (to_x, to_y) in pairwise(stroke.corners):
        if to_x == x:
            ahead, back = (SOUTH, NORTH) if to_y > y else (NORTH, SOUTH)
            for row in range(min(y, to_y) + 1, max(y, to_y)):
                if x in rows[row]:
                    _add(stroke, (x, row), VERTICAL, False, rows, met)
                else:
                    rows[row][x] = upright
        else:
            ahead, back = (EAST, WEST) if to_x > x else (WEST, EAST)
            _lay_level(stroke, range(min(x, to_x) + 1, max(x, to_x)), y, level, rows, met)
        _add(stroke, (x, y), arms_back | ahead, bool(arms_back), rows, met)
        arms_back = back
    _add(stroke, stroke.corners[-1], arms_back, False, rows, met)


def _lay_level(stroke: Stroke, columns: range, y: int, level: CellLines, rows: Rows, met: list[Point]) -> None:
    """Lay a stretch of row `y`. Cells that shared a line before share one after: each is joined but once."""
    cells = rows[y]
    before: CellLines | None = None
    after = level
    for column in columns:
        line = cells.get(column)
        if line is None:
            cells[column] = level
        elif line is before:
            cells[column] = after
        else:
            _add(stroke, (column, y), HORIZONTAL, False, rows, met)
            after = cells[column]
            before = line if line.arms == HORIZONTAL and after.under is None else None


def _add(stroke: Stroke, at: Point, arms: int, bends: bool, rows: Rows, met: list[Point]) -> None:
    x, y = at
    line = rows[y].get(x)
    new = CellLines(stroke.net, arms, stroke.is_catch, stroke.edges, bends)
    if line is None:
        rows[y][x] = new
        return
    met.append(at)
    if line.net == stroke.net:
        rows[y][x] = _joined(line, new)
    elif line.under is not None:
        rows[y][x] = line._replace(under=_joined(line.under, new))
    elif arms == HORIZONTAL:
        rows[y][x] = line._replace(under=new)
    else:
        rows[y][x] = new._replace(under=line)


def _joined(one: CellLines, other: CellLines) -> CellLines:
    """Both lines in one cell."""
    edges = one.edges if one.edges == other.edges else tuple(dict.fromkeys(one.edges + other.edges))
    bends = one.bends or other.bends
    return CellLines(one.net, one.arms | other.arms, one.is_dashed, edges, bends, one.mark, one.under)


def _mark_climb(x: int, bottom: int, top: int, rows: Rows) -> None:
    """Show the direction of a line that climbs in column `x`, at least once."""
    plain = [row for row in range(top + 1, bottom) if _is_plain(rows[row][x])]
    if not plain:
        return
    marked = [row for row in plain if row % _UP_EVERY == 0 or rows[row][x].mark is LineMark.UP]
    for row in marked or [plain[len(plain) // 2]]:
        rows[row][x] = _marked(rows[row][x], LineMark.UP)


def _marked(line: CellLines, mark: LineMark) -> CellLines:
    return CellLines(line.net, line.arms, line.is_dashed, line.edges, line.bends, mark, line.under)


def _is_plain(line: CellLines) -> bool:
    return line.arms == VERTICAL and line.under is None
