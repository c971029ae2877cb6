"""Keys that come in a burst, as over a slow line: they keep their order, and none lands where it was not meant."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual import events

from sfdebug.asl.load import load_definition
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.history.reading.read import read_recording
from sfdebug.tui.dialogs.answer_task import AnswerTaskDialog
from sfdebug.tui.json.editor import JsonArea, JsonEditor
from sfdebug.tui.keys import COMMANDS
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.values import Json
from tests.command_line import ROOT
from tests.debugger_runs import ORDER, ORDER_INPUT, Nobody, machine, passing, task
from tests.tui_runs import Session, opened


def recorded_order() -> Debugger:
    folder = ROOT / "samples" / "recorded-order"
    found = read_recording(folder / "history.json")
    return Debugger.on_recording(open_recording(found, load_definition(folder / "definition.asl.json")))


async def burst(session: Session, keys: Iterable[str]) -> None:
    """All keys at once, before the program has seen the first of them."""
    for key in keys:
        session.app.post_message(events.Key(key, key if len(key) == 1 else None))
    for _ in range(3):
        await session.pilot.pause()


async def test_letters_do_not_overtake_what_moves_and_deletes() -> None:
    async with opened(machine(A=passing()), {}) as session:
        await session.press("e")
        typed = [*"abc", "backspace", *"de", "left", "Q", "enter", *"zz", "home", "W"]
        await burst(session, typed)
        assert session.app.screen.query_one(JsonEditor).text == "abdQ\nWzze{}"


async def test_a_paste_keeps_its_place_among_the_keys() -> None:
    async with opened(machine(A=passing()), {}) as session:
        await session.press("e")
        session.app.post_message(events.Key("a", "a"))
        session.app.post_message(events.Key("left", None))
        session.app.post_message(events.Paste("12"))
        session.app.post_message(events.Key("right", None))
        session.app.post_message(events.Key("b", "b"))
        for _ in range(3):
            await session.pilot.pause()
        assert session.app.screen.query_one(JsonEditor).text == "12ab{}"


async def test_a_dialog_gets_the_keys_behind_the_one_that_opens_it() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Nobody()) as session:
        await burst(session, ["p", *"holx", "backspace", "d", "enter", "b"])
        assert isinstance(session.app.screen, DebugScreen)
        assert session.screen.graph.selected == ("Hold",)
        assert session.debugger.breakpoints.states == {("Hold",)}


async def test_keys_for_the_screen_do_not_land_in_a_dialog_that_opens_meanwhile() -> None:
    async with opened(machine(A=task("B"), B=passing()), {}, tasks=Nobody()) as session:
        await burst(session, ["n", "n", "right", "enter", "tab", "7", "space", "n"])
        dialog = session.app.screen
        assert isinstance(dialog, AnswerTaskDialog)
        assert "▸ return a result" in session.text
        assert dialog.query_one(JsonEditor).check.is_valid
        await session.press("n", "s", "c")  # seen, or nearly: letters do nothing on the ways to answer
        assert session.app.screen is dialog
        await session.press("enter")
        assert session.state == "B"


async def test_letters_behind_the_one_that_filters_are_the_filter() -> None:
    async with opened(recorded_order()) as session:
        await session.press("escape", "D")
        await burst(session, ["slash", *"failed", "enter", "enter"])
        assert session.state == "Ship order"
        await session.press("D")
        await burst(session, ["slash", *"sss", "escape"])
        assert "Durations: 6 state visits" in session.text


async def test_leaving_a_dialog_does_not_lose_the_keys_behind_it() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Nobody()) as session:
        await burst(session, ["question_mark", *"zz", "escape", "4", "W", "p", "escape", "1", "b"])
        assert isinstance(session.app.screen, DebugScreen)
        assert session.debugger.breakpoints.states == {("Reserve",)}


@pytest.mark.parametrize("key", ["ctrl+p", "p", "question_mark", "i", "e", "t"])
async def test_a_screen_is_closed_but_once(key: str) -> None:
    """A second click, or a key in the same moment, would close the screen below."""
    async with opened(ORDER, ORDER_INPUT, tasks=Nobody()) as session:
        await session.press(key)
        dialog = session.app.screen
        dialog.dismiss()
        dialog.dismiss()
        await session.pilot.pause()
        assert session.app.screen is session.screen
        if key == "ctrl+p":
            await session.press(key, "z", "q")
            for _ in range(2):
                await session.pilot.click(offset=(2, 38))
            assert session.app.screen is session.screen


@pytest.mark.parametrize("key", ["ctrl+p", "p", "question_mark", "i", "e", "a"])
async def test_a_dialog_may_be_closed_before_it_is_there(key: str) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Nobody()) as session:
        await session.press("n", "escape")
        session.screen.commands.run(next(command.id for command in COMMANDS if key in command.keys))
        session.app.screen.dismiss()
        await session.pilot.pause()
        assert session.app.screen is session.screen
        session.screen.commands.run(next(command.id for command in COMMANDS if key in command.keys))
        session.app.exit(0)
    assert session.app.return_value == 0


async def test_the_palette_is_for_the_debug_screen_alone() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Nobody()) as session:
        await session.press("p", "ctrl+p")
        assert "Go to which state?" in session.text
        assert "╭─ Go to which" in session.text
        await session.press("escape", "ctrl+p", *"graph", "escape")
        assert isinstance(session.app.screen, DebugScreen)


async def test_keys_behind_the_one_that_leaves_do_nothing() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Nobody()) as session:
        await burst(session, ["q", *"nnbp", "enter", *"xx"])
    assert session.app.return_value == 0


async def test_a_large_text_is_edited_like_a_small_one() -> None:
    value: Json = {"items": [{"id": number, "name": f"customer {number}"} for number in range(2500)]}
    async with opened(machine(A=passing()), value) as session:
        session.app.post_message(events.Key("e", "e"))
        await session.pilot.pause()
        await session.pilot.pause()
        area = session.app.screen.query_one(JsonArea)
        assert area.is_large
        assert area.has_focus
        before = area.text
        await burst(session, ["down", "end", "enter", *'"x": 1', "left", "left"])
        assert area.text.splitlines()[1:3] == ['  "items": [', '    "x": 1']
        for _ in range(12):
            await session.press("ctrl+z")
        assert area.text == before
        await session.press("pagedown", "ctrl+s")
        assert session.debugger.view().input == value


async def test_a_text_that_becomes_large_is_held_as_one_and_a_small_one_again() -> None:
    async with opened(machine(A=passing()), {}) as session:
        await session.press("e")
        area = session.app.screen.query_one(JsonArea)
        session.app.post_message(events.Paste('{"a": "' + "y" * 40_000 + '"}'))
        await session.pilot.pause()
        await session.pilot.pause()
        assert area.is_large
        await session.press("x", "backspace", "enter", "backspace")
        assert len(area.text) == 40_011
        area.load_text("{}")
        assert not area.is_large
