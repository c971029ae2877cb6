"""The terminal user interface: a face on `Debugger`. `run` opens it; Textual is imported then, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger

__all__ = ["run"]


def run(
    debugger: Debugger, *, title: str = "", ascii: bool = False, theme: str | None = None, mouse: bool = True
) -> int:
    """Show `debugger` in this terminal until the user leaves; return the exit code.

    `theme` is "dark", "light" or "contrast"; `ascii` draws with ASCII alone; without `mouse` the terminal keeps
    its own selection of text.
    """
    from sfdebug.tui.app import SfdebugApp
    from sfdebug.tui.themes import theme_name

    app = SfdebugApp(debugger, title=title, ascii=ascii, theme=theme_name(theme))
    result = app.run(mouse=mouse)
    return result if result is not None else app.return_code or 0
