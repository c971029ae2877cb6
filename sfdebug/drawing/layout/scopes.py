"""Laying out one scope, its containers' branches first: each becomes a drawing with coordinates of its own."""

from __future__ import annotations

from functools import cached_property
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.drawing.elements import Point, Zoom
from sfdebug.drawing.layout.coordinates import BOX_GAP, LINE_GAP, set_columns
from sfdebug.drawing.layout.edge_bundles import Planner
from sfdebug.drawing.layout.grid import LABEL_INDENT, Grid, Ports, make_dots, set_size
from sfdebug.drawing.layout.ports import NUDGE, assign_ports, straighten
from sfdebug.drawing.layout.rails import Rails
from sfdebug.drawing.layout.routes import Routes, route
from sfdebug.drawing.layout.sizes import FRAME, LEAF_HEIGHT, LEAST_STATUS, Shelves, dot_width, has_end_badge, shelve
from sfdebug.drawing.layout.widths import (
    USUAL_LABEL,
    KnownWidths,
    Room,
    RowFitter,
    Spared,
    Widths,
    cut_wires,
    grow,
)
from sfdebug.drawing.model import Item, ItemKind, ScopeModel
from sfdebug.text import cell_width

_EMPTY_WIDTH: Final = 9
"""The inside of a container without a state in it."""

_LEAST_SHARE: Final = 24
"""Containers side by side are not made narrower than this."""


class Content(Struct, frozen=True, gc=False):
    """What is drawn inside an open container."""

    shelves: Shelves
    branches: tuple[ScopeDrawing, ...]


Lack: TypeAlias = "tuple[int, Spared]"
"""How many cells a name or a label that is cut lacks."""


class ScopeDrawing(Struct, frozen=True, gc=False):
    """A scope laid out, in its own coordinates.

    `boxes` are (x, y, width, height) by item; `routes` the stretches of line that each wire is made of, in order;
    `labels` the texts to print, each with its wire, and whether its line is behind it; the wires `cut` have texts that
    do not say all. `dots` say, by item, how far from the left end of a box its dot stands, `statuses` how many cells
    its status may take. `rails` are the items that the rails leave in which wires run. In row `rule` stands a line
    above what nothing leads to. One that `is_whole` has nothing in it, containers included, that had to be cut.
    """

    scope: ScopeModel
    names: list[str]
    statuses: list[int]
    width: int
    height: int
    boxes: list[tuple[int, int, int, int]]
    contents: list[Content | None]
    stretches: list[tuple[Point, ...]]
    routes: list[list[int]]
    labels: list[tuple[int, Point, str, bool]]
    cut: frozenset[int]
    dots: list[int]
    rails: dict[int, int]
    rule: int
    is_whole: bool
    lacking: tuple[Lack, ...] = ()

    def lacks(self) -> list[Lack]:
        """All names and labels that do not say all, with the cells that they lack, here and in all containers."""
        inner = [branch.lacks() for content in self.contents if content is not None for branch in content.branches]
        return [*self.lacking, *(each for found in inner for each in found)]


class ScopePlans:
    """What is known of the scopes of one machine in whatever room they are drawn: their order, how wide their boxes are
    before anything is cut, and how small they can be in a room."""

    def __init__(self) -> None:
        self.planner = Planner()
        self.widths = KnownWidths()
        self.least_sizes: dict[tuple[int, Room], tuple[int, int]] = {}


