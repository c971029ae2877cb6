"""The state graph with the run drawn over it. Only the lines in view are painted, and again only those that change.

The room that draws is loaded when there is something to draw: after the first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from sfdebug.tui.graph.drawer import GraphDrawer
from sfdebug.tui.graph.marks import NOTHING_DRAWN, advice_paint
from sfdebug.tui.graph.viewport import Viewport
from sfdebug.tui.keys import KeyScope, bindings_for
from sfdebug.tui.painting.describe import searched_text
from sfdebug.tui.painting.paint import strip_of, style_of
from sfdebug.tui.widgets.scrolled import Scrolled
from sfdebug.tui.widgets.search import FilterNote, matcher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual import events
    from textual.binding import BindingType
    from textual.geometry import Region

    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.asl.findings import Finding
    from sfdebug.debugger.view.model import View
    from sfdebug.drawing.elements import Layout
    from sfdebug.tui.graph.drawings import MachineDrawing
    from sfdebug.tui.graph.marks import Overlay
    from sfdebug.tui.graph.rows import GraphRows


class Standpoint(Struct, frozen=True):
    """A state that is selected, by hand or not, and the part of the drawing that is in view."""

    path: StatePath
    is_by_hand: bool
    x: float
    y: float


class StateSearch:
    """The states in which something matches what is searched for, and which of them is at hand."""

    def __init__(self) -> None:
        self.query = ""
        self.paths: tuple[StatePath, ...] = ()
        self._at = 0

    def find(self, query: str, machine: StateMachine | None) -> None:
        """Search all states of a machine."""
        self.query, self._at = query, 0
        matches = matcher(query)
        found = machine.walk() if machine is not None and matches is not None else ()
        self.paths = tuple(state.path for state in found if matches is not None and matches(searched_text(state)))

    def next(self, selected: StatePath, direction: int) -> StatePath:
        """The match after the selected one, or before it, round and round; the one at hand where none is selected."""
        at = self.paths.index(selected) if selected in self.paths else self._at
        is_on_it = selected == self.paths[at]
        self._at = (at + direction) % len(self.paths) if is_on_it or direction < 0 else at
        return self.paths[self._at]

    @property
    def note(self) -> FilterNote | None:
        """What is searched for, and in how many states it is; None for nothing."""
        if not self.query:
            return None
        count = f"{self._at + 1:,} of {len(self.paths):,}" if self.paths else "no match"
        return FilterNote(self.query, f": {count}")


class GraphView(Scrolled, can_focus=True):
    """Shows a machine, the marks of a view, and a selection that follows the run until it is moved by hand."""

    ALLOW_SELECT = False
    ALLOW_MAXIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for(KeyScope.GRAPH))
    DEFAULT_CSS = """
    GraphView { width: 1fr; overflow: auto auto; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1; }
    """

    class Drawn(Message):
        """There is another drawing."""

    class Awaited(Message):
        """There will be a drawing later, or none."""

    class Changed(Message):
        """The selection, the marks or the part in view changed."""

    class BranchAsked(Message):
        """Another branch or iteration of a Parallel or Map was asked for."""

    class StateShown(Message):
        """A state was chosen, to see its last visit or its definition."""

        def __init__(self, path: StatePath) -> None:
            super().__init__()
            self.path = path

    class Refused(Message):
        """A key did nothing, and this says why; "" after one that did something."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    class BreakpointToggled(Message):
        """The breakpoint of a state was asked to change."""

        def __init__(self, path: StatePath) -> None:
            super().__init__()
            self.path = path

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.viewport = Viewport(self)
        self.search = StateSearch()
        self.drawer = GraphDrawer(self, self._drawn, self._awaited)
        self._rows: GraphRows | None = None
        self._view: View | None = None
        self._advice: Mapping[StatePath, Sequence[Finding]] = {}
        self.selected: StatePath = ()
        self.selected_edges: frozenset[int] = frozenset()
        self.is_selected_by_hand = False
        self._has_refused = False

    # The drawing

    def load(self, machine: StateMachine) -> None:
        """Draw this machine; a large one a moment later."""
        self.drawer.plan.take(machine)
        self.drawer.draw()

    def fit_to(self, room: Size, lent: int = 0) -> None:
        """Draw for a pane of this size, of which so many rows may go to something else for a while."""
        if self.drawer.plan.fit_to(room, lent):
            self.drawer.draw()

    def _awaited(self) -> None:
        self.refresh()
        self.post_message(self.Changed())
        self.post_message(self.Awaited())

    def _drawn(self, drawing: MachineDrawing) -> None:
        from sfdebug.tui.graph.rows import GraphRows

        self.viewport.drawing = drawing.layout
        self._rows = GraphRows(self, drawing.layout, drawing.canvas)
        self.selected_edges = frozenset()
        self._sized()
        if self._view is not None:
            self._rows.show(self._view)
        self._show_advice()
        if self.search.query:
            self._rows.mark_found(frozenset(self.search.paths))
        box = drawing.layout.shown(self.selected)
        self._select(box.path if box is not None else ())
        self.refresh()
        self.post_message(self.Drawn())

    def advise(self, advice: Mapping[StatePath, Sequence[Finding]]) -> None:
        """Mark the states that there is advice on; of what is folded, the state that it is folded into."""
        self._advice = advice
        self._show_advice()

    def _show_advice(self) -> None:
        rows, drawing = self._rows, self.drawing
        if rows is None or drawing is None:
            return
        paints: dict[StatePath, str] = {}
        for path, findings in self._advice.items():
            box = drawing.shown(path)
            if box is not None and findings and paints.get(box.path) != "caught":
                paints[box.path] = advice_paint(findings[0])
        self._repaint(rows.advise(paints))

    @property
    def drawing(self) -> Layout | None:
        """What is drawn; None before it is."""
        return self.viewport.drawing

    @property
    def overlay(self) -> Overlay:
        """What the run has put over the drawing."""
        return self._rows.overlay if self._rows is not None else NOTHING_DRAWN

    @property
    def in_view(self) -> Region:
        """What of the drawing is in view."""
        return self.viewport.in_view

    def states_in_view(self) -> list[tuple[StatePath, int, int]]:
        """The states whose upper left corner is in view, with the cells of the screen where these are."""
        if self.drawing is None:
            return []
        window, shown = self.scrollable_content_region, self.in_view
        corner = self.content_region.offset
        return [
            (box.path, corner.x + box.x - shown.x, corner.y + box.y - shown.y)
            for box in self.drawing.boxes
            if window.area and shown.contains(box.x, box.y)
        ]

    def _sized(self) -> None:
        if self._rows is not None:
            self.set_length(Size(self._rows.width, self._rows.height))
            self._rows.hang_over(self.viewport.left)

    # How large, and what is folded

    def action_larger(self) -> None:
        """Draw the states larger."""
        self._zoom(1)

    def action_smaller(self) -> None:
        """Draw the states smaller."""
        self._zoom(-1)

    def _zoom(self, step: int) -> None:
        if self.drawing is None:
            self._refuse(self.drawer.why_nothing)
        elif self.drawer.zoom(step):
            self._refuse("")
        else:
            from sfdebug.tui.graph.refusals import why_no_zoom

            self._refuse(why_no_zoom(step))

    def action_fit(self) -> None:
        """Draw the states as large as fits the pane."""
        was_fitted = self.drawer.is_fitted
        self.drawer.fit()
        self._refuse("the states are drawn as large as fits already" if was_fitted else "")

    def action_fold(self) -> None:
        """Fold the selected Parallel or Map, or unfold it."""
        if self.drawing is None:
            self._refuse(self.drawer.why_nothing)
            return
        box = self.drawing.box(self.selected)
        if box is not None and box.is_container:
            self.drawer.fold(box.path)
            self._refuse("")
        else:
            from sfdebug.tui.graph.refusals import why_no_fold

            self._refuse(why_no_fold(self.drawing, self.selected))

    def action_fold_all(self) -> None:
        """Fold every Parallel and Map; when all of them are, unfold them."""
        if self.drawing is None:
            self._refuse(self.drawer.why_nothing)
        elif self.drawer.fold_all():
            self._refuse("")
        else:
            self._refuse("there is no Parallel and no Map here")

    def _refuse(self, why: str) -> None:
        """Say why a key does nothing; "" takes what was said last back."""
        if why or self._has_refused:
            self.post_message(self.Refused(why))
        self._has_refused = bool(why)

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
        if self.drawer.plan.unfold_around(path):
            self.selected = path
            self.drawer.draw()
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
        self._follow()
        self.post_message(self.Changed())

    def keep_in_sight(self) -> None:
        """Bring the selected state into view, when the panes have been arranged otherwise."""
        self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        """Bring the selected state into view."""
        box = self.drawing.box(self.selected) if self.drawing is not None else None
        if box is not None:
            self.viewport.bring_into_view(box)

    def _repaint(self, rows: set[int]) -> None:
        """Paint these rows of the drawing anew, as far as they are in view."""
        top = round(self.scroll_y)
        for row in rows:
            if top <= row < top + self.size.height:
                self.refresh_line(row)

    @property
    def standpoint(self) -> Standpoint:
        """Where one is in the graph, to come back to."""
        return Standpoint(self.selected, self.is_selected_by_hand, self.scroll_x, self.scroll_y)

    def go_back_to(self, standpoint: Standpoint) -> None:
        """Select what was selected, in the part that was in view."""
        self._select(standpoint.path)
        self.is_selected_by_hand = standpoint.is_by_hand
        self.viewport.pan_to(standpoint.x, standpoint.y)

    # From state to state

    def action_walk(self, way: str) -> None:
        """To a state after or before this one, beside it, inside or around it, or to the first or the last."""
        if self.drawing is None:
            self._refuse(self.drawer.why_nothing)
            return
        from sfdebug.tui.graph.walk import WAYS

        path = WAYS[way](self.drawing, self.selected, self.overlay.taken)
        if path and path != self.selected:
            self.select(path)
            self._refuse("")
        else:
            from sfdebug.tui.graph.refusals import why_no_walk

            self._refuse(why_no_walk(self.drawing, self.selected, way))

    def action_choose(self) -> None:
        """Show the last visit to the selected state, or its definition."""
        if self.selected:
            self.post_message(self.StateShown(self.selected))
        else:
            from sfdebug.tui.graph.refusals import why_nothing_selected

            self._refuse(why_nothing_selected())

    # The part in view; the selection stays

    def action_nudge(self, columns: int, rows: int) -> None:
        """A few columns to a side, or a few rows."""
        self._scroll(self.viewport.nudge(columns, rows), columns, rows)

    def action_page(self, direction: int) -> None:
        """A page down, or up."""
        self._scroll(self.viewport.page(direction), 0, direction)

    def action_pan(self, direction: int) -> None:
        """Half a pane to the right, or to the left."""
        self._scroll(self.viewport.pan(direction), direction, 0)

    def _scroll(self, has_moved: bool, columns: int, rows: int) -> None:
        """Say why nothing has moved."""
        if has_moved:
            self._refuse("")
        elif self.drawing is None:
            self._refuse(self.drawer.why_nothing)
        else:
            from sfdebug.tui.graph.refusals import why_no_scroll

            is_all = not (self.max_scroll_x or self.max_scroll_y)
            self._refuse(why_no_scroll(columns, rows, is_all_in_view=is_all))

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Perhaps the start of a drag."""
        self.viewport.hold(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move the drawing with the mouse while the button is held."""
        self.viewport.drag(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """The end of a drag."""
        self.viewport.let_go()

    def on_click(self, event: events.Click) -> None:
        """Select a state or a transition; a double click toggles a breakpoint, or folds a Parallel or Map."""
        if self.viewport.was_dragged or self.drawing is None or self._rows is None:
            return
        x, y = self.viewport.cell_at(event.x, event.y)
        title = self._rows.title_at(x, y, self.in_view)
        if title is not None:
            self.select(title)
            event.stop()
            return
        edges = frozenset(self._rows.edges_at(x, y))
        box = self.drawing.box_at(x, y)
        if edges and (box is None or box.is_open):
            self.select_edges(edges)
        elif box is not None:
            self.select(box.path)
            if self._rows.is_branch_text(box.path, x, y):
                self.post_message(self.BranchAsked())
            elif event.chain == 2 and box.is_container:
                self.action_fold()
            elif event.chain == 2:
                self.post_message(self.BreakpointToggled(box.path))
        else:
            return
        event.stop()

    # Searching

    def set_filter(self, query: str) -> int:
        """Mark the states in which something matches, and select the first; return how many there are."""
        self.search.find(query, self.drawer.plan.machine if self.drawing is not None else None)
        if self._rows is not None:
            self._repaint(self._rows.mark_found(frozenset(self.search.paths)))
        if self.search.paths:
            self.select(self.search.paths[0])
        self.post_message(self.Changed())
        return len(self.search.paths)

    @property
    def filter_query(self) -> str:
        """What is searched for, "" for nothing."""
        return self.search.query

    @property
    def filter_note(self) -> FilterNote | None:
        """What is searched for, and in how many states it is; None for nothing."""
        return self.search.note

    def go_to_match(self, direction: int) -> None:
        """Select the next match, or the previous one; unfold what it is in."""
        if self.search.paths:
            self.reveal(self.search.next(self.selected, direction))

    # Painting

    def paint_line(self, y: int) -> Strip:
        """One line of the visible part."""
        width, rows = self.size.width, self._rows
        if rows is None:
            text = self.drawer.words_instead
            return strip_of(self, [(f" {text}", "muted")] if y == 0 and text else (), width)
        row, left = y + round(self.scroll_y), self.viewport.left
        if row >= rows.height:
            return strip_of(self, (), width)
        strip = self.strip_or_trouble(lambda: rows.titled_strip(row, self.in_view), rows.width)
        if left:
            strip = Strip.join([strip_of(self, (), left), strip])
        start = round(self.scroll_x)
        return strip.crop_extend(start, start + width, style_of(self))

    def notify_style_update(self) -> None:
        """Paint anew when the theme or the focus changes."""
        super().notify_style_update()
        if self._rows is not None:
            self._rows.forget()

    def on_resize(self) -> None:
        """Keep the selected state in view in the new size."""
        self._sized()
        self._follow()
        self.post_message(self.Changed())

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Say that another part is in view."""
        super().watch_scroll_x(old_value, new_value)
        self.post_message(self.Changed())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say that another part is in view."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Changed())
