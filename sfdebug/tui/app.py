"""The application: themes, the screen, the palette, the error boundary. What keys do is in `screens`."""

from __future__ import annotations

import asyncio
import os
import signal
from io import StringIO
from typing import TYPE_CHECKING, ClassVar

from rich.console import Console
from textual import events
from textual.app import App

from sfdebug.tui.commands.finding import CommandEntries
from sfdebug.tui.painting.themes import DARK, DEFAULT_VARIABLES, THEMES
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.terminal.filters import AsciiFilter, TerminalFilter
from sfdebug.tui.terminal.guard import trouble_text
from sfdebug.tui.terminal.key_order import KeyOrder, KeyPassed, is_typed_ahead
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.actions import ActionParseResult
    from textual.await_complete import AwaitComplete
    from textual.binding import BindingType
    from textual.dom import DOMNode
    from textual.filter import LineFilter
    from textual.screen import Screen

    from sfdebug.debugger import Debugger
    from sfdebug.tui.sessions.session import ScreenSession
    from sfdebug.tui.terminal.key_order import Typed


class SfdebugApp(App[int]):
    """One debugging session in a terminal."""

    CSS_PATH = "styles.tcss"
    TITLE = "sfdebug"
    ENABLE_COMMAND_PALETTE = False  # the debug screen opens its own, and no dialog does
    COMMANDS: ClassVar = {CommandEntries}
    BINDINGS: ClassVar[list[BindingType]] = []
    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self,
        debugger: Debugger | None,
        *,
        title: str = "",
        ascii: bool = False,
        theme: str = DARK,
        home: Callable[[], Screen[None]] | None = None,
        session: ScreenSession | None = None,
    ) -> None:
        """`home` makes the first screen, when that is not the debug screen on `debugger`; `session` keeps what is done
        on that."""
        # With NO_COLOR, Textual turns colours into greys of little contrast, unless it leaves the terminal's own
        # colours alone: then it strips them, and bold, reverse, dim and underline remain.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        for own in THEMES:
            self.register_theme(own)
        for name in list(self.available_themes):
            if name not in {own.name for own in THEMES} | {"textual-dark"}:
                self.unregister_theme(name)
        self.theme = theme
        self.set_class(ascii, "ascii")
        self._own_filters: list[LineFilter] = [*([AsciiFilter()] if ascii else []), TerminalFilter()]
        self._key_order = KeyOrder(self, self._hand_on)
        self._debugger = debugger
        self._home = home
        self._session = session
        # Textual would print the traceback of what nobody caught, with the values of all variables.
        self.error_console = Console(file=StringIO())
        self._session_title = title or (debugger.machine.name.rsplit("/", 1)[-1] if debugger is not None else "")

    def on_mount(self) -> None:
        """Leave in order, the terminal as it was, when somebody ends the program from outside."""
        if self.is_headless or not hasattr(signal, "SIGHUP"):
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit, 128 + number)

    def get_default_screen(self) -> Screen[None]:
        """The debug screen, at once: no blank screen before it."""
        if self._home is not None:
            return self._home()
        assert self._debugger is not None
        return DebugScreen(self._debugger, self._session_title, session=self._session)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own filters; in ASCII mode the one that replaces what is left of other signs; and last the one
        that lets nothing through to the terminal that it could act upon."""
        return [*super().get_line_filters(), *self._own_filters]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for themes that do not define them."""
        return DEFAULT_VARIABLES

    async def on_event(self, event: events.Event) -> None:
        """Take keys and pastes one after the other."""
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            await self._key_order.take(event)
        else:
            await super().on_event(event)

    async def _hand_on(self, event: Typed) -> None:
        """Leave out what was typed before a dialog that opened by itself was there to be seen."""
        if not is_typed_ahead(event, self.screen):
            await super().on_event(event)

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top; keys that wait for what is done there go to the one below."""
        closing = super().pop_screen()
        self.call_later(self._key_order.screen_closed)
        return closing

    async def on_key_passed(self, event: KeyPassed) -> None:
        """A key has done what it does."""
        event.stop()
        for screen in self.screen_stack:
            if isinstance(screen, DebugScreen):
                screen.commands.sessions.keep()  # a key can change how it is looked at, without a verb
        await self._key_order.passed(event.number)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action; what goes wrong in it becomes a message, and the program goes on."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except Exception as error:
            self.show_trouble(trouble_text(error))
            return True

    def show_trouble(self, text: str) -> None:
        """Tell the user what went wrong: on the debug screen, or over a dialog."""
        screen = self.screen
        if isinstance(screen, DebugScreen):
            screen.say(text, Tone.TROUBLE)
        else:
            self.notify(text, severity="error", markup=False)
