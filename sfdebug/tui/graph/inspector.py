"""The lines below the graph that say all about the selected state or transition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.strip import Strip

from sfdebug.tui.painting.paint import Painted, Piece, fitted, pieces_length, strip_of, wrapped

if TYPE_CHECKING:
    from sfdebug.tui.painting.glyphs import Glyphs

LEAST: Final = 2
"""It is never lower than this, so that the graph keeps its height from one simple state to the next."""

_MOST: Final = 7
_SHARE: Final = 4


class GraphInspector(Painted):
    """Two lines, more for a state with more transitions; never more than a quarter of the pane."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "GraphInspector { height: 2; background: $sf-bar; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._said: list[list[Piece]] = []
        self._aside: Piece = ("", "")
        self._shown: list[list[Piece]] = []

    def say(self, lines: list[list[Piece]], aside: str, room: int, glyphs: Glyphs) -> None:
        """Show these lines in a pane of `room` rows; `aside` stands at the end of the first one."""
        self._said, self._aside = lines, (aside, "faint")
        most = max(LEAST, min(_MOST, room // _SHARE))
        shown = [line for said in self._said for line in wrapped(said, max(1, self.size.width))]
        if len(shown) > most:
            shown = [line[:] for line in self._said[:most]]
            left = len(self._said) - most
            if left > 0:
                shown[-1] = [*shown[-1], (f"   and {left} more {glyphs.arrow}", "faint")]
        self._shown = shown
        self.repaint()
        height = max(LEAST, len(shown))
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height

    @property
    def text(self) -> str:
        """What stands there, as plain text."""
        return "\n".join("".join(text for text, _ in line) for line in self._shown)

    def paint_line(self, y: int) -> Strip:
        """One line."""
        width = self.size.width
        pieces: Sequence[Piece] = self._shown[y] if y < len(self._shown) else ()
        aside = f" {self._aside[0]} " if y == 0 and self._aside[0] else ""
        gap = width - pieces_length(pieces) - cell_len(aside)
        if aside and gap > 0:
            return strip_of(self, [*pieces, (" " * gap, ""), (aside, self._aside[1])], width)
        return strip_of(self, fitted(pieces, width), width)
