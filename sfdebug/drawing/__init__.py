"""The state graph: a definition laid out in character cells, and painted.

`build(machine)` gives a `Layout`: boxes, edges with all their cells, labels, in whole columns and rows. Containers at
the paths `collapsed` (`containers(machine)` for all) are drawn shut, `zoom` says how large states are drawn.
`painting.paint.paint(layout)` gives a `Canvas` of rows of runs to style, each with its role, the state that owns it and
the edges that run through it, so that a change of status needs no new layout and no new paint: `Layout.rows(path)` and
`Layout.edge_rows(index)` are the rows to style anew. `Canvas.text()` is plain text. `Layout.legend` has the whole
text of every label that is cut, `Layout.notes` what is wrong with the machine.
"""

from __future__ import annotations

from sfdebug.drawing.elements import Box, Edge, EdgeKind, Label, Layout, Legend, Role, Zoom
from sfdebug.drawing.labels import short_condition
from sfdebug.drawing.layout.build import build
from sfdebug.drawing.model import containers
from sfdebug.drawing.painting.canvas import Canvas, CellRun

__all__ = [
    "Box",
    "Canvas",
    "CellRun",
    "Edge",
    "EdgeKind",
    "Label",
    "Layout",
    "Legend",
    "Role",
    "Zoom",
    "build",
    "containers",
    "short_condition",
]
