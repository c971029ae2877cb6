"""A painted drawing: rows of runs, each run one role and one owner; rows are put together when asked for."""

from __future__ import annotations

from itertools import repeat
from typing import NamedTuple, TypeAlias

from sfdebug.asl.definition import StatePath
from sfdebug.graph.drawing import Cell, Layout, Role
from sfdebug.graph.width import cells

Painted: TypeAlias = "tuple[str, Role, StatePath, tuple[int, ...]]"
"""A cell as the canvas holds it: character, role, owner, edges."""

_BLANK: Painted = (" ", Role.BLANK, (), ())


class Run(NamedTuple):
    """A stretch of cells of one row that share role, owner and edges."""

    text: str
    role: Role
    owner: StatePath = ()
    edges: tuple[int, ...] = ()


class Canvas:
    """A layout as characters. Cells outside of it are blank."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.width = layout.width
        self.height = layout.height
        self._cells: list[dict[int, Painted]] = [{} for _ in range(layout.height)]
        self._runs: dict[int, tuple[Run, ...]] = {}

    def put(self, x: int, y: int, painted: Painted) -> None:
        """Paint one cell of the drawing."""
        self._cells[y][x] = painted

    def fill(self, x: int, y: int, length: int, painted: Painted) -> None:
        """Paint `length` equal cells, from (x, y) to the right."""
        self._cells[y].update(zip(range(x, x + length), repeat(painted), strict=False))

    def write(self, x: int, y: int, text: str, role: Role, owner: StatePath = (), edges: tuple[int, ...] = ()) -> None:
        """Paint `text` from (x, y) to the right."""
        row = self._cells[y]
        for column, char in enumerate(text if text.isascii() else cells(text), x):
            row[column] = (char, role, owner, edges)

    def row(self, y: int) -> tuple[Run, ...]:
        """Row `y` as runs over its whole width; kept, so that asking again costs nothing."""
        found = self._runs.get(y)
        if found is None:
            painted = self._cells[y] if 0 <= y < self.height else {}
            found = self._runs[y] = _runs(painted, self.width)
        return found

    def cell(self, x: int, y: int) -> Cell:
        """The cell at (x, y)."""
        inside = 0 <= y < self.height and 0 <= x < self.width
        return Cell(*(self._cells[y].get(x, _BLANK) if inside else _BLANK))


def _runs(row: dict[int, Painted], width: int) -> tuple[Run, ...]:
    """The painted cells of a row, by column, as runs that fill `width`."""
    found: list[Run] = []
    text: list[str] = []
    last: Painted = _BLANK
    end = 0
    for x in sorted(row):
        painted = row[x]
        if x > end or painted[1] is not last[1] or painted[2] != last[2] or painted[3] != last[3]:
            if text:
                found.append(Run("".join(text), *last[1:]))
                text = []
            if x > end:
                found.append(Run(" " * (x - end), *_BLANK[1:]))
            last = painted
        text.append(painted[0])
        end = x + 1
    if text:
        found.append(Run("".join(text), *last[1:]))
    if end < width:
        found.append(Run(" " * (width - end), *_BLANK[1:]))
    return tuple(found)
