"""What a laid-out graph is made of: boxes, edges and cells, in integers; no screen types.

x counts columns and y rows from the top left of the drawing. A consumer (the Textual widget, SVG, text)
styles a cell by its `role` and by the status of the state or edge that owns it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from sfdebug.asl.definition import StatePath


class EdgeKind(StrEnum):
    """Why a transition exists."""

    START = "start"
    NEXT = "next"
    CHOICE = "choice"
    DEFAULT = "default"
    CATCH = "catch"


class Role(StrEnum):
    """What a painted cell is part of."""

    BORDER = "border"
    NAME = "name"
    TYPE = "type"
    BADGE = "badge"
    STATUS = "status"
    EDGE = "edge"
    ARROW = "arrow"
    LABEL = "label"
    START = "start"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Box:
    """A state as drawn. `parent` is the container it stands in, () at the top; `name` is already fitted."""

    path: StatePath
    name: str
    type: str
    x: int
    y: int
    width: int
    height: int
    parent: StatePath = ()
    is_container: bool = False
    collapsed: bool = False
    badges: tuple[str, ...] = ()
    status_at: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition as drawn: merged over all rules with the same kind, source and target.

    `rules` are the indices of the Choice rules or Catchers it stands for; `cells` lead from the source's
    border to the target's.
    """

    source: StatePath
    target: StatePath
    kind: EdgeKind
    rules: tuple[int, ...] = ()
    label: str = ""
    cells: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One painted character and what it belongs to: `owner` is a state's path, `edges` index `Layout.edges`."""

    char: str
    role: Role
    owner: StatePath = ()
    edges: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing before it is painted."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...] = ()
    start: tuple[tuple[int, int], ...] = field(default=())
