"""Walking over a drawing with the keyboard: which state is next to which, in each direction."""

from __future__ import annotations

from enum import StrEnum

from sfdebug.asl.definition import StatePath
from sfdebug.graph.drawing import Box, EdgeKind, Layout


class Direction(StrEnum):
    """Where to go from a state. LEFT and RIGHT are as drawn, within the same container."""

    SUCCESSOR = "successor"
    PREDECESSOR = "predecessor"
    LEFT = "left"
    RIGHT = "right"
    INTO = "into"
    OUT = "out"


def neighbours(layout: Layout, path: StatePath, direction: Direction | str) -> StatePath | None:
    """The state to go to from the one at `path`; None when there is none that way, or `path` is not drawn.

    SUCCESSOR follows Next, else the first transition that leads on, else the first that leads back; PREDECESSOR
    the same against the arrows. At the end of a branch SUCCESSOR stays: OUT leads to the container.
    """
    box = layout.box(path)
    if box is None:
        return None
    way = Direction(direction)
    if way is Direction.OUT:
        return box.parent or None
    if way is Direction.INTO:
        return _first_inside(layout, box)
    if way in (Direction.LEFT, Direction.RIGHT):
        return _beside(layout, box, way)
    return _along(layout, box, way)


def first_state(layout: Layout) -> StatePath | None:
    """The state that the topmost start marker leads to."""
    for edge in layout.edges:
        if edge.kind is EdgeKind.START and not edge.source:
            return edge.target
    return layout.boxes[0].path if layout.boxes else None


def last_state(layout: Layout) -> StatePath | None:
    """The lowest box that stands in no container; of several, the leftmost."""
    top = [box for box in layout.boxes if not box.parent]
    return max(top, key=lambda box: (box.bottom, -box.x)).path if top else None


def _along(layout: Layout, box: Box, way: Direction) -> StatePath | None:
    forwards = way is Direction.SUCCESSOR
    best: tuple[tuple[bool, bool, int], StatePath] | None = None
    for index in layout.edges_from(box.path) if forwards else layout.edges_to(box.path):
        edge = layout.edges[index]
        other = layout.box(edge.target if forwards else edge.source)
        if other is None or edge.kind is EdgeKind.START or other.path == box.path:
            continue
        leads_back = (other.y <= box.y) if forwards else (other.y >= box.y)
        rank = (leads_back, edge.kind is not EdgeKind.NEXT, index)
        if best is None or rank < best[0]:
            best = (rank, other.path)
    return best[1] if best else None


def _first_inside(layout: Layout, box: Box) -> StatePath | None:
    """Where the first branch starts: its start if it has a marker, else its topmost, leftmost box."""
    if not box.is_open:
        return None
    starts = [edge.target for edge in layout.edges if edge.kind is EdgeKind.START and edge.source == box.path]
    inside = [each for each in layout.boxes if each.parent == box.path]
    first_branch = [each for each in inside if each.path[: len(box.path) + 1] == (*box.path, 0)]
    candidates = first_branch or inside
    if not candidates:
        return None
    return min(candidates, key=lambda each: (each.path not in starts, each.y, each.x)).path


def _beside(layout: Layout, box: Box, way: Direction) -> StatePath | None:
    """The nearest box on that side: of those whose rows overlap, else of all that stand wholly to that side."""
    found: tuple[tuple[bool, int, int], StatePath] | None = None
    for other in layout.boxes:
        if other.parent != box.parent or other.path == box.path:
            continue
        distance = other.x - box.right if way is Direction.RIGHT else box.x - other.right
        if distance <= 0:
            continue
        apart = max(0, other.y - box.bottom, box.y - other.bottom)
        rank = (apart > 0, distance + 4 * apart, other.y)
        if found is None or rank < found[0]:
            found = (rank, other.path)
    return found[1] if found else None
