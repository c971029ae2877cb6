"""A terminal for tests that keeps what is written to it, and counts what a key makes Textual do.

`screen_of` reads the sequences that the program writes; `counted` opens the program on such a terminal.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
from rich.cells import cell_len
from textual._compositor import Compositor
from textual._styles_cache import StylesCache
from textual.drivers.headless_driver import HeadlessDriver

from sfdebug.debugger import Debugger
from sfdebug.tui.app import SfdebugApp
from tests.tui_runs import MEDIUM, Session

_SEQUENCE = re.compile(r"\x1b\[(\??[\d;]*)([a-zA-Z])|\x1b[=>]|([^\x1b])", re.DOTALL)


Looks: TypeAlias = tuple[frozenset[int], tuple[int, ...], tuple[int, ...]]
"""Attributes, the colour of the text and that behind it."""

PLAIN: Looks = (frozenset(), (), ())


def styled(before: Looks, numbers: str) -> Looks:
    """How the terminal writes from here on, after such a sequence."""
    attributes, foreground, background = before
    left = deque(int(number or 0) for number in numbers.split(";"))
    while left:
        number = left.popleft()
        if number == 0:
            attributes, foreground, background = PLAIN
        elif number in (38, 48):
            kind = left.popleft()
            color = (kind, *(left.popleft() for _ in range(3 if kind == 2 else 1)))
            foreground, background = (color, background) if number == 38 else (foreground, color)
        elif number // 10 in (3, 9):
            foreground = () if number == 39 else (number,)
        elif number // 10 in (4, 10):
            background = () if number == 49 else (number,)
        else:
            attributes |= {number}
    return attributes, foreground, background


@dataclass
class Terminal:
    """The cells of a terminal: the character in each, and how it looks."""

    cells: dict[tuple[int, int], tuple[str, Looks]] = field(default_factory=dict)
    written: int = 0

    def write(self, data: str) -> None:
        """Do what the sequences say."""
        self.written += len(data.encode())
        x = y = 0
        style: Looks = PLAIN
        for numbers, letter, text in _SEQUENCE.findall(data):
            if letter == "H":
                row, column = (int(number) for number in numbers.split(";"))
                x, y = column - 1, row - 1
            elif letter == "m":
                style = styled(style, numbers)
            elif text == "\n":
                x, y = 0, y + 1
            elif text:
                width = cell_len(text)
                if not width:
                    text, width, x = self.cells[y, x - 1][0] + text, 1, x - 1
                self.cells[y, x] = (text, style)
                for beside in range(1, width):
                    self.cells[y, x + beside] = ("", style)
                x += width

    def row(self, y: int) -> str:
        """The text of a row."""
        return "".join(text for (row, _), (text, _) in sorted(self.cells.items()) if row == y)


class TerminalDriver(HeadlessDriver):
    """Takes what is written for a terminal."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.terminal = Terminal()

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.terminal.write(data)


@dataclass
class Work:
    """What was done for the screen since the count began."""

    layouts: int = 0
    paints: int = 0
    lines: int = 0
    bytes: int = 0


@dataclass
class Counter:
    """Counts what the program does for its screen."""

    session: Session
    terminal: Terminal
    work: Work

    async def press(self, *keys: str) -> Work:
        """What these keys took, until everything has settled."""
        before = self.terminal.written
        self.work.layouts = self.work.paints = self.work.lines = 0
        await self.session.press(*keys)
        await self.session.until_idle()
        self.work.bytes = self.terminal.written - before
        return Work(self.work.layouts, self.work.paints, self.work.lines, self.work.bytes)


@asynccontextmanager
async def counted(debugger: Debugger, size: tuple[int, int] = MEDIUM) -> AsyncIterator[Counter]:
    """The program on a terminal that keeps what is written."""
    app = SfdebugApp(debugger, title="order.asl.json")
    app.driver_class = TerminalDriver
    with _counting() as work:
        async with app.run_test(headless=False, size=size) as pilot:
            await pilot.pause()
            driver = app._driver
            assert isinstance(driver, TerminalDriver)
            screen: Any = app.screen_stack[0]
            yield Counter(Session(pilot, debugger, app, screen), driver.terminal, work)


@contextmanager
def _counting() -> Iterator[Work]:
    work = Work()
    with pytest.MonkeyPatch.context() as patch:
        for owner, name, counter in (
            (Compositor, "reflow", "layouts"),
            (Compositor, "_render_chops", "paints"),
            (StylesCache, "render_line", "lines"),
        ):
            patch.setattr(owner, name, _counts(getattr(owner, name), work, counter))
        yield work


def _counts(function: Any, work: Work, counter: str) -> Any:
    def counting(*args: Any, **options: Any) -> Any:
        setattr(work, counter, getattr(work, counter) + 1)
        return function(*args, **options)

    return counting
