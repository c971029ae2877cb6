"""The terminal user interface: a face on `Debugger`. `run` opens it; Textual is imported then, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from sfdebug.debugger import Debugger
    from sfdebug.tui.app import SfdebugApp
    from sfdebug.tui.sessions.session import ScreenSession

__all__ = ["run", "run_home"]


def run(
    debugger: Debugger,
    *,
    title: str = "",
    ascii: bool = False,
    theme: str | None = None,
    mouse: bool = True,
    session: ScreenSession | None = None,
) -> int:
    """Show `debugger` in this terminal until the user leaves; return the exit code.

    `theme` is "dark", "light" or "contrast"; `ascii` draws with ASCII alone; without `mouse` the terminal keeps
    its own selection of text. `session` keeps what is done.
    """
    from sfdebug.tui.app import SfdebugApp
    from sfdebug.tui.painting.themes import theme_name

    app = SfdebugApp(debugger, title=title, ascii=ascii, theme=theme_name(theme), session=session)
    return _exit_code(app, mouse=mouse)


def run_home(
    home: Callable[[], Screen[None]], *, ascii: bool = False, theme: str | None = None, mouse: bool = True
) -> int:
    """Show another first screen than that of a debugger (a browser of executions, one that is followed live)."""
    from sfdebug.tui.app import SfdebugApp
    from sfdebug.tui.painting.themes import theme_name

    return _exit_code(SfdebugApp(None, ascii=ascii, theme=theme_name(theme), home=home), mouse=mouse)


def _exit_code(app: SfdebugApp, *, mouse: bool) -> int:
    """Run `app`; raises what has ended it that nobody expected, once the terminal is as it was."""
    from sfdebug.tui.terminal.guard import restored

    with restored():
        result = app.run(mouse=mouse)
        crash = app._exception  # there is no public name for it
        if crash is not None:
            raise crash
    return result if result is not None else app.return_code or 0
