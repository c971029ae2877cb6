"""A painted drawing: rows of runs, each run one role and one owner; rows are put together when asked for."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.definition import StatePath
from sfdebug.drawing.elements import Layout, Role
from sfdebug.drawing.painting.lines import CellLines, Rows
from sfdebug.text import cell_width, cells

What: TypeAlias = "tuple[Role, StatePath, tuple[int, ...]]"
"""What a stretch of a row is: its role, owner and edges."""

Painted: TypeAlias = "tuple[str, int, What]"
"""The text of a stretch of a row, how many cells it takes, and what it is."""

Piece: TypeAlias = "tuple[int, str, int, What]"
"""The column that something painted begins in, and it."""

_BLANK: What = (Role.BLANK, (), ())

_column = itemgetter(0)


class CellRun(Struct, frozen=True, gc=False):
    """A stretch of cells of one row: what they are part of, the state that owns them, the edges that run through them.

    `edges` index `Layout.edges`.
    """

    text: str
    role: Role
    owner: StatePath = ()
    edges: tuple[int, ...] = ()


class _Waiting:
    """Something that is painted but once, though it may be asked for in several rows."""

    def __init__(self, paint: Callable[[Canvas], None]) -> None:
        self._paint: Callable[[Canvas], None] | None = paint

    def paint(self, canvas: Canvas) -> None:
        """Paint it, unless it was."""
        paint, self._paint = self._paint, None
        if paint is not None:
            paint(canvas)


class Canvas:
    """A layout as characters. Cells outside of it are blank. What is painted must not overlap.

    A row is painted when it is asked for, because a drawing of many states has many of them, and a screen shows few:
    `lines` are the cells of lines by row and column, which `painted` knows how to paint; what is to be painted `later`
    is when one of its rows is asked for.
    """

    def __init__(self, layout: Layout, lines: Rows, painted: Callable[[CellLines], Painted]) -> None:
        self.layout = layout
        self.width = layout.width
        self.height = layout.height
        self._lines = lines
        self._painted = painted
        self._pieces: list[list[Piece]] = [[] for _ in range(layout.height)]
        self._runs: dict[int, tuple[CellRun, ...]] = {}
        self._later: list[list[_Waiting]] = [[] for _ in range(layout.height)]

    def later(self, rows: range, paint: Callable[[Canvas], None]) -> None:
        """Have `paint` put something into `rows`, and nowhere else, before one of them is looked at.

        It is given the canvas, so as not to hold it: a drawing that holds itself is let go by the collector only.
        """
        waiting = _Waiting(paint)
        for y in rows:
            self._later[y].append(waiting)

    def put(self, x: int, y: int, painted: Painted) -> None:
        """Paint a text in row `y` from column `x` on."""
        self._pieces[y].append((x, *painted))

    def row(self, y: int) -> tuple[CellRun, ...]:
        """Row `y` as runs over its whole width; kept, so that asking again costs nothing."""
        found = self._runs.get(y)
        if found is None:
            pieces: list[Piece] = []
            if 0 <= y < self.height:
                painted = self._painted
                for waiting in self._later[y]:
                    waiting.paint(self)
                pieces = [*self._pieces[y], *[(x, *painted(line)) for x, line in self._lines[y].items()]]
            found = self._runs[y] = _runs(pieces, self.width)
        return found

    def lines(self) -> list[str]:
        """The rows as plain text, without blanks at their ends."""
        return ["".join(run.text for run in self.row(y)).rstrip() for y in range(self.height)]

    def text(self) -> str:
        """All of it as one plain text, ending with a line break."""
        return "\n".join([*self.lines(), ""])

    def cell(self, x: int, y: int) -> CellRun:
        """The cell at (x, y); the second one of a wide character has no text."""
        if 0 <= y < self.height and 0 <= x < self.width:
            start = 0
            for run in self.row(y):
                end = start + cell_width(run.text)
                if x < end:
                    return replace(run, text=cells(run.text)[x - start])
                start = end
        return CellRun(" ", *_BLANK)


def _runs(pieces: list[Piece], width: int) -> tuple[CellRun, ...]:
    """The pieces of a row, in any order, as runs that fill `width`."""
    pieces.sort(key=_column)
    found: list[CellRun] = []
    texts: list[str] = []
    last = _BLANK
    end = 0
    for x, text, taken, what in pieces:
        if x > end:
            if texts:
                found.append(CellRun("".join(texts), *last))
            found.append(CellRun(" " * (x - end), *_BLANK))
            texts, last = [text], what
        elif what is last or what == last:
            texts.append(text)
        else:
            if texts:
                found.append(CellRun("".join(texts), *last))
            texts, last = [text], what
        end = x + taken
    if texts:
        found.append(CellRun("".join(texts), *last))
    if end < width:
        found.append(CellRun(" " * (width - end), *_BLANK))
    return tuple(found)
