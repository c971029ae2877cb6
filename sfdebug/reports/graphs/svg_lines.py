"""The lines of a drawing as SVG paths: rounded turns, a hop where one net crosses another, arrow heads.

The strokes of a net overlap where they run together. Here each stretch between two joints becomes one path, so that
dashes stay dashes and a stretch has the edges that run through it, no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.drawing.elements import Point, along
from sfdebug.reports.graphs.svg_look import CELL_HEIGHT, CELL_WIDTH, CORNER, MARGIN

if TYPE_CHECKING:
    from sfdebug.drawing.elements import Layout

_HOP: Final = 3.5
HEAD: Final = 7
"""How long an arrow head is."""

FLAT: Final = 0.9 * CELL_HEIGHT
"""How high a box of one row is."""

_FAR: Final = 3
"""How many rows a line climbs without saying so."""

Step: TypeAlias = "tuple[Point, Point]"
"""From one cell of a line to the next, on the way to its target."""


def x_of(column: int) -> float:
    """The middle of a column."""
    return MARGIN + (column + 0.5) * CELL_WIDTH


def y_of(row: int) -> float:
    """The middle of a row."""
    return MARGIN + (row + 0.5) * CELL_HEIGHT


def number(value: float) -> str:
    """A coordinate, as short as it can be written."""
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a net that has the same `edges` all along: the cells at its ends and turns, in its direction.

    `after` is the cell that it leads on to, in another stretch; None at its target. `is_fed_ahead` tells that
    another stretch leads straight into its beginning, `is_first` that it begins at its source.
    """

    net: int
    is_catch: bool
    edges: tuple[int, ...]
    corners: tuple[Point, ...]
    after: Point | None
    is_fed_ahead: bool
    is_first: bool


def stretches(layout: Layout) -> list[Stretch]:
    """All lines of a layout, each cell of a net in one stretch."""
    found: list[Stretch] = []
    nets: dict[int, dict[Step, dict[int, None]]] = {}
    dashed = {}
    for stroke in layout.strokes:
        steps = nets.setdefault(stroke.net, {})
        dashed[stroke.net] = stroke.is_catch
        for step in pairwise(along(stroke.corners)):
            steps.setdefault(step, {}).update(dict.fromkeys(stroke.edges))
    for net, steps in nets.items():
        found.extend(_net_stretches(net, dashed[net], steps))
    return found


def _net_stretches(net: int, is_catch: bool, steps: dict[Step, dict[int, None]]) -> Iterator[Stretch]:
    following = _following(steps)
    before: dict[Step, list[Step]] = {}
    for step, after in following.items():
        before.setdefault(after, []).append(step)
    for step in steps:
        feeding = before.get(step, [])
        if len(feeding) == 1:
            continue  # not the first of its stretch
        cells, edges = [step[0], step[1]], steps[step]
        beyond = following.get(step)
        while beyond is not None and len(before[beyond]) == 1 and len(cells) <= len(steps):
            cells.append(beyond[1])
            beyond = following.get(beyond)
        ahead = any(_way(each) == _way(step) for each in feeding)
        after_cell = beyond[1] if beyond is not None else None
        yield Stretch(net, is_catch, tuple(edges), _corners(cells), after_cell, ahead, not feeding)


def _following(steps: dict[Step, dict[int, None]]) -> dict[Step, Step]:
    """The step that comes after each, on the way to the target. Where two lines of a net cross, both go straight on."""
    leaving: dict[Point, list[Step]] = {}
    for step in steps:
        leaving.setdefault(step[0], []).append(step)
    following = {}
    for step in steps:
        ahead = [each for each in leaving.get(step[1], []) if each[1] != step[0]]
        if ahead:
            following[step] = next((each for each in ahead if len(ahead) > 1 and _way(each) == _way(step)), ahead[0])
    return following


def _way(step: Step) -> Point:
    (x, y), (to_x, to_y) = step
    return to_x - x, to_y - y


def _corners(cells: list[Point]) -> tuple[Point, ...]:
    turns = [at for before, at, after in zip(cells, cells[1:], cells[2:], strict=False) if _bends(before, at, after)]
    return (cells[0], *turns, cells[-1])


def _bends(before: Point, at: Point, after: Point) -> bool:
    return _way((before, at)) != _way((at, after))


