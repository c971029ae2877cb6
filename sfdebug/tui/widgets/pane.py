"""A pane: a frame with a title around one of the four main widgets."""

from __future__ import annotations

from textual.containers import Vertical
from textual.content import Content

from sfdebug.tui.text import clean


class Pane(Vertical):
    """A titled frame. The title is data: it is never read as markup."""

    def set_title(self, title: str, subtitle: str = "") -> None:
        """Show this title in the upper edge, and `subtitle` in the lower one."""
        self.border_title = Content(clean(title)) if title else None
        self.border_subtitle = Content(clean(subtitle)) if subtitle else None
