"""A timer that rings once: on a machine that was busy when it began, too."""

from __future__ import annotations

import importlib
import inspect
from itertools import count
from pathlib import Path

import pytest
from textual import _time
from textual.message_pump import MessagePump

import sfdebug.tui
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.json.editor import JsonEditor
from sfdebug.tui.terminal.guard import ClosesOnce
from sfdebug.tui.terminal.timers import RingsLate
from tests.debugger_runs import machine, passing
from tests.tui_runs import opened


async def test_a_timer_rings_however_much_time_passes_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(machine(Only=passing()), {}) as session:
        await session.press("e")
        editor = session.app.screen.query_one(JsonEditor)
        looks = count()
        monkeypatch.setattr(_time, "get_time", lambda: 100.0 * next(looks))  # whenever it is looked at, time has passed
        rung: list[str] = []
        for name, pump in {"app": session.app, "screen": session.screen, "editor": editor}.items():
            pump.set_timer(1.0, lambda name=name: rung.append(name))
        await session.pilot.pause()
        assert sorted(rung) == ["app", "editor", "screen"]


def test_all_that_sets_timers_does_it_like_this() -> None:
    room = Path(sfdebug.tui.__file__).parent
    files = [path for path in room.rglob("*.py") if ".set_timer(" in path.read_text(encoding="utf-8")]
    names = [".".join(("sfdebug.tui", *path.relative_to(room).with_suffix("").parts)) for path in files]
    classes = [own for name in names for own in vars(importlib.import_module(name)).values() if inspect.isclass(own)]
    pumps = {own for own in classes if issubclass(own, MessagePump) and own.__module__ in names}
    pumps = {own for own in pumps if "self.set_timer(" in inspect.getsource(own)}
    assert JsonEditor in pumps
    assert [own for own in pumps if not issubclass(own, RingsLate)] == []
    assert issubclass(SfdebugApp, RingsLate)
    assert issubclass(ClosesOnce, RingsLate), "and with it all screens"
