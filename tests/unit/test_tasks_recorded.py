"""RecordedTasks: the answers that a recorded history gives, and what it can say of a Map Run."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug import RecordedTasks, simulate
from sfdebug.engine.decisions import Provenance
from sfdebug.engine.visit import StageName
from sfdebug.errors import UnansweredTaskError
from sfdebug.values import Json, compact

TASK = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": True}
READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON"},
    "Parameters": {"Bucket": "b", "Key": "k"},
}


def _machine(**fields: Any) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Work",
        "States": {"Work": TASK},
    }
    return {"StartAt": "All", "States": {"All": {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}}}


def _history(output: Json) -> list[dict[str, Any]]:
    kinds: list[tuple[str, int, dict[str, Any]]] = [
        ("ExecutionStarted", 0, {"executionStartedEventDetails": {"input": "{}"}}),
        ("MapStateEntered", 0, {"stateEnteredEventDetails": {"name": "All", "input": "{}"}}),
        ("MapStateStarted", 2, {"mapStateStartedEventDetails": {"length": 0}}),
        ("MapRunStarted", 3, {"mapRunStartedEventDetails": {"mapRunArn": "arn"}}),
        ("MapRunSucceeded", 4, {}),
        ("MapStateSucceeded", 5, {}),
        ("MapStateExited", 5, {"stateExitedEventDetails": {"name": "All", "output": compact(output)}}),
        ("ExecutionSucceeded", 7, {"executionSucceededEventDetails": {"output": compact(output)}}),
    ]
    return [
        {"id": number, "previousEventId": previous, "type": kind, **details}
        for number, (kind, previous, details) in enumerate(kinds, 1)
    ]


@pytest.mark.parametrize(
    ("fields", "output", "result"),
    [
        ({}, [1, 2], [1, 2]),
        ({"ResultPath": "$.done"}, {"done": [3]}, [3]),
        ({"ResultPath": None}, {}, None),
        ({"QueryLanguage": "JSONata"}, [1], [1]),
        ({"QueryLanguage": "JSONata", "Output": {"n": 1}}, {"n": 1}, None),
    ],
)
def test_the_result_of_a_map_run_is_worked_out_from_its_states_output(
    fields: dict[str, Any], output: Json, result: Json
) -> None:
    arguments = (
        {"Arguments": READER["Parameters"]} if "QueryLanguage" in fields else {"Parameters": READER["Parameters"]}
    )
    reader = {key: value for key, value in READER.items() if key != "Parameters"} | arguments
    run = simulate(_machine(ItemReader=reader, **fields), tasks=RecordedTasks(_history(output)))
    assert run.output == output
    stage = next(stage for stage in run.visits[0].stages if stage.name is StageName.MAP_RUN)
    assert stage.after == result
    assert stage.provenance is Provenance.RECORDED
    assert [event.type for event in run.events] == [event["type"] for event in _history(output)]


def test_a_result_that_the_states_fields_hide_is_not_made_up() -> None:
    machine = _machine(ItemReader=READER, ResultSelector={"n.$": "$[0]"})
    with pytest.raises(UnansweredTaskError, match="All"):
        simulate(machine, tasks=RecordedTasks(_history({"n": 1})))


def test_a_failed_map_run_fails_with_the_recorded_error() -> None:
    history = _history([])[:4]
    failed = {"error": "States.ItemReaderFailed", "cause": "no such key"}
    history += [
        {"id": 5, "previousEventId": 4, "type": "MapRunFailed", "mapRunFailedEventDetails": failed},
        {"id": 6, "previousEventId": 5, "type": "MapStateFailed"},
        {"id": 7, "previousEventId": 6, "type": "ExecutionFailed", "executionFailedEventDetails": failed},
    ]
    run = simulate(_machine(ItemReader=READER), tasks=RecordedTasks(history))
    assert (run.error, run.cause) == ("States.ItemReaderFailed", "no such key")
    assert [event.type for event in run.events] == [event["type"] for event in history]


def test_child_executions_without_tasks_are_run_and_not_taken_on_trust() -> None:
    machine = _machine()
    machine["States"]["All"]["ItemProcessor"]["States"]["Work"] = {"Type": "Pass", "Result": "x", "End": True}
    run = simulate(machine, ["a"], tasks=RecordedTasks(_history(["recorded"])))
    assert run.output == ["x"]
    assert len(run.ended_children) == 1


def test_a_recorded_stop_stops_the_run_at_the_same_event() -> None:
    machine = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}}
    recorded = [event.as_dict() for event in simulate(machine).events][:2]
    stopped = {"error": "Enough", "cause": "by hand"}
    recorded.append(
        {"id": 3, "previousEventId": 0, "type": "ExecutionAborted"} | {"executionAbortedEventDetails": stopped}
    )
    run = simulate(machine, tasks=RecordedTasks(recorded))
    assert (str(run.status), run.error, run.cause) == ("ABORTED", "Enough", "by hand")
    assert [event.type for event in run.events] == ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]
