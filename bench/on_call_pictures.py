"""Pictures of many executions for the README: the list, the failures that are alike, what is different in one of them.

The account is played by the stub of the tests: ten thousand executions of five state machines, on loopback.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from bench.screenshot import local, press
from sfdebug.aws.session import Access
from sfdebug.configuration import Configuration, Theme
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.browser.executions import ExecutionsScreen
from sfdebug.tui.browser.places import AccountPlace
from sfdebug.tui.settings import ScreenSettings
from tests.aws_fleet import Fleet, machine_arn
from tests.aws_stub import REGION, START, isolated_environment, serving

if TYPE_CHECKING:
    from textual.pilot import Pilot

_MACHINE: Final = "Reports"
_PORT: Final = re.compile(r"127\.0\.0\.1:\d+")
_PATIENCE: Final = 400


def take_on_call(folder: Path, steady: Callable[[str, str], str]) -> None:
    """Write the pictures into `folder`, `steady` making each the same every time."""
    with TemporaryDirectory() as home:
        for name, value in isolated_environment(home).items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        with serving(Fleet(10_000, running=15)) as address:
            asyncio.run(_take(folder, address, steady))


async def _take(folder: Path, address: str, steady: Callable[[str, str], str]) -> None:
    place = AccountPlace(Access(region=REGION, endpoint_url=address))
    arn = machine_arn(_MACHINE)
    home = ExecutionsScreen(place, arn, _MACHINE, now=lambda: int(START * 1000))
    settings = ScreenSettings(False, Configuration(theme=Theme("dark")))
    app = SfdebugApp(None, home=lambda: home, settings=settings)

    def save(name: str) -> None:
        svg = _PORT.sub("127.0.0.1:8083", local(app.export_screenshot(title=_MACHINE)))
        (folder / f"{name}.svg").write_text(steady(svg, name), encoding="utf-8")
        print(folder / f"{name}.svg")

    async with app.run_test(size=(132, 30)) as pilot:
        await _until(pilot, lambda: home.feed.has_all_failures and home.feed.looked == (200, 200))
        await _until(pilot, lambda: len(home.list.whereabouts) == 3)
        await press(pilot, ("j", "space", "j"))
        save("on-call-list")
        await press(pilot, ("v", "j"))
        await _until(pilot, lambda: "the first ran" in _text(app))
        save("on-call-groups")
        await press(pilot, ("escape", "k", "space", "equals_sign"))
        await _until(pilot, lambda: type(app.screen).__name__ == "CompareScreen")
        await pilot.pause()
        save("on-call-difference")


async def _until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    for _ in range(_PATIENCE):
        await pilot.pause(0.05)
        if condition():
            return
    raise AssertionError("the screen does not come to that")


def _text(app: SfdebugApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())
