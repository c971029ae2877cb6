"""Hostile data, large runs and faults of the program itself: the screen stays, and says what is the matter."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from sfdebug.debugger import Debugger
from sfdebug.engine import Settings
from sfdebug.errors import UsageError
from sfdebug.reports import crash
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.terminal import guard
from sfdebug.values import Json
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler, machine, passing, task
from tests.performance.counting import calls_of, peak_bytes_of
from tests.tui_runs import LARGE, MEDIUM, SMALL, opened

NAMES = [
    "[/x] [red]not markup[/red]",
    "[link=http://x]y[/",
    "emoji 🎉👩\u200d🚀 ❤\ufe0f done",
    "control\x1b[31m\x07\x00 chars",
    "right\u202eto left",
    "x" * 80,
    "日本語の状態名前はとても長いです" * 3,
    "\ttab and\nnewline",
]


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE], ids=["80x24", "120x40", "200x50"])
async def test_names_and_data_are_never_markup_nor_control(size: tuple[int, int]) -> None:
    names = [name[:80] for name in NAMES]
    follows = dict(zip(names, [*names[1:], "Last"], strict=True))
    states = {name: task(after, Parameters={name: "[/b]", "deep": {name: [name]}}) for name, after in follows.items()}
    hostile: dict[str, Json] = dict.fromkeys(names, "[/i]\x1b]0;title\x07")
    async with opened(
        machine(**states, Last=passing()), hostile, tasks=Handler(), size=size, title=NAMES[0]
    ) as session:
        for name in names:
            await session.press("s", "s")
            assert session.state == name
            assert "\x1b" not in session.text
            assert "\x07" not in session.text
            await session.press("n")
        await session.press("b", "2", "3", "4", "d", "z", "1", "g", "enter", "y", "slash", "x", "escape")
        await session.press("c")
        assert session.debugger.view().is_finished


@pytest.mark.parametrize("dialog", ["i", "e", "question_mark", "t"])
async def test_names_are_safe_in_dialogs(dialog: str) -> None:
    definition = machine(**{NAMES[0]: task("Then"), "Then": passing()})
    async with opened(definition, {"[/x]": [*NAMES]}, tasks=Handler()) as session:
        await session.press(dialog)
        assert not isinstance(session.app.screen, DebugScreen)
        await session.press("escape")
        assert isinstance(session.app.screen, DebugScreen)


async def test_lone_surrogates_are_shown_and_do_no_harm() -> None:
    async with opened(machine(Only=passing()), {"half": "\ud83d"}) as session:
        await session.press("n", "3", "c")
        session.text.encode("utf-8")
        assert session.debugger.view().is_finished


async def test_a_history_of_thousands_of_events_is_walked_at_once() -> None:
    endless = machine(
        Round=passing("Again?"),
        **{
            "Again?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.stop", "IsPresent": True, "Next": "Stop"}],
                "Default": "Round",
            },
            "Stop": {"Type": "Succeed"},
        },
    )
    debugger = Debugger(endless, {"payload": {"items": list(range(50))}}, settings=Settings())
    debugger.run()
    assert len(debugger.execution.events) == 25_000
    async with opened(debugger) as session:
        rows = session.screen.timeline
        assert rows.count_rows() == 25_000
        assert "25000 ExecutionFailed" in session.text
        run = session.screen.commands.run
        calls = {id: calls_of(partial(run, id)) for id in ("time.first", "time.last", "time.back")}
        assert max(calls.values()) < 8_000, f"far below what walking 25,000 events takes: {calls}"
        await session.pilot.pause()
        assert "24999" in session.text
        assert "✓ ×" in session.text


async def test_a_large_machine_is_drawn_a_moment_later() -> None:
    states = {f"State {number}": passing(f"State {number + 1}") for number in range(150)}
    async with opened(machine(**states, **{"State 150": passing()})) as session:
        await session.press("n")
        await session.until(lambda: session.screen.graph.drawing is not None)
        assert session.screen.graph.selected == ("State 1",)
        assert "▸ here" in session.text


async def test_an_error_of_the_user_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:

        def refuse() -> None:
            raise UsageError("this cannot be", where="Reserve", fix="do it differently")

        monkeypatch.setattr(session.screen.commands.view, "explain", refuse)
        await session.press("x")
        assert session.message == "Reserve: this cannot be\n  do it differently"
        await session.press("n")
        assert session.state == "Paid?"


async def test_a_fault_of_the_program_is_a_message_with_a_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:

        def break_down() -> None:
            raise ZeroDivisionError("[/oops] division by zero")

        monkeypatch.setattr(session.screen.commands.view, "explain", break_down)
        await session.press("x")
        assert session.message.startswith("ZeroDivisionError: [/oops] division by zero")
        assert "The session goes on" in session.message
        assert "break_down" in crash.log_path().read_text()
        await session.press("n")
        assert session.state == "Paid?"


async def test_a_verb_that_breaks_is_a_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:

        def break_down(interrupt: object = None) -> None:
            raise RuntimeError("out of luck")

        monkeypatch.setattr(session.debugger, "run", break_down)
        await session.press("c")
        assert "RuntimeError: out of luck" in session.text
        await session.press("n")
        assert session.state == "Paid?"


async def test_a_graph_that_cannot_be_drawn_does_not_end_the_session(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def break_down(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no lines left")

    monkeypatch.setattr("sfdebug.tui.graph.drawings.Builder", break_down)
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        assert "no graph could be drawn" in session.text
        await session.press("j", "k", "space", "enter", "slash", "x", "escape", "n")
        assert session.state == "Paid?"


async def test_a_log_that_cannot_be_written_is_no_trouble(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(blocked))
    text = guard.trouble_text(ValueError("bad"))
    assert text == "ValueError: bad\nThis is a fault of sfdebug, not yours. The session goes on."


async def test_a_line_that_cannot_be_painted_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def break_down(*args: object) -> None:
        raise RuntimeError("no colour left")

    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        for widget, method in (
            (session.screen.stages, "paint_row"),
            (session.screen.panes.slider, "pieces"),
            (session.screen.graph._rows, "strip"),
        ):
            monkeypatch.setattr(widget, method, break_down)
        await session.press("n")
        assert session.text.count("RuntimeError: no colour left") >= 3
        assert session.state == "Paid?"


async def test_a_large_payload_is_no_reason_to_wait() -> None:
    payload: Json = {f"key {number}": ["x" * 50] * 20 for number in range(230)}
    steps = {f"S{number}": passing(f"S{number + 1}") for number in range(30)}
    async with opened(machine(**steps, S30=passing()), payload) as session:
        await session.press("c")
        timeline = session.screen.timeline
        for work in (
            session.screen.refresh_view,
            partial(timeline.set_filter, "key 229"),
            partial(timeline.set_filter, "PassStateExited"),
        ):
            assert calls_of(work) < 4_000, "the 4,600 texts of the payload are not looked at one after the other"
            assert peak_bytes_of(work) < len(json.dumps(payload)), "nor is the payload written out again"
        assert len(session.debugger.view().events) > 60
