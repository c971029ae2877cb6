"""The watches: each with its value before the last step and after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.strip import Strip

from sfdebug.text import clean
from sfdebug.tui.painting.describe import short
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import Painted, Piece, fit, fitted, pieces_length, strip_of
from sfdebug.values import Value, is_present

if TYPE_CHECKING:
    from sfdebug.debugger.watches import WatchLine
    from sfdebug.tui.painting.glyphs import Glyphs

_LEAST_VALUE: Final = 16
_MOST_LINES: Final = 6
_LEAST_PANE: Final = 12
"""In a pane of fewer rows the data need all of them: the panel of watches shows these."""


def watch_pieces(line: WatchLine, glyphs: Glyphs, width: int) -> list[Piece]:
    """`~ $.order.total  72.5 → 80`, `  $.nope  there is no $.nope here`."""
    signs = {"+": (glyphs.added, "added"), "-": (glyphs.removed, "removed"), "~": (glyphs.changed, "changed")}
    sign, paint = signs.get(line.mark, (" ", ""))
    text = fit(clean(line.text), max(8, width // 2))
    pieces: list[Piece] = [(f" {sign} ", paint), (text, "json-key"), ("  ", "")]
    room = max(_LEAST_VALUE, width - pieces_length(pieces))
    if line.mark == "~":
        half = max(6, (room - 3) // 2)
        pieces += [(_brief(line.before, half), "removed"), (f" {glyphs.arrow} ", "json-sign")]
        pieces.append((_brief(line.now, half), "added"))
    elif is_present(line.now):
        pieces.append((_brief(line.now, room), "added" if line.mark else ""))
    else:
        was = f"{_brief(line.before, room // 3)} {glyphs.arrow} " if line.mark else ""
        pieces += [(was, "removed"), (fit(clean(line.problem), room), "muted")]
    return pieces


def _brief(value: Value, widest: int) -> str:
    return fit(clean(short(value)), widest) if is_present(value) else ""


class WatchLines(Painted):
    """The watches below the data; not there without any, and where there is no room."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "WatchLines { dock: bottom; height: auto; display: none; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: Sequence[WatchLine] = ()
        self._pane = 0

    def show(self, lines: Sequence[WatchLine]) -> None:
        """Show these."""
        self.lines = lines
        self.fit_into(self._pane)

    def fit_into(self, height: int) -> None:
        """Take the rows that a pane of this height can spare."""
        self._pane = height
        has_room = bool(self.lines) and height >= _LEAST_PANE
        self.display = has_room
        if has_room:
            self.styles.height = 1 + min(len(self.lines), _MOST_LINES, max(2, height // 4))
            self.repaint()

    def paint_line(self, y: int) -> Strip:
        """The rule above them, or one of them."""
        width, glyphs = self.size.width, glyphs_of(self)
        if y == 0:
            more = len(self.lines) - self.size.height + 1
            title = f"{glyphs.rule * 2} Watches " + (f"({more} more) " if more > 0 else "")
            return strip_of(self, [(title + glyphs.rule * max(0, width - len(title)), "faint")], width)
        pieces = watch_pieces(self.lines[y - 1], glyphs, width) if y <= len(self.lines) else []
        return strip_of(self, fitted(pieces, width), width)
