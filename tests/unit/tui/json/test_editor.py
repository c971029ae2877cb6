"""The JSON editor on a screen: the check as it is typed, laying out, resetting, and its own Enter key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from sfdebug.tui.json.editor import JsonArea, JsonEditor
from sfdebug.values import MISSING
from tests.widget_host import WidgetHost


class Recorder(WidgetHost):
    """Keeps the checks."""

    def on_json_editor_checked(self, event: JsonEditor.Checked) -> None:
        self.seen.append(event.check.is_valid)


@asynccontextmanager
async def editing(value: Any) -> AsyncIterator[tuple[Recorder, Pilot[Any], JsonEditor]]:
    editor = JsonEditor(value)
    app = Recorder(editor)
    async with app.run_test(size=(80, 24)) as pilot:
        editor.focus()
        await pilot.pause()
        yield app, pilot, editor


def said(editor: JsonEditor) -> str:
    return str(editor.query_one(".check", Static).content)


async def test_typing_is_checked_at_once() -> None:
    async with editing({"a": 1}) as (app, pilot, editor):
        assert said(editor) == "✓ valid JSON, 1 key, 7 of 262,144 bytes"
        await pilot.press("x")
        await pilot.pause()
        assert said(editor).startswith("✗ line 1, column ")
        assert not editor.check.is_valid
        await pilot.press("backspace")
        await pilot.pause()
        assert editor.value == {"a": 1}
        assert app.seen == [False, True]


async def test_laying_out_keeps_the_value_and_undo_brings_the_text_back() -> None:
    async with editing(None) as (_, pilot, editor):
        editor.set_text('{"a":[1,2]}')
        await pilot.press("ctrl+l")
        assert editor.text == '{\n  "a": [\n    1,\n    2\n  ]\n}'
        await pilot.press("ctrl+z")
        assert editor.text == '{"a":[1,2]}'
        editor.set_text("{")
        await pilot.press("ctrl+l")
        assert editor.text == "{"


async def test_reset_puts_the_first_value_back() -> None:
    async with editing({"a": 1}) as (_, pilot, editor):
        await pilot.press("x", "y")
        assert editor.text != '{\n  "a": 1\n}'
        await pilot.press("ctrl+r")
        assert editor.text == '{\n  "a": 1\n}'
        editor.load([1])
        assert editor.value == [1]


async def test_enter_keeps_the_indentation() -> None:
    async with editing(MISSING) as (_, pilot, editor):
        area = editor.query_one(JsonArea)
        area.insert("{}")
        area.move_cursor((0, 1))
        await pilot.press("enter", *'"a": [')
        await pilot.press("enter", "1", "enter", "2")
        assert editor.text == '{\n  "a": [\n    1\n    2\n}'
        assert area.cursor_location == (3, 5)


async def test_the_cursor_goes_to_the_mistake() -> None:
    async with editing({"a": 1, "b": 2}) as (_, pilot, editor):
        editor.set_text('{\n  "a": 1,\n  "b": tru\n}')
        await pilot.press("ctrl+g")
        assert editor.query_one(JsonArea).cursor_location[0] == 2


async def test_long_texts_are_checked_when_the_typing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tui.json.editor._PAUSE_SECONDS", 3600)
    async with editing(["x" * 30_000]) as (app, pilot, editor):
        await pilot.press("x")
        assert app.seen == []
        assert not editor.check.is_valid


async def test_control_characters_stand_as_escapes() -> None:
    async with editing({"a": "\x1b\u202e\ud800日"}) as (_, _pilot, editor):
        assert "\\u001b\\u202e\\ud800日" in editor.text
        assert editor.value == {"a": "\x1b\u202e\ud800日"}


async def test_tab_leaves_the_editor() -> None:
    first, second = JsonEditor({}), JsonEditor([])
    app = WidgetHost(first, second)
    async with app.run_test(size=(80, 24)) as pilot:
        first.focus()
        await pilot.press("tab")
        assert app.focused is second.query_one(JsonArea)
