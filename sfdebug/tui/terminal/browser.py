"""The terminal that a browser is: Textual's driver for it, but that the program ends when the server is gone."""

from __future__ import annotations

import asyncio
from typing import Any

from textual import events, messages
from textual.drivers.web_driver import WebDriver


class BrowserTerminal(WebDriver):
    """Textual's driver for a browser. The server speaks through stdin: at its end nobody is there any more."""

    _running: asyncio.AbstractEventLoop | None = None

    def start_application_mode(self) -> None:
        """Begin, and know on which loop the program runs. A page that has just been opened has the keyboard: Textual
        would wait until it was left and come back to."""
        self._running = asyncio.get_running_loop()
        super().start_application_mode()
        self._app.call_later(self._app.post_message, events.AppFocus())

    def run_input_thread(self) -> None:
        """Read what the server sends until the program ends, or the server has."""
        super().run_input_thread()
        if not self.exit_event.is_set() and self._running is not None:
            leaving: Any = self._app._post_message(messages.ExitApp())
            asyncio.run_coroutine_threadsafe(leaving, self._running)