class DrawnScopes:
    """Lays out the scopes of one machine, in several rooms for names as long and states as large. One in which nothing
    had to be cut is laid out once, and so is one in which the same had to be."""

    def __init__(self, plans: ScopePlans) -> None:
        self.plans = plans
        self._whole: dict[int, tuple[ScopeDrawing, int]] = {}
        self._sketches: dict[object, Sketch] = {}
        self._in_room: dict[tuple[int, Room], Sketch] = {}

    def draw(self, scope: ScopeModel, room: Room) -> ScopeDrawing:
        """`scope` laid out, and all inside it."""
        if not scope.items:
            return ScopeDrawing(scope, [], [], _EMPTY_WIDTH, 1, [], [], [], [], [], frozenset(), [], {}, -1, True)
        known = self._whole.get(id(scope))
        if known is not None and known[0].width <= room.row and known[1] <= room.label:
            return known[0]
        drawing = self.sketch(scope, room).drawing
        if drawing.is_whole:
            longest = max((cell_width(text) for _, _, text, _ in drawing.labels), default=0)
            self._whole[id(scope)] = drawing, longest
        return drawing

    def sketch(self, scope: ScopeModel, room: Room) -> Sketch:
        """`scope`, with at least one item, with a column for everything, and all inside it laid out."""
        key = id(scope), room
        if key not in self._in_room:
            self._in_room[key] = self._sketched(scope, room)
        return self._in_room[key]

    def _sketched(self, scope: ScopeModel, room: Room) -> Sketch:
        rails = self.plans.planner.layers(scope).rails
        widths = self.plans.widths.of(scope, room, rails)
        contents: list[Content | None] = [None] * len(scope.items)
        for index in widths.opened:
            contents[index] = _content(scope.items[index], room, self)
        sizes = list(widths.sizes)
        for index in widths.opened:
            sizes[index] = _size(widths, index, contents[index])
        grid, ports, pulls = self.plans.planner.grid(scope, sizes, widths.longest_labels())
        if _share_out(grid, widths, contents, self):
            for element in grid.elements:
                if element.is_box:
                    set_size(element, _size(widths, element.item, contents[element.item]))
        RowFitter(grid, widths).fit()
        if room.is_dots:
            make_dots(grid, ports, _dots(widths, grid))
        sizes_of = (tuple(widths.names), tuple(widths.statuses), tuple(map(_identity, contents)))
        key = (id(scope), *sizes_of, *grid.texts())
        if key not in self._sketches:
            set_columns(grid, pulls)
            self._sketches[key] = Sketch(grid, ports, widths, contents, rails)
        return self._sketches[key]


def _identity(content: Content | None) -> object:
    """What two contents have in common that are the same."""
    return content and (content.shelves.width, content.shelves.corners, tuple(map(id, content.branches)))


class Sketch:
    """A scope whose elements have columns, and whose lines are led only when its drawing is asked for."""

    def __init__(
        self, grid: Grid, ports: dict[int, Ports], widths: Widths, contents: list[Content | None], rails: Rails
    ) -> None:
        self._grid = grid
        self._ports = ports
        self._widths = widths
        self._contents = contents
        self._rails = rails
        self.least_width, self._most_width = _bounds(grid)
        """The drawing is no narrower."""

    @property
    def width(self) -> int:
        """How wide the drawing is. Its lines are led only if they may tell: but for a dogleg that stands outermost,
        which hardly ever happens, they stand between what they lead to."""
        if self.least_width < self._most_width or "drawing" in self.__dict__:
            return self.drawing.width
        return self.least_width

    @property
    def is_whole(self) -> bool:
        """Whether nothing in the drawing, containers included, had to be cut."""
        return self._said[1]

    @property
    def room(self) -> Room:
        """What it was drawn in."""
        return self._widths.room

    @cached_property
    def _said(self) -> tuple[frozenset[int], bool]:
        """The wires whose labels do not say all, once all have taken what room there is; whether all is whole."""
        widths, grid = self._widths, self._grid
        grow(grid, widths)
        cut = cut_wires(
            widths.scope, [(wire, grid.elements[node].label) for node, wire in grid.labelled.items()], widths.room
        )
        branches = [branch for content in self._contents if content is not None for branch in content.branches]
        is_whole = widths.is_whole and (widths.room.is_dots or not cut) and all(branch.is_whole for branch in branches)
        return cut, is_whole

    @cached_property
    def drawing(self) -> ScopeDrawing:
        """The scope laid out."""
        cut, is_whole = self._said
        grid, widths = self._grid, self._widths
        scope = widths.scope
        routes = _route(grid, self._ports, scope)
        left, right = _extent(grid, routes.corners)
        boxes, dots = [(0, 0, 0, 0)] * len(scope.items), [0] * len(scope.items)
        for element in grid.elements:
            if element.is_box:
                width = element.left + element.right + 1
                boxes[element.item] = (element.first - left, routes.rank_row[element.rank], width, element.height)
                dots[element.item] = element.left
        return ScopeDrawing(
            scope,
            widths.texts(),
            widths.statuses,
            right - left + 1,
            routes.height,
            boxes,
            self._contents,
            [tuple([(x - left, y) for x, y in corners]) for corners in routes.corners],
            grid.routes,
            _labels(grid, routes.rank_row, left),
            cut,
            dots,
            self._rails.of,
            routes.rank_row[grid.rule] if grid.rule >= 0 else -1,
            is_whole,
            () if is_whole else self._lacking(cut),
        )

    def _lacking(self, cut: frozenset[int]) -> tuple[Lack, ...]:
        """What is cut of the names and labels of the scope itself."""
        widths, own = self._widths, id(self._widths.scope)
        found = [(lack, (own, item, False)) for item, lack in widths.cut_names()]
        for node, wire in self._grid.labelled.items():
            if wire in cut:
                said = cell_width(self._grid.elements[node].label)
                found.append((cell_width(widths.whole_label(wire)) - said, (own, wire, True)))
        return tuple(found)


