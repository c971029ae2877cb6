"""Keys typed ahead: a dialog that opens by itself must not take what was typed for the screen below it."""

from __future__ import annotations

from math import inf
from typing import Final

from textual import events
from textual.message import Message
from textual.screen import Screen


class TypedAhead:
    """What a screen needs to leave out keys that were typed before it was painted."""

    listens_from: float = 0.0
    """Keys from before this time, on the clock of Textual's messages, are left out."""

    def drop_typed_ahead(self) -> None:
        """Leave out keys until `listen` is called."""
        self.listens_from = inf

    def listen(self) -> None:
        """Take the keys that are typed from now on."""
        self.listens_from = Message().time


def is_typed_ahead(event: events.Key | events.Paste, screen: Screen[object]) -> bool:
    """Whether a key or a paste was typed before `screen`, which opened by itself, was there to be seen.

    Esc and the Ctrl keys pass: they put nothing into a field.
    """
    if not isinstance(screen, TypedAhead) or event.time >= screen.listens_from:
        return False
    return isinstance(event, events.Paste) or event.is_printable or event.key in _ACTING


_ACTING: Final = frozenset({"enter", "tab", "shift+tab", "up", "down", "left", "right", "backspace", "delete", "space"})
"""Keys that are no letters, and do something in a dialog all the same."""
