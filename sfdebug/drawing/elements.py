"""What a laid-out graph is made of: boxes, edges and labels, in integers; no screen types.

x counts columns and y rows from the top left of the drawing. A consumer (the Textual widget, SVG, text)
styles a cell by its `role` and by the status of the state or edge that owns it.

Where a consumer writes: `Box.status_width` cells from `Box.status_at` are left free for a status ("✓ done",
"✗ failed", "▸ here"; one sign where there is but one cell), right-aligned; cells that it does not fill keep what
is drawn. The cell at `Box.gutter` is for a breakpoint's mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Final, TypeAlias

from msgspec import Struct, field

from sfdebug.asl.definition import StatePath
from sfdebug.text import counted

Point: TypeAlias = "tuple[int, int]"
"""A cell: its column and its row."""

STATUS_WIDTH: Final = 8
"""How many cells of a full box's top border are kept free for a status."""

MISSING_TYPE: Final = "Missing"
"""The type of a box that stands for a target that no state of the scope has."""


class Zoom(StrEnum):
    """How large states are drawn. Open containers have a frame around their content at every zoom."""

    FULL = "full"
    """Boxes of three rows: type, badges and status above the name."""

    LINES = "lines"
    """Boxes of one row: `[ name ↻■ ]`."""

    DOTS = "dots"
    """A dot and a name; conditions and errors are but in the legend."""


class EdgeKind(StrEnum):
    """Why a transition exists."""

    START = "start"
    """To StartAt: of the machine, of a branch of a Parallel, of the iterations of a Map."""
    NEXT = "next"
    CHOICE = "choice"
    DEFAULT = "default"
    CATCH = "catch"
    END = "end"
    """From where a branch, an iteration or the machine ends. Drawn as a badge."""
    EMPTY = "empty"
    """Through a Map that has no items. Not drawn."""


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


class Badge(StrEnum):
    """What a box says about its state apart from name, type and status."""

    RETRY = "retry"
    END = "end"
    SUCCEED = "succeed"
    FAIL = "fail"
    UNREACHABLE = "unreachable"


class Box(Struct, frozen=True, gc=False):
    """A state as drawn. `parent` is the container it stands in, () at the top; `name` is already fitted.

    `status_at` is the first of the `status_width` cells that are free for a status. `content` counts the
    states inside a container, collapsed or not.
    """

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
    content: int = 0
    status_width: int = STATUS_WIDTH
    gutter: tuple[int, int] = (0, 0)

    @property
    def right(self) -> int:
        """The column of its right border."""
        return self.x + self.width - 1

    @property
    def bottom(self) -> int:
        """The row of its bottom border."""
        return self.y + self.height - 1

    @property
    def is_open(self) -> bool:
        """Whether its content is drawn inside it."""
        return self.is_container and not self.collapsed

    def contains(self, x: int, y: int) -> bool:
        """Whether the cell at (x, y) is on its border or inside."""
        return self.x <= x <= self.right and self.y <= y <= self.bottom


def title(type: str, content: int, *, collapsed: bool) -> str:
    """What the top border of a closed box says before badges and status: `Task`, `Map: 3 states`."""
    return f"{type}: {counted(content, 'state')}" if collapsed else type


