"""Helpers for tests of the screen: the program in a terminal that is not there, and what stands on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any
from unittest.mock import patch

from textual.pilot import Pilot
from textual.screen import Screen

from sfdebug.configuration import Configuration, Theme
from sfdebug.debugger import Debugger
from sfdebug.tasks.handler import TaskHandler
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.browser.pacing import NewsPace
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.settings import ScreenSettings
from sfdebug.values import Json

SMALL = (80, 24)
MEDIUM = (120, 40)
LARGE = (200, 50)

_LONGEST = 90.0
_LEAST_LOOKS = 500
"""So many seconds something is waited for, which only a machine with much else to do takes, and so often it is looked
for at least."""
_NEVER = 86_400
_MOST_PRESSES = 300
"""So often no test presses a key to come somewhere."""


async def until(pilot: Pilot[Any], condition: Callable[[], bool], text: Callable[[], str]) -> None:
    """Wait until that is so, and painted; fail with the `text` of the screen where it does not come to that."""
    looks, end = 0, monotonic() + _LONGEST
    while monotonic() < end or looks < _LEAST_LOOKS:
        looks += 1
        await pilot.pause(0.005)
        if condition():
            await pilot.pause()
            return
    raise AssertionError(f"it does not come to that:\n{text()}")


@dataclass
class Session:
    """One open program: its pilot, its debugger, its screen."""

    pilot: Pilot[int]
    debugger: Debugger
    app: SfdebugApp
    screen: DebugScreen

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, and wait for each until everything has settled."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def resize(self, width: int, height: int) -> None:
        """Make the terminal another size."""
        await self.pilot.resize_terminal(width, height)
        await self.pilot.pause()

    async def until_idle(self) -> None:
        """Wait until the verb that runs on a thread, if there is one, is over and shown."""
        if self.is_running:
            await self.until(lambda: not self.is_running)
        else:
            await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until that is so, and painted."""
        await until(self.pilot, condition, lambda: self.text)

    async def press_until(self, condition: Callable[[], bool], *keys: str) -> None:
        """Press keys until that is so, none of them before what the last ones have begun is over and shown: in the
        middle of a verb the debugger stands at places at which it does not stop."""
        for _ in range(_MOST_PRESSES):
            if self.is_running:
                await self.until_idle()
            if condition():
                return
            await self.press(*keys)
        raise AssertionError(f"{keys} do not lead to that:\n{self.text}")

    @property
    def is_running(self) -> bool:
        """Whether a verb runs, or is over and not shown yet."""
        return self.screen.commands.is_running

    @property
    def text(self) -> str:
        """All that is on the terminal."""
        filters, background = self.app.get_line_filters(), self.screen.styles.background
        lines = []
        for strip in self.app.screen._compositor.render_strips():
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, background)
            lines.append(strip.text.rstrip())
        return "\n".join(lines)

    @property
    def state(self) -> str:
        """The name of the state at the cursor."""
        state = self.debugger.view().state
        return state.name if state else ""

    @property
    def message(self) -> str:
        """The message on the screen, "" for none."""
        return self.screen.notice.message


@asynccontextmanager
async def opened(
    definition: Mapping[str, Any] | Debugger,
    input: Json = None,
    *,
    tasks: TaskHandler | None = None,
    size: tuple[int, int] = MEDIUM,
    theme: str | None = None,
    ascii: bool = False,
    title: str = "order.asl.json",
    settings: ScreenSettings | None = None,
) -> AsyncIterator[Session]:
    """The program, open on a definition or on a debugger."""
    debugger = definition if isinstance(definition, Debugger) else Debugger(dict(definition), input, tasks=tasks)
    settings = settings or ScreenSettings(ascii, Configuration(theme=Theme(theme or "dark")))
    app = SfdebugApp(debugger, title=title, settings=settings)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        screen = app.screen_stack[0]  # a recording opens with its summary over it
        assert isinstance(screen, DebugScreen)
        yield Session(pilot, debugger, app, screen)


class OpenProgram:
    """A program that is open on another screen than that of a debugger."""

    def __init__(self, pilot: Pilot[int], app: SfdebugApp) -> None:
        self.pilot = pilot
        self.app = app

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        await until(self.pilot, condition, lambda: self.text)

    async def press_until(self, condition: Callable[[], bool], *keys: str) -> None:
        """Press keys until that is so."""
        for _ in range(_MOST_PRESSES):
            if condition():
                return
            await self.press(*keys)
        raise AssertionError(f"{keys} do not lead to that:\n{self.text}")

    @property
    def screen(self) -> Screen[Any]:
        return self.app.screen

    @property
    def text(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    @property
    def flat(self) -> str:
        return " ".join(self.text.split())

    def at(self, name: str) -> None:
        """It is a debugger that stands at this state."""
        screen = self.app.screen
        assert isinstance(screen, DebugScreen), self.text
        assert screen.view.state is not None
        assert screen.view.state.name == name


@asynccontextmanager
async def opened_home(home: Callable[[], Screen[None]], size: tuple[int, int] = MEDIUM) -> AsyncIterator[OpenProgram]:
    """The program, open on what `home` makes. No list asks what is new by itself: it would every five seconds, which a
    test takes on a busy machine."""
    app = SfdebugApp(None, home=home)
    with patch.object(NewsPace, "seconds", lambda self, is_looked_at: _NEVER):
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield OpenProgram(pilot, app)