def path(stretch: Stretch, nets: Mapping[Point, frozenset[int]], flat: frozenset[Point] = frozenset()) -> str:
    """The data of a stretch's path. It hops over the other nets that go `upright` through its cells.

    `flat` are cells of boxes of one row: lines end above and begin below the middle of those.
    """
    points = [(x_of(x), y_of(y)) for x, y in stretch.corners]
    if stretch.is_first and stretch.corners[0] in flat:
        points[0] = (points[0][0], points[0][1] + FLAT / 2)
    if stretch.after is None:
        points[-1] = (points[-1][0], _end(stretch, flat) - HEAD + 1)
    if not stretch.is_first and not stretch.is_fed_ahead:
        points[0] = _towards(points[0], points[1], CORNER)  # what leads here comes round a corner
    hops = [list(_hops(stretch, start, end, nets)) for start, end in pairwise(stretch.corners)]
    data = [f"M{number(points[0][0])} {number(points[0][1])}"]
    if stretch.after is not None and _bends(stretch.corners[-2], stretch.corners[-1], stretch.after):
        end = _towards(points[-1], (x_of(stretch.after[0]), y_of(stretch.after[1])), 2 * CORNER)
        points.append(end)
    for index, (start, at) in enumerate(pairwise(points)):
        way = 1 if at[0] > start[0] else -1
        data.extend(_hop(middle, way) for middle in (hops[index] if index < len(hops) else ()))
        is_last = index + 2 == len(points)
        if not is_last:
            data.append(_turn(start, at, points[index + 2]))
        elif stretch.after is None or len(points) == len(stretch.corners):
            data.append(f"H{number(at[0])}" if start[1] == at[1] else f"V{number(at[1])}")
    return "".join(data)


def _towards(start: tuple[float, float], end: tuple[float, float], distance: float) -> tuple[float, float]:
    (x, y), (to_x, to_y) = start, end
    return x + _sign(to_x - x) * distance, y + _sign(to_y - y) * distance


def _hop(x: float, step: int) -> str:
    return f"H{number(x - step * _HOP)}a{_HOP} {_HOP} 0 0 {int(step > 0)} {number(2 * step * _HOP)} 0"


def _turn(before: tuple[float, float], at: tuple[float, float], after: tuple[float, float]) -> str:
    """The line from `before` to shortly before `at`, and round the corner towards `after`."""
    (x0, y0), (x, y), (x1, y1) = before, at, after
    radius = min(CORNER, (abs(x - x0) + abs(y - y0)) / 2, (abs(x1 - x) + abs(y1 - y)) / 2)
    in_x, in_y = _sign(x - x0), _sign(y - y0)
    line = f"H{number(x - in_x * radius)}" if y == y0 else f"V{number(y - in_y * radius)}"
    out_x, out_y = _towards(at, after, radius)
    return f"{line}Q{number(x)} {number(y)} {number(out_x)} {number(out_y)}"


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def upright(found: list[Stretch]) -> dict[Point, frozenset[int]]:
    """The nets that go up or down through a cell, by the cell."""
    nets: dict[Point, frozenset[int]] = {}
    for stretch in found:
        own = frozenset({stretch.net})
        for start, end in pairwise(stretch.corners):
            if start[0] == end[0]:
                for cell in along((start, end)):
                    nets[cell] = nets.get(cell, own) | own
    return nets


def _hops(stretch: Stretch, start: Point, end: Point, nets: Mapping[Point, frozenset[int]]) -> Iterator[float]:
    """Where a level line hops over another net, in its direction: strictly between its ends."""
    if start[1] == end[1]:
        for cell in along((start, end))[1:-1]:
            if nets.get(cell, frozenset()) - {stretch.net}:
                yield x_of(cell[0])


def _end(stretch: Stretch, flat: frozenset[Point]) -> float:
    """Where a line meets the box that it enters."""
    return y_of(stretch.corners[-1][1]) - (FLAT / 2 if stretch.corners[-1] in flat else 0)


def heads(stretch: Stretch, flat: frozenset[Point] = frozenset()) -> Iterator[str]:
    """The data of a stretch's arrow heads: where it enters a box, and one where it climbs furthest."""
    if stretch.after is None:
        yield _head(x_of(stretch.corners[-1][0]), _end(stretch, flat), HEAD)
    climbs = [(low - high, x, low, high) for (x, low), (_, high) in pairwise(stretch.corners) if low - high > _FAR]
    if climbs:
        _, x, low, high = max(climbs)
        yield _head(x_of(x), (y_of(low) + y_of(high) - HEAD) / 2, -HEAD)


def _head(x: float, y: float, length: int) -> str:
    return f"M{number(x)} {number(y)}l-4 {-length}h8z"
