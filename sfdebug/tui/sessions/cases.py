"""The test case that answers the Tasks of a session, and the sessions in others that were begun on the same screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sfdebug.tui.sessions.session import BegunCase

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger
    from sfdebug.tui.sessions.session import ScreenSession


class SwitchingScreen(Protocol):
    """A screen that can show another run in place of the one that it shows. `session` is None where what it shows is of
    nothing that a session could name."""

    debugger: Debugger
    session: ScreenSession | None

    @property
    def looks(self) -> dict[str, Any]:
        """How it is looked at."""

    def show_other(
        self,
        debugger: Debugger,
        session: ScreenSession | None = None,
        *,
        looks: dict[str, Any] | None = None,
        stays_open: bool = False,
    ) -> None:
        """Show another run, kept as this session, looked at as before or like that; `stays_open` says that the session
        of the run at hand is only left."""


class SessionCases:
    """`current` is the test case at hand, "" for none; `begun` are the sessions in others, as they were left."""

    def __init__(self, session: ScreenSession | None) -> None:
        self.current = session.cases.current if session is not None and session.cases is not None else ""
        self.begun: dict[str, BegunCase] = {}

    def switch(self, case: str, screen: SwitchingScreen) -> None:
        """Show the session in another test case: a new one, with the same breakpoints, or one that was begun here.

        Raises what beginning one raises; nothing has changed then.
        """
        session, before = screen.session, screen.debugger
        assert session is not None
        assert session.cases is not None
        begun = self.begun.get(case)
        debugger, other = (begun.debugger, begun.session) if begun is not None else session.cases.begin(case)
        if begun is None:
            for point in before.breakpoints.all:
                debugger.breakpoints.add(point)
        looks = screen.looks
        self.begun[self.current] = BegunCase(before, session, looks)
        self.begun.pop(case, None)
        self.current = case
        screen.show_other(debugger, other, looks=begun.looks if begun is not None else looks, stays_open=True)
