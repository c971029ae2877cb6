"""Breakpoints, watches and running to something, by keys."""

from __future__ import annotations

import pytest

from tests.debugger_runs import ORDER, ORDER_INPUT, Handler
from tests.tui_runs import LARGE, MEDIUM, SMALL, Session, opened

TOTAL = 42.5
SIZES = pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE], ids=["80x24", "120x40", "200x50"])


async def write(session: Session, text: str) -> None:
    """Type a text in place of what stands there, and use it."""
    await session.press("ctrl+u", *(_key(sign) for sign in text), "enter")


def _key(sign: str) -> str:
    names = {" ": "space", "$": "dollar_sign", ".": "full_stop", ">": "greater_than_sign", "{": "left_curly_bracket",
             "}": "right_curly_bracket", '"': "quotation_mark", "=": "equals_sign", "%": "percent_sign"}  # fmt: skip
    return names.get(sign, sign)


@SIZES
async def test_the_panel_adds_switches_changes_and_deletes(size: tuple[int, int]) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=size) as session:
        points = session.debugger.breakpoints
        await session.press("ctrl+b", "a")
        await write(session, "Ship if $.order.total > 1000")
        assert points.to_texts() == ("Ship if $.order.total > 1000",)
        assert "Ship if $.order.total > 1000" in session.text
        assert "0 hits" in session.text
        await session.press("space")
        assert points.to_texts() == ("off Ship if $.order.total > 1000",)
        await session.press("enter")
        await write(session, "Reserve at Task")
        assert points.to_texts() == ("Reserve at Task",)
        await session.press("d")
        assert points.to_texts() == ()
        assert "no breakpoints yet: a adds one" in session.text
        await session.press("escape")


@SIZES
async def test_what_is_wrong_is_shown_while_it_is_typed(size: tuple[int, int]) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=size) as session:
        await session.press("ctrl+b", "a", "ctrl+u", *"Shap")
        assert "there is no state Shap" in session.text
        assert "Did you mean Ship?" in session.text
        await session.press("enter")
        assert session.debugger.breakpoints.all == ()
        await session.press("backspace", "backspace", "i", "p")
        assert "Enter uses it" in session.text
        await session.press("enter")
        assert session.debugger.breakpoints.to_texts() == ("Ship",)


async def test_they_are_marked_in_graph_stages_and_timeline() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        for text in ("Ship if $.order.total > 1", "off Charge", 'Paid? log "x"', "Reserve at Task", "event TaskFailed"):
            session.debugger.breakpoints.add(session.debugger.breakpoints.read(text))
        await session.press("n")
        text = session.text
        assert "◇" in text
        assert "◐" in text
        assert "○" in text
        await session.press("S")
        assert any("●" in line and "Task" in line for line in session.text.splitlines())


async def test_a_run_says_what_was_said_and_why_a_condition_cannot_be_told() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        for text in ('Reserve log "order {$.order.total}"', "Ship if $.nope > 1"):
            session.debugger.breakpoints.add(session.debugger.breakpoints.read(text))
        await session.press("c")
        await session.until_idle()
        assert session.state == "Ship"
        assert "the condition of Ship if $.nope > 1 cannot be told (there is no $.nope here)" in session.message
        assert f"order {TOTAL}" in session.message
        await session.press("ctrl+b")
        assert "Said so far: 1" in session.text
        await session.press("down", "down", "down", "enter")
        assert session.debugger.view().state_path in (("Reserve",), ("Paid?",))


async def test_running_to_the_selected_state_and_back() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        session.screen.graph.select(("Ship",))
        await session.press("J")
        await session.until_idle()
        assert session.state == "Ship"
        assert session.debugger.view().is_about_to_run
        session.screen.graph.select(("Paid?",))
        await session.press("K")
        assert session.state == "Paid?"
        await session.press("4", "g", "K")
        assert session.debugger.view().event_index == 1


async def test_running_until_a_condition_is_true() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("colon")
        assert "Run until" in session.text
        await write(session, "$.reserved")
        await session.until_idle()
        assert session.message.startswith("$.reserved is true: in Reserve, at ResultPath")
        await session.press("colon")
        assert "$.reserved" in session.text, "what was asked last stands there"
        await write(session, "$.nope > 1")
        await session.until_idle()
        assert "was not true at any of" in session.message


@SIZES
async def test_a_value_is_watched_by_a_key(size: tuple[int, int]) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=size) as session:
        await session.press("3", "j", "V")
        (path,) = session.debugger.watches.texts
        assert path.startswith("$.")
        assert "V again lists the watches" in session.message
        await session.press("V")
        assert "Each with its value before the last step, and now." in session.text
        await session.press("a")
        await write(session, "$.nope")
        assert "there is no $.nope here" in session.text
        await session.press("d", "escape")
        assert session.debugger.watches.texts == (path,)


async def test_watches_stand_below_the_data_where_there_is_room() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=LARGE) as session:
        session.debugger.watches.add("$.reserved")
        await session.press("n")
        assert "── Watches" in session.text
        assert "+ $.reserved" in session.text
        await session.press("N")
        assert "− $.reserved" in session.text
