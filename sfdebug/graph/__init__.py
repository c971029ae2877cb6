"""The state graph: a definition laid out in character cells, painted, and walked over with the keyboard.

`build(machine)` gives a `Layout`, `paint.paint(layout)` a `Canvas` of runs to style, `text.lines(canvas)`
plain text.
"""

from __future__ import annotations

from sfdebug.graph.canvas import Canvas, Patch, Run
from sfdebug.graph.drawing import Box, Edge, EdgeKind, Layout, Role
from sfdebug.graph.labels import short_condition
from sfdebug.graph.layout import build
from sfdebug.graph.neighbours import Direction, neighbours

__all__ = [
    "Box",
    "Canvas",
    "Direction",
    "Edge",
    "EdgeKind",
    "Layout",
    "Patch",
    "Role",
    "Run",
    "build",
    "neighbours",
    "short_condition",
]
