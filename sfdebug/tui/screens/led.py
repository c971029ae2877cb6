"""What the debug screen does for who leads through it: a pane stands out, a value is shown, the foot is given back."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Final

from sfdebug.configuration import Explaining
from sfdebug.tui.panes.sentence import ROWS
from sfdebug.tui.panes.strips import LED, PANES
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from textual.geometry import Size

    from sfdebug.debugger import Debugger
    from sfdebug.tui.commands.host import Guide
    from sfdebug.tui.screens.pane_grid import PaneGrid
    from sfdebug.values import Value

_FOOT: Final = 5
_ROOMY_FOOT: Final = 8
"""The rows of the foot of a lesson or a quiz."""

_ROOMY: Final = (96, 36)
"""The columns and rows from which on the foot has more of them."""


class Led:
    """Put in front of a screen with the four panes, which somebody may lead through."""

    guide: Guide | None
    panes: PaneGrid

    @abstractmethod
    def rearrange(self) -> None:
        """Put the panes in the arrangement that the size asks for."""

    @abstractmethod
    def show_explained(self, mode: Explaining) -> None:
        """Say so much of the stage at hand at the foot."""

    @abstractmethod
    def show_other(self, debugger: Debugger) -> None:
        """Show another run in place of this one, which is not kept as a session."""

    @abstractmethod
    def begin_explaining(self) -> None:
        """Say as much of the stage at hand as the settings want."""

    @property
    def has_foot(self) -> bool:
        """Whether somebody leads who has the foot of the screen."""
        return self.guide is not None and self.guide.has_foot

    def has_roomy_foot(self, size: Size) -> bool:
        """Whether a foot in a terminal of this size has rows for a text together with what is asked."""
        return self.has_foot and size.width >= _ROOMY[0] and size.height >= _ROOMY[1]

    def rows_below(self, mode: Explaining, size: Size) -> int:
        """The rows below the panes that are not the footer."""
        foot = _ROOMY_FOOT if self.has_roomy_foot(size) else _FOOT if self.has_foot else 0
        return ROWS[mode] + foot

    def bring(self, name: str) -> None:
        """Show a pane where only one fits, and leave the focus where it is."""
        self.panes.opened = name
        self.rearrange()

    def preview(self, value: Value, what: str, before: Value = MISSING) -> None:
        """Show a value in the data, or how it differs from one `before`, until something else is to be shown there."""
        self.bring("data")
        self.panes.preview(value, what, before)

    def hide_ahead(self, hides: bool) -> None:
        """Show nothing of what comes after where the run stands, as long as that is asked for."""
        self.panes.timeline.hide_ahead(hides)

    def light(self, name: str) -> None:
        """Have one pane stand out, and the others be faint; "" for none."""
        self.panes.light(name)

    def pane_beside(self, step: int) -> str:
        """The pane after the open one, or before it; among them that of who leads through it."""
        if self.guide is None or not self.guide.has_foot:
            return self.panes.beside(step)
        names = (*(name for name, _ in PANES), LED)
        here = LED if self.guide.is_asking else self.panes.opened
        return names[(names.index(here) + step) % len(names)]

    def let_guide_go(self) -> None:
        """Nobody leads any more: what is said of the stage at hand has the foot again."""
        guide, self.guide = self.guide, None
        if guide is None:
            return
        self.panes.main_widget(self.panes.opened).focus()
        guide.bar.display = False
        self.light("")
        self.hide_ahead(False)
        self.begin_explaining()
