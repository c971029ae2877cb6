"""What stands in each cell of a drawing's lines: which arms, of which edges, solid or dashed, and the arrows.

The cells between two corners are all the same, and share one `CellLines`; a cell in which lines meet, or that is
marked, has a `CellLines` of its own.
"""

from __future__ import annotations

from enum import Enum, auto
from itertools import pairwise
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.drawing.elements import EdgeKind, Layout, Point, Stroke
from sfdebug.drawing.giving_way import give_way

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


class CellLines(Struct, frozen=True, gc=False):
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
            rows[y][x] = replace(line, arms=VERTICAL)  # two lines of one net that cross without joining
    drawn = [edge for edge in layout.edges if edge.corners]
    for edge in drawn:
        give_way()
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
    give_way()
    corners = stroke.corners
    x, y = corners[0]
    arms_back = 0
    for to_x, to_y in corners[1:]:
        if to_x == x:
            is_down = to_y > y
            ahead, back = (SOUTH, NORTH) if is_down else (NORTH, SOUTH)
            _lay_upright(stroke, x, rows[y + 1 : to_y] if is_down else rows[to_y + 1 : y], min(y, to_y) + 1, met)
        else:
            ahead, back = (EAST, WEST) if to_x > x else (WEST, EAST)
            columns = range(x + 1, to_x) if to_x > x else range(to_x + 1, x)
            if columns:
                _lay_level(stroke, columns, y, rows[y], met)
        _add(stroke, x, y, arms_back | ahead, rows[y], met, bends=bool(arms_back))
        arms_back = back
        x, y = to_x, to_y
    _add(stroke, x, y, arms_back, rows[y], met)


def _lay_upright(stroke: Stroke, x: int, passed: Rows, first: int, met: list[Point]) -> None:
    """Lay a stretch of column `x` in the rows that it passes, from the `first` on. Cells with nothing else share it."""
    upright: CellLines | None = None
    for y, cells in enumerate(passed, first):
        if x in cells:
            _add(stroke, x, y, VERTICAL, cells, met)
        else:
            upright = upright or CellLines(stroke.net, VERTICAL, stroke.is_catch, stroke.edges)
            cells[x] = upright


def _lay_level(stroke: Stroke, columns: range, y: int, cells: dict[int, CellLines], met: list[Point]) -> None:
    """Lay a stretch of row `y`. Cells that shared a line before share one after: each is joined but once."""
    level = CellLines(stroke.net, HORIZONTAL, stroke.is_catch, stroke.edges)
    before: CellLines | None = None
    after = level
    for column in columns:
        line = cells.get(column)
        if line is None:
            cells[column] = level
        elif line is before:
            cells[column] = after
        else:
            _add(stroke, column, y, HORIZONTAL, cells, met)
            after = cells[column]
            before = line if line.arms == HORIZONTAL and after.under is None else None


def _add(
    stroke: Stroke, x: int, y: int, arms: int, cells: dict[int, CellLines], met: list[Point], *, bends: bool = False
) -> None:
    """Add a cell of a line to row `y`."""
    line = cells.get(x)
    if line is None:
        cells[x] = CellLines(stroke.net, arms, stroke.is_catch, stroke.edges, bends)
        return
    met.append((x, y))
    new = CellLines(stroke.net, arms, stroke.is_catch, stroke.edges, bends)
    if line.net == stroke.net:
        cells[x] = _joined(line, new)
    elif line.under is not None:
        cells[x] = replace(line, under=_joined(line.under, new))
    elif arms == HORIZONTAL:
        cells[x] = replace(line, under=new)
    else:
        cells[x] = replace(new, under=line)


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
