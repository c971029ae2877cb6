"""What is shown in place of everything on a terminal that is too small."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from sfdebug.tui.panes.arrangement import what_is_needed


class TooSmall(Static):
    """Says how large a terminal the program needs."""

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, width: int, height: int) -> None:
        """Say it for a terminal of this size."""
        self.update(Content(what_is_needed(width, height)))
