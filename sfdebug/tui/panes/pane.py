"""A pane: a frame with a title around one of the four main widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.containers import Vertical
from textual.content import Content

from sfdebug.text import clean
from sfdebug.tui.painting.paint import fit

if TYPE_CHECKING:
    from sfdebug.tui.search import FilterNote

_CORNERS: Final = 6
"""Columns of the upper edge that are not the title's."""

_LEAST: Final = 8


class Pane(Vertical):
    """A titled frame. The title is data: it is never read as markup. A filter in force stands behind it, and stays
    when the title is cut."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.heading = ""
        self.filter_note: FilterNote | None = None

    def set_title(self, title: str, subtitle: str = "") -> None:
        """Show this title in the upper edge, and `subtitle` in the lower one."""
        self.heading = clean(title)
        self.border_subtitle = Content(clean(subtitle)) if subtitle else None
        self._write()

    def set_filter_note(self, note: FilterNote | None) -> None:
        """Say which filter is in force: `/Failed: 3 of 120`; None for none."""
        if note != self.filter_note:
            self.filter_note = note
            self._write()

    def on_resize(self) -> None:
        """Fit the title to the new width."""
        self._write()

    def _write(self) -> None:
        if self.filter_note is None:
            self.border_title = Content(self.heading) if self.heading else None
            return
        width = max(0, self.outer_size.width - _CORNERS)
        note = self.filter_note.fitted(width - _LEAST - 3)
        heading = fit(self.heading, max(_LEAST, width - cell_len(note) - 3))
        self.border_title = Content(f"{heading} \N{MIDDLE DOT} {note}")
