"""Two calm lines at the foot of the screen, on which the tour says what to press."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.text import clean
from sfdebug.tui.keys import key_of
from sfdebug.tui.painting.paint import Painted, Piece, fitted, strip_of
from sfdebug.tui.tour.tour import TourStep

if TYPE_CHECKING:
    from textual.strip import Strip

    from sfdebug.debugger import View
    from sfdebug.tui.tour.tour import Tour


class TourBar(Painted):
    """Lies over the panes, so that nothing moves, and takes no key: the keys are the debugger's own."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.display = False
        self._lines: list[list[Piece]] = []

    def show(self, tour: Tour, view: View) -> None:
        """Show where the tour is; nothing where it is over."""
        if not tour.is_shown:
            if self.display:
                self.display = False
            return
        key, does, remark = tour.text(view)
        last = TourStep.OVER - 1
        where = f"{min(tour.step, last)} of {last}" if tour.step <= last else "the end"
        self._lines = [
            [(f" Tour {where}  ", "muted"), (f" {key} ", "chosen"), (f" {clean(does)}", "strong")],
            [(f" {clean(remark)}   ", ""), (key_of("program.escape"), "key"), (" ends the tour", "muted")],
        ]
        self.display = True
        self.repaint()

    @property
    def text(self) -> str:
        """What stands there."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines) if self.display else ""

    def paint_line(self, y: int) -> Strip:
        """One of the lines."""
        pieces = self._lines[y] if y < len(self._lines) else []
        return strip_of(self, fitted(pieces, self.size.width), self.size.width)
