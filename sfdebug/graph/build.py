"""From a definition to a layout: scopes from the inside out, then everything in the drawing's own coordinates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from sfdebug.asl.definition import StateMachine, StatePath
from sfdebug.graph.coordinates import place_columns
from sfdebug.graph.drawing import STATUS_WIDTH, Box, Divider, Edge, Label, Layout, Point, Stroke
from sfdebug.graph.exits import find_ports
from sfdebug.graph.grid import LABEL_INDENT, ElementKind, Grid, build_grid
from sfdebug.graph.labels import fitted_captions
from sfdebug.graph.layers import assign_layers
from sfdebug.graph.model import Item, ItemKind, ScopeModel, scope_model
from sfdebug.graph.order import order_ranks
from sfdebug.graph.pins import assign_pins
from sfdebug.graph.routes import join, route
from sfdebug.graph.sizes import (
    FRAME,
    LEAF_HEIGHT,
    Shelves,
    fitted_name,
    frame_width,
    has_end_badge,
    shelve,
)

MAX_NAME: Final = 27
"""How many cells of a state's name are drawn, unless asked otherwise."""

MAX_WIDTH: Final = 118
"""The width that branches side by side should keep within, unless asked otherwise."""

LABEL_WIDTH: Final = 20
"""The longest text beside an edge: about as wide as a box, so that labels do not push siblings apart."""

_LEAST_NAME: Final = 4
_HOPELESS: Final = 2
_MANY: Final = 40
"""A drawing is not tried again when it is more than so many times too wide, or has more boxes."""

_TIGHTER: Final = ((21, 16), (17, 14), (15, 12))
"""What names and labels are cut to, one after the other, to make a drawing fit."""

_EMPTY_WIDTH: Final = 9
"""The inside of a container without a state in it."""


def build(
    machine: StateMachine,
    collapsed: frozenset[StatePath] = frozenset(),
    max_name: int = MAX_NAME,
    max_width: int = MAX_WIDTH,
) -> Layout:
    """Lay out `machine`.

    Containers at the paths `collapsed` are drawn shut. Names are cut to `max_name` cells. A drawing that would be
    somewhat wider than `max_width` is drawn tighter, if that makes it fit: branches of a Parallel below one
    another, names and labels cut shorter. One that cannot fit is drawn as asked, however wide.
    """
    scope = scope_model(machine, collapsed)
    drawing = _draw(scope, _Room(max(_LEAST_NAME, max_name), LABEL_WIDTH, max_width))
    for tighter in _tighter(drawing, max(_LEAST_NAME, max_name), max_width):
        candidate = _draw(scope, tighter)
        if candidate.width <= max_width:
            drawing = candidate
            break
    composer = _Composer()
    composer.add(drawing, 0, 0)
    return Layout(
        width=drawing.width,
        height=drawing.height,
        boxes=tuple(composer.boxes),
        edges=tuple(composer.edges),
        notes=scope.notes,
        start=tuple(composer.start),
        labels=tuple(composer.labels),
        dividers=tuple(composer.dividers),
        strokes=tuple(composer.strokes),
    )


@dataclass(frozen=True, slots=True)
class _Room:
    """How many cells names and labels may take, and branches side by side."""

    name: int
    label: int
    branches: int


