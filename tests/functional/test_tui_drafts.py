"""What is typed into a dialog is not lost, and what is typed for the screen below does not get into it."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from sfdebug.tui.dialogs.error_field import ErrorField
from sfdebug.tui.json.editor import JsonEditor
from tests.debugger_runs import EACH, machine, passing, task
from tests.tui_runs import Session, opened

TWO = machine(First=task("Second"), Second=task())


def editor(session: Session) -> JsonEditor:
    return session.app.screen.query_one(JsonEditor)


async def test_an_answer_that_was_begun_is_kept() -> None:
    async with opened(TWO, {"a": 1}) as session:
        await session.press("n")
        offered = editor(session).text
        await session.press("tab", "x", "escape")
        assert session.message == "First still waits: your draft is kept: a"
        await session.press("a")
        assert editor(session).text == "x" + offered
        assert "your draft" in session.text
        await session.press("ctrl+r")
        assert editor(session).text == offered
        await session.press("escape")
        assert session.message == "First still waits: a answers it"
        await session.press("a")
        assert editor(session).text == offered


async def test_a_failure_that_was_begun_is_kept() -> None:
    async with opened(TWO, {"a": 1}) as session:
        await session.press("n", "ctrl+t", *"Mine", "tab", *"why", "escape")
        assert session.message.endswith("your draft is kept: a")
        await session.press("a")
        dialog = session.app.screen
        assert dialog.query_one(ErrorField).error == "Mine"
        assert dialog.query_one("#cause", Input).value == "why"
        await session.press("enter", "n")
        assert session.debugger.execution.error == "Mine"


async def test_a_draft_belongs_to_its_task() -> None:
    async with opened(TWO, {"a": 1}) as session:
        await session.press("n", "tab", "x", "escape", "a", "tab", "ctrl+r", "ctrl+s", "n", "n")
        assert "Second asks" in session.text
        assert not editor(session).text.startswith("x")


async def test_an_edit_that_was_begun_is_kept() -> None:
    async with opened(machine(Only=passing()), {"a": 1}) as session:
        await session.press("e", "x", "escape")
        assert session.message == "nothing is changed; your draft is kept: e"
        await session.press("e")
        assert editor(session).text.startswith("x")
        await session.press("delete", "backspace", "ctrl+r", "escape")
        assert session.message == ""


@pytest.mark.parametrize("key", ["n", "c"])
async def test_verbs_typed_ahead_do_not_get_into_the_answer(key: str) -> None:
    async with opened(TWO, {"a": 1}) as session:
        early = [events.Key("enter", None), events.Key("tab", None), events.Key("n", "n")]
        await session.press(key)
        dialog, offered = session.app.screen, editor(session).text
        for event in (*early, events.Key("n", "n")):
            session.app.post_message(event)
        await session.pilot.pause()
        assert session.app.screen is dialog
        assert editor(session).text == offered


async def test_a_dialog_that_was_asked_for_takes_all_keys() -> None:
    async with opened(TWO, {"a": 1}) as session:
        await session.press("n", "escape")
        early = [events.Key("tab", None), events.Key("n", "n")]
        await session.press("a")
        offered = editor(session).text
        for event in early:
            session.app.post_message(event)
        await session.pilot.pause()
        assert editor(session).text == "n" + offered


async def test_the_title_names_the_iteration() -> None:
    async with opened(EACH, {"items": [1, 2]}) as session:
        await session.press("c")
        assert "Work asks · iteration 1 of 2" in session.text


async def test_a_second_attempt_is_in_the_title() -> None:
    retried = machine(
        Ship={**task(), "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "IntervalSeconds": 1}]}
    )
    async with opened(retried, {}) as session:
        await session.press("n", "ctrl+t", "enter")
        assert "Ship asks · attempt 2" in session.text