def _bounds(grid: Grid) -> tuple[int, int]:
    """The columns from the first element to the last, of which those that may be made straight move a little: at least,
    and at most."""
    moving = grid.movable
    firsts, lasts, nearer, further = [], [], [], []
    for node, element in enumerate(grid.elements):
        first, last = element.x - element.left, element.x + element.right
        if node in moving:
            nearer += [first + NUDGE, last - NUDGE]
            further += [first - NUDGE, last + NUDGE]
        else:
            firsts.append(first)
            lasts.append(last)
    first, last = min(firsts), max(lasts)
    least = max([last, *nearer[1::2]]) - min([first, *nearer[::2]]) + 1
    return least, max([last, *further[1::2]]) - min([first, *further[::2]]) + 1


def _route(grid: Grid, ports: dict[int, Ports], scope: ScopeModel) -> Routes:
    """The lines of a grid whose columns are set."""
    badged = {
        node
        for node, element in enumerate(grid.elements)
        if element.is_box and has_end_badge(scope.items[element.item].badges)
    }
    port_columns = assign_ports(grid, ports, badged)
    if straighten(grid, port_columns):
        port_columns = assign_ports(grid, ports, badged)
    return route(grid, port_columns)


def plan(scope: ScopeModel, room: Room, plans: ScopePlans) -> None:
    """Have the order of `scope` and of all inside it found, in the order in which it is drawn."""
    for item in scope.items:
        for branch in item.branches if item.is_open else ():
            plan(branch, room, plans)
    if scope.items:
        widths = plans.widths.of(scope, room)
        across = [_natural_width(widths, index, plans) for index in range(len(scope.items))]
        plans.planner.plan(scope, across, widths.longest_labels(), room.row)


def _natural_width(widths: Widths, index: int, plans: ScopePlans) -> int:
    """About how wide an item is where there is room; its label may be wider than its box."""
    item, room = widths.scope.items[index], widths.room
    if item.is_open:
        return min(room.row, _least_box(widths, index, plans)[0])
    label = 0 if room.is_dots else USUAL_LABEL
    return max(label, widths.width(index))


def least_size(scope: ScopeModel, room: Room, plans: ScopePlans) -> tuple[int, int]:
    """What width and height the drawing of a scope that is planned has at least: that of its boxes in their rows.

    They are as narrow as they are made where a row is too wide.
    """
    if not scope.items:
        return _EMPTY_WIDTH, 1
    key = id(scope), room
    if key not in plans.least_sizes:
        plans.least_sizes[key] = _least_size(scope, room, plans)
    return plans.least_sizes[key]


