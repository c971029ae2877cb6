"""What every layout must keep, and what a drawing of a machine must show."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sfdebug.asl.definition import StateMachine, StatePath
from sfdebug.drawing.elements import Box, EdgeKind, Layout
from sfdebug.drawing.painting.lines import trace
from sfdebug.text import cell_width

Point = tuple[int, int]


def faults(layout: Layout) -> list[str]:
    """All that is wrong with `layout`, in words; [] for a good one."""
    return [*_box_faults(layout), *_edge_faults(layout), *_net_faults(layout), *_label_faults(layout)]


def _box_faults(layout: Layout) -> Iterator[str]:
    by_path = {box.path: box for box in layout.boxes}
    if len(by_path) != len(layout.boxes):
        yield "two boxes have one path"
    for index, box in enumerate(layout.boxes):
        if box.x < 0 or box.y < 0 or box.right >= layout.width or box.bottom >= layout.height:
            yield f"{box.path} stands outside of the drawing"
        x, y = box.status_at
        if not (box.x < x and x + box.status_width <= box.right and y == box.y):
            yield f"{box.path} has no room for its status"
        if box.parent and not _strictly_inside(box, by_path[box.parent]):
            yield f"{box.path} stands outside of {box.parent}"
        for other in layout.boxes[index + 1 :]:
            if _overlap(box, other) and not _is_within(other.path, box.path):
                yield f"{box.path} overlaps {other.path}"


def _strictly_inside(box: Box, around: Box) -> bool:
    return around.x < box.x and box.right < around.right and around.y < box.y and box.bottom < around.bottom


def _overlap(one: Box, other: Box) -> bool:
    return one.x <= other.right + 1 and other.x <= one.right + 1 and one.y <= other.bottom and other.y <= one.bottom


def _is_within(path: StatePath, container: StatePath) -> bool:
    return len(path) > len(container) and path[: len(container)] == container


def _edge_faults(layout: Layout) -> Iterator[str]:
    by_path = {box.path: box for box in layout.boxes}
    covering: dict[Point, list[Box]] = {}
    for box in layout.boxes:
        for x in range(box.x, box.right + 1):
            for y in range(box.y, box.bottom + 1):
                covering.setdefault((x, y), []).append(box)
    for edge in layout.edges:
        name = f"{edge.source} -{edge.kind}-> {edge.target}"
        if not edge.corners:
            if edge.kind is not EdgeKind.START:
                yield f"{name} is not drawn"
            continue
        if any(abs(a[0] - b[0]) + abs(a[1] - b[1]) != 1 for a, b in pairwise(edge.cells)):
            yield f"{name} is broken"
        if len(set(edge.cells)) != len(edge.cells):
            yield f"{name} meets itself"
        first, last = edge.cells[0], edge.cells[-1]
        target = by_path[edge.target]
        if not (last[1] == target.y and _may_be_touched(target, last[0])):
            yield f"{name} does not end at the top of its target"
        if edge.kind is EdgeKind.START:
            if first not in layout.start:
                yield f"{name} does not begin at a start marker"
        else:
            source = by_path[edge.source]
            if not (first[1] == source.bottom and _may_be_touched(source, first[0])):
                yield f"{name} does not begin at the bottom of its source"
        scope = target.parent
        for at in edge.cells[1:-1]:
            for box in covering.get(at, ()):
                if not (scope[: len(box.path)] == box.path and _is_inner(box, at)):
                    yield f"{name} runs through {box.path} at {at}"


def _may_be_touched(box: Box, x: int) -> bool:
    """Whether a line may touch the upper or lower border at column `x`: not at a corner."""
    return box.x < x < box.right or (box.height == 1 and box.x <= x <= box.right)


def _is_inner(box: Box, at: Point) -> bool:
    return box.x < at[0] < box.right and box.y < at[1] < box.bottom


def _net_faults(layout: Layout) -> Iterator[str]:
    """Cells that two nets share other than by crossing straight, one upright and one level."""
    net_of = {index: stroke.net for stroke in layout.strokes for index in stroke.edges}
    arms: dict[Point, dict[int, set[Point]]] = {}
    owners: dict[Point, int] = {}
    for index, edge in enumerate(layout.edges):
        if not edge.corners:
            continue
        for before, at, after in zip(edge.cells, edge.cells[1:], edge.cells[2:], strict=False):
            here = arms.setdefault(at, {}).setdefault(net_of[index], set())
            here.update((x - at[0], y - at[1]) for x, y in (before, after))
        if owners.setdefault(edge.corners[0], net_of[index]) != net_of[index]:
            yield f"two nets leave at {edge.corners[0]}"
    for at, nets in arms.items():
        if len(nets) > 2:
            yield f"{len(nets)} nets at {at}"
        elif len(nets) == 2:
            shapes = sorted(sorted(each) for each in nets.values())
            if shapes != [[(-1, 0), (1, 0)], [(0, -1), (0, 1)]]:
                yield f"two nets share {at}"
    for net in set(net_of.values()):
        edges = [layout.edges[index] for index in net_of if net_of[index] == net]
        if len({edge.target for edge in edges}) > 1 and len({edge.source for edge in edges}) > 1:
            yield f"a net leads from {len(edges)} edges' states to several"


def _label_faults(layout: Layout) -> Iterator[str]:
    taken: dict[Point, str] = {}
    for edge in layout.edges:
        taken.update(dict.fromkeys(edge.cells, "a line"))
    leaves = [box for box in layout.boxes if not box.is_open]
    for label in layout.labels:
        cells = [(label.x + step, label.y) for step in range(cell_width(label.text))]
        if not cells or cells[-1][0] >= layout.width:
            yield f"label {label.text!r} has no room"
        ends = (label.x - 2, label.y), (label.x + len(cells) + 1, label.y)
        if not any(end in edge.cells for edge in map(layout.edges.__getitem__, label.edges) for end in ends):
            yield f"label {label.text!r} is not beside its line"
        for at in cells:
            if at in taken:
                yield f"label {label.text!r} covers {taken[at]} at {at}"
            if any(box.contains(*at) for box in leaves):
                yield f"label {label.text!r} covers a box at {at}"
            taken[at] = f"label {label.text!r}"


def expected(machine: StateMachine, layout: Layout) -> set[tuple[StatePath, StatePath, str]]:
    """The transitions that a drawing of `machine` must show: all but those inside collapsed containers."""
    shown = {box.path for box in layout.boxes}
    found = set()
    for state in machine.walk():
        if state.path not in shown:
            continue
        scope = state.path[:-1]
        if state.next is not None:
            found.add((state.path, (*scope, state.next), "next"))
        if state.default is not None:
            found.add((state.path, (*scope, state.default), "default"))
        found.update((state.path, (*scope, rule.next), "choice") for rule in state.choices)
        found.update((state.path, (*scope, catcher.next), "catch") for catcher in state.catchers)
    return found


def declared(machine: StateMachine, layout: Layout) -> list[tuple[StatePath, StatePath, bool]]:
    """The same for the tracer: source, target, and whether it is by a Catch."""
    return [(source, target, kind == EdgeKind.CATCH.value) for source, target, kind in expected(machine, layout)]


def crossings(layout: Layout) -> int:
    """In how many cells a line passes over one that leads elsewhere."""
    return sum(line.under is not None for row in trace(layout) for line in row.values())
