"""The whole machine in a few columns beside a graph that is larger than its pane: where the run is, what is in view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from sfdebug.debugger.view.model import MarkStatus, StateMark
from sfdebug.tui.graph.marks import breakpoint_paint, paint_of, sign_of, taken_line
from sfdebug.tui.painting.glyphs import breakpoint_sign, glyphs_of
from sfdebug.tui.painting.paint import Painted, Piece, style_of

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
        self._in_view = Region()
        self._across = 1
        self._down = 1
        self._left = 0
        self._is_held = False

    def show(self, layout: Layout | None, marks: Mapping[StatePath, StateMark], in_view: Region) -> None:
        """Show this drawing, with `in_view` of it in the graph."""
        if (layout, in_view) == (self._layout, self._in_view) and marks is self._marks:
            return
        self._layout, self._marks, self._in_view = layout, marks, in_view
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
        self._left = max(0, (width + self._layout.width // -self._across) // 2)
        for box in self._layout.boxes:
            mark = self._marks.get(box.path, _UNMARKED)
            if not box.is_open or mark.status in _TELLING[:2]:
                self._put(box, mark)

    def _put(self, box: Box, mark: StateMark) -> None:
        rank = _RANKS.index(mark.status)
        middle = box.y if box.is_open else box.y + box.height // 2
        row, start = middle // self._down, box.x // self._across
        for column in range(start, max(start, box.right // self._across) + 1):
            before = self._cells.get((column, row))
            if before is None or rank < before[0]:
                self._cells[column, row] = (rank, mark, column == start)

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
        pieces: list[tuple[str, ...]] = [(bar, "done" if is_beside else "faint")]
        left, right = self._in_view.x // self._across, (self._in_view.right - 1) // self._across
        for column in range(self.size.width - 1):
            at = column - self._left
            cell = self._cells.get((at, row))
            text, paint = (" ", "") if cell is None else self._cell(cell[1], is_first=cell[2])
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
