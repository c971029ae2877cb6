"""The line above a JSON value: which of a stage's values is shown, and the others to switch to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from sfdebug.tui.json.modes import Mode
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import fit
from sfdebug.tui.widgets.line import FittedLine

if TYPE_CHECKING:
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.widgets.line import LinePiece

_WHOLE: Final = {mode: mode.value for mode in Mode}
_SHORT: Final = _WHOLE | {Mode.DIFFERENCE: "diff", Mode.EXPRESSION: "expr", Mode.VARIABLES: "vars"}
_LEAST_TITLE: Final = 8
_SHORT_TITLE: Final = 16
_AFTER_TITLE: Final = "   "


class ModesLine(FittedLine):
    """A click on a mode posts `Picked` with its name."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = ""
        self._modes: Sequence[Mode] = ()
        self._mode = Mode.AFTER

    def show(self, title: str, modes: Sequence[Mode], mode: Mode) -> None:
        """Offer these modes, `mode` as the one that is chosen."""
        self._title, self._modes, self._mode = title, modes, mode
        self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """The modes, fitted."""
        return header_pieces(self._title, self._modes, self._mode, glyphs_of(self), width)


def header_pieces(title: str, modes: Sequence[Mode], mode: Mode, glyphs: Glyphs, width: int) -> list[LinePiece]:
    """The title, and the modes of which one is chosen: closer together, then in short words, until they fit `width`."""
    start: list[LinePiece] = [(" ", "")]
    reserved = min(cell_len(title), _SHORT_TITLE) + len(_AFTER_TITLE) if title else 0
    pieces: list[LinePiece] = []
    room = 0
    for gap, words in ((2, _WHOLE), (1, _WHOLE), (1, _SHORT)):
        pieces = _mode_pieces(modes, mode, glyphs, " " * gap, words)
        room = width - 1 - sum(cell_len(piece[0]) for piece in pieces)
        if room >= reserved:
            break
    if title and room >= _LEAST_TITLE + len(_AFTER_TITLE):
        start += [(fit(title, room - len(_AFTER_TITLE)), "strong"), (_AFTER_TITLE, "")]
    return start + pieces


def _mode_pieces(
    modes: Sequence[Mode], mode: Mode, glyphs: Glyphs, gap: str, words: Mapping[Mode, str]
) -> list[LinePiece]:
    pieces: list[LinePiece] = []
    for other in modes:
        if other is mode:
            pieces += [(f"{glyphs.current} {words[other]}", "chosen", other.value), (gap, "")]
        else:
            pieces += [(gap, ""), (words[other], "muted", other.value), (gap, "")]
    return pieces[:-1]
