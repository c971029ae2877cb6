"""Moving through the drawn graph with four keys: along the edges, and sideways to what stands nearest.

Where several edges lead on, those that the run took go first, so that the keys retrace it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.drawing.elements import EdgeKind

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.drawing.elements import Box, Layout


NOTHING_TAKEN: Final[frozenset[int]] = frozenset()


def down(layout: Layout, path: StatePath, taken: frozenset[int] = NOTHING_TAKEN) -> StatePath:
    """The state after `path`: into a container first, out of it behind its last state.

    `taken` are the indices of the edges that the run took.
    """
    box = layout.box(path)
    if box is None:
        return path
    indices = layout.edges_from(path)
    edges = [layout.edges[index] for index in indices]
    inner = [edge.target for edge in edges if edge.kind is EdgeKind.START]
    onward = [edge.target for edge in edges if edge.kind is not EdgeKind.START]
    if inner and box.is_open:
        return _nearest(layout, box, inner) or path
    below = [target for target in onward if _is_below(layout, target, box)]
    followed = [layout.edges[index].target for index in indices if index in taken]
    below = [target for target in followed if target in below] or below
    found = _nearest(layout, box, below or onward)
    if found is not None:
        return found
    return _out_of(layout, box.parent) or path


def _out_of(layout: Layout, path: StatePath) -> StatePath | None:
    """What follows a container, or the one around it."""
    while path:
        box = layout.box(path)
        edges = [layout.edges[index] for index in layout.edges_from(path)]
        targets = [edge.target for edge in edges if edge.kind is not EdgeKind.START]
        found = _nearest(layout, box, targets) if box is not None else None
        if found is not None or box is None:
            return found
        path = box.parent
    return None


def up(layout: Layout, path: StatePath, taken: frozenset[int] = NOTHING_TAKEN) -> StatePath:
    """The state before `path`; from the first state of a container, the container itself."""
    box = layout.box(path)
    if box is None:
        return path
    indices = layout.edges_to(path)
    edges = [layout.edges[index] for index in indices]
    sources = [edge.source for edge in edges if edge.source and edge.kind is not EdgeKind.START]
    above = [source for source in sources if not _is_below(layout, source, box)]
    followed = [layout.edges[index].source for index in indices if index in taken]
    above = [source for source in followed if source in above] or above
    found = _nearest(layout, box, above)
    if found is not None:
        return found
    return box.parent or _nearest(layout, box, sources) or path


def inside(layout: Layout, path: StatePath) -> StatePath:
    """The first state inside an open Parallel or Map."""
    box = layout.box(path)
    edges = [layout.edges[index] for index in layout.edges_from(path)]
    inner = [edge.target for edge in edges if edge.kind is EdgeKind.START and edge.target != path]
    return inner[0] if box is not None and box.is_open and inner else path


def outside(layout: Layout, path: StatePath) -> StatePath:
    """The Parallel or Map around a state."""
    box = layout.box(path)
    return box.parent or path if box is not None else path


def start(layout: Layout) -> StatePath:
    """The state that the machine starts at; the topmost one where that is missing."""
    first = next((edge.target for edge in layout.edges if edge.kind is EdgeKind.START and not edge.source), ())
    if layout.box(first) is None and layout.boxes:
        return min(layout.boxes, key=lambda box: (box.y, box.x)).path
    return first


def last(layout: Layout) -> StatePath:
    """The lowest state of the top level."""
    boxes = [box for box in layout.boxes if not box.parent]
    return max(boxes, key=lambda box: (box.y, box.x)).path if boxes else ()


def sideways(layout: Layout, path: StatePath, direction: int) -> StatePath:
    """The nearest state on the left (-1) or on the right (1) at about the same height."""
    here = layout.box(path)
    if here is None:
        return path
    x, y = _middle(here)
    best: tuple[int, StatePath] | None = None
    for box in layout.boxes:
        if box.path == path or _is_around(box.path, path) or _is_around(path, box.path):
            continue
        other_x, other_y = _middle(box)
        distance = (other_x - x) * direction
        if distance <= 0:
            continue
        overlaps = box.y <= here.bottom and here.y <= box.bottom
        cost = distance + (0 if overlaps else 4 * abs(other_y - y) + 40)
        if best is None or cost < best[0]:
            best = (cost, box.path)
    return best[1] if best is not None else path


def _nearest(layout: Layout, here: Box | None, paths: Iterable[StatePath]) -> StatePath | None:
    """The one whose middle is nearest; the first where there are several."""
    if here is None:
        return None
    x, y = _middle(here)
    best: tuple[int, StatePath] | None = None
    for path in paths:
        box = layout.box(path)
        if box is None or box.path == here.path:
            continue
        other_x, other_y = _middle(box)
        cost = abs(other_x - x) + 2 * abs(other_y - y)
        if best is None or cost < best[0]:
            best = (cost, box.path)
    return best[1] if best is not None else None


def _middle(box: Box) -> tuple[int, int]:
    """The middle of a box; the top of a container, where its name is."""
    return box.x + box.width // 2, box.y if box.is_open else box.y + box.height // 2


def _is_below(layout: Layout, path: StatePath, here: Box) -> bool:
    box = layout.box(path)
    return box is not None and box.y > here.y


def _is_around(outer: StatePath, inner: StatePath) -> bool:
    return len(outer) < len(inner) and inner[: len(outer)] == outer


WAYS: Final[Mapping[str, Callable[[Layout, StatePath, frozenset[int]], StatePath]]] = {
    "down": down,
    "up": up,
    "left": lambda layout, path, taken: sideways(layout, path, -1),
    "right": lambda layout, path, taken: sideways(layout, path, 1),
    "inside": lambda layout, path, taken: inside(layout, path),
    "outside": lambda layout, path, taken: outside(layout, path),
    "first": lambda layout, path, taken: start(layout),
    "last": lambda layout, path, taken: last(layout),
}
"""Where each key leads from a selected state, given the edges that the run took."""