class Edge(Struct, frozen=True, gc=False):
    """A transition as drawn: merged over all rules with the same kind, source and target.

    `rules` are the indices of the Choice rules or Catchers it stands for; `labels` say each of them, uncut, and
    `label` all in one line.
    Its line begins in a cell of the source's lower border, ends in one of the target's upper border, and turns
    at the `corners` in between. The source of a START is the container that the scope is in, () at the top; its
    line begins at the marker; in a branch that is drawn without a marker it has no line, and no corners.
    """

    source: StatePath
    target: StatePath
    kind: EdgeKind
    rules: tuple[int, ...] = ()
    label: str = ""
    corners: tuple[Point, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def cells(self) -> tuple[Point, ...]:
        """Every cell of its line, from border to border, each next to the one before."""
        return along(self.corners)


class Stroke(Struct, frozen=True, gc=False):
    """A stretch of line, as painted: for all the `edges` (indices) that share it. `net` tells nets apart.

    A net is what leads to one state by transitions of one look (Catch or not), or all that leaves one state by one
    rail; its strokes join where they meet.
    """

    corners: tuple[Point, ...]
    net: int
    is_catch: bool
    edges: tuple[int, ...]


def legend_sign(number: int) -> str:
    """The sign of an entry of the legend: `[a]` to `[z]`, `[aa]`. Letters, for the rules of a Choice have numbers."""
    return f"[{letters(number)}]"


def letters(number: int) -> str:
    """A number from 1 as letters: a, b, ..., z, aa, ab."""
    text = ""
    while number > 0:
        number, rest = divmod(number - 1, _LETTERS)
        text = chr(ord("a") + rest) + text
    return text


_LETTERS: Final = 26


class Label(Struct, frozen=True, gc=False):
    """The text beside an edge as drawn; `edges` index `Layout.edges`.

    One that had to be cut ends with the sign of its `number` in the legend; 0 for one that says all. One that
    `is_before` stands left of its line.
    """

    x: int
    y: int
    text: str
    edges: tuple[int, ...]
    number: int = 0
    is_before: bool = False


class Legend(Struct, frozen=True, gc=False):
    """The whole text of a label that is cut in the drawing, or not drawn; `edges` index `Layout.edges`."""

    number: int
    text: str
    edges: tuple[int, ...]

    @property
    def sign(self) -> str:
        """What a label that is cut ends with: `[a]`."""
        return legend_sign(self.number)


class Divider(Struct, frozen=True, gc=False):
    """A line between two branches of the Parallel `owner`: `length` cells down or to the right of (x, y).

    It stands in front of the branch with the number `branch`, from 1.

    Or one above the states of a scope, whose container is `owner`, that no way from its start leads to. Other lines may
    run across that one.
    """

    x: int
    y: int
    length: int
    is_vertical: bool
    owner: StatePath
    branch: int = 0
    is_above_unreachable: bool = False


class Layout(Struct, frozen=True, dict=True):
    """A drawing before it is painted.

    `notes` say what is wrong with the machine, one plain line each; `legend` what the cut labels say in full.
    """

    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...] = ()
    start: tuple[tuple[int, int], ...] = field(default=())
    labels: tuple[Label, ...] = ()
    dividers: tuple[Divider, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    legend: tuple[Legend, ...] = ()
    zoom: Zoom = Zoom.FULL

    def box(self, path: StatePath) -> Box | None:
        """The box of the state at `path`; None when it is inside a collapsed container, or is no state."""
        return self._boxes.get(path)

    def box_at(self, x: int, y: int) -> Box | None:
        """The innermost box at (x, y), its border included."""
        for box in reversed(self.boxes):  # containers stand before their content
            if box.contains(x, y):
                return box
        return None

    def shown(self, path: StatePath) -> Box | None:
        """The box of the state at `path`, or that of the innermost drawn container around it."""
        while path:
            box = self._boxes.get(path)
            if box is not None:
                return box
            path = path[:-1]
        return None

    def edge_index(self, source: StatePath, target: StatePath, kind: EdgeKind | str) -> int | None:
        """Where in `edges` the transition of that kind stands; None when it is not drawn."""
        return self._edges.get((source, target, str(kind)))

    def edges_from(self, source: StatePath) -> tuple[int, ...]:
        """The indices of the transitions that leave `source`, in definition order."""
        return self._from.get(source, ())

    def edges_to(self, target: StatePath) -> tuple[int, ...]:
        """The indices of the transitions that lead to `target`, in definition order."""
        return self._to.get(target, ())

    def rows(self, path: StatePath) -> range:
        """The rows that the state at `path` is drawn in; none for one that is not drawn."""
        box = self._boxes.get(path)
        return range(box.y, box.bottom + 1) if box is not None else range(0)

    def edge_rows(self, index: int) -> tuple[int, ...]:
        """The rows that an edge and its label are drawn in."""
        found = {y for _, y in self.edges[index].cells}
        found.update(label.y for label in self.labels if index in label.edges)
        return tuple(sorted(found))

    @cached_property
    def _boxes(self) -> dict[StatePath, Box]:
        return {box.path: box for box in self.boxes}

    @cached_property
    def _edges(self) -> dict[tuple[StatePath, StatePath, str], int]:
        return {(edge.source, edge.target, edge.kind.value): index for index, edge in enumerate(self.edges)}

    @cached_property
    def _from(self) -> dict[StatePath, tuple[int, ...]]:
        return _grouped([edge.source for edge in self.edges])

    @cached_property
    def _to(self) -> dict[StatePath, tuple[int, ...]]:
        return _grouped([edge.target for edge in self.edges])


def along(corners: Sequence[Point]) -> tuple[Point, ...]:
    """All cells of a line that turns at `corners`, each once."""
    found = list(corners[:1])
    for (x, y), (to_x, to_y) in pairwise(corners):
        if to_x != x:
            step = 1 if to_x > x else -1
            found.extend([(column, y) for column in range(x + step, to_x + step, step)])
        else:
            step = 1 if to_y > y else -1
            found.extend([(x, row) for row in range(y + step, to_y + step, step)])
    return tuple(found)


def _grouped(ends: list[StatePath]) -> dict[StatePath, tuple[int, ...]]:
    groups: dict[StatePath, list[int]] = {}
    for index, end in enumerate(ends):
        groups.setdefault(end, []).append(index)
    return {end: tuple(indices) for end, indices in groups.items()}
