"""The lines around a list: what is listed and from where, the filter in force, the titles of the columns, and what
stands until it is mended."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from sfdebug.tui.browser.columns import fit_name
from sfdebug.tui.painting.paint import Painted, fit, fitted, pieces_length, strip_of
from sfdebug.tui.widgets.line import FittedLine

if TYPE_CHECKING:
    from textual.strip import Strip

    from sfdebug.tui.painting.paint import Piece
    from sfdebug.tui.widgets.line import LinePiece


_WITH_TEXT: Final = 3
"""So many lines there are where the second one is a text."""

_LEAST: Final = 9
"""So many cells the first piece at the right keeps."""


class TwoSidedLine(FittedLine):
    """Pieces at the left, and others at the right as far as there is room beside them."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._left: Sequence[Piece] = ()
        self._right: Sequence[Piece] = ()

    def say(self, left: Sequence[Piece], right: Sequence[Piece] = ()) -> None:
        """Show these. Where there is no room for both, the first of the right gives way, then the end of the left."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """The left, blanks, the right."""
        right = self._fitted_right(max(width // 3, width - pieces_length(self._left) - 4))
        left = fitted(self._left, max(0, width - pieces_length(right) - 4))
        blanks = width - pieces_length(left) - pieces_length(right) - 2
        return [(" ", ""), *left, (" " * max(1, blanks), ""), *right, (" ", "")]

    def _fitted_right(self, room: int) -> list[Piece]:
        pieces = list(self._right)
        over = pieces_length(pieces) - room
        if pieces and over > 0:
            text, paint = pieces[0]
            pieces[0] = (fit(text, max(_LEAST, cell_len(text) - over)), paint)
        return fitted(pieces, room)


class EntryDetail(Painted):
    """The entry at hand in a few lines, below the list. A last but one line that is too long goes on where there is
    room for it: it is what somebody wrote about a failure. The last one is cut in the middle."""

    def __init__(self) -> None:
        super().__init__(id="detail")
        self._lines: Sequence[Sequence[Piece]] = ()

    def say(self, lines: Sequence[Sequence[Piece]]) -> None:
        """Show these."""
        if lines != self._lines:
            self._lines = lines
            self.repaint()

    def paint_line(self, y: int) -> Strip:
        """A line, fitted."""
        width, room = self.size.width - 1, self.size.height
        lines = [self._lines[0], *self._lines[1:]] if self._lines else []
        if len(lines) == _WITH_TEXT and room > _WITH_TEXT:
            text, paint = lines[1][0]
            wrapped = wrap(fit(text, width * (room - 2)), max(20, width)) or [""]
            lines[1:2] = [[(part, paint)] for part in wrapped[: room - 2]]
        if y == len(lines) - 1 and len(lines[y]) == 1:  # an ARN or a path, the end of which says most
            text, paint = lines[y][0]
            lines[y] = [(fit_name(text, width), paint)]
        return strip_of(self, [(" ", ""), *fitted(lines[y], width)] if y < len(lines) else (), self.size.width)


class HeadingLine(FittedLine):
    """The titles of the columns, above them."""

    def __init__(self) -> None:
        super().__init__(id="columns")
        self._titles: Sequence[Piece] = ()

    def say(self, titles: Sequence[Piece]) -> None:
        """Show these."""
        if titles != self._titles:
            self._titles = titles
            self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """The titles."""
        return self._titles
