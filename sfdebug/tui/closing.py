"""Closing a screen: once. A second click or key that comes before it is gone must not close the screen below it."""

from __future__ import annotations

from typing import Any, cast

from textual.await_complete import AwaitComplete
from textual.screen import Screen


class ClosesOnce:
    """Put in front of `Screen`: one that is dismissed while it is on top, and else stays as it is.

    Not a screen itself: Textual takes the style sheet of the first of its bases that is one.
    """

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close it, with a result. Textual would close whatever is on top."""
        screen = cast("Screen[Any]", self)
        return Screen.dismiss(screen, result) if screen.is_active else AwaitComplete()
