"""Closing a screen: once, and in peace.

A second click or key that comes before it is gone must not close the screen below it; and one that is closed before it
is composed, with the program perhaps, has nothing to mount.
"""

from __future__ import annotations

from typing import Any, cast

from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import Screen


class ClosesOnce:
    """Put in front of `Screen`: one that is dismissed while it is on top, and else stays as it is.

    Not a screen itself: Textual takes the style sheet of the first of its bases that is one.
    """

    async def on_event(self, event: events.Event) -> None:
        """Leave out the beginning of a screen that is over before it has begun: not all of it is composed."""
        screen = cast("Screen[Any]", self)
        is_over = screen not in screen.app.screen_stack
        if not (isinstance(event, (events.Mount, events.Resize)) and (is_over or not screen.children)):
            await Screen.on_event(screen, event)

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close it, with a result. Textual would close whatever is on top."""
        screen = cast("Screen[Any]", self)
        return Screen.dismiss(screen, result) if screen.is_active else AwaitComplete()
