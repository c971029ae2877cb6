"""The Context object that a request of TestState gives: which fields AWS takes, of which types, for which states."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug import test_state
from tests.unit.state_testing.test_requests import TASK, refusal

WAITING = {**TASK, "Resource": f"{TASK['Resource']}.waitForTaskToken"}
JOB = {
    "Type": "Task",
    "Resource": "arn:aws:states:::glue:startJobRun.sync",
    "Parameters": {"JobName": "j"},
    "End": True,
}
MAP = {
    "Type": "Map",
    "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}},
    "End": True,
}
NO_TASK = (
    "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service "
    "integration pattern"
)
MOCK = {"errorOutput": {"error": "E"}}


@pytest.mark.parametrize(
    ("state", "context", "reason"),
    [
        # Recorded: these four kinds.
        (TASK, {"Execution": {"Name": 1}}, "Execution.Name must be a string"),
        (TASK, {"Map": {"Item": {"Index": 0}}}, "'Map' field is not supported when mocking a Context object"),
        (TASK, {"State": {"Kind": "Task"}}, "Field 'Kind' is not allowed"),
        (TASK, {"Execution": {}, "Region": "us-east-1"}, "Field 'Region' is not allowed"),
        (TASK, {"Task": {"Token": "t"}}, NO_TASK),
        (MAP, {"Task": {"Token": "t"}}, NO_TASK),
        (WAITING, {"Task": {"Token": 7}}, "Task.Token must be a string"),
        (TASK, {"StateMachine": {"Id": None}}, "StateMachine.Id must be a string"),
        (TASK, {"State": {"RetryCount": "1"}}, "State.RetryCount must be a number"),
        (TASK, {"State": {"RetryCount": True}}, "State.RetryCount must be a number"),
        (TASK, {"Execution": []}, "Execution must be an object"),
    ],
)
def test_what_no_context_object_has(state: dict[str, Any], context: dict[str, Any], reason: str) -> None:
    expected = ("ValidationException", f"Invalid Context object provided: {reason}")
    assert refusal(definition=state, input="[]", context=context, mock=MOCK) == expected


@pytest.mark.parametrize(
    ("state", "context"),
    [
        (TASK, {}),
        (TASK, {"Execution": {}, "State": {}, "StateMachine": {}}),
        (TASK, {"Execution": {"Input": [1], "StartTime": "2025-01-15T10:30:00Z"}, "State": {"RetryCount": 2}}),
        (WAITING, {"Task": {"Token": "t"}}),
        (JOB, {"Task": {"Token": "t"}}),
    ],
)
def test_what_a_context_object_may_have(state: dict[str, Any], context: dict[str, Any]) -> None:
    assert test_state(definition=state, context=context, mock=MOCK)["status"] == "FAILED"
