"""A long recording on the screen: it is shown at once and replayed behind that, which can be left."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import begin_recording, open_recording
from sfdebug.history.replay.replay import EVENTS_AT_A_TIME
from sfdebug.tui.recordings import replaying
from sfdebug.tui.recordings.summary_dialog import SummaryDialog
from tests.debugger_runs import machine
from tests.history_runs import recording
from tests.tui_runs import Session, opened

LOOP: dict[str, Any] = machine(
    Count={"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Again?"},
    **{
        "Again?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": 300, "Next": "Count"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
)
LONG = recording(LOOP, {"n": 0})


@asynccontextmanager
async def session(monkeypatch: pytest.MonkeyPatch, definition: Any = LOOP) -> AsyncIterator[Session]:
    """A screen whose replay goes on by one slice when the test says so."""
    monkeypatch.setattr(replaying, "_SLICE", 0.0)
    monkeypatch.setattr(replaying.BackgroundReplay, "_breathe", lambda self: None)
    debugger = Debugger.on_recording(begin_recording(LONG, definition_from(definition)))
    async with opened(debugger) as found:
        await found.pilot.pause()
        yield found


async def one_slice(session: Session) -> None:
    replay = session.screen.commands.recordings._replay
    assert replay is not None
    replay._go_on()
    await session.pilot.pause()


def told(session: Session) -> int:
    """How many events are replayed, as the summary has it."""
    found = re.search(r"it is still being replayed: ([0-9]+) of 1,204 events so far", session.text)
    assert found is not None
    return int(found[1])


async def replayed(session: Session) -> None:
    for _ in range(len(LONG.events)):  # one in each slice at least
        if not session.screen.commands.recordings.is_replaying:
            return
        await one_slice(session)
    raise AssertionError(f"it is not replayed:\n{session.text}")


async def test_it_is_shown_before_it_is_replayed_and_the_summary_tells_what_came_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with session(monkeypatch) as screen:
        assert screen.debugger.replaying is not None
        before = told(screen)
        await one_slice(screen)
        assert told(screen) == before + EVENTS_AT_A_TIME
        await replayed(screen)
        assert isinstance(screen.app.screen, SummaryDialog)
        assert "every recorded value is computed alike" in screen.text
        assert "still" not in screen.text
        at_once = open_recording(LONG, definition_from(LOOP)).replay
        run = screen.debugger.recorded
        assert run is not None
        assert run.replay is not None
        assert at_once is not None
        assert run.replay.is_identical
        assert dict(run.replay.computed) == dict(at_once.computed)


async def test_the_bar_says_how_far_it_is_and_goes_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async with session(monkeypatch) as screen:
        await screen.press("escape")
        await one_slice(screen)
        assert "21% replayed, Esc stops" in screen.text
        assert f"of {len(LONG.events):,} events" in screen.text
        await replayed(screen)
        assert "% replayed" not in screen.text
        assert screen.message == "replayed: every recorded value is computed alike"


async def test_it_can_be_left_and_then_nothing_is_claimed_of_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    async with session(monkeypatch) as screen:
        await one_slice(screen)
        await screen.press("escape", "escape")
        await screen.until_idle()
        assert screen.debugger.replaying is None
        assert "% replayed" not in screen.text
        run = screen.debugger.recorded
        assert run is not None
        assert run.replay is not None
        assert run.replay.is_stopped
        assert screen.message.startswith("replayed in part: the replay was stopped: what is computed ends before event")
        await screen.press("A")
        assert "alike" not in screen.text
        assert "the replay was stopped" in screen.text
        await screen.press("escape", "}")
        assert screen.state == "Done"


async def test_keys_work_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    async with session(monkeypatch) as screen:
        await screen.press("escape", "n", "n")
        await one_slice(screen)
        assert screen.screen.view.event_index > 0
        assert "% replayed, Esc stops" in screen.text
        await screen.press("}")  # beyond what is replayed: the verb takes the replay along
        await screen.until_idle()
        assert screen.state == "Done"
        await replayed(screen)
        assert screen.state == "Done"


async def test_what_the_user_looks_at_stays_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async with session(monkeypatch) as screen:
        await screen.press("escape", "down", "4", "down", "down", "down")
        selected, row = screen.screen.graph.selected, screen.screen.timeline.cursor
        assert selected == ("Again?",)
        await replayed(screen)
        assert screen.screen.graph.selected == selected
        assert screen.screen.timeline.cursor == row


async def test_what_differs_is_marked_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {**LOOP, "States": {**LOOP["States"], "Done": {"Type": "Succeed", "OutputPath": "$.n"}}}
    async with session(monkeypatch, other) as screen:
        await replayed(screen)
        assert "X differences" in screen.text
        await screen.press("X")
        assert "Recorded and computed differ" in screen.text
