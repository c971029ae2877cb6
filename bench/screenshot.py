"""Pictures of the running program: drives it without a terminal through a list of keys, and writes SVG."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.configuration import Configuration, Theme
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.settings import ScreenSettings

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from sfdebug.debugger import Debugger

_WEB_FONT: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
PictureScene = Callable[["Pilot[int]"], Awaitable[None]]


def picture(
    debugger: Debugger,
    path: Path,
    keys: Sequence[str] = (),
    *,
    size: tuple[int, int] = (120, 40),
    title: str = "",
    theme: str | None = None,
    ascii: bool = False,
    scene: PictureScene | None = None,
) -> Path:
    """Press `keys` one after the other in a terminal of that size, and write what is on the screen to `path`.

    A key is a Textual key name; `text:…` types the characters after the colon. `scene` can do more with the pilot
    after the keys.
    """

    async def drive() -> None:
        app = SfdebugApp(
            debugger, title=title, settings=ScreenSettings(ascii, Configuration(theme=Theme(theme or "dark")))
        )
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await press(pilot, keys)
            if scene is not None:
                await scene(pilot)
            await pilot.pause()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(local(app.export_screenshot(title=title or "sfdebug")), encoding="utf-8")

    asyncio.run(drive())
    return path


def local(svg: str) -> str:
    """The picture without web fonts: looking at it asks no other host for anything."""
    return _WEB_FONT.sub("", svg)


async def press(pilot: Pilot[int], keys: Sequence[str]) -> None:
    """Press keys, and wait after each until everything has settled."""
    for key in keys:
        await pilot.press(*(key[5:] if key.startswith("text:") else [key]))
        await pilot.pause()
