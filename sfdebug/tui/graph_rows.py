"""The rows of the drawn graph as strips: its cells, painted by what the run did, with the marks written over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.cache import LRUCache
from textual.strip import Strip

from sfdebug.debugger.view import Mark
from sfdebug.graph.drawing import STATUS_WIDTH, EdgeKind, Role
from sfdebug.tui.glyphs import glyphs_of
from sfdebug.tui.graph_marks import gutter_text, heavy, paint_of, status_text
from sfdebug.tui.paint import style_of

if TYPE_CHECKING:
    from rich.style import Style

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.view import View
    from sfdebug.graph.canvas import Canvas, Run
    from sfdebug.graph.drawing import Box, Layout
    from sfdebug.tui.paint import Painted, Piece

_UNMARKED: Final = Mark()
_CACHED: Final = 400


class GraphRows:
    """Paints rows on demand and keeps them until something on the screen changes."""

    def __init__(self, widget: Painted, layout: Layout, canvas: Canvas) -> None:
        self._widget = widget
        self._layout = layout
        self._canvas = canvas
        self.width = canvas.width
        self.height = canvas.height
        self._marks: dict[StatePath, Mark] = {}
        self._current: StatePath = ()
        self.taken: frozenset[int] = frozenset()
        self._selected: StatePath = ()
        self._found: frozenset[StatePath] = frozenset()
        self._strips: LRUCache[int, Strip] = LRUCache(_CACHED)
        self._boxes_by_row: dict[int, list[Box]] = {}
        for box in layout.boxes:
            for row in {box.y, min(box.y + 1, box.bottom)}:
                self._boxes_by_row.setdefault(row, []).append(box)

    # What is drawn over the graph

    def show(self, view: View) -> None:
        """Draw the marks and the taken transitions of this view."""
        self._marks = {box.path: view.marks.get(box.path, _UNMARKED) for box in self._layout.boxes}
        shown = self._layout.shown(view.state_path)
        self._current = shown.path if shown is not None and not view.is_finished else ()
        taken = (self._layout.edge_index(edge.source, edge.target, edge.kind) for edge in view.taken)
        self.taken = frozenset(index for index in taken if index is not None)
        self.forget()

    def select(self, path: StatePath) -> None:
        """Draw the selection on a state."""
        self._selected = path
        self.forget()

    def mark_found(self, paths: frozenset[StatePath]) -> None:
        """Draw the states that a search found."""
        self._found = paths
        self.forget()

    def forget(self) -> None:
        """Paint anew when asked next."""
        self._strips.clear()

    # One row

    def strip(self, row: int) -> Strip:
        """The row as a strip of the drawing's whole width."""
        found = self._strips.get(row)
        if found is None:
            found = self._strips[row] = self._painted(row)
        return found

    def _painted(self, row: int) -> Strip:
        is_ascii = self._widget.app.has_class("ascii")
        segments = []
        for run in self._canvas.row(row):
            is_frame = run.owner == self._current and run.owner and run.role is Role.BORDER
            text = heavy(run.text, is_ascii=is_ascii) if is_frame else run.text
            segments.append(Segment(text, style_of(self._widget, *self._paints(run))))
        strip = Strip(segments, self.width)
        for box in self._boxes_by_row.get(row, ()):
            for x, piece in self._written(box, row):
                strip = _over(strip, x, piece[0], style_of(self._widget, piece[1]))
        return strip

    def _written(self, box: Box, row: int) -> list[tuple[int, Piece]]:
        """What stands over a box in this row: its status at the top right, a breakpoint at the left below."""
        mark, glyphs = self._marks.get(box.path, _UNMARKED), glyphs_of(self._widget)
        written: list[tuple[int, Piece]] = []
        if row == box.y:
            status = status_text(mark, glyphs, STATUS_WIDTH)
            if status is not None:
                at = box.status_at[0] + STATUS_WIDTH - cell_len(status[0])
                written.append((at, status))
        if row == box.y + 1:
            sign = gutter_text(mark, glyphs)
            if sign is not None:
                written.append((box.x, sign))
        return written

    def _paints(self, run: Run) -> tuple[str, ...]:
        role = run.role
        if role in (Role.EDGE, Role.ARROW, Role.LABEL, Role.START):
            return (self._edge_paint(run),)
        if not run.owner:
            return ()
        mark = self._marks.get(run.owner, _UNMARKED)
        paint = paint_of(mark)
        if role is Role.NAME:
            return self._name_paints(run, paint)
        if role is Role.TYPE:
            return ("muted" if paint in ("unvisited", "done") else paint,)
        return (paint,)

    def _name_paints(self, run: Run, paint: str) -> tuple[str, ...]:
        plain = "muted" if paint == "unvisited" else "strong" if paint in ("done", "current") else paint
        paints = [plain]
        if run.owner in self._found:
            paints.append("found")
        if run.owner == self._selected:
            paints.append("chosen" if self._widget.has_focus else "chosen-blurred")
        return tuple(paints)

    def _edge_paint(self, run: Run) -> str:
        if run.role is Role.START:
            return "taken"
        taken = [index for index in run.edges if index in self.taken]
        if taken:
            is_catch = all(self._layout.edges[index].kind is EdgeKind.CATCH for index in taken)
            return "caught" if is_catch else "taken"
        return "muted" if run.role is Role.LABEL else "unvisited"


def _over(strip: Strip, x: int, text: str, style: Style) -> Strip:
    """`text` in place of the cells from column `x`."""
    end = x + cell_len(text)
    return Strip.join([strip.crop(0, x), Strip([Segment(text, style)], end - x), strip.crop(end, strip.cell_length)])
