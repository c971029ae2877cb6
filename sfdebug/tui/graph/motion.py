"""Moving in the graph: the selection along the edges and into containers, the view by pages and with the mouse."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.geometry import Region
from textual.scroll_view import ScrollView

from sfdebug.tui.keys import KeyScope, bindings_for
from sfdebug.tui.painting.paint import Painted

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

    from sfdebug.asl.definition import StatePath
    from sfdebug.drawing.elements import Layout

_MARGIN: Final = 2
_PAN_COLUMNS: Final = 8
_PAN_ROWS: Final = 3


@dataclass(frozen=True, slots=True)
class Standpoint:
    """A state that is selected, by hand or not, and the part of the drawing that is in view."""

    path: StatePath
    is_by_hand: bool
    x: float
    y: float


class GraphMotion(Painted, ScrollView, can_focus=True):
    """A drawing with a selected state. A subclass has the drawing, and says what selecting does."""

    ALLOW_SELECT = False
    ALLOW_MAXIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for(KeyScope.GRAPH))

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.drawing: Layout | None = None
        self.selected: StatePath = ()
        self._held_at: tuple[int, int, float, float] | None = None
        self.was_dragged = False

    @abstractmethod
    def select(self, path: StatePath) -> None:
        """Put the selection on a state, by the user's hand."""

    @property
    @abstractmethod
    def taken(self) -> frozenset[int]:
        """The transitions that the run took."""

    @property
    def left(self) -> int:
        """The blank columns that centre a drawing narrower than the pane."""
        return max(0, (self.size.width - self.drawing.width) // 2) if self.drawing is not None else 0

    # From state to state

    def _walk(self, path: StatePath) -> None:
        if path and path != self.selected:
            self.select(path)

    def action_down(self) -> None:
        """To a state after this one."""
        if self.drawing is not None:
            from sfdebug.tui.graph import walk as graph_walk

            self._walk(graph_walk.down(self.drawing, self.selected, self.taken))

    def action_up(self) -> None:
        """To a state before this one."""
        if self.drawing is not None:
            from sfdebug.tui.graph import walk as graph_walk

            self._walk(graph_walk.up(self.drawing, self.selected, self.taken))

    def action_left(self) -> None:
        """To the state on the left."""
        self._walk_sideways(-1)

    def action_right(self) -> None:
        """To the state on the right."""
        self._walk_sideways(1)

    def _walk_sideways(self, direction: int) -> None:
        if self.drawing is not None:
            from sfdebug.tui.graph import walk as graph_walk

            self._walk(graph_walk.sideways(self.drawing, self.selected, direction))

    def action_inside(self) -> None:
        """Into the selected Parallel or Map."""
        if self.drawing is not None:
            from sfdebug.tui.graph import walk as graph_walk

            self._walk(graph_walk.inside(self.drawing, self.selected))

    def action_outside(self) -> None:
        """To the Parallel or Map around the selected state."""
        if self.drawing is not None:
            from sfdebug.tui.graph import walk as graph_walk

            self._walk(graph_walk.outside(self.drawing, self.selected))

    def action_first(self) -> None:
        """To the state that the machine starts at."""
        if self.drawing is not None:
            from sfdebug.tui.graph import walk as graph_walk

            self._walk(graph_walk.start(self.drawing))

    def action_last(self) -> None:
        """To the lowest state."""
        if self.drawing is not None:
            from sfdebug.tui.graph import walk as graph_walk

            self._walk(graph_walk.last(self.drawing))

    # The part in view

    @property
    def in_view(self) -> Region:
        """What of the drawing is in view."""
        window = self.scrollable_content_region.size
        return Region(round(self.scroll_x) - self.left, round(self.scroll_y), window.width, window.height)

    def bring_into_view(self) -> None:
        """Scroll so that the selected box is in view: sideways as little as need be, else to the middle."""
        box = self.drawing.box(self.selected) if self.drawing is not None else None
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

    def centre_on(self, x: int, y: int) -> None:
        """Bring a place of the drawing to the middle."""
        window = self.scrollable_content_region.size
        self.pan_to(x + self.left - window.width // 2, y - window.height // 2)

    def pan_to(self, x: float, y: float) -> None:
        """Scroll to there; the selection stays."""
        self.scroll_to(max(0, x), max(0, y), animate=False, force=True)

    def _nudge(self, columns: int, rows: int) -> None:
        self.pan_to(self.scroll_x + columns * _PAN_COLUMNS, self.scroll_y + rows * _PAN_ROWS)

    def action_nudge_left(self) -> None:
        """A few columns to the left; the selection stays."""
        self._nudge(-1, 0)

    def action_nudge_right(self) -> None:
        """A few columns to the right; the selection stays."""
        self._nudge(1, 0)

    def action_nudge_up(self) -> None:
        """A few rows up; the selection stays."""
        self._nudge(0, -1)

    def action_nudge_down(self) -> None:
        """A few rows down; the selection stays."""
        self._nudge(0, 1)

    def action_page_down(self) -> None:
        """A page down; the selection stays."""
        self.pan_to(self.scroll_x, self.scroll_y + max(1, self.size.height - 3))

    def action_page_up(self) -> None:
        """A page up; the selection stays."""
        self.pan_to(self.scroll_x, self.scroll_y - max(1, self.size.height - 3))

    def action_pan_left(self) -> None:
        """Half a pane to the left; the selection stays."""
        self.pan_to(self.scroll_x - max(1, self.size.width // 2), self.scroll_y)

    def action_pan_right(self) -> None:
        """Half a pane to the right; the selection stays."""
        self.pan_to(self.scroll_x + max(1, self.size.width // 2), self.scroll_y)

    # Dragging

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Perhaps the start of a drag: the mouse is followed until the button is up, wherever that is."""
        self.was_dragged = False
        if event.button == 1:
            self._held_at = (event.screen_x, event.screen_y, self.scroll_x, self.scroll_y)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move the drawing with the mouse while the button is held."""
        if self._held_at is None:
            return
        x, y, scroll_x, scroll_y = self._held_at
        self.was_dragged = self.was_dragged or (event.screen_x, event.screen_y) != (x, y)
        if self.was_dragged:
            event.stop()
            self.pan_to(scroll_x + x - event.screen_x, scroll_y + y - event.screen_y)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """The end of a drag."""
        if self._held_at is not None:
            self._held_at = None
            self.release_mouse()
