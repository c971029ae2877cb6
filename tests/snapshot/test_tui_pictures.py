"""Pictures of the screen, compared with accepted ones; `pytest --snapshot-update` accepts new ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from sfdebug.configuration import Configuration, Theme
from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.browser.executions import ExecutionsScreen
from sfdebug.tui.settings import ScreenSettings
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, Handler
from tests.execution_rows import DAY, ORDERS, night, place_of
from tests.tui_runs import LARGE, MEDIUM, SMALL

SnapCompare = Callable[..., bool]


def busy(request: TaskRequest) -> Answer:
    """Too many requests, and success at the third attempt."""
    if request.attempt < 3:
        return TaskFailure("Lambda.TooManyRequestsException", "slow down")
    return TaskResult({"paid": True})


def program(definition: dict[str, Any], input: Any, *, theme: str | None = None, ascii: bool = False) -> SfdebugApp:
    debugger = Debugger(definition, input, tasks=Handler({"Charge": busy}))
    return SfdebugApp(
        debugger, title="order.asl.json", settings=ScreenSettings(ascii, Configuration(theme=Theme(theme or "dark")))
    )


def pressing(*keys: str) -> Callable[[Pilot[int]], Awaitable[None]]:
    async def press(pilot: Pilot[int]) -> None:
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await pilot.pause()

    return press


def test_in_the_middle_of_a_retry(snap_compare: SnapCompare) -> None:
    app = program(ORDER, ORDER_INPUT)
    keys = pressing("n", "n", "s", "s", "s", "s", "s")
    assert snap_compare(app, terminal_size=MEDIUM, run_before=keys)


def test_the_stages_on_a_small_terminal(snap_compare: SnapCompare) -> None:
    app = program(ORDER, ORDER_INPUT)
    assert snap_compare(app, terminal_size=SMALL, run_before=pressing("s", "s", "s", "s", "tab"))


def test_a_fork_on_a_large_light_terminal(snap_compare: SnapCompare) -> None:
    app = program(ORDER, ORDER_INPUT, theme="light")
    keys = pressing("n", "n", "N", "f", "1", "enter", "n", "n")
    assert snap_compare(app, terminal_size=LARGE, run_before=keys)


def test_a_map_in_ascii(snap_compare: SnapCompare) -> None:
    app = program(EACH, {"items": [1, 2, 3]}, ascii=True)
    assert snap_compare(app, terminal_size=(100, 30), run_before=pressing("s", "s", "s", "s", "s", "b"))


def test_no_color(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = program(ORDER, ORDER_INPUT)
    assert snap_compare(app, terminal_size=SMALL, run_before=pressing("n", "s", "s"))


def test_the_whole_explanation(snap_compare: SnapCompare) -> None:
    app = program(ORDER, ORDER_INPUT)
    assert snap_compare(app, terminal_size=SMALL, run_before=pressing("x", "s", "s"))


def browser(home: Screen[None], *, theme: str | None = None, ascii: bool = False) -> SfdebugApp:
    settings = ScreenSettings(ascii, Configuration(theme=Theme(theme or "dark")))
    return SfdebugApp(None, home=lambda: home, settings=settings)


def executions() -> ExecutionsScreen:
    return ExecutionsScreen(place_of(night()), ORDERS, "Orders", now=lambda: DAY + 4_000_000)


def test_the_executions_of_a_night(snap_compare: SnapCompare) -> None:
    keys = pressing("j", "space", "j", "t", "t", "t")
    assert snap_compare(browser(executions()), terminal_size=MEDIUM, run_before=keys)


def test_failures_that_are_alike_on_a_small_light_terminal(snap_compare: SnapCompare) -> None:
    app = browser(executions(), theme="light")
    assert snap_compare(app, terminal_size=SMALL, run_before=pressing("v", "j"))


def test_the_executions_of_a_night_in_ascii_on_a_large_terminal(snap_compare: SnapCompare) -> None:
    app = browser(executions(), ascii=True)
    assert snap_compare(app, terminal_size=LARGE, run_before=pressing("s", "s", "S"))