def _least_size(scope: ScopeModel, room: Room, plans: ScopePlans) -> tuple[int, int]:
    widths = plans.widths.of(scope, room, plans.planner.layers(scope).rails)
    widths.names = [min(name, room.least) for name in widths.names]
    widths.statuses = [min(status, LEAST_STATUS) for status in widths.statuses]
    rows: dict[int, tuple[int, int]] = {}
    for index, level in enumerate(plans.planner.layers(scope).level):
        width, height = _least_box(widths, index, plans)
        across, down = rows.get(level, (0, 0))
        blank = (LINE_GAP if room.is_dots else BOX_GAP) if across else 0
        rows[level] = (across + blank + width, max(down, height))
    return max(width for width, _ in rows.values()), sum(height for _, height in rows.values())


def _least_box(widths: Widths, index: int, plans: ScopePlans) -> tuple[int, int]:
    item, room = widths.scope.items[index], widths.room
    if item.kind is ItemKind.START:
        return 1, 1
    if item.is_open:
        insides = [least_size(branch, room, plans) for branch in item.branches]
        width = max((width for width, _ in insides), default=0) + 2 * FRAME
        height = max((height for _, height in insides), default=0) + 2
        return max(widths.width(index), width), height
    return widths.width(index), LEAF_HEIGHT if room.zoom is Zoom.FULL else 1


def _dots(widths: Widths, grid: Grid) -> dict[int, int]:
    """The elements that are drawn as dots, with the widths of what stands behind them."""
    return {
        node: dot_width(widths.scope.items[element.item], widths.names[element.item])
        for node, element in enumerate(grid.elements)
        if element.is_box and widths.is_dot(element.item)
    }


def _content(item: Item, room: Room, drawn: DrawnScopes) -> Content:
    """What is drawn inside a container that is open."""
    inner = replace(room, row=room.row - 2 * FRAME)
    branches = tuple(drawn.draw(branch, inner) for branch in item.branches)
    return Content(shelve([(branch.width, branch.height) for branch in branches], inner.row), branches)


def _share_out(grid: Grid, widths: Widths, contents: list[Content | None], drawn: DrawnScopes) -> bool:
    """Draw the contents of containers again, narrower, that are too wide to stand beside what else is in their rows.

    Whether any were drawn again.
    """
    scope, room = widths.scope, widths.room
    is_any = False
    for rank in grid.ranks if any(contents) else ():
        elements = [grid.elements[node] for node in rank]
        opened = [element for element in elements if element.is_box and scope.items[element.item].is_open]
        if not opened or len(elements) == 1:
            continue
        wide = sum(element.left + element.right + 1 for element in opened)
        others = [element for element in elements if element not in opened]
        least = sum(min(element.left + element.right + 1, room.least + 4) for element in others)
        free = room.row - least - BOX_GAP * (len(elements) - 1)
        if wide <= free:
            continue
        for element in opened:
            share = max(_LEAST_SHARE, free * (element.left + element.right + 1) // wide)
            contents[element.item] = _content(scope.items[element.item], replace(room, row=share), drawn)
            is_any = True
    return is_any


def _size(widths: Widths, index: int, content: Content | None) -> tuple[int, int]:
    if content is None:
        return (widths.width(index), widths.sizes[index][1])
    width = widths.width(index)
    return (max(width, content.shelves.width + 2 * FRAME) | 1, content.shelves.height + 2)


def _labels(grid: Grid, rank_row: list[int], left: int) -> list[tuple[int, Point, str, bool]]:
    """The texts to print, each with its wire: beside its line; between boxes, in the row of their names."""
    found = []
    for node, wire in sorted(grid.labelled.items(), key=lambda each: each[1]):
        element = grid.elements[node]
        is_tall = any(grid.elements[other].height > 1 for other in grid.ranks[element.rank])
        row = rank_row[element.rank] + (1 if is_tall else 0)
        column = element.first if element.is_before else element.x + LABEL_INDENT
        found.append((wire, (column - left, row), element.label, element.is_before))
    return found


def _extent(grid: Grid, lines: list[tuple[Point, ...]]) -> tuple[int, int]:
    """The first and the last column that anything takes."""
    columns = [x for corners in lines for x, _ in corners]
    left = min([element.x - element.left for element in grid.elements] + columns)
    return left, max([element.x + element.right for element in grid.elements] + columns)
