"""The meter of a run: one key, growing with each step and shrinking with each step back, live and recorded too."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug import FunctionTasks
from sfdebug.asl.load import load_definition
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.engine import Settings
from sfdebug.history.reading.read import read_recording
from sfdebug.history.recording import Recording
from sfdebug.rates import read_rates
from sfdebug.tui.dialogs.meter import STEPS, MeterDialog
from sfdebug.tui.keys import BY_ID
from sfdebug.tui.recordings.live import Follower
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.settings import ScreenSettings
from tests.tui_runs import LARGE, MEDIUM, SMALL, Session, opened, opened_home
from tests.unit.forecast.loop_definitions import Runs, machine, mapping_debugger, polling


def said(session: Session) -> str:
    """What the meter says, without the breaks of its lines."""
    dialog = session.app.screen
    assert isinstance(dialog, MeterDialog)
    return " ".join(" ".join("".join(text for text, _ in row) for row in dialog.rows()).split())


SAMPLE = Path(__file__).parents[2] / "samples/recorded-order"


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_it_grows_with_each_step_and_shrinks_with_each_step_back(size: tuple[int, int]) -> None:
    async with opened(Debugger(polling(60), {}, tasks=Runs(3)), size=size) as session:
        await session.press("percent_sign")
        assert isinstance(session.app.screen, MeterDialog)
        assert "none yet" in session.text
        await session.press("n", "n", "n")
        assert "3 to 4 3 states entered, no retries" in said(session)
        assert "loop" not in session.text
        await session.press("n", "n")
        for words in (
            "5 to 6 5 states entered, no retries",
            "14 of 25,000",
            "Wait → Look → Runs?",
            "1 whole turn; a turn: 3 transitions ($0.000075), 9 events, +",
            "the history of 25,000 events is full in turn 2,778",
            "$125.00 to $150.00",
        ):
            assert words in said(session), words
        await session.press("N", "N")
        assert "3 to 4 3 states entered" in said(session)
        assert "loop" not in session.text
        await session.press("c", "escape")
        assert len(session.app.screen_stack) == 1
        assert session.debugger.view().is_finished


async def test_every_key_that_steps_works_in_it() -> None:
    async with opened(Debugger(polling(60), {}, tasks=Runs(1))) as session:
        await session.press("percent_sign")
        bound = {each.binding.key: each.binding.action for each in session.app.screen.active_bindings.values()}
        for id in STEPS:
            assert {bound[key] for key in BY_ID[id].keys} == {f"step('{id}')"}


async def test_why_express_is_not_possible_and_prices_of_ones_own(tmp_path: Path) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text("date = 2026-11-01\n[standard.prices]\nus-east-1 = 1\n", encoding="utf-8")
    asks = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
    debugger = Debugger(machine({"Ask": asks}), {}, tasks=FunctionTasks({"Ask": lambda _: 1}))
    settings = ScreenSettings(read_rates=functools.partial(read_rates, ours))
    async with opened(debugger, settings=settings) as session:
        await session.press("c", "percent_sign")
        assert "Express      not possible: an Express state machine has no .waitForTaskToken" in session.text
        assert "Standard     $0.001 to $0.002" in session.text
        assert "estimates with the prices of 2026-11-01 for us-east-1" in session.text
        await session.press("q")
        ours.write_text("date = 3\n", encoding="utf-8")
        await session.press("percent_sign")
        assert session.app.screen is session.screen
        assert "a table of prices says from when they are" in session.message


async def test_a_question_is_asked_over_it() -> None:
    async with opened(Debugger(polling(60), {}), size=MEDIUM) as session:
        await session.press("percent_sign", "n", "n", "n")
        assert "Answer" in session.text or "answer" in session.text
        await session.press("escape")
        assert isinstance(session.app.screen, MeterDialog)


async def test_a_recorded_run_has_its_own_clock_and_region() -> None:
    recorded = open_recording(read_recording(SAMPLE / "history.json"), load_definition(SAMPLE / "definition.asl.json"))
    async with opened(Debugger.on_recording(recorded), size=SMALL) as session:
        await session.press("escape", "right_curly_bracket", "percent_sign")
        for words in (
            "10 to 11 6 states entered, 4 retries",
            "40 of 25,000",
            "2 min 12 s as recorded",
            "eu-central-1",
        ):
            assert words in said(session), words
        dialog = session.app.screen
        assert isinstance(dialog, MeterDialog)
        widths = [sum(len(text) for text, _ in row) for row in dialog.rows()]
        assert max(widths) <= 76 - 4, "no line is broken by its frame"


class Growing:
    """A source of a running execution that gives a little more each time that it is asked."""

    def __init__(self, counts: list[int]) -> None:
        self.counts = counts

    def recordings(self) -> Iterable[Recording]:
        found = read_recording(SAMPLE / "history.json")
        while self.counts:
            yield replace(found, events=found.events[: self.counts.pop(0)])

    def cancel(self) -> None:
        self.counts.clear()


async def test_it_grows_with_a_running_execution() -> None:
    definition = load_definition(SAMPLE / "definition.asl.json")
    begun = replace(read_recording(SAMPLE / "history.json"), events=read_recording(SAMPLE / "history.json").events[:9])
    debugger = Debugger.on_recording(open_recording(begun, definition, is_live=True))
    debugger.goto_event(9)
    follower = Follower(Growing([20, 40]), definition)
    async with opened_home(lambda: DebugScreen(debugger, "live", follower=follower)) as browser:
        await browser.press("percent_sign")
        await browser.until(lambda: "40 of 25,000" in browser.text)
        assert isinstance(browser.screen, MeterDialog)
        assert "4 retries" in browser.text


async def test_an_express_run_has_no_bound_of_events_and_child_executions_are_counted() -> None:
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}
    processor: dict[str, Any] = {**inner, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}
    definition = machine({"Each": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, "End": True}})
    async with opened(Debugger(definition, {"items": [1, 2, 3]})) as session:
        await session.press("c", "percent_sign")
        assert "Map Run      3 child executions, 3 transitions  EXPRESS, of Each" in session.text
        assert "$28.31 to $53.31" in session.text, "and three requests, three times 100 ms in 64 MB"
    async with opened(Debugger(polling(1), {}, tasks=Runs(3), settings=Settings(execution_type="EXPRESS"))) as session:
        await session.press("c", "percent_sign")
        assert "an Express history has no bound" in session.text
        assert "no limit is reached (if each turn is as the last)" in said(session)


async def test_child_executions_are_those_of_the_fork_on_which_one_stands() -> None:
    """As many end on either fork, which take ways of other lengths."""
    async with opened(mapping_debugger()) as session:
        await session.press("c", "percent_sign")
        assert "3 child executions, 6 transitions" in said(session)
        await session.press("escape")
        session.debugger.goto_event(1)
        session.debugger.edit_input({"items": [10, 20, 30]})
        await session.press("c", "percent_sign")
        assert "3 child executions, 9 transitions" in said(session)
