"""The tour as a guide of the debug screen: it follows what happens there, and says what to press."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.tui.tour.bar import TourBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.debugger import View
    from sfdebug.tui.tour.tour import Tour


class TourGuide:
    """Leads through one tour. It takes no key but the one that ends it: the keys are the debugger's own."""

    has_foot = False
    is_asking = False
    offers: tuple[tuple[str, str], ...] = ()

    def __init__(self, tour: Tour) -> None:
        self.tour = tour
        self.bar = TourBar(id="tour")
        self._view: View | None = None

    def offered(self, ids: Sequence[str]) -> Sequence[tuple[str, str]]:
        """The footer names the debugger's own."""
        return [(id, "") for id in ids]

    def begin(self, host: object) -> None:
        """The first step is shown with the first picture."""

    def follow(self, view: View) -> None:
        """See what has happened, and go on where it was what was asked for."""
        self._view = view
        self.tour.follow(view)
        self._show()

    def looked(self, *, has_data: bool) -> None:
        """The user has gone to a stage."""
        self.tour.looked(has_data=has_data)
        self._show()

    def chose(self, path: object) -> bool:
        """A state that is chosen in the graph is nothing to the tour."""
        return False

    def takes(self, id: str) -> bool:
        """Esc ends the tour."""
        if id != "program.escape" or not self.tour.is_shown:
            return False
        self.tour.end()
        self._show()
        return True

    def do(self, action: str) -> bool:
        """There is no lesson here whose command that could be."""
        return False

    def focus(self) -> bool:
        """It has no pane that could have the focus."""
        return False

    def leave(self) -> bool:
        """Nobody leaves the screen with the tour."""
        return False

    def _show(self) -> None:
        if self._view is not None:
            self.bar.show(self.tour, self._view)
