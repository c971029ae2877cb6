"""An application for tests of single widgets and dialogs: the themes and the style sheet of sfdebug, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.widget import Widget

import sfdebug.tui
from sfdebug.tui.painting.themes import DARK, DEFAULT_VARIABLES, THEMES


class WidgetHost(App[None]):
    """Shows the widgets it is given."""

    CSS_PATH = Path(sfdebug.tui.__file__).parent / "styles.tcss"

    def __init__(self, *widgets: Widget, theme: str = DARK, is_ascii: bool = False) -> None:
        super().__init__()
        for own in THEMES:
            self.register_theme(own)
        self.theme = theme
        self.set_class(is_ascii, "ascii")
        self.widgets = widgets
        self.seen: list[Any] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DEFAULT_VARIABLES

    def compose(self) -> ComposeResult:
        yield from self.widgets

    def text_of(self, widget: Widget) -> list[str]:
        """The lines that a widget shows, without their colours."""
        region = widget.region
        strips = self.screen._compositor.render_strips()
        rows: Iterable[int] = range(region.y, region.bottom)
        return [strips[row].crop(region.x, region.right).text.rstrip() for row in rows]
