"""The application: themes, the screen, the palette, the error boundary. What keys do is in `screens`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from io import StringIO
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.console import Console
from textual import events
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.binding import Binding

from sfdebug.errors import UsageError
from sfdebug.tui.commands.finding import CommandEntries
from sfdebug.tui.keys import put_in_force
from sfdebug.tui.painting.themes import DEFAULT_VARIABLES, THEMES, theme_name
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.settings import ScreenSettings
from sfdebug.tui.terminal.changes import TerminalCells, TerminalOverwritten
from sfdebug.tui.terminal.clipboard import copied
from sfdebug.tui.terminal.filters import AsciiFilter, TerminalFilter
from sfdebug.tui.terminal.guard import trouble_text
from sfdebug.tui.terminal.key_order import KeyOrder, KeyPassed, is_typed_ahead
from sfdebug.tui.terminal.precedence import PRECEDENCE
from sfdebug.tui.terminal.timers import RingsLate
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.actions import ActionParseResult
    from textual.await_complete import AwaitComplete
    from textual.binding import BindingType
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.screen import Screen

    from sfdebug.debugger import Debugger
    from sfdebug.tui.commands.host import FindRelatives, Guide
    from sfdebug.tui.sessions.session import ScreenSession
    from sfdebug.tui.terminal.key_order import Typed


_NO_KEY: Final = "no-key"
"""What no terminal sends: for a command that a user wants no key for."""

_BY_HAND: Final = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)
"""What is to be answered before a drawing that is made on a thread goes on."""


class SfdebugApp(RingsLate, App[int]):
    """One debugging session in a terminal."""

    CSS_PATH = "styles.tcss"
    TITLE = "sfdebug"
    ENABLE_COMMAND_PALETTE = False  # the debug screen opens its own, and no dialog does
    COMMANDS: ClassVar = {CommandEntries}
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+l", "repaint", show=False, priority=True)]
    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self,
        debugger: Debugger | None,
        *,
        title: str = "",
        settings: ScreenSettings | None = None,
        home: Callable[[], Screen[None]] | None = None,
        session: ScreenSession | None = None,
        guide: Guide | None = None,
        relatives: FindRelatives | None = None,
    ) -> None:
        """`home` makes the first screen, when that is not the debug screen on `debugger`; `session` keeps what is done
        on that, `guide` leads through it, `relatives` gives what is around a recorded execution."""
        # With NO_COLOR, Textual turns colours into greys of little contrast, unless it leaves the terminal's own
        # colours alone: then it strips them, and bold, reverse, dim and underline remain.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.settings = settings or ScreenSettings()
        self._use_keys(self.settings.keymap)
        for own in THEMES:
            self.register_theme(own)
        for name in list(self.available_themes):
            if name not in {own.name for own in THEMES} | {"textual-dark"}:
                self.unregister_theme(name)
        self.theme = theme_name(self.settings.configuration.theme)
        # The style sheet is read with this theme. (Textual would read it with its own, and again when it has begun.)
        self._styled_with = self.get_css_variables()
        self.stylesheet.set_variables(self._styled_with)
        self.set_class(self.settings.ascii, "ascii")
        self._own_filters: list[LineFilter] = [*([AsciiFilter()] if self.settings.ascii else []), TerminalFilter()]
        self._key_order = KeyOrder(self, self._hand_on)
        self._on_terminal = TerminalCells()
        self.when_shown: Callable[[], None] | None = None
        """Called once, when the first picture is written."""
        self._debugger = debugger
        self._home = home
        self._guide = guide
        self._relatives = relatives
        self._session = session
        self.copied_to = ""
        """Where the last text that was copied is, in words; "" when it could not be."""
        # Textual would print the traceback of what nobody caught, with the values of all variables.
        self.error_console = Console(file=StringIO())
        self._session_title = title or (debugger.machine.name.rsplit("/", 1)[-1] if debugger is not None else "")

    def _use_keys(self, keymap: Mapping[str, tuple[str, ...]]) -> None:
        """Have commands under other keys than the table's, which are shown wherever a key is named."""
        put_in_force(keymap)
        if keymap:
            self.set_keymap({id: ",".join(keys) or _NO_KEY for id, keys in keymap.items()})

    def copy_to_clipboard(self, text: str) -> None:
        """Copy to where the settings say; what is wrong with that is told."""
        try:
            where = copied(text, self.settings.configuration.clipboard, super().copy_to_clipboard)
        except UsageError as error:
            where = ""
            self.show_trouble(str(error))
        self.copied_to = where

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver of this platform or of a browser, with what is ours: it does not wait so long for Esc, and
        ends when the browser is gone."""
        driver = super().get_driver_class()
        if sys.platform != "win32" and driver.__name__ == "LinuxDriver":
            from sfdebug.tui.terminal.escape import TerminalInput

            return TerminalInput
        if driver.__name__ == "WebDriver":
            from sfdebug.tui.terminal.browser import BrowserTerminal

            return BrowserTerminal
        return driver

    def on_mount(self) -> None:
        """Leave in order, the terminal as it was, when somebody ends the program from outside."""
        self.app_resume_signal.subscribe(self, lambda _: self.action_repaint(), immediate=True)
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
        return DebugScreen(
            self._debugger,
            self._session_title,
            session=self._session,
            guide=self._guide,
            relatives=self._relatives,
        )

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own filters; in ASCII mode the one that replaces what is left of other signs; and last the one
        that lets nothing through to the terminal that it could act upon."""
        return [*super().get_line_filters(), *self._own_filters]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for themes that do not define them."""
        return DEFAULT_VARIABLES

    def refresh_css(self, animate: bool = True) -> None:
        """Read the style sheet again for another theme; at the start, where Textual asks for it too, there is none."""
        variables = self.get_css_variables()
        if variables != self._styled_with:
            self._styled_with = variables
            super().refresh_css(animate)

    async def on_event(self, event: events.Event) -> None:
        """Take keys and pastes one after the other."""
        if isinstance(event, events.Resize):
            self._on_terminal.forget()
        if isinstance(event, _BY_HAND):
            PRECEDENCE.take()
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            await self._key_order.take(event)
        else:
            await super().on_event(event)

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Write what differs from what stands on the terminal, in place of all that was painted."""
        if isinstance(renderable, CompositorUpdate):
            renderable = self._on_terminal.changes(renderable)
            if self.when_shown is not None:
                self.call_after_refresh(self.when_shown)
                self.when_shown = None
        super()._display(screen, renderable)
        PRECEDENCE.give()

    async def _hand_on(self, event: Typed) -> None:
        """Leave out what was typed before a dialog that opened by itself was there to be seen."""
        if not is_typed_ahead(event, self.screen):
            await super().on_event(event)

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top; keys that wait for what is done there go to the one below."""
        closing = super().pop_screen()
        self.call_later(self._key_order.screen_closed)
        return closing

    def on_terminal_overwritten(self, event: TerminalOverwritten) -> None:
        """Write the whole screen again."""
        event.stop()
        self.action_repaint()

    def action_repaint(self) -> None:
        """Write the whole screen again, whatever stands on the terminal; in dialogs too."""
        self._on_terminal.forget()
        self.screen.refresh()

    async def on_key_passed(self, event: KeyPassed) -> None:
        """A key has done what it does."""
        event.stop()
        for screen in self.screen_stack:
            if isinstance(screen, DebugScreen):
                screen.commands.sessions.keep()  # a key can change how it is looked at, without a verb
        await self._key_order.passed(event.number)

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Do what a key does; of one that does nothing on the debug screen, say so."""
        is_done = await super()._check_bindings(key, priority)
        if not is_done and not priority and isinstance(self.screen, DebugScreen):
            self.screen.say_unbound(key)
        return is_done

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
