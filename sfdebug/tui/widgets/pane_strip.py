"""The strip that switches panes where only one fits: Graph │ Stages │ Data │ Timeline."""

from __future__ import annotations

from typing import Final

from sfdebug.tui.glyphs import glyphs_of
from sfdebug.tui.widgets.line import Line

PANES: Final = (("graph", "Graph"), ("stages", "Stages"), ("data", "Data"), ("timeline", "Timeline"))
"""The panes: what the program calls them and what the strip says, in the order of the strip and of Tab."""


class PaneStrip(Line):
    """Shows which pane is open; a click opens another."""

    def show(self, active: str, hint: str = "") -> None:
        """Mark `active` as the open pane; `hint` stands at the end ("z shows all panes")."""
        glyphs = glyphs_of(self)
        pieces: list[tuple[str, str] | tuple[str, str, str]] = [(" ", "")]
        for number, (name, title) in enumerate(PANES, start=1):
            if number > 1:
                pieces.append((f" {glyphs.bar} ", "faint"))
            if name == active:
                pieces.append((f" {glyphs.current} {title} ", "chosen", name))
            else:
                pieces.append((f" {number} {title} ", "muted", name))
        if hint:
            pieces.append((f"   {hint}", "faint"))
        self.put(pieces)
