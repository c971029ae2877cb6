"""Laying out one scope, its containers' branches first: each becomes a drawing with coordinates of its own."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.drawing.elements import Point, Zoom
from sfdebug.drawing.labels import fitted_captions, is_whole
from sfdebug.drawing.layout.coordinates import BOX_GAP, LINE_GAP, set_columns
from sfdebug.drawing.layout.edge_bundles import Planner
from sfdebug.drawing.layout.grid import LABEL_INDENT, ElementKind, Grid, find_ports, make_dots
from sfdebug.drawing.layout.ports import assign_ports, straighten
from sfdebug.drawing.layout.routes import route
from sfdebug.drawing.layout.sizes import (
    FRAME,
    LEAF_HEIGHT,
    Shelves,
    dot_width,
    fitted_names,
    frame_width,
    has_end_badge,
    shelve,
)
from sfdebug.drawing.model import Item, ItemKind, ScopeModel

_EMPTY_WIDTH: Final = 9
"""The inside of a container without a state in it."""


class Room(Struct, frozen=True, gc=False):
    """How many cells names and labels may take, and branches side by side.

    `digits` are the letters of a label's sign in the legend, of which every label that is cut has one.
    """

    name: int
    label: int
    branches: int
    digits: int
    zoom: Zoom = Zoom.FULL


class Content(Struct, frozen=True, gc=False):
    """What is drawn inside an open container."""

    shelves: Shelves
    branches: tuple[ScopeDrawing, ...]


class ScopeDrawing(Struct, frozen=True, gc=False):
    """A scope laid out, in its own coordinates.

    `boxes` are (x, y, width, height) by item; `routes` the stretches of line that each wire is made of, in order;
    `labels` the texts to print, each with its wire; the wires `cut` have texts that do not say all. `dots` say, by
    item, how far from the left end of a box its dot stands.
    """

    scope: ScopeModel
    names: list[str]
    width: int
    height: int
    boxes: list[tuple[int, int, int, int]]
    contents: list[Content | None]
    stretches: list[tuple[Point, ...]]
    routes: list[list[int]]
    labels: list[tuple[int, Point, str]]
    cut: frozenset[int]
    dots: list[int]


def draw(scope: ScopeModel, room: Room, planner: Planner) -> ScopeDrawing:
    """Lay out `scope` and all inside it."""
    contents = [_content(item, room, planner) for item in scope.items]
    names = fitted_names(scope.items, room.name if room.zoom is Zoom.DOTS else room.name | 1)  # boxes have odd widths
    exits = _exits(scope)
    sizes = [
        _size(item, content, frame_width(item, name, count, room.zoom), room.zoom)
        for item, content, name, count in zip(scope.items, contents, names, exits, strict=True)
    ]
    if not scope.items:
        return ScopeDrawing(scope, [], _EMPTY_WIDTH, 1, [], [], [], [], [], frozenset(), [])
    labels, cut = _fitted_labels(scope, room)
    grid = planner.grid(scope, sizes, labels)
    ports = find_ports(grid)
    if room.zoom is Zoom.DOTS:
        make_dots(grid, ports, _dots(scope, names, grid))
    set_columns(grid, ports)
    badged = {
        node
        for node, element in enumerate(grid.elements)
        if element.is_box and has_end_badge(scope.items[element.item].badges)
    }
    port_columns = assign_ports(grid, ports, badged)
    if straighten(grid, port_columns, ports):
        port_columns = assign_ports(grid, ports, badged)
    routes = route(grid, port_columns)
    boxes, dots = [(0, 0, 0, 0)] * len(scope.items), [0] * len(scope.items)
    for element in grid.elements:
        if element.is_box:
            width = element.last - element.first + 1
            boxes[element.item] = (element.first, routes.rank_row[element.rank], width, element.height)
            dots[element.item] = element.left
    left, right = _extent(grid, routes.corners)
    return ScopeDrawing(
        scope,
        names,
        right - left + 1,
        routes.height,
        [(x - left, y, width, height) for x, y, width, height in boxes],
        contents,
        [tuple((x - left, y) for x, y in corners) for corners in routes.corners],
        grid.routes,
        [(wire, (x - left, y), text) for wire, (x, y), text in _labels(grid, routes.rank_row)],
        cut,
        dots,
    )


def _exits(scope: ScopeModel) -> list[int]:
    """How many wires leave each item."""
    exits = [0] * len(scope.items)
    for wire in scope.wires:
        exits[wire.source] += 1
    return exits


def plan(scope: ScopeModel, room: Room, planner: Planner) -> None:
    """Have the order of `scope` and of all inside it found, in the order in which it is drawn."""
    for item in scope.items:
        for branch in item.branches if item.is_open else ():
            plan(branch, room, planner)
    if scope.items:
        planner.grid(scope, [(1, 1)] * len(scope.items), _fitted_labels(scope, room)[0])


def least_size(scope: ScopeModel, room: Room, planner: Planner) -> tuple[int, int]:
    """What width and height the drawing of a scope that is planned has at least: that of its boxes in their rows."""
    if not scope.items:
        return _EMPTY_WIDTH, 1
    is_dots = room.zoom is Zoom.DOTS
    names = fitted_names(scope.items, room.name if is_dots else room.name | 1)
    rows: dict[int, tuple[int, int]] = {}
    for item, name, exits, level in zip(scope.items, names, _exits(scope), planner.layers(scope).level, strict=True):
        width, height = _least_box(item, name, exits, room, planner)
        across, down = rows.get(level, (0, 0))
        blank = (LINE_GAP if is_dots else BOX_GAP) if across else 0
        rows[level] = (across + blank + width, max(down, height))
    return max(width for width, _ in rows.values()), sum(height for _, height in rows.values())


def _least_box(item: Item, name: str, exits: int, room: Room, planner: Planner) -> tuple[int, int]:
    if item.kind is ItemKind.START:
        return 1, 1
    if item.is_open:
        insides = [least_size(branch, room, planner) for branch in item.branches]
        width = max((width for width, _ in insides), default=0) + 2 * FRAME
        height = max((height for _, height in insides), default=0) + 2
        return max(frame_width(item, name, exits, room.zoom), width), height
    if room.zoom is Zoom.DOTS:
        return dot_width(item, name) + 2, 1
    return frame_width(item, name, exits, room.zoom), LEAF_HEIGHT if room.zoom is Zoom.FULL else 1


def _dots(scope: ScopeModel, names: list[str], grid: Grid) -> dict[int, int]:
    """The elements that are drawn as dots, with the widths of what stands behind them."""
    return {
        node: dot_width(scope.items[element.item], names[element.item])
        for node, element in enumerate(grid.elements)
        if element.kind is ElementKind.BOX and not scope.items[element.item].is_open
    }


def _fitted_labels(scope: ScopeModel, room: Room) -> tuple[list[str], frozenset[int]]:
    """The texts of all wires, and which of them do not say all: those end with room for their numbers."""
    if room.zoom is Zoom.DOTS:
        return [""] * len(scope.wires), frozenset(index for index, wire in enumerate(scope.wires) if wire.captions)
    labels, cut = [], set()
    number = f" [{'a' * room.digits}]"
    for index, wire in enumerate(scope.wires):
        text = fitted_captions(wire.captions, room.label + len(number))
        if not is_whole(wire.captions, text):
            cut.add(index)
            text = fitted_captions(wire.captions, room.label) + number
        labels.append(text)
    return labels, frozenset(cut)


def _content(item: Item, room: Room, planner: Planner) -> Content | None:
    if item.kind is not ItemKind.CONTAINER or item.collapsed:
        return None
    inner = replace(room, branches=room.branches - 2 * FRAME)
    branches = tuple(draw(branch, inner, planner) for branch in item.branches)
    return Content(shelve([(branch.width, branch.height) for branch in branches], inner.branches), branches)


def _size(item: Item, content: Content | None, frame: int, zoom: Zoom) -> tuple[int, int]:
    if item.kind is ItemKind.START:
        return (1, 1)
    if content is None:
        return (frame, LEAF_HEIGHT if zoom is Zoom.FULL else 1)
    return (max(frame, content.shelves.width + 2 * FRAME) | 1, content.shelves.height + 2)


def _labels(grid: Grid, rank_row: list[int]) -> list[tuple[int, Point, str]]:
    """The texts to print, each with its wire: beside its line; between boxes, in the row of their names."""
    found = []
    for wire, hops in enumerate(grid.routes):
        element = grid.elements[grid.hops[hops[0]].target]
        if element.kind is ElementKind.LABEL:
            is_tall = max(grid.elements[node].height for node in grid.ranks[element.rank]) > 1
            row = rank_row[element.rank] + (1 if is_tall else 0)
            found.append((wire, (element.x + LABEL_INDENT, row), element.label))
    return found


def _extent(grid: Grid, lines: list[tuple[Point, ...]]) -> tuple[int, int]:
    """The first and the last column that anything takes."""
    columns = [x for corners in lines for x, _ in corners]
    left = min([element.first for element in grid.elements] + columns)
    return left, max([element.last for element in grid.elements] + columns)
