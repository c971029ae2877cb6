"""Short texts beside lines: how often a transition was taken, or what became of it. They take no room of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.drawing.elements import Edge, EdgeKind, Point, Role
from sfdebug.drawing.painting.canvas import Canvas
from sfdebug.text import cell_width, cells


class LineNote(Struct, frozen=True, gc=False):
    """A text as placed: beside a line, or, where `is_on_line`, in the place of some of its cells."""

    x: int
    y: int
    text: str
    edges: tuple[int, ...]
    is_on_line: bool = False


class PlacedNotes(NamedTuple):
    """The notes that have found a place, and the edges whose note has not."""

    notes: tuple[LineNote, ...]
    unplaced: tuple[int, ...]


def place_notes(canvas: Canvas, texts: Mapping[int, str]) -> PlacedNotes:
    """Find blank cells for a text at each of these edges, of which no other line may seem to be its owner.

    `texts` are by the edges' indices; edges that share all of their line have one text, that of the first. It stands
    behind their label, or beside a stretch of their own, or in the middle of a level one.
    """
    return NotePlacer(canvas).placed(texts)


_OWN_LINE: Final = (Role.EDGE, Role.ARROW)


class _Cell(NamedTuple):
    """What stands in a cell: whether nothing does, and of which edges it is the line."""

    is_blank: bool
    edges: frozenset[int]


_BLANK_CELL: Final = _Cell(True, frozenset())


class NotePlacer:
    """Places the notes of one drawing, one after the other: a note stays where one as wide stood beside its line."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.layout = canvas.layout
        self.rows: dict[int, list[_Cell]] = {}
        self.used: set[Point] = set()
        self._known: dict[tuple[tuple[int, ...], int], LineNote | None] = {}

    def placed(self, texts: Mapping[int, str]) -> PlacedNotes:
        """All of them, in the order of the edges."""
        notes: dict[tuple[int, ...], LineNote] = {}
        unplaced: list[int] = []
        for index in sorted(texts):
            together = self.line_of(index)
            if together in notes:
                continue
            note = self.place(together, next(texts[each] for each in together if each in texts))
            if note is None:
                unplaced.append(index)
            else:
                notes[together] = note
        return PlacedNotes(tuple(notes.values()), tuple(unplaced))

    def line_of(self, index: int) -> tuple[int, ...]:
        """An edge with those that share all of its line."""
        edge = self.layout.edges[index]
        return tuple(
            each
            for each in self.layout.edges_from(edge.source)
            if self.layout.edges[each].target == edge.target
            and (self.layout.edges[each].kind is EdgeKind.CATCH) is (edge.kind is EdgeKind.CATCH)
        )

    def place(self, line: tuple[int, ...], text: str) -> LineNote | None:
        """Where a text stands beside the line of these edges; None where there is no room."""
        key = line, cell_width(text)
        if key not in self._known:
            note = next(self._places(self.layout.edges[line[0]], line, text), None)
            if note is not None:
                self.used.update((x, note.y) for x in range(note.x - 1, note.x + cell_width(text) + 1))
            self._known[key] = note
        found = self._known[key]
        return replace(found, text=text) if found is not None else None

    def _places(self, edge: Edge, edges: tuple[int, ...], text: str) -> Iterator[LineNote]:
        """Where it could stand, the best first."""
        own = frozenset(edges)
        width = cell_width(text)
        for label in self.layout.labels:
            if own.issuperset(label.edges) and self._is_free(label.x + cell_width(label.text), label.y, width + 2):
                yield LineNote(label.x + cell_width(label.text) + 1, label.y, text, edges)
        cells_of_own = [at for at in edge.cells[1:] if self._is_own(at, own)]
        upright = [(x, y) for x, y in cells_of_own if not self._is_own((x + 1, y), own)]
        for gap in (1, 0):
            for x, y in reversed(upright):
                if self._is_free(x + 1, y, gap + width + 1):
                    yield LineNote(x + 1 + gap, y, text, edges)
        for x, y in reversed(cells_of_own):
            if not self._is_own((x - 1, y), own) and self._is_free(x - width - 2, y, width + 2):
                yield LineNote(x - width - 1, y, text, edges)
        for x, y in cells_of_own:
            if all(self._is_own((column, y), own) for column in range(x - 1, x + width + 1)):
                yield LineNote(x, y, text, edges, is_on_line=True)
        for x, y in cells_of_own if width == 1 else ():
            if self._is_own((x, y - 1), own) and self._is_own((x, y + 1), own):
                yield LineNote(x, y, text, edges, is_on_line=True)

    def _is_own(self, at: Point, own: frozenset[int]) -> bool:
        edges = self._cell(*at).edges
        return bool(edges) and edges <= own and at not in self.used

    def _is_free(self, x: int, y: int, width: int) -> bool:
        """Whether these cells are blank; the last of them may be behind the right end of the drawing."""
        if x < 0 or x + width - 1 > self.canvas.width:
            return False
        return all(self._cell(column, y).is_blank and (column, y) not in self.used for column in range(x, x + width))

    def _cell(self, x: int, y: int) -> _Cell:
        row = self.rows.get(y)
        if row is None:
            row = self.rows[y] = []
            for run in self.canvas.row(y):
                edges = frozenset(run.edges) if run.role in _OWN_LINE else frozenset()
                row += [_Cell(run.role is Role.BLANK, edges)] * len(cells(run.text))
        return row[x] if 0 <= x < len(row) else _BLANK_CELL
