"""How the SVG looks: its measures, its colours in light and dark, its style sheet and its small pictures.

The colours are those of the screen's themes. The file brings nothing along and asks for nothing: no scripts, no
fonts, no images; a viewer without style sheets still gets shapes and text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from sfdebug.drawing.elements import Point, along
from sfdebug.reports.graphs.signs import CHANGE_SIGNS, PALETTES

if TYPE_CHECKING:
    from sfdebug.drawing.elements import Layout

CELL_WIDTH: Final = 8.5
CELL_HEIGHT: Final = 19
MARGIN: Final = 20
"""The measures of a cell and of the blank around the drawing, in pixels."""

CORNER: Final = 6
"""The radius of a box's corners and of a line's turns."""

NAME_SIZE: Final = 12.5
SMALL_SIZE: Final = 10.5

_SANS: Final = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", Arial, sans-serif'
)

THEMES: Final = ("auto", *PALETTES)
"""What `style` takes: "auto" is light, or dark where the reader's system is."""

_RULES: Final = """\
text { font-family: @SANS@; fill: @text@; }
.paper { fill: @paper@; }
.name { font-size: @NAME@px; font-weight: 600; }
.type { font-size: @SMALL@px; fill: @muted@; }
.branch { font-size: @SMALL@px; fill: @muted@; paint-order: stroke; stroke: @group@; stroke-width: 3px; }
.label { font-size: @SMALL@px; fill: @label@; }
tspan.type { font-weight: 400; }
.label.catch { fill: @catch@; stroke: none; }
.note { font-size: 11.5px; fill: @muted@; }
.note.wrong { fill: @failed@; }
.box { fill: @box@; stroke: @frame@; stroke-width: 1.25; }
.chip { fill: @box@; stroke: @frame@; stroke-width: .75; }
.group { fill: @group@; stroke: @frame@; stroke-width: 1.25; stroke-dasharray: 5 4; }
.missing { fill: none; stroke: @failed@; stroke-width: 1.25; stroke-dasharray: 2 3; }
.divider { stroke: @frame@; stroke-width: 1; stroke-dasharray: 1 4; }
.line { fill: none; stroke: @line@; stroke-width: 1.5; }
.head { fill: @line@; }
.catch { stroke: @catch@; stroke-dasharray: 4 3; }
.head.catch { fill: @paper@; stroke: @catch@; stroke-width: 1.25; stroke-dasharray: none; }
.key { font-size: 11.5px; fill: @muted@; }
.note.added { fill: @added@; } .note.removed { fill: @removed@; } .note.changed { fill: @changed@; }
.beside { font-size: @SMALL@px; font-weight: 600; paint-order: stroke; stroke: @paper@; stroke-width: 3px; }
.beside.taken { fill: @done@; } .beside.taken.caught { fill: @caught@; }
.line.taken { stroke: @done@; stroke-width: 2.75; }
.head.taken { fill: @done@; stroke: none; }
.line.catch.taken { stroke: @caught@; }
.head.catch.taken { fill: @paper@; stroke: @caught@; stroke-width: 1.75; }
.untaken { opacity: .55; }
.start { fill: @text@; }
.badge { fill: @paper@; stroke: @frame@; stroke-width: 1.25; }
.icon { fill: none; stroke: @muted@; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.icon.full { fill: @muted@; stroke: none; }
.status { font-size: @SMALL@px; font-weight: 600; }
.state.unvisited .status, .state.aborted .status { fill: @faint@; font-weight: 400; }
.state.unvisited .name, .state.unvisited .type { fill: @faint@; }
.state.unvisited .name { font-weight: 400; }
"""

_STATUS: Final = ".status { font-size: @SMALL@px; font-weight: 600; }\n"

_STATUS_RULES: Final = """\
.state.{0} > .box, .state.{0} > .group { stroke: @{0}@; stroke-width: 2; }
.state.{0} .status { fill: @{0}@; }
"""

_STATUSES: Final = ("done", "failed", "caught", "current", "waiting")

