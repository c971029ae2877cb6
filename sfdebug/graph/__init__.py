"""The state graph: a definition laid out in character cells, and painted.

`build(machine)` gives a `Layout`, `paint.paint(layout)` a `Canvas` of runs to style, `text.lines(canvas)`
plain text.
"""

from __future__ import annotations

from sfdebug.graph.canvas import Canvas, Run
from sfdebug.graph.drawing import Box, Edge, EdgeKind, Layout, Role
from sfdebug.graph.labels import short_condition
from sfdebug.graph.layout import build

__all__ = [
    "Box",
    "Canvas",
    "Edge",
    "EdgeKind",
    "Layout",
    "Role",
    "Run",
    "build",
    "short_condition",
]
