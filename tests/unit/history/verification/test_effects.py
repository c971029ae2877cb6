"""The same effects: states may be renamed, split and joined; calls, their order and the end may not change."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.history.verification.effects import verify_effects
from sfdebug.history.verification.verdict import VerificationStatus
from tests.history_runs import read_back, recorded

SAME, DIVERGES = VerificationStatus.SAME_EFFECTS, VerificationStatus.DIVERGES

INVOKE = "arn:aws:states:::lambda:invoke"
TRIP: dict[str, Any] = {
    "StartAt": "Shape",
    "States": {
        "Shape": {"Type": "Pass", "Parameters": {"n.$": "$.n"}, "Next": "Book"},
        "Book": {
            "Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "book", "Payload": {"n.$": "$.n"}},
            "ResultPath": "$.booked", "Next": "Both",
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1}],
        },
        "Both": {
            "Type": "Parallel", "ResultPath": None, "Next": "Tell",
            "Branches": [
                {"StartAt": "Car", "States": {"Car": {
                    "Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "car"}, "End": True}}},
                {"StartAt": "Room", "States": {"Room": {
                    "Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "room"}, "End": True}}},
            ],
        },
        "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
                 "Parameters": {"QueueUrl": "q", "MessageBody.$": "$.booked"}, "ResultPath": None, "End": True},
    },
}  # fmt: skip


def answers(request: TaskRequest) -> Answer:
    if request.state.name == "Book" and request.attempt == 1:
        return TaskFailure("Busy")
    return TaskResult({"from": str(request.input)[:40]}, after_seconds=2)


def renamed(value: Any) -> Any:
    """Every state under another name."""
    names = {name: f"{name} now" for name in ("Shape", "Book", "Both", "Car", "Room", "Tell")}
    if isinstance(value, dict):
        return {names.get(key, key): renamed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def test_states_may_have_other_names_and_there_may_be_more_of_them() -> None:
    recording = read_back(recorded(TRIP, {"n": 1}, answers))
    assert verify_effects(definition_from(TRIP), recording).status is SAME
    other = renamed(copy.deepcopy(TRIP))
    other["States"]["Nap"] = {"Type": "Wait", "Seconds": 7, "Next": "Tell now"}
    other["States"]["Both now"]["Next"] = "Nap"
    found = verify_effects(definition_from(other), recording)
    assert (found.status, found.calls, found.first) == (SAME, 5, None)


@pytest.mark.parametrize(
    ("path", "value", "event_type", "words"),
    [
        (("Book", "Parameters", "FunctionName"), "other", "TaskScheduled", ""),
        (("Book", "Retry"), [], "ExecutionSucceeded", ""),
        (("Shape", "Next"), "Both", "TaskScheduled", "it is called before"),
        (("Both", "Next"), "Done", "TaskScheduled", "does not call it"),
        (("Tell", "ResultPath"), "$.told", "ExecutionSucceeded", ""),
        (("Tell", "Resource"), "arn:aws:states:::sns:publish", "ExecutionSucceeded", "makes a call"),
    ],
)
def test_other_effects_are_differences(path: tuple[str, ...], value: Any, event_type: str, words: str) -> None:
    recording = read_back(recorded(TRIP, {"n": 1}, answers))
    other = copy.deepcopy(TRIP)
    other["States"]["Done"] = {"Type": "Succeed"}
    node = other["States"]
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    found = verify_effects(definition_from(other), recording)
    assert found.status is DIVERGES, found.reasons
    told = [one for one in found.differences if one.event_type == event_type]
    assert told or path[1] == "Retry"
    assert any(words in one.explanation for one in found.differences)


def test_what_is_not_recorded_any_more_is_no_difference() -> None:
    events = recorded(TRIP, {"n": 1}, answers)
    found = verify_effects(definition_from(TRIP), read_back(events[:-4]))
    assert found.status is VerificationStatus.PARTIAL