def _tighter(drawing: _Drawing, name: int, width: int) -> Iterator[_Room]:
    """What to try, in order, when `drawing` is too wide: nothing when it is too large to try or to fit at all."""
    if not width < drawing.width <= _HOPELESS * width or _size_of(drawing.scope) > _MANY:
        return
    if any(len(item.branches) > 1 for item in drawing.scope.items):
        yield _Room(name, LABEL_WIDTH, width // 2)
    for tight_name, tight_label in _TIGHTER:
        if name > tight_name:
            yield _Room(tight_name, tight_label, width // 2)


def _size_of(scope: ScopeModel) -> int:
    return len(scope.items) + sum(_size_of(branch) for item in scope.items for branch in item.branches)


@dataclass(frozen=True, slots=True)
class _Content:
    """What is drawn inside an open container."""

    shelves: Shelves
    branches: tuple[_Drawing, ...]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A scope laid out, in its own coordinates.

    `boxes` are (x, y, width, height) by item; `routes` the stretches of line that each wire is made of, in order;
    `labels` the texts to print, each with its wire.
    """

    scope: ScopeModel
    names: list[str]
    width: int
    height: int
    boxes: list[tuple[int, int, int, int]]
    contents: list[_Content | None]
    stretches: list[tuple[Point, ...]]
    routes: list[list[int]]
    labels: list[tuple[int, Point, str]]


def _draw(scope: ScopeModel, room: _Room) -> _Drawing:
    contents = [_content(item, room) for item in scope.items]
    names = [fitted_name(item, room.name | 1) for item in scope.items]  # boxes have odd widths
    exits = [0] * len(scope.items)
    for wire in scope.wires:
        exits[wire.source] += 1
    sizes = [
        _size(item, content, frame_width(item, name, count))
        for item, content, name, count in zip(scope.items, contents, names, exits, strict=True)
    ]
    if not scope.items:
        return _Drawing(scope, [], _EMPTY_WIDTH, 1, [], [], [], [], [])
    labels = [fitted_captions(wire.captions, room.label) for wire in scope.wires]
    grid = build_grid(scope, assign_layers(scope), sizes, labels)
    order_ranks(grid)
    ports = find_ports(grid)
    place_columns(grid, ports)
    badged = {
        place
        for place, element in enumerate(grid.elements)
        if element.is_box and has_end_badge(scope.items[element.item].badges)
    }
    routes = route(grid, assign_pins(grid, ports, badged))
    boxes = [(0, 0, 0, 0)] * len(scope.items)
    for element in grid.elements:
        if element.is_box:
            width = element.last - element.first + 1
            boxes[element.item] = (element.first, routes.rank_row[element.rank], width, element.height)
    left, right = _extent(grid, routes.corners)
    return _Drawing(
        scope,
        names,
        right - left + 1,
        routes.height,
        [(x - left, y, width, height) for x, y, width, height in boxes],
        contents,
        [tuple((x - left, y) for x, y in corners) for corners in routes.corners],
        grid.routes,
        [(wire, (x - left, y), text) for wire, (x, y), text in _labels(grid, routes.rank_row)],
    )


def _content(item: Item, room: _Room) -> _Content | None:
    if item.kind is not ItemKind.CONTAINER or item.collapsed:
        return None
    inner = replace(room, branches=room.branches - 2 * FRAME)
    branches = tuple(_draw(branch, inner) for branch in item.branches)
    return _Content(shelve([(branch.width, branch.height) for branch in branches], inner.branches), branches)


def _size(item: Item, content: _Content | None, frame: int) -> tuple[int, int]:
    if item.kind is ItemKind.START:
        return (1, 1)
    if content is None:
        return (frame, LEAF_HEIGHT)
    return (max(frame, content.shelves.width + 2 * FRAME) | 1, content.shelves.height + 2)


def _labels(grid: Grid, rank_row: list[int]) -> list[tuple[int, Point, str]]:
    """The texts to print, each with its wire: beside its line; between boxes, in the row of their names."""
    found = []
    for wire, hops in enumerate(grid.routes):
        element = grid.elements[grid.hops[hops[0]].target]
        if element.kind is ElementKind.LABEL:
            row = rank_row[element.rank] + (0 if grid.is_label_rank[element.rank] else 1)
            found.append((wire, (element.x + LABEL_INDENT, row), element.label))
    return found


def _extent(grid: Grid, lines: list[tuple[Point, ...]]) -> tuple[int, int]:
    """The first and the last column that anything takes."""
    columns = [x for corners in lines for x, _ in corners]
    left = min([element.first for element in grid.elements] + columns)
    return left, max([element.last for element in grid.elements] + columns)


class _Composer:
    """Collects boxes, edges and the rest of nested drawings, containers before their content."""

    def __init__(self) -> None:
        self.boxes: list[Box] = []
        self.edges: list[Edge] = []
        self.labels: list[Label] = []
        self.dividers: list[Divider] = []
        self.start: list[Point] = []
        self.strokes: list[Stroke] = []
        self.nets = 0

    def add(self, drawing: _Drawing, x: int, y: int) -> None:
        """Add `drawing` with its top left cell at (x, y)."""
        first_edge = self._add_edges(drawing, x, y)
        for wire, (label_x, label_y), text in drawing.labels:
            self.labels.append(Label(x + label_x, y + label_y, text, first_edge[wire]))
        for index, item in enumerate(drawing.scope.items):
            left, top, width, height = drawing.boxes[index]
            if item.kind is ItemKind.START:
                self.start.append((x + left, y + top))
                continue
            self._add_box(item, drawing, index, (x + left, y + top))
            content = drawing.contents[index]
            if content is not None:
                spare = width - 2 * FRAME - content.shelves.width
                self._add_content(item, content, x + left + FRAME + spare // 2, y + top + 1)

    def _add_edges(self, drawing: _Drawing, x: int, y: int) -> list[tuple[int, ...]]:
        """Add the edges of a scope; the indices of those that each wire stands for."""
        stretches = [tuple((x + column, y + row) for column, row in line) for line in drawing.stretches]
        shared: list[list[int]] = [[] for _ in stretches]
        nets: list[tuple[int, bool]] = [(0, False)] * len(stretches)
        indices: list[tuple[int, ...]] = []
        for wire, route in zip(drawing.scope.wires, drawing.routes, strict=True):
            corners = join([stretches[stretch] for stretch in route])
            first = len(self.edges)
            self.edges.extend(
                Edge(each.source, each.target, each.kind, each.rules, each.label, corners) for each in wire.transitions
            )
            indices.append(tuple(range(first, len(self.edges))))
            for stretch in route:
                shared[stretch].extend(indices[-1])
                nets[stretch] = (wire.target, wire.is_catch)
        numbers: dict[tuple[int, bool], int] = {}
        for corners, net, edges in zip(stretches, nets, shared, strict=True):
            number = numbers.setdefault(net, self.nets + len(numbers))
            self.strokes.append(Stroke(corners, number, net[1], tuple(edges)))
        self.nets += len(numbers)
        return indices

    def _add_box(self, item: Item, drawing: _Drawing, index: int, at: Point) -> None:
        _, _, width, height = drawing.boxes[index]
        x, y = at
        self.boxes.append(
            Box(
                path=item.path,
                name=drawing.names[index],
                type=item.type,
                x=x,
                y=y,
                width=width,
                height=height,
                parent=drawing.scope.owner,
                is_container=item.kind is ItemKind.CONTAINER,
                collapsed=item.collapsed,
                badges=item.badges,
                status_at=(x + width - 2 - STATUS_WIDTH, y),
                content=item.content,
            )
        )

    def _add_content(self, item: Item, content: _Content, x: int, y: int) -> None:
        for left, top, length, is_vertical in content.shelves.dividers:
            self.dividers.append(Divider(x + left, y + top, length, is_vertical, item.path))
        for (left, top), branch in zip(content.shelves.places, content.branches, strict=True):
            self.add(branch, x + left, y + top)
