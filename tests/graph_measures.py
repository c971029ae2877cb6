"""What can be counted in a drawing: what is cut, how often lines bend, and how far they go out of their way."""

from __future__ import annotations

from itertools import pairwise

from msgspec import Struct

from sfdebug.asl.definition import StateMachine, StatePath
from sfdebug.drawing.elements import EdgeKind, Layout, Point
from sfdebug.text import stripped


class Measures(Struct):
    """Of one drawing. `edges` are lines: transitions that share all of theirs are one.

    A `detour` is what a line goes sideways beyond the columns that its ends are apart.
    """

    names_cut: int
    labels: int
    labels_cut: int
    width: int
    height: int
    edges: int
    bends: int
    detour: int


def measures(machine: StateMachine, layout: Layout) -> Measures:
    """Count them."""
    names = {state.path: stripped(state.name) for state in machine.walk()}
    cut = sum(box.name != (names[box.path] or "(no name)") for box in layout.boxes if box.path in names)
    lines: dict[tuple[StatePath, StatePath, bool], tuple[Point, ...]] = {}
    for edge in layout.edges:
        if edge.corners:
            lines[edge.source, edge.target, edge.kind is EdgeKind.CATCH] = edge.corners
    bends = sum(len(corners) - 2 for corners in lines.values())
    return Measures(
        names_cut=cut,
        labels=len(layout.labels),
        labels_cut=sum(label.number > 0 for label in layout.labels),
        width=layout.width,
        height=layout.height,
        edges=len(lines),
        bends=bends,
        detour=sum(map(detour, lines.values())),
    )


def detour(corners: tuple[Point, ...]) -> int:
    """The cells that a line goes sideways and back again."""
    sideways = sum(abs(x - to_x) for (x, _), (to_x, _) in pairwise(corners))
    return sideways - abs(corners[0][0] - corners[-1][0])
