"""A painted widget that scrolls over more lines than it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.scroll_view import ScrollView
from textual.widget import Widget

from sfdebug.tui.painting.paint import Painted

if TYPE_CHECKING:
    from textual.geometry import Size


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

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Take a size. Textual would have every scroll bar painted anew with every layout of the screen."""
        told = (size, self.virtual_size)
        if told == self._told and size == self._size:
            return False
        self._told = told
        return super()._size_updated(size, virtual_size, container_size, layout)
