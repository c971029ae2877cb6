"""An event whole, what is told of a simulation as of a recording, and the meters of AWS's quotas."""

from __future__ import annotations

import json

import pytest

import sfdebug
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.simulated import as_recorded
from sfdebug.debugger.recorded.spans import spans
from sfdebug.engine import Settings
from sfdebug.engine.payload import size_from
from sfdebug.tasks.functions import FunctionTasks
from sfdebug.tui.dialogs.event_detail import EventDialog, event_values
from sfdebug.tui.panes.meters import event_meter, payload_meter
from tests.tui_runs import LARGE, MEDIUM, SMALL, opened

_MACHINE = {
    "StartAt": "Call",
    "States": {
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "f", "Payload.$": "$"},
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5}],
            "Next": "Rest",
        },
        "Rest": {"Type": "Wait", "Seconds": 90, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}


def _tasks() -> FunctionTasks:
    answers = iter([RuntimeError("first"), {"Payload": {"ok": True}}])

    def call(_: object) -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            return sfdebug.TaskFailure("Busy", "come back")
        return answer

    return FunctionTasks(by_resource={"arn:aws:states:::lambda:invoke": call})


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_enter_on_the_current_event_opens_it(size: tuple[int, int]) -> None:
    async with opened(_MACHINE, {"n": 1}, tasks=_tasks(), size=size) as session:
        await session.press("n", "4", "enter")
        dialog = session.app.screen
        assert isinstance(dialog, EventDialog)
        event = session.debugger.view().events[session.debugger.view().event_index - 1]
        assert f"Event {event.id}: {event.type}" in session.text
        assert "previousEventId" in session.text
        await session.press("escape", "k", "enter")  # another event: Enter goes there
        assert session.app.screen is session.screen
        assert session.debugger.view().event_index == event.id - 1


def test_an_event_is_shown_as_aws_gives_it_with_values_for_texts() -> None:
    execution = sfdebug.simulate(_MACHINE, {"n": [1, {"m": None}]}, tasks=_tasks())
    for event in execution.events:
        shown, written = event_values(event), event.as_dict()
        assert shown.keys() == written.keys()
        for name, value in written.items():
            if not isinstance(value, dict):
                assert shown[name] == value
                continue
            details = shown[name]
            assert isinstance(details, dict)
            for field, text in value.items():
                parsed = json.loads(str(text)) if field in ("input", "output", "parameters") else text
                assert details[field] == parsed


async def test_a_simulation_tells_its_durations_and_what_it_came_to() -> None:
    async with opened(_MACHINE, {"n": 1}, tasks=_tasks(), size=MEDIUM) as session:
        await session.press("A")
        assert "nothing has run yet" in session.message
        await session.press("c", "A")
        assert "SUCCEEDED after 1 min 35 s" in session.text
        assert "Call: 2 attempts" in session.text
        assert "its time is virtual" in session.text
        await session.press("escape", "D")
        assert "Durations: 3 state visits in 1 min 35 s" in session.text
        await session.press("k", "enter")
        assert session.debugger.view().events[session.debugger.view().event_index - 1].type == "WaitStateEntered"


def test_the_spans_of_a_simulation_are_those_of_its_visits() -> None:
    debugger = Debugger(_MACHINE, {"n": 1}, tasks=_tasks())
    debugger.run()
    found = spans(as_recorded(debugger.execution))
    assert [(span.visit.state, span.begin, span.end) for span in found] == [
        ("Call", 0, 5_000),
        ("Rest", 5_000, 95_000),
        ("Done", 95_000, 95_000),
    ]


@pytest.mark.parametrize(
    ("kib", "said"),
    [(10, ("", "")), (127, ("", "")), (130, ("130 of 256 KiB", "")), (230, ("230 of 256 KiB", "sf-waiting"))],
)
def test_a_large_payload_is_measured(kib: int, said: tuple[str, str]) -> None:
    value: sfdebug.Json = {"text": "x" * (kib * 1024 - len('{"text":""}'))}
    assert payload_meter(value) == said
    assert payload_meter({"text": "x" * 300 * 1024})[1] == "sf-failed"


@pytest.mark.parametrize("value", [None, 1, "é" * 100, [1, 2, {"a": "\x01" * 50}], {"€": ["\ud800"]}])
def test_the_size_is_that_of_the_text(value: sfdebug.Json) -> None:
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
    assert size_from(value, 0) == size
    assert size_from(value, size) == size
    assert size_from(value, size + 1) is None


def test_a_long_history_is_counted() -> None:
    rule = {"Variable": "$.n", "IsPresent": True, "Next": "B"}
    machine = {
        "StartAt": "A",
        "States": {"A": {"Type": "Choice", "Choices": [rule], "Default": "A"}, "B": {"Type": "Succeed"}},
    }
    debugger = Debugger(machine, {}, settings=Settings(max_history_events=20), most_steps=12)
    assert event_meter(debugger.view()) == ("", "")
    debugger.run()
    count = len(debugger.view().events)
    assert event_meter(debugger.view()) == (f"{count} of 20 events", "")
    debugger.run()
    debugger.run()
    assert event_meter(debugger.view()) == ("20 of 20 events", "sf-failed")
