"""How tests wait: until a program has nothing to do, and no shorter."""

from __future__ import annotations

import asyncio
import re
import threading
from itertools import count
from pathlib import Path

import pytest
import textual.app
import textual.pilot
from textual.app import App, ComposeResult
from textual.widgets import Static

from tests import settling
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler
from tests.tui_runs import opened, until

CHAIN = 50


class Busy(App[None]):
    """What a key sets going takes many turns of the loop, from one widget to another, and is painted at its end."""

    BINDINGS = [("a", "begin", ""), ("r", "after_refresh", ""), ("e", "endless", ""), ("t", "thread", "")]

    def __init__(self) -> None:
        super().__init__()
        self.left, self.painted = CHAIN, 0
        self.line = Static("at the start")
        self.done = threading.Event()

    def compose(self) -> ComposeResult:
        yield self.line

    def action_begin(self) -> None:
        self.left -= 1
        if self.left:
            (self if self.left % 2 else self.line).call_later(self.action_begin)
        else:
            self.line.update("over")

    def action_after_refresh(self) -> None:
        self.line.update("refreshed")
        self.call_after_refresh(lambda: self.line.call_after_refresh(self.line.update, "and once more"))

    def action_endless(self) -> None:
        if not self.done.is_set():
            asyncio.get_running_loop().call_soon(self.action_endless)

    def action_thread(self) -> None:
        threading.Thread(target=self._work, name=f"{settling.THREADS}test", daemon=True).start()

    def _work(self) -> None:
        value = sum(number % 7 for number in range(300_000))
        self.call_from_thread(self.line.update, f"counted {value}")

    @property
    def text(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.screen._compositor.render_strips()).strip()


async def test_all_that_a_key_sets_going_is_over_and_painted() -> None:
    app = Busy()
    async with app.run_test() as pilot:
        await pilot.press("a")
        assert (app.left, app.text) == (0, "over")


async def test_what_waits_for_a_refresh_has_run() -> None:
    app = Busy()
    async with app.run_test() as pilot:
        await pilot.press("r")
        assert app.text == "and once more"


async def test_another_size_is_painted() -> None:
    app = Busy()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.resize_terminal(50, 12)
        assert app.line.size.width == 50


async def test_what_a_thread_of_the_program_works_out_is_shown() -> None:
    app = Busy()
    async with app.run_test() as pilot:
        await pilot.press("t")
        await until(pilot, lambda: app.text.startswith("counted "), lambda: app.text)


async def test_no_time_passes_in_waiting() -> None:
    loop = asyncio.get_running_loop()
    rung: list[str] = []
    app = Busy()
    async with app.run_test() as pilot:
        timer = loop.call_later(3_600, rung.append, "much later")
        await pilot.press("a", "r")
        timer.cancel()
    assert not rung


async def test_a_program_that_never_settles_fails_its_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_TOO_MANY_TURNS", 500)
    app = Busy()
    async with app.run_test() as pilot:
        with pytest.raises(AssertionError, match="never settles"):
            await pilot.press("e")
        app.done.set()


def test_every_pilot_waits_like_this() -> None:
    assert vars(textual.app)["wait_for_idle"] is vars(textual.pilot)["wait_for_idle"] is settling.settled


def test_the_threads_of_the_program_have_names_that_are_known(root: Path) -> None:
    found = {
        path.name: re.findall(r"threading\.Thread\((.*)", path.read_text(encoding="utf-8"))
        for path in (root / "sfdebug").rglob("*.py")
    }
    begun = [(file, call) for file, calls in found.items() for call in calls]
    assert begun
    assert [one for one in begun if f'name="{settling.THREADS}' not in one[1]] == []


async def test_a_verb_is_shown_however_late_the_machine_comes_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = count()
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        session.screen.commands.long_verb.patience = 0
        monkeypatch.setattr(settling, "monotonic", lambda: 2.0 * next(looks))  # so much passes between two looks
        await session.pilot.press("n")
        assert not session.screen.commands.is_running
        assert session.state == "Paid?"


async def test_a_screen_that_paints_without_end_fails_its_test(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Busy()
    async with app.run_test() as pilot:
        monkeypatch.setattr(settling, "_put_off_done", lambda app: not app.done.is_set())
        monkeypatch.setattr(settling, "_TOO_LONG", 0.0)
        with pytest.raises(AssertionError, match="something left to paint"):
            await pilot.press("a")
        app.done.set()


async def test_a_verb_that_the_screen_does_not_wait_for_is_shown() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        session.screen.commands.long_verb.patience = 0
        await session.press("n")
        assert not session.screen.commands.is_running
        assert session.state == "Paid?"
