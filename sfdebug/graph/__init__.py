"""The state graph: a definition laid out in character cells, painted, and walked along with the keyboard.

`build(machine)` gives a `Layout`, `paint.paint(layout)` a `Canvas` of styled runs, `text.lines(canvas)` plain text.
"""

from __future__ import annotations

from sfdebug.graph.build import build
from sfdebug.graph.drawing import Box, Edge, EdgeKind, Layout, Role

__all__ = ["Box", "Edge", "EdgeKind", "Layout", "Role", "build"]