_CHANGE_RULES: Final = """\
.state.{0} > .box, .state.{0} > .chip { fill: @{0}-fill@; stroke: @{0}@; stroke-width: 2; }
.state.{0} > .group { stroke: @{0}@; stroke-width: 2; }
.state.{0} .status, .beside.{0}, .label.{0} { fill: @{0}@; }
.line.{0} { stroke: @{0}@; stroke-width: 2.5; }
.head.{0} { fill: @{0}@; stroke: none; }
.head.catch.{0} { fill: @paper@; stroke: @{0}@; stroke-width: 1.75; }
"""

_REMOVED_RULES: Final = """\
.state.removed .name { text-decoration: line-through; font-weight: 400; }
.state.removed > .box, .state.removed > .chip { stroke-dasharray: 6 3; }
.line.removed { stroke-width: 1.5; }
"""


def style(theme: str, *, with_run: bool, with_changes: bool = False) -> str:
    """The style sheet. `theme` is one of `THEMES`; the rules for a run, or for changes, are left out where none are."""
    rules = _RULES
    if with_run:
        rules += "".join(_STATUS_RULES.replace("{0}", status) for status in _STATUSES)
    else:
        rules = "".join(line for line in rules.splitlines(keepends=True) if not _is_of_run(line))
    if with_changes:
        rules += _STATUS + "".join(_CHANGE_RULES.replace("{0}", kind) for kind in CHANGE_SIGNS) + _REMOVED_RULES
    else:
        rules = "".join(line for line in rules.splitlines(keepends=True) if not line.startswith(".note.added"))
    rules = rules.replace("@SANS@", _SANS).replace("@NAME@", str(NAME_SIZE)).replace("@SMALL@", str(SMALL_SIZE))
    plain = _filled(rules, PALETTES["dark" if theme == "dark" else "light"])
    if theme != "auto":
        return plain
    coloured = "".join(_colours_of(line) for line in rules.splitlines())
    return plain + "@media (prefers-color-scheme: dark) {\n" + _filled(coloured, PALETTES["dark"]) + "}\n"


def _is_of_run(rule: str) -> bool:
    return any(part in rule for part in (".taken", ".untaken", ".status", ".state"))


def _colours_of(line: str) -> str:
    """A line of rules with but their colours; "" when they have none."""
    found = ""
    for rule in filter(None, map(str.strip, line.split("}"))):
        selector, _, rest = rule.partition(" { ")
        kept = "; ".join(part.strip() for part in rest.split(";") if "@" in part)
        found += f"{selector} {{ {kept} }}\n" if kept else ""
    return found


def _filled(rules: str, palette: Mapping[str, str]) -> str:
    for name, colour in palette.items():
        rules = rules.replace(f"@{name}@", colour)
    return rules


ICONS: Final = {
    "end": '<path class="icon full" d="M-2.75-2.75h5.5v5.5h-5.5z"/>',
    "succeed": '<path class="icon" d="M-3 .2l2.1 2.3L3-2.4"/>',
    "fail": '<path class="icon" d="M-2.5-2.5l5 5m0-5l-5 5"/>',
    "retry": '<path class="icon" d="M3.2-2A3.8 3.8 0 1 0 3.8.6M3.6-4.2v2.4H1.2"/>',
}
"""Badges, around (0, 0)."""

_NARROW: Final = frozenset("iljtfrI.,:;'|!()[]{}-/ ")
_BROAD: Final = frozenset("mwMWGOQ@%&")


def name_width(text: str, size: float = NAME_SIZE) -> float:
    """About how wide a state's name is, which is bold."""
    return text_width(text, size) * 1.1


def text_width(text: str, size: float) -> float:
    """About how wide `text` is in a sans-serif font, in pixels; rather too wide than too narrow."""
    total = 0.0
    for character in text:
        if character in _NARROW:
            total += 0.38
        elif character in _BROAD:
            total += 0.93
        elif not character.isascii():
            total += 0.62 if ord(character) < 0x1100 or 0x2000 <= ord(character) < 0x2E80 else 1.02
        else:
            total += 0.7 if character.isupper() else 0.6
    return total * size


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


class Stretch(Struct, frozen=True):
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
