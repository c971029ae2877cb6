"""From nested drawings of scopes to one layout, in its own coordinates."""

from __future__ import annotations

from typing import Final

from sfdebug.drawing.elements import (
    Box,
    Divider,
    Edge,
    EdgeKind,
    Label,
    Layout,
    Point,
    Stroke,
    Zoom,
    legend_sign,
)
from sfdebug.drawing.giving_way import give_way
from sfdebug.drawing.labels import fitted_captions, is_whole
from sfdebug.drawing.layout.beside import LONGEST, Spoken, with_legend
from sfdebug.drawing.layout.routes import join
from sfdebug.drawing.layout.scopes import Content, ScopeDrawing
from sfdebug.drawing.layout.sizes import FRAME
from sfdebug.drawing.model import Item, ItemKind
from sfdebug.text import cell_width

_SHORTER: Final = (28, 20, 14)
"""What conditions are fitted to, to stand among dots, as long as they leave nothing out but the start of paths."""


def compose(drawing: ScopeDrawing, notes: tuple[str, ...], zoom: Zoom, widest: int = 0) -> Layout:
    """The layout of a machine whose top scope is `drawing`; what stands beside lines among dots may make it as wide as
    `widest`."""
    composer = Composer(zoom)
    composer.add(drawing, 0, 0)
    layout = Layout(
        width=drawing.width,
        height=drawing.height,
        boxes=tuple(composer.boxes),
        edges=tuple(composer.edges),
        notes=notes,
        start=tuple(composer.start),
        labels=tuple(composer.labels),
        dividers=tuple(composer.dividers),
        strokes=tuple(composer.strokes),
        zoom=zoom,
    )
    return with_legend(layout, composer.spoken, widest)


class Composer:
    """Collects boxes, edges and the rest of nested drawings, containers before their content."""

    def __init__(self, zoom: Zoom) -> None:
        self.zoom = zoom
        self.boxes: list[Box] = []
        self.edges: list[Edge] = []
        self.labels: list[Label] = []
        self.dividers: list[Divider] = []
        self.start: list[Point] = []
        self.strokes: list[Stroke] = []
        self.spoken: list[Spoken] = []
        """What the labels with a number say, by that, from 1."""
        self.nets = 0

    def add(self, drawing: ScopeDrawing, x: int, y: int) -> None:
        """Add `drawing` with its top left cell at (x, y)."""
        first_edge = self._add_edges(drawing, x, y)
        if drawing.rule >= 0:
            self.dividers.append(
                Divider(x, y + drawing.rule, drawing.width, False, drawing.scope.owner, is_above_unreachable=True)
            )
        if drawing.scope.start is not None:
            self.edges.append(Edge(drawing.scope.owner, drawing.scope.start, EdgeKind.START))
        numbers = self._number(drawing, first_edge)
        for wire, (label_x, label_y), text, is_before in drawing.labels:
            number = numbers.get(wire, 0)
            if number:
                room = cell_width(text)
                text = f"{text[: text.rindex(' ')]} {legend_sign(number)}"
                label_x += room - cell_width(text) if is_before else 0
            self.labels.append(Label(x + label_x, y + label_y, text, first_edge[wire], number, is_before))
        for index, item in enumerate(drawing.scope.items):
            left, top, width, _ = drawing.boxes[index]
            if item.kind is ItemKind.START:
                self.start.append((x + left, y + top))
                continue
            self._add_box(item, drawing, index, (x + left, y + top))
            content = drawing.contents[index]
            if content is not None:
                spare = width - 2 * FRAME - content.shelves.width
                self._add_content(item, content, x + left + FRAME + spare // 2, y + top + 1)

    def _number(self, drawing: ScopeDrawing, edges: list[tuple[int, ...]]) -> dict[int, int]:
        """Note what the cut labels say; the number of each, by wire."""
        numbers = {}
        for wire in sorted(drawing.cut):
            captions = drawing.scope.wires[wire].captions
            text = " or ".join(caption.full for caption in captions)
            fitted = (fitted_captions(captions, width) for width in (LONGEST, *_SHORTER))
            whole = dict.fromkeys(each for each in fitted if is_whole(captions, each))
            self.spoken.append(Spoken(edges[wire], text, tuple(whole)))
            numbers[wire] = len(self.spoken)
        return numbers

    def _add_edges(self, drawing: ScopeDrawing, x: int, y: int) -> list[tuple[int, ...]]:
        """Add the edges of a scope; the indices of those that each wire stands for."""
        stretches = [tuple([(x + column, y + row) for column, row in line]) for line in drawing.stretches]
        shared: list[list[int]] = [[] for _ in stretches]
        nets: list[tuple[int, bool]] = [(0, False)] * len(stretches)
        indices: list[tuple[int, ...]] = []
        edges, rails = self.edges, drawing.rails
        for number, (wire, way) in enumerate(zip(drawing.scope.wires, drawing.routes, strict=True)):
            give_way()
            corners = join([stretches[stretch] for stretch in way])
            first = len(edges)
            for each in wire.transitions:
                labels = each.labels
                text = " or ".join(labels) if labels else ""
                edges.append(Edge(each.source, each.target, each.kind, each.rules, text, corners, labels))
            own = tuple(range(first, len(edges)))
            indices.append(own)
            rail = rails.get(number) if rails else None
            net = (wire.target, wire.is_catch) if rail is None else (-1 - rail, False)
            for stretch in way:
                shared[stretch].extend(own)
                nets[stretch] = net
        known: dict[tuple[int, bool], int] = {}
        for line, net, owners in zip(stretches, nets, shared, strict=True):
            known.setdefault(net, self.nets + len(known))
            self.strokes.append(Stroke(line, known[net], net[1], tuple(owners)))
        self.nets += len(known)
        return indices

    def _add_box(self, item: Item, drawing: ScopeDrawing, index: int, at: Point) -> None:
        _, _, width, height = drawing.boxes[index]
        x, y = at
        status = drawing.statuses[index]
        if height == 1 and self.zoom is Zoom.DOTS:
            dot = x + drawing.dots[index]
            status_at, gutter = (dot, y), (dot - 1, y)
        else:
            # In a frame the border goes on after the status, in a box of one row its bracket follows.
            status_at, gutter = (x + width - (1 if height == 1 else 2) - status, y), (x, y + min(1, height - 1))
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
                status_at=status_at,
                content=item.content,
                status_width=status,
                gutter=gutter,
            )
        )

    def _add_content(self, item: Item, content: Content, x: int, y: int) -> None:
        for branch, (left, top, length, is_vertical) in enumerate(content.shelves.dividers, 2):
            self.dividers.append(Divider(x + left, y + top, length, is_vertical, item.path, branch))
        for (left, top), drawing in zip(content.shelves.corners, content.branches, strict=True):
            self.add(drawing, x + left, y + top)
