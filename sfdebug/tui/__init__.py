"""The terminal user interface: a face on `Debugger`. `run` opens it; Textual is imported then, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.collection import begin_without_collection

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from sfdebug.debugger import Debugger
    from sfdebug.tui.app import SfdebugApp
    from sfdebug.tui.commands.host import FindRelatives, Guide
    from sfdebug.tui.sessions.session import ScreenSession
    from sfdebug.tui.settings import ScreenSettings

__all__ = ["run", "run_home"]


def run(
    debugger: Debugger,
    *,
    title: str = "",
    settings: ScreenSettings | None = None,
    session: ScreenSession | None = None,
    guide: Guide | None = None,
    relatives: FindRelatives | None = None,
) -> int:
    """Show `debugger` in this terminal until the user leaves; return the exit code. `session` keeps what is done,
    `guide` leads through it, `relatives` gives what is around a recorded execution."""
    begun = begin_without_collection()
    from sfdebug.tui.app import SfdebugApp

    app = SfdebugApp(debugger, title=title, settings=settings, session=session, guide=guide, relatives=relatives)
    return _exit_code(app, begun)


def run_home(home: Callable[[], Screen[None]], *, settings: ScreenSettings | None = None) -> int:
    """Show another first screen than that of a debugger (a browser of executions, one that is followed live)."""
    begun = begin_without_collection()
    from sfdebug.tui.app import SfdebugApp

    return _exit_code(SfdebugApp(None, settings=settings, home=home), begun)


def _exit_code(app: SfdebugApp, begun: Callable[[], None]) -> int:
    """Run `app`; raises what has ended it that nobody expected, once the terminal is as it was."""
    from sfdebug.tui.terminal.guard import restored

    app.when_shown = begun
    with restored():
        try:
            result = app.run(mouse=app.settings.configuration.mouse)
        finally:
            begun()
        crash = app._exception  # there is no public name for it
        if crash is not None:
            raise crash
    return result if result is not None else app.return_code or 0
