"""Keys wait for the mark behind the key before them, however long a busy machine keeps the program from its work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from textual.events import Key

from sfdebug.tui.terminal.key_order import KeyOrder, KeyPassed, Typed

LOOKS = 5


class Screens:
    """A program with one screen: what it is sent, and what is to be done later."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.later: list[Callable[[], Awaitable[None]]] = []
        self.screen = SimpleNamespace(focused=None, post_message=self.take)
        self.screen_stack = [self.screen]

    def take(self, message: KeyPassed) -> bool:
        self.sent.append(message.number)
        return True

    def set_timer(self, seconds: float, callback: Callable[[], Awaitable[None]]) -> None:
        self.later.append(callback)

    async def look(self) -> None:
        """The one timer that there is has rung."""
        (callback,) = self.later
        self.later.clear()
        await callback()


@pytest.fixture
def screens() -> Screens:
    return Screens()


@pytest.fixture
def handed_on() -> list[str]:
    return []


@pytest.fixture
def order(screens: Screens, handed_on: list[str]) -> KeyOrder:
    async def hand_on(event: Typed) -> None:
        assert isinstance(event, Key)
        handed_on.append(event.key)

    app: Any = screens
    return KeyOrder(app, hand_on)


async def pass_mark(order: KeyOrder, screens: Screens) -> None:
    await order.passed(screens.sent[-1])


async def type_in(order: KeyOrder, screens: Screens, keys: str) -> None:
    for key in keys:
        await order.take(Key(key, key))
    await pass_mark(order, screens)  # the screen is there


async def test_a_key_waits_until_the_mark_behind_the_last_one_has_come_twice(
    order: KeyOrder, screens: Screens, handed_on: list[str]
) -> None:
    await type_in(order, screens, "ab")
    assert handed_on == ["a"]
    for _ in range(LOOKS - 1):
        await screens.look()
    await pass_mark(order, screens)
    for _ in range(LOOKS - 1):
        await screens.look()
    assert handed_on == ["a"], "it is another mark: looks at the one before count no more"
    await pass_mark(order, screens)
    assert handed_on == ["a", "b"]
    await screens.look()
    assert screens.later == [], "nothing waits any more"


async def test_a_mark_that_does_not_come_at_many_looks_is_lost(
    order: KeyOrder, screens: Screens, handed_on: list[str]
) -> None:
    await type_in(order, screens, "abc")
    lost = screens.sent[-1]
    while handed_on == ["a"]:
        await screens.look()
    assert handed_on == ["a", "b"]
    await order.passed(lost)
    assert handed_on == ["a", "b"], "it comes too late, and is not taken for the next one"
    while handed_on == ["a", "b"]:
        await screens.look()
    assert handed_on == ["a", "b", "c"]
