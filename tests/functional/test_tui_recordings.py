"""A recorded execution on the screen, as somebody on call uses it: to the failure, its data, a fork, to success."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.asl.load import definition_from, load_definition
from sfdebug.debugger import Debugger
from sfdebug.debugger.decisive_data.contrast import contrast
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.engine import ExecutionStatus, Settings
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.history.reading.read import read_recording, read_recordings
from sfdebug.history.recording import Recording
from sfdebug.reports.result import LogWriter
from sfdebug.simulation import simulate
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.recordings.compare import CompareScreen
from sfdebug.tui.recordings.durations import DurationsScreen
from sfdebug.tui.recordings.find_dialog import FindDialog
from sfdebug.tui.recordings.live import Follower
from sfdebug.tui.recordings.summary_dialog import SummaryDialog
from sfdebug.tui.screens.debug import DebugScreen
from tests.command_line import ROOT, sfdebug
from tests.debugger_runs import machine, passing, task
from tests.history_runs import recording
from tests.mutations import recording_of
from tests.mutations_of_failures import STORIES
from tests.tui_runs import LARGE, MEDIUM, SMALL, Session, opened

SAMPLE = ROOT / "samples" / "recorded-order"
EACH = machine(
    All={
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": machine(Work=task("Note"), Note=passing()),
        "End": True,
    }
)


def third_fails(request: TaskRequest) -> Any:
    return TaskFailure("Bad", "three") if request.input == 3 else TaskResult(request.input)


def sample(definition: bool = True) -> Debugger:
    found = read_recording(SAMPLE / "history.json")
    return Debugger.on_recording(
        open_recording(found, load_definition(SAMPLE / "definition.asl.json") if definition else None)
    )


@asynccontextmanager
async def on_call(debugger: Debugger, size: tuple[int, int] = MEDIUM, **more: Any) -> AsyncIterator[Session]:
    """The screen on a recording, with its summary closed."""
    async with opened(debugger, size=size, title="A-1044", **more) as session:
        await session.pilot.pause()
        assert isinstance(session.app.screen, SummaryDialog)
        await session.press("escape")
        yield session


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_it_opens_with_a_summary_and_enter_goes_to_the_failure(size: tuple[int, int]) -> None:
    async with opened(sample(), size=size) as session:
        await session.pilot.pause()
        text = session.text
        assert "FAILED after 2 min 12 s, 40 events, 6 state visits" in text
        assert "Ship order, attempt 3, event 39" in text
        assert "the address has no postalCode" in text
        await session.press("enter")
        assert session.state == "Ship order"
        assert session.screen.view.attempt == 3


async def test_what_has_no_event_of_its_own_is_gone_to_as_well() -> None:
    story = STORIES["stopped"]
    run = open_recording(recording_of(story), definition_from(story.definition))
    async with opened(Debugger.on_recording(run), size=SMALL) as session:
        await session.pilot.pause()
        assert "Read in Both #0, Each #1" in session.text
        assert "every recorded value is computed alike" in session.text
        await session.press("enter")
        assert session.state == "Read"
        assert session.screen.view.branch == (("Both", 0), ("Each", 1))


async def test_one_key_to_the_failure_and_its_data() -> None:
    async with on_call(sample(), LARGE) as session:
        await session.press("exclamation_mark")
        assert session.state == "Ship order"
        await session.press("2", "k", "k", "k", "k", "k")
        text = session.text
        assert "✓= Parameters" in text
        assert "✗r Task" in text
        assert "computed, as recorded" in text
        assert '"postalCode"' not in text


async def test_a_fork_with_mended_data_runs_to_success() -> None:
    async with on_call(sample()) as session:
        before = [event.as_dict() for event in session.screen.view.events]
        await session.press("exclamation_mark", "N", "e")
        assert "Input of Ship order" in session.text
        data = session.screen.view.input
        assert isinstance(data, dict)
        data = json.loads(json.dumps(data))
        data["customer"]["address"]["postalCode"] = "5003"
        from sfdebug.tui.json.editor import JsonEditor

        session.app.screen.query_one(JsonEditor).set_text(json.dumps(data))
        await session.press("ctrl+s")
        assert session.screen.view.mode == "fork of a recording"
        assert "fork 1" in session.message
        await session.press("c")
        await session.until_idle()
        assert "Ship order" in session.text, "its recorded failure was that of another call: it asks"
        session.debugger.answer_task(TaskResult({"Payload": {"trackingNumber": "N-1"}}))
        session.debugger.run()
        session.debugger.answer_task(TaskResult({}))
        session.debugger.run()
        assert session.debugger.view().execution.status is ExecutionStatus.SUCCEEDED
        await session.press("escape", "X")
        assert "only on this fork" in session.text
        assert "Order shipped" in session.text
        await session.press("escape")
        session.debugger.switch_fork(0)
        assert [event.as_dict() for event in session.debugger.view().events] == before


async def test_fork_here_says_what_it_is() -> None:
    async with on_call(sample()) as session:
        await session.press("n", "F")
        assert "a simulation from here on" in session.message
        assert "fork 1 of a recording" in session.text
        await session.press("F")
        assert "fork 1 already" in session.message


async def test_durations_show_retries_and_jump() -> None:
    async with on_call(sample()) as session:
        await session.press("D")
        assert isinstance(session.app.screen, DurationsScreen)
        assert "Durations: 6 state visits in 2 min 12 s" in session.text
        assert "2 min 02 s ×3" in session.text
        await session.press("slash", *"failed", "enter")
        assert "Tell: paid" not in session.text
        await session.press("enter")
        assert session.state == "Ship order"


async def test_what_is_found_and_what_bars_mean_can_be_read_in_80_columns() -> None:
    async with on_call(sample(), size=SMALL) as session:
        await session.press("ctrl+f", *"postal")
        assert "has no postal" in session.text
        await session.press("escape", "D")
        assert "─ in it" in session.text


async def test_durations_longest_first() -> None:
    async with on_call(sample()) as session:
        await session.press("D", "s", "enter")
        assert session.state == "Ship order"


async def test_find_in_all_data() -> None:
    async with on_call(sample()) as session:
        await session.press("ctrl+f", *"mill", "space", *"lane")
        assert isinstance(session.app.screen, FindDialog)
        assert "12 Mill Lane" in session.text
        await session.press("down", "enter")
        assert session.app.screen_stack == [session.screen]
        assert session.screen.view.event_index > 1
        await session.press("ctrl+f", *"postalcode")
        assert "1 place" in session.text, "one cause, which fails three attempts and the execution"


async def test_events_are_filtered_by_what_stands_in_them() -> None:
    async with on_call(sample()) as session:
        await session.press("4", "slash", *"TaskFailed", "space", *"Ship", "enter")
        assert session.text.count("TaskFailed   ") == 3


async def test_iterations_failed_first() -> None:
    found = recording(EACH, {"items": [1, 2, 3, 4]}, third_fails)
    debugger = Debugger.on_recording(open_recording(found, definition_from(EACH)))
    async with on_call(debugger) as session:
        await session.press("n", "s", "v")
        lines = [line for line in session.text.splitlines() if "iteration " in line and "│" in line]
        assert "iteration #2" in next(line for line in lines if "failed in Work: Bad" in line)
        assert "4 ran, 1 failed" in session.text
        await session.press("enter")
        assert session.screen.view.branch == (("All", 2),)


async def test_differences_are_marked_listed_and_explained(tmp_path: Path) -> None:
    text = (SAMPLE / "definition.asl.json").read_text(encoding="utf-8")
    changed = tmp_path / "changed.asl.json"
    changed.write_text(text.replace('"chargeId.$": "$.Payload.chargeId"', '"charge.$": "$.Payload.chargeId"'))
    found = read_recording(SAMPLE / "history.json")
    debugger = Debugger.on_recording(open_recording(found, load_definition(changed)))
    async with opened(debugger, size=LARGE) as session:
        await session.pilot.pause()
        assert "X lists them" in session.text
        await session.press("X")
        assert "Charge card output" in session.text
        await session.press("enter")
        assert session.state == "Charge card"
        assert "✓≠ Output" in session.text
        assert "the recorded value of $.payment.chargeId" in session.text
        whole = "event 17, output of Charge card: the recorded value of $.payment.chargeId stands at $.payment.charge: "
        assert session.screen.notice.message.startswith(whole)


async def test_another_definition_opens_over_it_and_q_goes_back(tmp_path: Path) -> None:
    text = (SAMPLE / "definition.asl.json").read_text(encoding="utf-8")
    (tmp_path / "edited.asl.json").write_text(text.replace('"MaxAttempts": 2', '"MaxAttempts": 5'))
    async with on_call(sample()) as session:
        await session.press("exclamation_mark", "E")
        from textual.widgets import Input

        session.app.screen.query_one(Input).value = str(tmp_path / "missing.json")
        await session.press("enter")
        assert "there is no file" in session.text
        session.app.screen.query_one(Input).value = str(tmp_path / "edited.asl.json")
        await session.press("enter")
        await session.pilot.pause()
        screen = session.app.screen
        assert isinstance(screen, DebugScreen)
        assert screen is not session.screen
        assert "leaves the recording at event 40" in screen.notice.message
        assert screen.view.state is not None
        assert screen.view.state.name == "Ship order"
        await session.press("q")
        assert session.app.screen is session.screen


async def test_without_a_definition_it_says_so() -> None:
    async with opened(sample(definition=False), size=MEDIUM) as session:
        await session.pilot.pause()
        assert "there is no definition, only what was recorded" in session.text
        await session.press("enter")
        assert session.state == "Ship order"
        await session.press("F")
        assert "there is no definition" in session.message


@pytest.mark.parametrize("key", ["X", "E", "F"])
async def test_in_a_simulation_these_keys_say_why_not(key: str) -> None:
    async with opened(machine(A=passing()), {}) as session:
        await session.press(key)
        assert "simulation" in session.message


# Live


class Growing:
    """A running execution of which more and more becomes known."""

    def __init__(self, found: Recording, counts: Iterable[int]) -> None:
        self.found = found
        self.counts = counts

    def recordings(self) -> Iterable[Recording]:
        for count in self.counts:
            yield replace(self.found, events=self.found.events[:count])

    def cancel(self) -> None:
        pass


async def test_a_running_execution_moves_on_the_screen() -> None:
    found, definition = read_recording(SAMPLE / "history.json"), load_definition(SAMPLE / "definition.asl.json")
    part = replace(found, events=found.events[:9])
    debugger = Debugger.on_recording(open_recording(part, definition, is_live=True))
    debugger.goto_event(9)
    follower = Follower(Growing(found, (12, 20, 33, 40)), definition)
    app = SfdebugApp(None, home=lambda: DebugScreen(debugger, "live", follower=follower))
    async with app.run_test(size=MEDIUM) as pilot:
        for _ in range(6_000):
            await pilot.pause(0.005)
            if follower.is_over:
                break
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, DebugScreen)
        assert screen.view.is_finished, "it stood at the end, and moved along"
        assert len(screen.view.events) == 40
        assert screen.notice.message.startswith("FAILED")


# The command line


def test_replay_needs_a_terminal_but_reads_first(tmp_path: Path) -> None:
    outcome = sfdebug("replay", str(SAMPLE / "history.json"))
    assert outcome.code == 2
    assert "needs a terminal" in outcome.err
    (tmp_path / "empty.json").write_text("{}")
    assert "no history event" in sfdebug("replay", str(tmp_path / "empty.json")).err
    assert "cannot be read" in sfdebug("replay", str(tmp_path / "nothing.json")).err
    assert "is not an ARN" in sfdebug("replay", "arn:aws:nothing").err
    assert "--browse" in sfdebug("replay", "history.json", "--browse").err
    assert "sfdebug replay --machine Orders" in sfdebug("replay", "Orders").err
    assert "sfdebug executions --machine Orders" in sfdebug("replay", "--machine", "Orders").err


def test_a_damaged_history_says_what_is_wrong_and_shows_the_rest(tmp_path: Path) -> None:
    text = (SAMPLE / "history.json").read_text(encoding="utf-8")
    path = tmp_path / "cut.json"
    path.write_text(text[: len(text) * 2 // 3])
    outcome = sfdebug("replay", str(path), str(SAMPLE / "definition.asl.json"))
    assert "cut.json" in outcome.err.splitlines()[0]
    assert "needs a terminal" in outcome.err, "it would have been opened"
    run = open_recording(read_recording(path), load_definition(SAMPLE / "definition.asl.json"))
    debugger = Debugger.on_recording(run)
    debugger.run()
    assert debugger.view().event_index == len(run.recording.events) > 20


def test_the_sample_is_the_order_sample_and_verifies() -> None:
    assert load_definition(SAMPLE / "definition.asl.json").scope.states.keys() == (
        load_definition(ROOT / "samples" / "order" / "order.asl.json").scope.states.keys()
    )
    outcome = sfdebug("verify", str(SAMPLE / "definition.asl.json"), str(SAMPLE / "history.json"))
    assert outcome.code == 0
    assert "1 of 1 identical" in outcome.out + outcome.err


# Two recordings


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_two_recordings_side_by_side(size: tuple[int, int]) -> None:
    left = recording(EACH, {"items": [1, 2]}, third_fails)
    right = recording(EACH, {"items": [1, 3]}, third_fails)
    definition = definition_from(EACH)
    found = contrast(open_recording(left, definition), open_recording(right, definition))
    app = SfdebugApp(None, home=lambda: CompareScreen(found))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()

        def text() -> str:
            return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())

        assert "(SUCCEEDED)" in text()
        assert "(FAILED)" in text()
        flat = " ".join(text().split())
        assert "Work in All #1 failed in B with Bad (three); in A it succeeded" in flat
        assert "A 2, B 3, from the input at /items/1" in flat
        assert "Work in All #1, error" in flat, "the cursor stands where they part"
        await pilot.press("i")
        await pilot.pause()
        assert "where the inputs differ" in text()
        assert "/items/1: A 2, B 3" in text()
        await pilot.press("n")
        await pilot.pause()
        assert "not entered" in text(), "Note ran in one of them only"
        await pilot.press("N", "f")
        await pilot.pause()
        assert "Work in All #1, error" in " ".join(text().split())
        await pilot.press("question_mark")
        await pilot.pause()
        assert "Two executions compared" in text()
        await pilot.press("escape", "q")


def test_side_by_side_needs_a_terminal() -> None:
    history = str(SAMPLE / "history.json")
    assert "needs a terminal" in sfdebug("diff", history, history, "--screen").err


def test_express_logs_of_several_executions(tmp_path: Path) -> None:
    definition = machine(A=passing("B", Result=1), B=passing())
    path, asl = tmp_path / "log.jsonl", tmp_path / "express.asl.json"
    asl.write_text(json.dumps(definition))
    with path.open("w") as stream:
        for name in ("one", "two"):
            settings = Settings(name=name, execution_type="EXPRESS")
            LogWriter(stream).write(simulate(definition, {"n": name}, settings=settings))
    refused = sfdebug("replay", str(path), str(asl))
    assert "the file holds 2 executions" in refused.err
    labels = [found.label for found in read_recordings(path)]
    assert "needs a terminal" in sfdebug("replay", str(path), str(asl), "--execution", labels[1]).err
    assert "there is no execution" in sfdebug("replay", str(path), "--execution", "three").err
    run = open_recording(read_recordings(path)[1], load_definition(asl))
    assert run.replay is not None
    debugger = Debugger.on_recording(run)
    debugger.run()
    assert debugger.view().execution.output == 1
