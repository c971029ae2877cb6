"""Sessions on the screen: kept with every key, offered again, saved under a name, and what leaving asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from sfdebug.debugger import Debugger
from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.opening import Continued
from sfdebug.debugger.sessions.restoring import read_session, restored
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.dialogs.messages import ConfirmDialog
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.sessions.dialogs import ContinueDialog, SaveSessionDialog
from sfdebug.tui.sessions.session import Offer, ScreenSession
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, Handler
from tests.nested_calls import PARENT, Queue
from tests.session_runs import going_on, keeper_of, place
from tests.tui_runs import MEDIUM, SMALL, Session


@asynccontextmanager
async def kept(
    debugger: Debugger, session: ScreenSession | None, size: tuple[int, int] = MEDIUM
) -> AsyncIterator[Session]:
    """The program on a debugger whose session is kept."""
    app = SfdebugApp(debugger, title="order.asl.json", session=session)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        screen = app.screen_stack[0]
        assert isinstance(screen, DebugScreen)
        yield Session(pilot, debugger, app, screen)


def order() -> Debugger:
    return Debugger(ORDER, ORDER_INPUT, tasks=Handler())


def saved_at(debugger: Debugger, path: Path) -> ScreenSession:
    return ScreenSession(lambda: keeper_of(debugger, path))


async def test_every_key_is_kept(tmp_path: Path) -> None:
    path, debugger = tmp_path / "session", order()
    async with kept(debugger, saved_at(debugger, path)) as session:
        assert not path.exists()
        for key in ("n", "s", "N", "b", "B", "n", "n", "u", "U", "minus", "z", "2", "d"):
            await session.press(key)
            found = restored(read_session(path), debugger.machine, Handler())
            assert found.is_whole
            assert place(found.debugger) == place(debugger), key
            assert found.debugger.breakpoints.states == debugger.breakpoints.states
            assert found.session.seen == session.screen.looks, key


async def test_what_is_called_in_a_nested_execution_is_kept_before_another_key(tmp_path: Path) -> None:
    queue, path = Queue(), tmp_path / "session"
    debugger = Debugger(PARENT, {}, tasks=queue.tasks())
    async with kept(debugger, saved_at(debugger, path)) as session:
        await session.press("s", "s", "s", "s")
        inner = session.app.screen
        assert isinstance(inner, DebugScreen)
        assert inner.is_inside
        queue.is_open.clear()
        await session.press("n")
        assert inner.commands.is_running, "the key has passed, the call has not"
        queue.is_open.set()
        await Session(session.pilot, inner.debugger, session.app, inner).until_idle()
        calls = [call.answer[0] for done in read_session(path).done for call in done.called or ()]
        assert (queue.sent, calls) == (["ask"], ["result"])


async def test_how_it_was_looked_at_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "session"
    debugger = Debugger(EACH, {"items": [1, 2]}, tasks=Handler())
    async with kept(debugger, saved_at(debugger, path)) as session:
        await session.press("n", "asterisk", "minus", "d", "3", "z")
        looks = session.screen.looks
        assert looks["folded"] == [["Each"]]
        assert (looks["pane"], looks["maximised"]) == ("data", True)
        assert looks["zoom"]
    again = going_on(path, debugger.machine, Handler())
    async with kept(again.debugger, ScreenSession(lambda: again.keeper, seen=again.seen)) as session:
        assert session.screen.looks == looks


@pytest.mark.parametrize("seen", [{"folded": 3}, {"folded": [3, [None], ["X"]], "zoom": {}, "pane": [], "data": "x"}])
async def test_looks_that_make_no_sense_are_left_out(tmp_path: Path, seen: dict[str, Any]) -> None:
    debugger = order()
    session = ScreenSession(lambda: keeper_of(debugger, tmp_path / "session"), seen=seen)
    async with kept(debugger, session) as shown:
        assert "Reserve" in shown.text


def offering(path: Path, debugger: Debugger) -> ScreenSession:
    def resume() -> Continued:
        return going_on(path, debugger.machine, Handler())

    offer = Offer("Continue from 14:02, at Ship (1 fork)?", "", resume)
    return ScreenSession(lambda: keeper_of(debugger, path.with_name("fresh")), lambda: offer)


def left(path: Path) -> Debugger:
    """A session that was left at its end, on a fork."""
    debugger = order()
    keeper = keeper_of(debugger, path)
    debugger.run()
    debugger.goto_event(8)
    debugger.edit_input({"order": {"total": 500}})
    debugger.run()
    keeper.keep()
    keeper.close()
    return debugger


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_enter_goes_on_with_the_earlier_session(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "session"
    before = left(path)
    fresh = order()
    async with kept(fresh, offering(path, fresh), size) as session:
        assert isinstance(session.app.screen, ContinueDialog)
        assert "Continue from 14:02, at Ship (1 fork)?" in session.text
        await session.press("enter")
        debugger = session.screen.debugger
        assert place(debugger) == place(before)
        assert session.screen.view.fork_name == "fork 1"
        assert "SUCCEEDED" in session.text
        await session.press("u")
        assert session.screen.view.fork_name == "main"
        assert place(restored(read_session(path), debugger.machine, Handler()).debugger) == place(debugger)
        assert not path.with_name("fresh").exists()


@pytest.mark.parametrize("key", ["f", "escape"])
async def test_f_and_escape_begin_afresh_and_keep_the_earlier_session(tmp_path: Path, key: str) -> None:
    path = tmp_path / "session"
    left(path)
    data, fresh = path.read_bytes(), order()
    async with kept(fresh, offering(path, fresh)) as session:
        await session.press(key, "n")
        assert session.screen.debugger is fresh
        assert session.state == "Paid?"
    assert path.read_bytes() == data
    assert path.with_name("fresh").exists()


async def test_a_session_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    fresh = order()

    def resume() -> Continued:
        raise SessionError("it is gone")

    session = ScreenSession(lambda: keeper_of(fresh, tmp_path / "x"), lambda: Offer("Continue?", "", resume))
    async with kept(fresh, session) as shown:
        await shown.press("enter")
        assert shown.message == "it cannot be continued: it is gone"
        await shown.press("n")
        assert shown.state == "Paid?"


async def test_a_changed_definition_says_what_fits(tmp_path: Path) -> None:
    path = tmp_path / "session"
    left(path)
    other = Debugger({**ORDER, "Comment": "another"}, ORDER_INPUT, tasks=Handler())
    async with kept(other, offering(path, other)) as session:
        await session.press("enter")
        assert session.message == "the definition has changed since; the decision made still fits"


async def test_quitting_asks_nothing_where_all_is_kept(tmp_path: Path) -> None:
    debugger = order()
    async with kept(debugger, saved_at(debugger, tmp_path / "session")) as session:
        await session.press("n", "n", "N", "f", "enter", "q")
        assert session.app.return_code == 0 or not session.app.is_running
    assert place(going_on(tmp_path / "session", debugger.machine, Handler()).debugger) == place(debugger)


async def test_quitting_asks_where_something_made_by_hand_would_be_lost(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    debugger = order()
    async with kept(debugger, saved_at(debugger, blocked / "session")) as session:
        await session.press("n")
        assert session.message == "this session is not being saved: Not a directory; Ctrl+S saves it elsewhere"
        await session.press("n")
        assert session.message == "", "it is told once"
        await session.press("N", "f", "enter", "q")
        assert isinstance(session.app.screen, ConfirmDialog)
        assert "Not a directory" in session.text
        assert "1 decision" in session.text
        await session.press("escape")
        blocked.unlink()
        blocked.mkdir()
        await session.press("n")
        assert session.screen.session is not None
        assert session.screen.session.keeper.trouble == ""
        await session.press("q")
        assert not isinstance(session.app.screen, ConfirmDialog)


async def test_a_session_is_saved_under_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    debugger = Debugger(ORDER, {"order": {"total": 500}, "customer": "Ada"})
    async with kept(debugger, saved_at(debugger, tmp_path / "session"), SMALL) as session:
        await session.press("n", "escape", "ctrl+s")
        dialog = session.app.screen
        assert isinstance(dialog, SaveSessionDialog)
        assert dialog.query_one(Input).value == "<definition>.sfdebug-session"
        dialog.query_one(Input).value = "mine"
        await session.press("ctrl+r")
        assert "without its data" in session.text
        await session.press("enter")
        assert session.message == "saved without its data; to open it: sfdebug --session mine.sfdebug-session"
        text = Path("mine.sfdebug-session").read_text()
        assert "Ada" not in text
        await session.press("ctrl+s")
        assert session.app.screen.query_one(Input).value == "mine.sfdebug-session"
        await session.press("enter")
        assert "Ada" in Path("mine.sfdebug-session").read_text(), "the name that was used before is used again"
        found = restored(read_session(Path("mine.sfdebug-session")))
        assert place(found.debugger) == place(debugger)


async def test_saving_does_not_replace_a_file_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.txt").write_text("precious")
    debugger = order()
    async with kept(debugger, saved_at(debugger, tmp_path / "session")) as session:
        await session.press("n", "ctrl+s")
        session.app.screen.query_one(Input).value = "other.txt"
        await session.press("enter")
        assert "there is a file other.txt already" in session.text
        assert Path("other.txt").read_text() == "precious"
        await session.press("escape", "ctrl+s")
        session.app.screen.query_one(Input).value = "nowhere/x"
        await session.press("enter")
        assert "there is no folder nowhere" in session.text
        session.app.screen.query_one(Input).value = "."
        await session.press("enter")
        assert "is a folder" in session.text
        session.app.screen.query_one(Input).value = "other.txt"
        await session.press("enter", "enter")
        assert session.message.startswith("saved; ")


async def test_redo_says_what_it_cannot_do() -> None:
    debugger = order()
    async with kept(debugger, None) as session:
        await session.press("U")
        assert session.message == "nothing was undone"
        await session.press("ctrl+s")
        assert "nothing that a session could name" in session.message
