"""A painted widget that scrolls over more lines than it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.scroll_view import ScrollView
from textual.widget import Widget

from sfdebug.tui.painting.paint import Painted

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.scrollbar import ScrollBar


class Scrolled(Painted, ScrollView):
    """Lays nothing out, and paints no scroll bar, but for a size or a length that is another one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._told: tuple[Size, Size] | None = None
        """The size and the length that the scroll bars were made for."""

    def set_length(self, length: Size) -> None:
        """Say how much there is to scroll over."""
        if length == self.virtual_size:
            return
        if self.styles.auto_dimensions:
            self.virtual_size = length
        else:  # where the size does not hang on it, nothing is to be laid out
            self.set_reactive(Widget.virtual_size, length)
            self._scroll_update(length)
            self._told = (self._size, length)

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Take a size. Textual would have every scroll bar painted anew with every layout of the screen."""
        told = (size, self.virtual_size)
        if told == self._told and size == self._size:
            return False
        self._told = told
        is_other_size = size != self._size
        is_changed = super()._size_updated(size, virtual_size, container_size, layout)
        if is_other_size:
            for bar in self.scrollbars_shown:
                bar._repaint_required = False  # it has another size too, and is painted with this layout
        return is_changed

    @property
    def scrollbars_shown(self) -> list[ScrollBar]:
        """The scroll bars that are there."""
        shown = (self.show_vertical_scrollbar, self.show_horizontal_scrollbar)
        bars = (self.vertical_scrollbar if shown[0] else None, self.horizontal_scrollbar if shown[1] else None)
        return [bar for bar in bars if bar is not None]
