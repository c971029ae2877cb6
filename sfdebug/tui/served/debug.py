"""The debug screen on a client's execution: followed live, with a line at the top that says whose it is and where one
is in it. Going back, forking and trying are one's own; what reaches the client's is in `ClientCommands`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.following import followed_line
from sfdebug.tui.keys import MOST, key_of
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.served.client import ServedClient
from sfdebug.tui.served.line import ServedLine
from sfdebug.tui.served.opening import OpenedHosted
from sfdebug.tui.sessions.session import ScreenSession
from sfdebug.tui.terminal.guard import guarded

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Size

    from sfdebug.configuration import Explaining
    from sfdebug.debugger.sessions.keeper import SessionKeeper
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.tui.served.server import WatchedServer

_POLL: Final = 0.1
"""Seconds between two looks at the host."""
_SOON: Final = 0.02
"""Seconds until the next look, where more is to come at once."""


class ServedDebugScreen(DebugScreen):
    """One client's execution."""

    def __init__(self, client: ServedClient, greeting: str) -> None:
        opened = client.opened
        session = ScreenSession(self._keeper) if opened.following is not None else None
        title = client.hosted.facts.machine.name
        super().__init__(
            client.debugger, title, is_nested=True, greeting=greeting, follower=opened.follower, session=session
        )
        self.client: ServedClient = client
        client.server.show_in(self.debugger.breakpoints)
        self.served_line = ServedLine()

    def _keeper(self) -> SessionKeeper:
        """What saves it under a name: nothing of it is kept by itself."""
        from sfdebug import __version__
        from sfdebug.debugger.sessions.keeper import SessionKeeper
        from sfdebug.debugger.sessions.restoring import beginning_of

        debugger = self.client.debugger
        return SessionKeeper(debugger, lambda: beginning_of(debugger, time.time(), __version__), None)

    def compose(self) -> ComposeResult:
        """The line, and below it the screen as it always is."""
        yield self.served_line
        yield from super().compose()

    def on_mount(self) -> None:
        """Follow it."""
        super().on_mount()
        self.set_interval(_POLL, self.look)

    def rows_below(self, mode: Explaining, size: Size) -> int:
        """One more than usual is not for the panes: that of the line."""
        return super().rows_below(mode, size) + 1

    @guarded
    def look(self) -> None:
        """Show what has happened in the execution; where one looks at something else, that stays."""
        if self.commands.is_running or followed_line(self.debugger.timeline) is None:
            self._tell()
            return
        following = self.client.opened.following
        was_at_head = following is not None and following.is_at_head
        if self.client.take_in():
            if was_at_head:
                self.refresh_view()
            else:
                self.refresh_in_place()
            if not self.client.is_whole:
                self.set_timer(_SOON, self.look)
        self._tell()

    def refresh_view(self) -> None:
        """Show it; breakpoints that were set here hold executions from now on."""
        if self.debugger is self.client.debugger:
            self.client.server.take_from(self.debugger.breakpoints)
        super().refresh_view()
        self._tell()

    def _useful(self) -> list[str]:
        """What one does with a client's execution: drive what is held, go back, try."""
        if self.client.opened.following is None or self.client.is_over:
            return super()._useful()
        if not self.client.is_at_head:
            return [*super()._useful()[: MOST - 1], "client.menu"]
        driving = ["step.over", "step.into", "step.continue"] if self.client.hosted.held is not None else []
        return [*driving, "client.menu", "back.over", "impose.edit", "time.fork"][:MOST]

    def client_moved(self) -> None:
        """Something was done with the execution: show it, and what comes of it soon."""
        self.look()
        self.refresh_view()
        self.set_timer(_SOON, self.look)

    def _tell(self) -> None:
        self.served_line.show(self.client.standing(self.glyphs))


def opened_screen(server: WatchedServer, hosted: HostedExecution) -> ServedDebugScreen:
    """The screen on an execution of the host. Raises SfdebugError where it cannot be opened."""
    is_known = server.log.decisions(hosted.facts.arn) is not None
    client = ServedClient(server, hosted, OpenedHosted(hosted, is_known=is_known))
    client.take_in_first()
    if not is_known:
        why = "too much was decided in it to be kept in memory: this is its history, as a recording"
        return ServedDebugScreen(client, why)
    if client.is_over and client.is_whole:
        client.debugger.restart()
        return ServedDebugScreen(client, f"it is over: {key_of('look.summary')} sums it up")
    return ServedDebugScreen(client, "")
