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


def _in_rows(lines: Sequence[Sequence[Piece]], rows: int, width: int) -> list[list[Piece]]:
    """Lines in so many rows: each has one, and the first ones that take more get what is left; what does not fit into
    the last row of a line is cut there."""
    spare = rows - len(lines)
    shown: list[list[Piece]] = []
    for line in lines:
        parts = wrapped(line, width)
        taken = min(len(parts), 1 + max(0, spare))
        spare -= taken - 1
        shown += parts[: taken - 1]
        rest = parts[taken - 1]
        for (text, paint), *others in parts[taken:]:
            rest = [*rest, (f" {text.lstrip(' ')}", paint), *others]
        shown.append(rest)
    return shown


def most_rows(room: int) -> int:
    """How many rows it takes at most in a pane of `room` rows."""
    return max(LEAST, min(_MOST, room // _SHARE))


class GraphInspector(Painted):
    """Two lines, more for a state with more transitions; never more than a quarter of the pane."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "GraphInspector { height: 2; background: $sf-bar; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._aside: Piece = ("", "")
        self._shown: list[list[Piece]] = []

    def say(self, lines: list[list[Piece]], aside: str, room: int, glyphs: Glyphs) -> None:
        """Show these lines in a pane of `room` rows; `aside` stands at the end of the first one."""
        self._aside = (aside, "faint")
        most = most_rows(room)
        width = self.size.width  # 0 while it is not on the screen
        shown = _in_rows(lines[:most], most, width) if width > 0 else [list(line) for line in lines[:most]]
        left = len(lines) - most
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
