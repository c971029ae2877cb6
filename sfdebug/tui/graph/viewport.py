"""The part of the drawn graph that is in view: brought to a state, moved by keys, by pages and with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Region

if TYPE_CHECKING:
    from textual import events
    from textual.scroll_view import ScrollView

    from sfdebug.drawing.elements import Box, Layout

_MARGIN: Final = 2
_PAN_COLUMNS: Final = 8
_PAN_ROWS: Final = 3


class Viewport:
    """Scrolls a pane over a drawing, which stands in its middle where it is narrower. What is selected stays."""

    def __init__(self, pane: ScrollView) -> None:
        self._pane = pane
        self.drawing: Layout | None = None
        self._held_at: tuple[int, int, float, float] | None = None
        self.was_dragged = False

    @property
    def left(self) -> int:
        """The blank columns that centre a drawing narrower than the pane."""
        return max(0, (self._pane.size.width - self.drawing.width) // 2) if self.drawing is not None else 0

    @property
    def in_view(self) -> Region:
        """What of the drawing is in view."""
        window = self._pane.scrollable_content_region.size
        x, y = self.cell_at(0, 0)
        return Region(x, y, window.width, window.height)

    def cell_at(self, x: int, y: int) -> tuple[int, int]:
        """The cell of the drawing that a cell of the pane shows."""
        return x + round(self._pane.scroll_x) - self.left, y + round(self._pane.scroll_y)

    def bring_into_view(self, box: Box) -> None:
        """Scroll so that a box is in view: sideways as little as need be, else to the middle."""
        window = self._pane.scrollable_content_region.size
        if not window.area:
            return
        height = min(box.height, 3) if box.is_open else box.height
        wanted = Region(box.x + self.left, box.y, box.width, height).grow((_MARGIN, _MARGIN, _MARGIN, _MARGIN))
        x, y = self._pane.scroll_x, self._pane.scroll_y
        shown = Region(round(x), round(y), window.width, window.height)
        if shown.contains_region(wanted):
            return
        if wanted.right > shown.right:
            x = wanted.right - window.width
        if wanted.x < x:
            x = wanted.x
        if not (shown.y <= wanted.y and wanted.bottom <= shown.bottom):
            y = box.y + height // 2 - window.height // 2
        self.pan_to(x, y)

    def centre_on(self, x: int, y: int) -> None:
        """Bring a cell of the drawing to the middle."""
        window = self._pane.scrollable_content_region.size
        self.pan_to(x + self.left - window.width // 2, y - window.height // 2)

    def pan_to(self, x: float, y: float) -> bool:
        """Scroll to there, as far as there is something; whether anything moved."""
        before = self._pane.scroll_x, self._pane.scroll_y
        self._pane.scroll_to(max(0, x), max(0, y), animate=False, force=True)
        return (self._pane.scroll_x, self._pane.scroll_y) != before

    def nudge(self, columns: int, rows: int) -> bool:
        """A few columns to a side, or a few rows."""
        return self.pan_to(self._pane.scroll_x + columns * _PAN_COLUMNS, self._pane.scroll_y + rows * _PAN_ROWS)

    def page(self, direction: int) -> bool:
        """A page down (1) or up (-1)."""
        return self.pan_to(self._pane.scroll_x, self._pane.scroll_y + direction * max(1, self._pane.size.height - 3))

    def pan(self, direction: int) -> bool:
        """Half a pane to the right (1) or to the left (-1)."""
        return self.pan_to(self._pane.scroll_x + direction * max(1, self._pane.size.width // 2), self._pane.scroll_y)

    # Dragging: the mouse is followed until the button is up, wherever that is

    def hold(self, event: events.MouseDown) -> None:
        """Perhaps the start of a drag."""
        self.was_dragged = False
        if event.button == 1:
            self._held_at = (event.screen_x, event.screen_y, self._pane.scroll_x, self._pane.scroll_y)
            self._pane.capture_mouse()

    def drag(self, event: events.MouseMove) -> None:
        """Move the drawing with the mouse while the button is held."""
        if self._held_at is None:
            return
        x, y, scroll_x, scroll_y = self._held_at
        self.was_dragged = self.was_dragged or (event.screen_x, event.screen_y) != (x, y)
        if self.was_dragged:
            event.stop()
            self.pan_to(scroll_x + x - event.screen_x, scroll_y + y - event.screen_y)

    def let_go(self) -> None:
        """The end of a drag."""
        if self._held_at is not None:
            self._held_at = None
            self._pane.release_mouse()
