"""The strip that switches panes where only one fits: Graph │ Stages │ Data │ Timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import pieces_length
from sfdebug.tui.widgets.line import FittedLine, LinePiece

if TYPE_CHECKING:
    from sfdebug.tui.search import FilterNote

PANES: Final = (("graph", "Graph"), ("stages", "Stages"), ("data", "Data"), ("timeline", "Timeline"))
"""The panes: what the program calls them and what the strip says, in the order of the strip and of Tab."""

_NO_NOTES: Final[Mapping[str, FilterNote | None]] = {}


class PaneStrip(FittedLine):
    """Shows which pane is open; a click opens another."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._open = ""
        self._hint = ""
        self._notes = _NO_NOTES

    def show(self, active: str, hint: str = "", notes: Mapping[str, FilterNote | None] = _NO_NOTES) -> None:
        """Mark `active` as the open pane; `hint` stands at the end ("z shows all panes"). `notes` are the filters in
        force, by pane: that of the open one in words, since it has no frame that would say it."""
        self._open, self._hint, self._notes = active, hint, notes
        self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """The panes, and behind them the filter of the open one, cut to what room there is."""
        glyphs = glyphs_of(self)
        pieces: list[LinePiece] = [(" ", "")]
        for number, (name, title) in enumerate(PANES, start=1):
            if number > 1:
                pieces.append((f" {glyphs.bar} ", "faint"))
            if name == self._open:
                pieces.append((f" {glyphs.current} {title} ", "chosen", name))
            else:
                filtered = "/ " if self._notes.get(name) is not None else ""
                pieces.append((f" {number} {title} {filtered}", "muted", name))
        room = width - pieces_length([piece[:2] for piece in pieces]) - 2
        note = self._notes.get(self._open)
        if note is not None:
            pieces.append((f"  {note.fitted(room)}", "waiting"))
        elif self._hint:
            pieces.append((f"   {self._hint}", "faint"))
        return pieces
