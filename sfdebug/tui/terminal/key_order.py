"""Keys one after the other: the next one is handed on when the last one has done all that it does.

Textual hands a key to the widget that has the focus at once, and lets what the widget does not use itself rise to the
application, where the bindings are. In a burst (a paste that is typed, a slow line) letters overtake what is bound:
Backspace, arrows, Tab, and the key that opens a dialog. Here a mark follows each key on its way up; and a dialog that
opens by itself does not take what was typed for the screen below it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from math import inf
from typing import TYPE_CHECKING, Final, TypeAlias

from textual import events
from textual.message import Message
from textual.screen import Screen

if TYPE_CHECKING:
    from textual.app import App
    from textual.message_pump import MessagePump
    from textual.screen import Screen

Typed: TypeAlias = "events.Key | events.Paste"

_LOOK_SECONDS: Final = 0.05
_LOST_LOOKS: Final = 5
"""A mark that has not come at so many looks, one so long after the other, is lost: its widget went away with the key.
Time is not measured: a program that is kept from its work for a second has not let the mark come either."""


class KeyPassed(Message):
    """A mark: whatever was sent before it has been dealt with, from the widget with the focus up to the program."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class KeyOrder:
    """Hands keys and pastes on, in order. `hand_on` is what Textual does with one."""

    def __init__(self, app: App[int], hand_on: Callable[[Typed], Awaitable[None]]) -> None:
        self._app = app
        self._hand_on = hand_on
        self._waiting: deque[Typed] = deque()
        self._number = 0
        self._under_way: Screen[object] | None = None
        """The screen that the last mark is on its way through; None when it has come."""
        self._again: MessagePump | None = None
        """Where the mark goes once more: behind the messages that the key has made its widget post."""
        self._settled: Screen[object] | None = None
        """The screen that is known to be there, with its focus."""
        self._is_watched = False
        """Whether it is looked for the mark that keys wait for."""
        self._seen = (0, 0)
        """The mark that was under way at the last look, and at how many before that."""

    async def take(self, event: Typed) -> None:
        """Hand a key on, now or after those before it."""
        self._waiting.append(event)
        await self._go_on()

    async def passed(self, number: int) -> None:
        """A mark has come: once more behind what the key has set going, and then the next key."""
        if number != self._number or self._under_way is None:
            return
        again, self._again = self._again, None
        if again is None or not self._mark(again, self._under_way):
            await self._freed()

    def _watch(self) -> None:
        if not self._is_watched:
            self._is_watched, self._seen = True, (self._number, 0)
            self._app.set_timer(_LOOK_SECONDS, self._look)

    async def _look(self) -> None:
        """See whether keys still wait for the same mark: after some looks it is lost."""
        self._is_watched = False
        if self._under_way is None or not self._waiting:
            return
        number, looks = self._seen
        looks = looks + 1 if number == self._number else 0
        if looks == _LOST_LOOKS:
            await self._freed()
            return
        self._watch()
        self._seen = self._number, looks

    async def screen_closed(self) -> None:
        """A screen is closed, and with it perhaps the mark that was on its way."""
        if self._under_way is not None and self._under_way not in self._app.screen_stack:
            await self._freed()

    async def _freed(self) -> None:
        self._under_way = self._again = None
        await self._go_on()

    async def _go_on(self) -> None:
        while self._waiting and self._under_way is None:
            if not self._app.screen_stack:  # the program is being left
                self._waiting.clear()
                return
            screen = self._app.screen
            if screen is not self._settled:  # a dialog that opens gets its keys when it has its focus
                self._settled = screen
                self._mark(screen, screen)
                continue
            event = self._waiting.popleft()
            target = screen.focused or screen
            await self._hand_on(event)
            if self._mark(target, screen):
                self._again = target
        if self._waiting:
            self._watch()

    def _mark(self, target: MessagePump, screen: Screen[object]) -> bool:
        """Send a mark from `target` up; whether it is on its way."""
        self._number += 1
        if not target.post_message(KeyPassed(self._number)):
            return False
        self._under_way = screen
        return True


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
