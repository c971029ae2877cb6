"""The whole machine in a few columns beside a graph that is larger than its pane: where the run is, what is in view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from sfdebug.debugger.view.model import MarkStatus, StateMark
from sfdebug.text import cells
from sfdebug.tui.graph.marks import breakpoint_paint, paint_of, sign_of, taken_line
from sfdebug.tui.painting.glyphs import breakpoint_sign, glyphs_of
from sfdebug.tui.painting.paint import Painted, Piece, fit, style_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events

    from sfdebug.asl.definition import StatePath
    from sfdebug.drawing.elements import Box, Layout

WIDTH: Final = 16
"""Its columns, the line at its left included."""

_UNMARKED: Final = StateMark()
_RANKS: Final = (
    MarkStatus.CURRENT,
    MarkStatus.FAILED,
    MarkStatus.CAUGHT,
    MarkStatus.WAITING,
    MarkStatus.ABORTED,
    MarkStatus.DONE,
    MarkStatus.UNVISITED,
)
"""Of several states in one cell, the first in this order is shown."""

_TELLING: Final = _RANKS[:4]

_LEAST_NAME: Final = 3
"""In fewer cells a name tells nothing."""


class GraphMap(Painted):
    """Every state as a few cells. What the graph shows is brighter; a click, or a drag, brings a place into view."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "GraphMap { width: 16; height: 1fr; display: none; }"

    class Pointed(Message):
        """A place of the drawing was pointed at."""

        def __init__(self, x: int, y: int) -> None:
            super().__init__()
            self.x = x
            self.y = y

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._layout: Layout | None = None
        self._marks: Mapping[StatePath, StateMark] = {}
        self._cells: dict[tuple[int, int], tuple[int, StateMark, bool]] = {}
        self._names: dict[int, list[tuple[int, str]]] = {}
        self._in_view = Region()
        self._selected: StatePath = ()
        self._across = 1
        self._down = 1
        self._left = 0
        self._is_held = False

    def show(
        self,
        layout: Layout | None,
        marks: Mapping[StatePath, StateMark],
        in_view: Region,
        selected: StatePath = (),
    ) -> None:
        """Show this drawing, with `in_view` of it in the graph, and a state of it selected."""
        is_same = layout is self._layout and (in_view, selected) == (self._in_view, self._selected)
        if is_same and marks is self._marks:
            return
        self._layout, self._marks, self._in_view, self._selected = layout, marks, in_view, selected
        self._scale()
        self.repaint()

    def _scale(self) -> None:
        """Put every state into the cells that stand for its place."""
        self._cells = {}
        width, height = self.size.width - 1, self.size.height
        if self._layout is None or width < 1 or height < 1:
            return
        self._down = max(1, -(-self._layout.height // height))
        self._across = max(self._down, -(-self._layout.width // width))
        across = -(self._layout.width // -self._across)
        has_names = across <= width // 2 and any(box.is_open for box in self._layout.boxes)
        self._left = 0 if has_names else max(0, (width - across) // 2)
        for box in self._layout.boxes:
            mark = self._marks.get(box.path, _UNMARKED)
            if not box.is_open or mark.status in _TELLING[:2]:
                self._put(box, mark)
        self._write_names(width)

    def _put(self, box: Box, mark: StateMark) -> None:
        rank = _RANKS.index(mark.status)
        middle = box.y if box.is_open else box.y + box.height // 2
        row, start = middle // self._down, box.x // self._across
        for column in range(start, max(start, box.right // self._across) + 1):
            before = self._cells.get((column, row))
            if before is None or rank < before[0]:
                self._cells[column, row] = (rank, mark, column == start)

    def _write_names(self, width: int) -> None:
        """Put the names of open containers where their frames begin; where states stand there, the outermost one's
        behind them."""
        self._names = {}
        assert self._layout is not None
        taken = set(self._cells)
        ends: dict[int, int] = {}
        for column, row in taken:
            ends[row] = max(ends.get(row, 0), column + 1)
        frames = [box for box in self._layout.boxes if box.is_open]
        for box in sorted(frames, key=lambda box: len(box.path)):
            first, last = box.y // self._down, box.bottom // self._down
            for row in (first, min(first + 1, last)):
                place = self._room_for_name(box, row, ends.get(row, 0), width - self._left, taken)
                name = fit(str(box.path[-1]), place[1] - place[0])
                if cell_len(name) >= _LEAST_NAME:
                    self._names.setdefault(row, []).append((place[0], name))
                    taken.update((column, row) for column in range(place[0] - 1, width))
                    break

    def _room_for_name(
        self, box: Box, row: int, after: int, width: int, taken: set[tuple[int, int]]
    ) -> tuple[int, int]:
        """From which column to before which a name can stand: from the frame's on, or behind all states."""
        for start in (box.x // self._across, after + 1):
            end = next((x for x in range(start, width) if (x, row) in taken), width)
            if end - start > _LEAST_NAME:
                return start, end
        return 0, 0

    def _row_of(self, path: StatePath) -> int | None:
        """The row in which a state stands."""
        box = self._layout.box(path) if self._layout is not None else None
        return (box.y if box.is_open else box.y + box.height // 2) // self._down if box is not None else None

    @property
    def text(self) -> str:
        """What stands there, as plain text."""
        return "\n".join("".join(text for text, *_ in self._pieces(row)) for row in range(self.size.height))

    def paint_line(self, y: int) -> Strip:
        """One line."""
        segments = [Segment(text, style_of(self, *paints)) for text, *paints in self._pieces(y)]
        return Strip(segments).adjust_cell_length(self.size.width, style_of(self))

    def _pieces(self, row: int) -> list[tuple[str, ...]]:
        """The text of each cell and its paints; what the graph shows has a heavy line at the left."""
        top, bottom = self._in_view.y // self._down, (self._in_view.bottom - 1) // self._down
        bar = glyphs_of(self).bar
        is_beside = top <= row <= bottom
        if is_beside:
            bar = taken_line(bar, is_ascii=self.app.has_class("ascii"))
        is_selected = row == self._row_of(self._selected)
        pieces: list[tuple[str, ...]] = [(bar, "done" if is_beside else "faint")]
        if is_selected:
            pieces = [(glyphs_of(self).selected, "key")]
        names = {
            start + at: letter for start, name in self._names.get(row, ()) for at, letter in enumerate(cells(name))
        }
        left, right = self._in_view.x // self._across, (self._in_view.right - 1) // self._across
        for column in range(self.size.width - 1):
            at = column - self._left
            cell = self._cells.get((at, row))
            text, paint = (names.get(at, " "), "muted") if cell is None else self._cell(cell[1], is_first=cell[2])
            is_shown = is_beside and left <= at <= right and at * self._across < self._in_view.right
            pieces.append((text, "cursor-blurred", paint) if is_shown else (text, paint))
        return pieces

    def _cell(self, mark: StateMark, *, is_first: bool) -> Piece:
        glyphs = glyphs_of(self)
        if mark.status in _TELLING and is_first:
            return sign_of(mark, glyphs), "current-mark" if mark.status is MarkStatus.CURRENT else paint_of(mark)
        if mark.breakpoint and is_first:
            return breakpoint_sign(mark.breakpoint, glyphs), breakpoint_paint(mark.breakpoint)
        if mark.status is MarkStatus.UNVISITED:
            return glyphs.unvisited, paint_of(mark)
        paint = "current" if mark.status is MarkStatus.CURRENT else paint_of(mark)
        return "#" if self.app.has_class("ascii") else "■", paint

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Bring the place under the mouse into view."""
        event.stop()
        self._is_held = True
        self.capture_mouse()
        self._jump(event.x, event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """While the button is held, follow the mouse."""
        if self._is_held:
            event.stop()
            self._jump(event.x, event.y)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go."""
        event.stop()
        self._is_held = False
        self.release_mouse()

    def _jump(self, x: int, y: int) -> None:
        self.post_message(self.Pointed(max(0, x - 1 - self._left) * self._across, max(0, y) * self._down))

    def on_resize(self) -> None:
        """Fit the machine into the new size."""
        self._scale()
        self.refresh()
