"""The rows of the drawn graph as strips: its cells, painted by what the run did, with the marks written over them.

What changes the look of a state or of a transition gives the rows to paint anew, and only those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.cache import LRUCache
from textual.strip import Strip

from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.debugger.view.model import StateMark
from sfdebug.debugger.wording.positions import progress_of
from sfdebug.drawing.elements import STATUS_WIDTH, EdgeKind, Role, Zoom
from sfdebug.drawing.painting.canvas import CellRun
from sfdebug.drawing.painting.paint import ASCII, UNICODE
from sfdebug.tui.graph.counts import TakenCounts
from sfdebug.tui.graph.marks import (
    NOTHING_DRAWN,
    Overlay,
    beside_text,
    current_frame,
    gutter_text,
    imposed_text,
    inside_text,
    paint_of,
    status_text,
    taken_line,
)
from sfdebug.tui.graph.trail import stuck_titles, title_pieces
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import style_of

if TYPE_CHECKING:
    from rich.style import Style
    from textual.geometry import Region

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.view.model import View
    from sfdebug.debugger.wording.positions import Progress
    from sfdebug.drawing.elements import Box, Layout
    from sfdebug.drawing.painting.canvas import Canvas
    from sfdebug.tui.graph.marks import Said
    from sfdebug.tui.graph.trail import StuckTitle
    from sfdebug.tui.painting.paint import Painted, Piece

_UNMARKED: Final = StateMark()
_CACHED: Final = 400

_LEAF: Final = 3
"""The rows of a full box, with its name in the second."""

_SLACK: Final = 2
"""So many blanks behind a name are only there to make a width odd."""

_LINES: Final = (Role.EDGE, Role.ARROW, Role.LABEL, Role.START)


def branches_in_view(view: View) -> dict[StatePath, Said]:
    """For each Parallel or Map that is at work, by its path: which branch is in view, and how the others do."""
    if view.is_finished:
        return {}
    labels = {line.id: line.label for line in view.branches if not line.child_arn}
    found: dict[StatePath, Said] = {}
    for id, branch in view.execution.branches.items():
        progress = progress_of(branch)
        if progress is None:
            continue
        path = state_path(branch)
        inside = view.branch[: len(id) + 1]
        is_in_view = len(inside) > len(id) and inside[:-1] == id and inside[-1][0] == branch.state_name
        if path in found and not is_in_view:
            continue
        found[path] = _said(labels.get(inside, "") if is_in_view else "", progress)
    return found


def _said(label: str, progress: Progress) -> Said:
    """`iteration 3 of 12 · 2 over, 1 failed`, `iteration 3 of 12 · 1 failed`, `iteration 3 of 12`, `3 of 12`."""
    failed = f"{progress.failed:,} failed" if progress.failed else ""
    over = f"{progress.ended:,} over" if label else f"{progress.ended:,} of {progress.total:,} over"
    texts = (f"{over}, {failed}" if failed else over, failed)
    said = [" · ".join(filter(None, (label, text))) for text in (*texts, "")]
    return tuple(dict.fromkeys(text for text in (*said, label.partition(" ")[2]) if text))


class GraphRows:
    """Paints rows on demand and keeps them until something on them changes."""

    def __init__(self, widget: Painted, layout: Layout, canvas: Canvas) -> None:
        self._widget = widget
        self._layout = layout
        self._canvas = canvas
        self.width = canvas.width
        self.height = canvas.height
        self.overhang = 0
        self.overlay = NOTHING_DRAWN
        self._current: StatePath = ()
        self._is_inside = False
        self._selected: StatePath = ()
        self._selected_edges: frozenset[int] = frozenset()
        self._found: frozenset[StatePath] = frozenset()
        self._advised: Mapping[StatePath, str] = {}
        self._strips: LRUCache[int, Strip] = LRUCache(_CACHED)
        self._counts = TakenCounts(canvas)
        self._frames = [box for box in layout.boxes if box.is_open]
        self._boxes_by_row: dict[int, list[Box]] = {}
        for box in layout.boxes:
            for row in {box.status_at[1], box.gutter[1], box.bottom}:
                self._boxes_by_row.setdefault(row, []).append(box)

    # What is drawn over the graph; each says which rows it changes

    def show(self, view: View) -> set[int]:
        """Draw the marks, the branches and the taken transitions of this view."""
        marks = {box.path: view.marks.get(box.path, _UNMARKED) for box in self._layout.boxes}
        shown = self._layout.shown(view.state_path)
        current = shown.path if shown is not None and not view.is_finished else ()
        is_inside = bool(current) and current != view.state_path
        found = {self._layout.edge_index(edge.source, edge.target, edge.kind): edge for edge in view.taken}
        times = {index: view.taken.times(edge) for index, edge in found.items() if index is not None}
        taken, totals = frozenset(times), self._counts.totals(times)
        branches, before = branches_in_view(view), self.overlay
        changed = {path for path, mark in marks.items() if mark != before.marks.get(path, _UNMARKED)}
        if (current, is_inside) != (self._current, self._is_inside):
            changed |= {current, self._current}
        rows = self._rows_of(changed) | self._edge_rows(taken ^ before.taken)
        rows |= self._counts.show(totals, glyphs_of(self._widget).times)
        for path in branches.keys() | before.branches.keys():
            box = self._layout.box(path)
            if box is not None and branches.get(path) != before.branches.get(path):
                rows.add(box.bottom)
        self.overlay = Overlay(marks, taken, branches, times)
        self._current, self._is_inside = current, is_inside
        return self._forget_rows(rows)

    def advise(self, paints: Mapping[StatePath, str]) -> set[int]:
        """Draw a sign on states that there is advice on, each in its paint."""
        changed = {path for path in paints.keys() | self._advised.keys() if paints.get(path) != self._advised.get(path)}
        rows = self._rows_of(changed)
        self._advised = paints
        return self._forget_rows(rows)

    def select(self, path: StatePath, edges: frozenset[int] = frozenset()) -> set[int]:
        """Draw the selection on a state, and on transitions."""
        changed = {path, self._selected} if path != self._selected else set()
        rows = self._rows_of(changed) | self._edge_rows(edges ^ self._selected_edges)
        self._selected, self._selected_edges = path, edges
        return self._forget_rows(rows)

    def mark_found(self, paths: frozenset[StatePath]) -> set[int]:
        """Draw the states that a search found."""
        rows = self._rows_of(paths ^ self._found)
        self._found = paths
        return self._forget_rows(rows)

    def hang_over(self, columns: int) -> None:
        """Let words stand in so many blank columns behind the drawing."""
        if columns != self.overhang:
            self.overhang = columns
            self.forget()

    def forget(self) -> None:
        """Paint everything anew when asked next."""
        self._strips.clear()

    def _rows_of(self, paths: Iterable[StatePath]) -> set[int]:
        return {row for path in paths for row in self._layout.rows(path)}

    def _edge_rows(self, edges: Iterable[int]) -> set[int]:
        return {row for index in edges for row in self._layout.edge_rows(index)}

    def _forget_rows(self, rows: set[int]) -> set[int]:
        for row in rows:
            self._strips.discard(row)
        return rows

    # What stands where

    def edges_at(self, x: int, y: int) -> tuple[int, ...]:
        """The transitions whose line or label has this cell."""
        return self._canvas.cell(x, y).edges

    def is_branch_text(self, path: StatePath, x: int, y: int) -> bool:
        """Whether the cell is in what a container says about its branches."""
        box = self._layout.box(path)
        if box is None or y != box.bottom or path not in self.overlay.branches:
            return False
        return any(at <= x < at + cell_len(text) for at, (text, _) in self._branch_text(box))

    def title_at(self, x: int, y: int, shown: Region) -> StatePath | None:
        """The container whose title stands at this cell because its own is out of sight."""
        found = [each.path for each in stuck_titles(self._frames, y, shown) if each.x <= x < each.x + each.width]
        return found[-1] if found else None

    # One row

    def titled_strip(self, row: int, shown: Region) -> Strip:
        """The row with the titles of containers whose own are out of sight, where `shown` is what is in view."""
        strip = self.strip(row)
        for title in stuck_titles(self._frames, row, shown):
            strip = self._with_title(strip, title)
        return strip

    @property
    def _dash(self) -> str:
        """What a frame's upper border is made of."""
        return (ASCII if self._widget.app.has_class("ascii") else UNICODE).container.horizontal

    def _with_title(self, strip: Strip, title: StuckTitle) -> Strip:
        """What takes the place of a row inside looks like a frame's upper border."""
        glyphs = glyphs_of(self._widget)
        dash = self._dash
        paint = "current" if title.path == self._current else paint_of(self._mark(title.path))
        segments = [Segment(dash, style_of(self._widget, paint))]
        for text, piece_paint in title_pieces(self._layout, title, glyphs.within):
            name = CellRun(text, Role.NAME, title.path)
            paints = (piece_paint,) if piece_paint else self._name_paints(name, paint)
            segments.append(Segment(text, style_of(self._widget, *paints)))
        room = title.width - sum(cell_len(segment.text) for segment in segments)
        said = next((text for text in self.overlay.branches.get(title.path, ()) if cell_len(text) + 4 <= room), "")
        if said and title.is_frame:
            segments.append(Segment(dash, style_of(self._widget, paint)))
            segments.append(Segment(f" {said} ", style_of(self._widget, "failed" if "failed" in said else "waiting")))
        shown = Strip(segments)
        width = title.width if title.is_frame else min(title.width, shown.cell_length + 1)
        dashes = Segment(dash * max(0, width - shown.cell_length), style_of(self._widget, paint))
        shown, end = Strip.join([shown, Strip([dashes])]).crop(0, width), title.x + width
        return Strip.join([strip.crop(0, title.x), shown, strip.crop(end, strip.cell_length)])

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
            text = run.text
            if run.role is Role.EDGE and not self.overlay.taken.isdisjoint(run.edges):
                text = taken_line(text, is_ascii=is_ascii)
            elif run.role is Role.BORDER and run.owner and run.owner == self._current:
                text = current_frame(text, is_ascii=is_ascii)
            text, line = self._line_behind(run) if run.role is Role.NAME else (text, "")
            segments.append(Segment(text, style_of(self._widget, *self._paints(run))))
            if line:
                segments.append(Segment(line, style_of(self._widget, paint_of(self._mark(run.owner)))))
        strip = Strip(segments, self.width).extend_cell_length(self.width + self.overhang, style_of(self._widget))
        over: list[tuple[int, Piece]] = []
        for box in self._boxes_by_row.get(row, ()):
            if self._layout.zoom is Zoom.LINES and not box.is_open and box.status_width:
                strip = _name_at_left(strip, box)
            over += self._written(box, row)
        for note in self._counts.in_row(row):
            end = note.x + cell_len(note.text)
            if not any(x <= end and note.x <= x + cell_len(text) for x, (text, _) in over):
                over.append((note.x, (note.text, self._taken_paint(note.edges))))
        for x, (text, paint) in over:
            strip = _over(strip, x, text, style_of(self._widget, paint))
        return strip

    def _mark(self, path: StatePath) -> StateMark:
        return self.overlay.marks.get(path, _UNMARKED)

    def _line_behind(self, run: CellRun) -> tuple[str, str]:
        """A name, and behind it a line as far as transitions leave below a dot: it has no frame that shows how far."""
        name = run.text.rstrip()
        room = len(run.text) - len(name)
        if self._layout.zoom is not Zoom.DOTS or room <= _SLACK:
            return run.text, ""
        return f"{name} ", glyphs_of(self._widget).rule * (room - 1)

    def _written(self, box: Box, row: int) -> list[tuple[int, Piece]]:
        """What stands over a box in this row: its status, its breakpoint, what its branches do."""
        mark, glyphs = self._mark(box.path), glyphs_of(self._widget)
        written: list[tuple[int, Piece]] = []
        x, y = box.status_at
        if row == y and box.status_width:
            if self._is_inside and box.path == self._current:
                status: Piece | None = inside_text(glyphs, box.status_width)
            else:
                status = status_text(mark, glyphs, box.status_width)
            if status is not None:
                written.append((x + box.status_width - cell_len(status[0]), status))
            if box.status_width < STATUS_WIDTH and not box.is_open:
                written += self._beside(box, mark)
        if row == box.gutter[1]:
            sign = gutter_text(mark, glyphs)
            # The frame of the state at hand stays whole: what is advised on it stands below the graph.
            if sign is None and box.path in self._advised and box.path != self._current:
                sign = glyphs.advice, self._advised[box.path]
            written += [(box.gutter[0], sign)] if sign is not None else []
            note = (
                imposed_text(mark, box.width - cell_len(box.name) - 5)
                if box.height == _LEAF and not box.is_open
                else None
            )
            written += [(box.right - 1 - cell_len(note[0]), note)] if note is not None else []
        if row == box.bottom and box.height > 1 and box.path in self.overlay.branches:
            written += self._branch_text(box)
        return written

    def _beside(self, box: Box, mark: StateMark) -> list[tuple[int, Piece]]:
        """The word for a status, behind a state on one line, where nothing else stands there."""
        is_inside = self._is_inside and box.path == self._current
        piece = beside_text(mark, glyphs_of(self._widget), is_inside=is_inside)
        if piece is None:
            return []
        x, start = 0, box.right + 2
        needed = start + cell_len(piece[0])
        for run in self._canvas.row(box.y):
            end = x + cell_len(run.text)
            if x <= box.right + 1 < end:
                is_last = end == self.width
                is_free = run.role is Role.BLANK and needed < end + (self.overhang if is_last else 0) + is_last
                return [(start, piece)] if is_free else []
            x = end
        return [(start, piece)] if needed <= self.width + self.overhang else []

    def _branch_text(self, box: Box) -> list[tuple[int, Piece]]:
        """What the branches of a container do, where its lower border has room for it: in full, or shorter."""
        stretches = [(end - start, start) for start, end in self._free_border(box)]
        for text in self.overlay.branches.get(box.path, ()):
            for room, start in stretches:
                if room >= cell_len(text) + 2:
                    return [(start, (f" {text} ", "failed" if "failed" in text else "waiting"))]
        return []

    def _free_border(self, box: Box) -> list[tuple[int, int]]:
        """The stretches of a lower border that no line leaves and no badge stands in."""
        found: list[tuple[int, int]] = []
        x = 0
        for run in self._canvas.row(box.bottom):
            end = x + cell_len(run.text)
            if run.role is Role.BORDER and run.owner == box.path and not run.edges:
                start, stop = max(x, box.x + 2), min(end, box.right - 1)
                if stop > start:
                    found.append((start, stop))
            x = end
        return found

    # Paints

    def _paints(self, run: CellRun) -> tuple[str, ...]:
        role = run.role
        if role in _LINES:
            return self._line_paints(run)
        if not run.owner:
            return ()
        paint = paint_of(self._mark(run.owner))
        if run.owner == self._current:
            paint = "current"
        if role is Role.NAME:
            return self._name_paints(run, paint)
        if role is Role.TYPE:
            return ("muted" if paint in ("unvisited", "done") else paint,)
        return (paint,)

    def _name_paints(self, run: CellRun, paint: str) -> tuple[str, ...]:
        plain = "muted" if paint == "unvisited" else "strong" if paint in ("done", "current") else paint
        paints = [plain]
        if run.owner in self._found:
            paints.append("found")
        if run.owner == self._selected:
            paints.append("chosen" if self._widget.has_focus else "chosen-blurred")
        return tuple(paints)

    def _line_paints(self, run: CellRun) -> tuple[str, ...]:
        paint = "taken" if run.role is Role.START else self._edge_paint(run)
        if self._selected_edges.isdisjoint(run.edges):
            return (paint,)
        return (paint, "chosen" if self._widget.has_focus else "chosen-blurred")

    def _edge_paint(self, run: CellRun) -> str:
        taken = self._taken_paint(run.edges)
        if taken:
            return taken
        if run.edges and all(self._layout.edges[index].kind is EdgeKind.CATCH for index in run.edges):
            return "catch"
        return "muted" if run.role is Role.LABEL else "unvisited"

    def _taken_paint(self, edges: Iterable[int]) -> str:
        """The paint of what belongs to transitions of which some were taken; "" where none was."""
        taken = [index for index in edges if index in self.overlay.taken]
        if not taken:
            return ""
        return "caught" if all(self._layout.edges[index].kind is EdgeKind.CATCH for index in taken) else "taken"


def _name_at_left(strip: Strip, box: Box) -> Strip:
    """`[Look ✓]`, where the drawing has `[ Look✓]`: the sign of a status must not read as a letter of the name."""
    x, right = box.x + 1, box.right
    blank, name = strip.crop(x, x + 1), strip.crop(x + 1, right)
    return Strip.join([strip.crop(0, x), name, blank, strip.crop(right, strip.cell_length)])


def _over(strip: Strip, x: int, text: str, style: Style) -> Strip:
    """`text` in place of the cells from column `x`."""
    end = x + cell_len(text)
    return Strip.join([strip.crop(0, x), Strip([Segment(text, style)], end - x), strip.crop(end, strip.cell_length)])
