"""The state graph with the run drawn over it. Only the lines in view are painted.

The room that draws is loaded when there is something to draw: after the first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sfdebug.tui.bindings import Scope, bindings_for
from sfdebug.tui.guard import report
from sfdebug.tui.messages import BreakpointToggled, StateShown
from sfdebug.tui.paint import Painted, strip_of
from sfdebug.tui.search import matcher
from sfdebug.tui.text import plural

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.debugger.view import View
    from sfdebug.graph.canvas import Canvas
    from sfdebug.graph.drawing import Layout
    from sfdebug.tui.graph_rows import GraphRows

_AT_ONCE: Final = 100
"""A machine with more states is laid out on another thread, so that the first paint does not wait for it."""

_MARGIN: Final = 2


class GraphView(Painted, ScrollView, can_focus=True):
    """Shows a machine, the marks of a view, and a selection that follows the run until it is moved by hand."""

    ALLOW_SELECT = False
    ALLOW_MAXIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for(Scope.GRAPH))
    DEFAULT_CSS = """
    GraphView { overflow: auto auto; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._machine: StateMachine | None = None
        self._layout: Layout | None = None
        self._rows: GraphRows | None = None
        self._view: View | None = None
        self._collapsed: frozenset[StatePath] = frozenset()
        self._matches: tuple[StatePath, ...] = ()
        self._trouble = ""
        self.filter_query = ""
        self.selected: StatePath = ()
        self.is_selected_by_hand = False

    # The drawing

    def load(self, machine: StateMachine) -> None:
        """Draw this machine; a large one a moment later."""
        self._machine = machine
        if sum(1 for _ in machine.walk()) <= _AT_ONCE:
            try:
                self._drawn(*self._draw())
            except Exception as error:
                self._failed(error)
        else:
            self.run_worker(self._draw_elsewhere, thread=True, exclusive=True, group="graph", exit_on_error=False)

    def _draw(self) -> tuple[Layout, Canvas]:
        from sfdebug.graph import build
        from sfdebug.graph.paint import paint

        assert self._machine is not None
        layout = build(self._machine, collapsed=self._collapsed)
        return layout, paint(layout, ascii=self.app.has_class("ascii"))

    def _draw_elsewhere(self) -> None:
        try:
            drawing = self._draw()
        except Exception as error:
            self.app.call_from_thread(self._failed, error)
        else:
            self.app.call_from_thread(self._drawn, *drawing)

    def _failed(self, error: Exception) -> None:
        """The run can be debugged without its graph: say that there is none, and go on."""
        self._trouble = "no graph could be drawn"
        report(self.app, error)
        self.refresh()

    def _drawn(self, layout: Layout, canvas: Canvas) -> None:
        from sfdebug.tui.graph_rows import GraphRows

        self._layout = layout
        self._rows = GraphRows(self, layout, canvas)
        self._sized()
        if self._view is not None:
            self._rows.show(self._view)
        box = layout.shown(self.selected)
        self._select(box.path if box is not None else ())

    @property
    def is_drawn(self) -> bool:
        """Whether the layout is there."""
        return self._layout is not None

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with the machine, as the drawing says it."""
        return self._layout.notes if self._layout is not None else ()

    def _sized(self) -> None:
        if self._rows is not None:
            self.virtual_size = Size(self._rows.width, self._rows.height)

    # What it shows

    def show(self, view: View) -> None:
        """Show the marks of this view, and follow the run to its state."""
        self._view = view
        if self._rows is not None:
            self._rows.show(view)
        self.is_selected_by_hand = False
        self._select(view.state_path)
        self.refresh()

    def select(self, path: StatePath) -> None:
        """Put the selection on a state, by the user's hand."""
        self.is_selected_by_hand = True
        self._select(path)

    def _select(self, path: StatePath) -> None:
        box = self._layout.shown(path) if self._layout is not None else None
        self.selected = box.path if box is not None else path
        if self._rows is not None:
            self._rows.select(self.selected)
        self.refresh()
        self._bring_into_view()

    def _bring_into_view(self) -> None:
        """Scroll so that the selected box is in view: sideways as little as need be, else to the middle."""
        box = self._layout.box(self.selected) if self._layout is not None else None
        window = self.scrollable_content_region.size
        if box is None or not window.area:
            return
        height = min(box.height, 3) if box.is_open else box.height
        wanted = Region(box.x + self.left, box.y, box.width, height).grow((_MARGIN, _MARGIN, _MARGIN, _MARGIN))
        shown = Region(round(self.scroll_x), round(self.scroll_y), window.width, window.height)
        if shown.contains_region(wanted):
            return
        x, y = self.scroll_x, self.scroll_y
        if wanted.right > shown.right:
            x = wanted.right - window.width
        if wanted.x < x:
            x = wanted.x
        if not (shown.y <= wanted.y and wanted.bottom <= shown.bottom):
            y = box.y + height // 2 - window.height // 2
        self.scroll_to(max(0, x), max(0, y), animate=False, force=True)

    @property
    def left(self) -> int:
        """The blank columns that centre a drawing narrower than the pane."""
        return max(0, (self.size.width - self._rows.width) // 2) if self._rows is not None else 0

    # Moving

    @property
    def _taken(self) -> frozenset[int]:
        return self._rows.taken if self._rows is not None else frozenset()

    def _walk(self, path: StatePath) -> None:
        if path and path != self.selected:
            self.select(path)

    def action_down(self) -> None:
        """To a state after this one."""
        if self._layout is not None:
            from sfdebug.tui import graph_walk

            self._walk(graph_walk.down(self._layout, self.selected, self._taken))

    def action_up(self) -> None:
        """To a state before this one."""
        if self._layout is not None:
            from sfdebug.tui import graph_walk

            self._walk(graph_walk.up(self._layout, self.selected, self._taken))

    def action_left(self) -> None:
        """To the state on the left."""
        self._walk_sideways(-1)

    def action_right(self) -> None:
        """To the state on the right."""
        self._walk_sideways(1)

    def _walk_sideways(self, direction: int) -> None:
        if self._layout is not None:
            from sfdebug.tui import graph_walk

            self._walk(graph_walk.sideways(self._layout, self.selected, direction))

    def action_first(self) -> None:
        """To the first state."""
        self._walk_to_end(0)

    def action_last(self) -> None:
        """To the lowest state."""
        self._walk_to_end(-1)

    def _walk_to_end(self, place: int) -> None:
        boxes = sorted(self._layout.boxes, key=lambda box: (box.y, box.x)) if self._layout is not None else []
        if boxes:
            self._walk(boxes[place].path)

    def action_page_down(self) -> None:
        """A page down; the selection stays."""
        self.scroll_to(y=self.scroll_y + max(1, self.size.height - 3), animate=False, force=True)

    def action_page_up(self) -> None:
        """A page up; the selection stays."""
        self.scroll_to(y=self.scroll_y - max(1, self.size.height - 3), animate=False, force=True)

    def action_pan_left(self) -> None:
        """Half a pane to the left; the selection stays."""
        self.scroll_to(x=self.scroll_x - max(1, self.size.width // 2), animate=False, force=True)

    def action_pan_right(self) -> None:
        """Half a pane to the right; the selection stays."""
        self.scroll_to(x=self.scroll_x + max(1, self.size.width // 2), animate=False, force=True)

    def action_choose(self) -> None:
        """Show the last visit to the selected state, or its definition."""
        if self.selected:
            self.post_message(StateShown(self.selected))

    def action_fold(self) -> None:
        """Fold the selected Parallel or Map, or unfold it."""
        box = self._layout.box(self.selected) if self._layout is not None else None
        if box is None or not box.is_container:
            return
        self._collapsed = self._collapsed ^ {box.path}
        self._drawn(*self._draw())

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """Select a state; a double click toggles its breakpoint."""
        path = self.state_at(event.x, event.y)
        if path is None:
            return
        event.stop()
        self.select(path)
        if event.chain == 2:
            self.post_message(BreakpointToggled(path))

    def state_at(self, x: int, y: int) -> StatePath | None:
        """The innermost state drawn at a place of the pane."""
        if self._layout is None:
            return None
        x, y = x + round(self.scroll_x) - self.left, y + round(self.scroll_y)
        box = self._layout.box_at(x, y)
        return box.path if box is not None else None

    # Searching

    def set_filter(self, query: str) -> int:
        """Mark the states whose name or type matches, and select the first; return how many there are."""
        self.filter_query = query
        matches = matcher(query)
        boxes = self._layout.boxes if self._layout is not None and matches is not None else ()
        self._matches = tuple(
            box.path for box in boxes if matches is not None and matches(f"{box.path[-1]} {box.type}")
        )
        if self._rows is not None:
            self._rows.mark_found(frozenset(self._matches))
        if self._matches:
            self.select(self._matches[0])
        self.refresh()
        return len(self._matches)

    def go_to_match(self, direction: int) -> None:
        """Select the next match, or the previous one, round and round."""
        if self._matches:
            at = self._matches.index(self.selected) if self.selected in self._matches else -1
            self.select(self._matches[(at + direction) % len(self._matches)])

    # Painting

    def render_line(self, y: int) -> Strip:
        """One line of the visible part."""
        width = self.size.width
        if self._rows is None:
            count = sum(1 for _ in self._machine.walk()) if self._machine is not None else 0
            text = self._trouble or f"drawing {plural(count, 'state')} …"
            return strip_of(self, [(f" {text}", "muted")] if y == 0 else (), width)
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
        self._bring_into_view()
