"""The state graph with the run drawn over it. Only the lines in view are painted, and again only those that change.

The room that draws is loaded when there is something to draw: after the first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.worker import get_current_worker

from sfdebug.text import counted
from sfdebug.tui.graph.motion import GraphMotion, Standpoint
from sfdebug.tui.painting.describe import searched_text
from sfdebug.tui.painting.paint import strip_of
from sfdebug.tui.terminal.guard import report
from sfdebug.tui.widgets.search import FilterNote, matcher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events

    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.debugger.view.model import StateMark, View
    from sfdebug.tui.graph.drawings import MachineDrawing, Wish
    from sfdebug.tui.graph.drawings import Size as DrawnSize
    from sfdebug.tui.graph.facts import Overlay
    from sfdebug.tui.graph.rows import GraphRows

_AT_ONCE: Final = 40
"""A machine with more states is laid out on another thread, so that the screen does not wait for it."""

_HARDLY_HIGHER: Final = 3
"""A pane that is higher or lower by no more rows is the same for the drawing."""

_NO_MARKS: Final[Mapping[StatePath, StateMark]] = {}


class GraphView(GraphMotion):
    """Shows a machine, the marks of a view, and a selection that follows the run until it is moved by hand."""

    DEFAULT_CSS = """
    GraphView { width: 1fr; overflow: auto auto; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1; }
    """

    class Drawn(Message):
        """There is another drawing."""

    class Changed(Message):
        """The selection, the marks or the part in view changed."""

    class BranchAsked(Message):
        """Another branch or iteration of a Parallel or Map was asked for."""

    class StateShown(Message):
        """A state was chosen, to see its last visit or its definition."""

        def __init__(self, path: StatePath) -> None:
            super().__init__()
            self.path = path

    class BreakpointToggled(Message):
        """The breakpoint of a state was asked to change."""

        def __init__(self, path: StatePath) -> None:
            super().__init__()
            self.path = path

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._machine: StateMachine | None = None
        self._room: Size | None = None
        self._drawn_size: DrawnSize | None = None
        self._wished_size: DrawnSize | None = None
        self._folded: frozenset[StatePath] = frozenset()
        self._rows: GraphRows | None = None
        self._view: View | None = None
        self._matches: tuple[StatePath, ...] = ()
        self._match = 0
        self._trouble = ""
        self._wishes = 0
        self.is_drawing = False
        self.filter_query = ""
        self.selected_edges: frozenset[int] = frozenset()
        self.is_selected_by_hand = False

    # The drawing

    def load(self, machine: StateMachine) -> None:
        """Draw this machine; a large one a moment later."""
        self._machine = machine
        self._draw()

    def fit_to(self, room: Size) -> None:
        """Draw for a pane of this size, unless the drawing was made for about the same: lines that come and go above
        and below the pane do not change how the graph looks."""
        before = self._room
        if before is None or room.width != before.width or abs(room.height - before.height) > _HARDLY_HIGHER:
            self._room = room
            self._draw()

    def _draw(self) -> None:
        machine = self._machine
        if machine is None:
            return
        from sfdebug.tui.graph.drawings import Wish, draw

        room = self._room or self.size
        wish = Wish(room.width, room.height, self._folded, self._wished_size, self.app.has_class("ascii"))
        self._wishes += 1
        if sum(1 for _ in machine.walk()) > _AT_ONCE:
            self.is_drawing = True
            self.refresh()
            self.post_message(self.Changed())
            number = self._wishes
            self.run_worker(
                lambda: self._draw_elsewhere(machine, wish, number),
                thread=True,
                exclusive=True,
                group="graph",
                exit_on_error=False,
            )
            return
        try:
            self._drawn(draw(machine, wish), self._wishes)
        except Exception as error:
            self._failed(error)

    def _draw_elsewhere(self, machine: StateMachine, wish: Wish, number: int) -> None:
        from sfdebug.tui.graph.drawings import draw

        worker = get_current_worker()
        try:
            drawing = draw(machine, wish)
        except Exception as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self._failed, error)
        else:
            if not worker.is_cancelled:
                self.app.call_from_thread(self._drawn, drawing, number)

    def _failed(self, error: Exception) -> None:
        """The run can be debugged without its graph: say that there is none, and go on."""
        self.is_drawing = False
        self._trouble = "no graph could be drawn"
        report(self.app, error)
        self.refresh()

    def _drawn(self, drawing: MachineDrawing, number: int) -> None:
        """Show a drawing, unless another one was wished for in the meantime."""
        from sfdebug.tui.graph.rows import GraphRows

        if number != self._wishes:
            return
        self.is_drawing, self._trouble = False, ""
        self.drawing, self._drawn_size = drawing.layout, drawing.size
        self._rows = GraphRows(self, drawing.layout, drawing.canvas)
        self.selected_edges = frozenset()
        self._sized()
        if self._view is not None:
            self._rows.show(self._view)
        if self.filter_query:
            self._rows.mark_found(frozenset(self._matches))
        box = drawing.layout.shown(self.selected)
        self._select(box.path if box is not None else ())
        self.refresh()
        self.post_message(self.Drawn())

    @property
    def is_drawn(self) -> bool:
        """Whether the layout is there."""
        return self.drawing is not None

    @property
    def is_fitted(self) -> bool:
        """Whether the drawing is as large as fits the pane, rather than as was asked for."""
        return self._wished_size is None

    @property
    def zoom_words(self) -> str:
        """How large the states are drawn: `lines`, `lines, fitted`; or that they are about to be."""
        if self.is_drawing:
            return f"drawing {counted(self._count(), 'state')} …"
        if self._drawn_size is None:
            return ""
        from sfdebug.tui.graph.drawings import ZOOM_WORDS

        words = ZOOM_WORDS[self._drawn_size.zoom]
        return f"{words}, fitted" if self.is_fitted else words

    def _count(self) -> int:
        return sum(1 for _ in self._machine.walk()) if self._machine is not None else 0

    def _sized(self) -> None:
        if self._rows is not None:
            self.virtual_size = Size(self._rows.width, self._rows.height)
            self._rows.hang_over(self.left)

    # How large, and what is folded

    def action_larger(self) -> None:
        """Draw the states larger."""
        self._zoom(1)

    def action_smaller(self) -> None:
        """Draw the states smaller."""
        self._zoom(-1)

    def _zoom(self, step: int) -> None:
        if self._drawn_size is None:
            return
        from sfdebug.tui.graph.drawings import Size as DrawnSize
        from sfdebug.tui.graph.drawings import next_zoom

        zoom = next_zoom(self._drawn_size.zoom, step) or (self._drawn_size.zoom if step > 0 else None)
        wished = DrawnSize(zoom) if zoom is not None else self._drawn_size
        if wished != self._drawn_size:
            self._wished_size = wished
            self._draw()

    def action_fit(self) -> None:
        """Draw the states as large as fits the pane."""
        self._wished_size = None
        self._draw()

    def action_fold(self) -> None:
        """Fold the selected Parallel or Map, or unfold it."""
        box = self.drawing.box(self.selected) if self.drawing is not None else None
        if box is not None and box.is_container:
            self._fold(self._folded ^ {box.path})

    def action_fold_all(self) -> None:
        """Fold every Parallel and Map; when all of them are, unfold them."""
        if self._machine is None or self.drawing is None:
            return
        from sfdebug.tui.graph.drawings import all_containers

        every = all_containers(self._machine)
        outermost = {box.path for box in self.drawing.boxes if box.is_container}
        if every:
            self._fold(frozenset() if outermost <= self._folded else every)

    def _fold(self, folded: frozenset[StatePath]) -> None:
        self._folded = folded
        self._draw()

    # What it shows

    def show(self, view: View) -> None:
        """Show the marks of this view, and follow the run to its state."""
        self._view = view
        if self._rows is not None:
            self._repaint(self._rows.show(view))
        self.is_selected_by_hand = False
        self._select(view.state_path)

    def select(self, path: StatePath) -> None:
        """Put the selection on a state, by the user's hand."""
        self.is_selected_by_hand = True
        self._select(path)

    def reveal(self, path: StatePath) -> None:
        """Put the selection on a state, and unfold what is folded around it."""
        around = {path[:length] for length in range(1, len(path))}
        if around & self._folded:
            self.selected = path
            self._fold(self._folded - around)
        self.select(path)

    def select_edges(self, edges: frozenset[int]) -> None:
        """Put a second selection on transitions; the state stays selected."""
        self.selected_edges = edges
        if self._rows is not None:
            self._repaint(self._rows.select(self.selected, edges))
        self.post_message(self.Changed())

    def _select(self, path: StatePath) -> None:
        box = self.drawing.shown(path) if self.drawing is not None else None
        self.selected = box.path if box is not None else path
        self.selected_edges = frozenset()
        if self._rows is not None:
            self._repaint(self._rows.select(self.selected))
        self.bring_into_view()
        self.post_message(self.Changed())

    def _repaint(self, rows: set[int]) -> None:
        """Paint these rows of the drawing anew, as far as they are in view."""
        top = round(self.scroll_y)
        for row in rows:
            if top <= row < top + self.size.height:
                self.refresh_line(row)

    @property
    def overlay(self) -> Overlay:
        """What the run has put over the drawing."""
        from sfdebug.tui.graph.facts import Overlay

        rows = self._rows
        return Overlay(rows.marks, rows.taken, rows.branches) if rows is not None else Overlay({}, frozenset(), {})

    @property
    def marks(self) -> Mapping[StatePath, StateMark]:
        """The marks of the drawn states."""
        return self._rows.marks if self._rows is not None else _NO_MARKS

    @property
    def taken(self) -> frozenset[int]:
        """The transitions that the run took."""
        return self._rows.taken if self._rows is not None else frozenset()

    def action_choose(self) -> None:
        """Show the last visit to the selected state, or its definition."""
        if self.selected:
            self.post_message(self.StateShown(self.selected))

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """Select a state or a transition; a double click toggles a breakpoint, or folds a Parallel or Map."""
        if self.was_dragged or self.drawing is None or self._rows is None:
            return
        x, y = self._place(event.x, event.y)
        edges = frozenset(self._rows.edges_at(x, y))
        box = self.drawing.box_at(x, y)
        if edges and (box is None or box.is_open):
            self.select_edges(edges)
        elif box is not None:
            self.select(box.path)
            if self._rows.is_branch_text(box.path, x, y):
                self.post_message(self.BranchAsked())
            elif event.chain == 2:
                self._open(box.path, is_container=box.is_container)
        else:
            return
        event.stop()

    def _open(self, path: StatePath, *, is_container: bool) -> None:
        if is_container:
            self.action_fold()
        else:
            self.post_message(self.BreakpointToggled(path))

    def _place(self, x: int, y: int) -> tuple[int, int]:
        """The cell of the drawing at a place of the pane."""
        return x + round(self.scroll_x) - self.left, y + round(self.scroll_y)

    # Searching

    def set_filter(self, query: str) -> int:
        """Mark the states in which something matches, and select the first; return how many there are."""
        self.filter_query = query
        matches, machine = matcher(query), self._machine
        found = machine.walk() if machine is not None and matches is not None and self.drawing is not None else ()
        self._matches = tuple(state.path for state in found if matches is not None and matches(searched_text(state)))
        self._match = 0
        if self._rows is not None:
            self._repaint(self._rows.mark_found(frozenset(self._matches)))
        if self._matches:
            self.select(self._matches[0])
        self.post_message(self.Changed())
        return len(self._matches)

    @property
    def filter_note(self) -> FilterNote | None:
        """What is searched for, and in how many states it is; None for nothing."""
        if not self.filter_query:
            return None
        count = f"{self._match + 1:,} of {len(self._matches):,}" if self._matches else "no match"
        return FilterNote(self.filter_query, f": {count}")

    def go_to_match(self, direction: int) -> None:
        """Select the next match, or the previous one, round and round; unfold what it is in."""
        if self._matches:
            at = self._matches.index(self.selected) if self.selected in self._matches else self._match
            is_on_it = self.selected == self._matches[at]
            self._match = (at + direction) % len(self._matches) if is_on_it or direction < 0 else at
            self.reveal(self._matches[self._match])

    @property
    def standpoint(self) -> Standpoint:
        """Where one is in the graph, to come back to."""
        return Standpoint(self.selected, self.is_selected_by_hand, self.scroll_x, self.scroll_y)

    def go_back_to(self, standpoint: Standpoint) -> None:
        """Select what was selected, in the part that was in view."""
        self._select(standpoint.path)
        self.is_selected_by_hand = standpoint.is_by_hand
        self.pan_to(standpoint.x, standpoint.y)

    # Painting

    def render_line(self, y: int) -> Strip:
        """One line of the visible part."""
        width = self.size.width
        if self._rows is None:
            text = self._trouble or (f"drawing {counted(self._count(), 'state')} …" if self._machine else "")
            return strip_of(self, [(f" {text}", "muted")] if y == 0 and text else (), width)
        row, left = y + round(self.scroll_y), self.left
        if row >= self._rows.height:
            return strip_of(self, (), width)
        rows = self._rows
        strip = self.strip_or_trouble(lambda: rows.strip(row), rows.width)
        if left:
            strip = Strip.join([strip_of(self, (), left), strip])
        start = round(self.scroll_x)
        return strip.crop_extend(start, start + width, self.rich_style)

    def notify_style_update(self) -> None:
        """Paint anew when the theme or the focus changes."""
        super().notify_style_update()
        if self._rows is not None:
            self._rows.forget()

    def on_resize(self) -> None:
        """Keep the selected state in view in the new size."""
        self._sized()
        self.bring_into_view()
        self.post_message(self.Changed())

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Say that another part is in view."""
        super().watch_scroll_x(old_value, new_value)
        self.post_message(self.Changed())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say that another part is in view."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Changed())
