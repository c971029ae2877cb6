"""Mutations of machines that fail, try again, and time out inside one another."""

from __future__ import annotations

from typing import Any, Final

from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from tests.mutations import IDENTICAL, Row, Story, invoke, work

ITEMS: Final[dict[str, Any]] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "MaxConcurrency": 2,
            "ItemProcessor": {
                "StartAt": "Work",
                "States": {
                    "Work": {
                        **invoke("x", End=True),
                        "Parameters": {"FunctionName": "f", "Payload.$": "$"},
                        "Retry": [{"ErrorEquals": ["Soft"], "IntervalSeconds": 30}],
                    }
                },
            },
            "Retry": [{"ErrorEquals": ["Bad"], "MaxAttempts": 1, "IntervalSeconds": 7}],
            "End": True,
        }
    },
}

NESTED: Final[dict[str, Any]] = {
    "StartAt": "Outer",
    "States": {
        "Outer": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Inner",
                    "States": {
                        "Inner": {
                            "Type": "Parallel",
                            "Branches": [
                                {"StartAt": "Bad", "States": {"Bad": invoke({"n": 1}, End=True)}},
                                {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100, "End": True}}},
                            ],
                            "End": True,
                        }
                    },
                },
                {"StartAt": "V", "States": {"V": {"Type": "Wait", "Seconds": 50, "End": True}}},
            ],
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "IntervalSeconds": 5, "BackoffRate": 2}],
            "End": True,
        }
    },
}

BEATS: Final[dict[str, Any]] = {
    "StartAt": "Press",
    "States": {
        "Press": {
            "Type": "Task",
            "Resource": "arn:aws:states:us-east-1:123456789012:activity:press",
            "TimeoutSeconds": 60,
            "HeartbeatSeconds": 10,
            "Catch": [
                {"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Silent"},
                {"ErrorEquals": ["States.Timeout"], "Next": "Late"},
            ],
            "End": True,
        },
        "Silent": {"Type": "Pass", "End": True},
        "Late": {"Type": "Pass", "End": True},
    },
}

EXPIRED: Final[dict[str, Any]] = {
    "TimeoutSeconds": 30,
    "StartAt": "Nap",
    "States": {"Nap": {"Type": "Wait", "Seconds": 100, "End": True}},
}

LOOP: Final[dict[str, Any]] = {
    "StartAt": "Begin",
    "States": {
        "Begin": {"Type": "Pass", "Assign": {"i": 0}, "Next": "More?"},
        "More?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$i", "NumericLessThan": 6, "Next": "Again"}],
            "Default": "Done",
        },
        "Again": {"Type": "Pass", "Assign": {"i.$": "States.MathAdd($i, 2)"}, "Next": "More?"},
        "Done": {"Type": "Succeed"},
    },
}

STOPPED: Final[dict[str, Any]] = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Each",
                    "States": {
                        "Each": {
                            "Type": "Map",
                            "ItemsPath": "$.items",
                            "ItemProcessor": {
                                "StartAt": "Read",
                                "States": {
                                    "Read": {"Type": "Pass", "Parameters": {"id.$": "$.order.id"}, "End": True},
                                },
                            },
                            "End": True,
                        },
                    },
                },
                {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}},
            ],
            "End": True,
        },
    },
}
"""A path that is not there, deep inside: States.Runtime ends the whole execution at once."""


def items_work(request: TaskRequest) -> Answer:
    """The second item fails after three seconds, the others take eight."""
    payload = request.input["Payload"] if isinstance(request.input, dict) else None
    if payload == 2:
        return TaskFailure("Bad", "no", after_seconds=3)
    return TaskResult({"Payload": 1}, after_seconds=8)


def beating(seconds: int, error: str) -> Any:
    """A worker that beats until then."""
    return lambda request: TaskFailure(error, None, after_seconds=seconds)


STORIES: Final[dict[str, Story]] = {
    "items": Story(ITEMS, {"items": [1, 2, 3, 4]}, items_work),
    "nested": Story(NESTED, {}, work),
    "beats": Story(BEATS, {}, beating(60, "States.Timeout")),
    "silent": Story(BEATS, {}, beating(35, "States.HeartbeatTimeout")),
    "expired": Story(EXPIRED),
    "loop": Story(LOOP),
    "stopped": Story(STOPPED, {"items": [{"order": {"id": 1}}, {"order": {}}]}),
}

_WORK = "Each/ItemProcessor/States/Work"
_INNER = "Outer/Branches/0/States/Inner"
_READ = "Both/Branches/0/States/Each/ItemProcessor/States/Read"

ROWS: Final = (
    Row("items", "as it was", {}, IDENTICAL),
    Row(
        "items",
        "a longer delay of the Map",
        {"Each/Retry/0/IntervalSeconds": 17},
        "MapStateStarted Each timestamps",
        "the delay of 'Each' ended",
    ),
    Row(
        "items",
        "a shorter delay of the Map",
        {"Each/Retry/0/IntervalSeconds": 2},
        "MapStateStarted Each timestamps",
        "the delay of 'Each' ended",
    ),
    Row(
        "items",
        "another error",
        {"Each/Retry/0/ErrorEquals": ["Good"]},
        "MapStateStarted Each type",
        "'Each' fails with Bad: no",
    ),
    Row("items", "a Retrier of the item", {f"{_WORK}/Retry/0/ErrorEquals": ["Bad"]}, "MapIterationFailed Each type"),
    Row(
        "items",
        "a Catcher of the Map",
        {"Each/Catch": [{"ErrorEquals": ["Bad"], "Next": "Each"}]},
        "ExecutionFailed  type",
        "Catcher 1",
    ),
    Row("items", "more side by side", {"Each/MaxConcurrency": 3}, "MapIterationFailed Work timestamps"),
    Row("items", "another delay of the item, never used", {f"{_WORK}/Retry/0/IntervalSeconds": 3}, IDENTICAL),
    Row("items", "a Catcher never used", {"Each/Catch": [{"ErrorEquals": ["Good"], "Next": "Each"}]}, IDENTICAL),
    Row("nested", "as it was", {}, IDENTICAL),
    Row(
        "nested",
        "a second more",
        {"Outer/Retry/0/IntervalSeconds": 6},
        "ParallelStateStarted Outer timestamps",
        "the delay of 'Outer' ended",
    ),
    Row(
        "nested",
        "another backoff",
        {"Outer/Retry/0/BackoffRate": 4},
        "ParallelStateStarted Outer timestamps",
        "the delay of 'Outer' ended",
    ),
    Row(
        "nested",
        "the inner one is tried again",
        {f"{_INNER}/Retry": [{"ErrorEquals": ["States.ALL"]}]},
        "ParallelStateFailed Inner type",
    ),
    Row("nested", "a wait that would end while it waits", {"Outer/Branches/1/States/V/Seconds": 4}, IDENTICAL),
    Row("nested", "longer waits beside it", {f"{_INNER}/Branches/1/States/W/Seconds": 300}, IDENTICAL),
    Row("beats", "as it was", {}, IDENTICAL),
    Row(
        "beats",
        "the first Catcher takes all",
        {"Press/Catch/0/ErrorEquals": ["States.Timeout"]},
        "PassStateEntered Late type",
    ),
    Row("beats", "silence goes elsewhere", {"Press/Catch/0/Next": "Late"}, IDENTICAL),
    Row("beats", "it is caught elsewhere", {"Press/Catch/1/Next": "Silent"}, "PassStateEntered Late type"),
    Row("silent", "as it was", {}, IDENTICAL),
    Row("silent", "it is caught elsewhere", {"Press/Catch/0/Next": "Late"}, "PassStateEntered Silent type"),
    Row("silent", "lateness goes elsewhere", {"Press/Catch/1/Next": "Silent"}, IDENTICAL),
    Row("expired", "as it was", {}, IDENTICAL),
    Row(
        "expired",
        "a second more",
        {"/TimeoutSeconds": 31},
        "ExecutionTimedOut Nap timestamps",
        "the execution timed out 0.994 s earlier",
    ),
    Row(
        "expired",
        "three seconds less",
        {"/TimeoutSeconds": 27},
        "ExecutionTimedOut Nap timestamps",
        "the execution timed out",
    ),
    Row(
        "expired",
        "a shorter nap",
        {"Nap/Seconds": 20},
        "ExecutionTimedOut Nap timestamps",
        "the wait of 'Nap' would have ended 10",
    ),
    Row("expired", "a longer nap", {"Nap/Seconds": 200}, IDENTICAL),
    Row("stopped", "as it was", {}, IDENTICAL),
    Row("stopped", "another path that is not there", {f"{_READ}/Parameters/id.$": "$.id"}, "PassStateExited Read type"),
    Row("stopped", "nothing stops it", {f"{_READ}/Parameters": {"id": 7}}, "PassStateExited Read output/id"),
    Row(
        "stopped",
        "a Catcher that cannot take it",
        {"Both/Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Both"}]},
        IDENTICAL,
    ),
    Row("stopped", "a longer wait, cut short as well", {"Both/Branches/1/States/W/Seconds": 90}, IDENTICAL),
    Row(
        "stopped",
        "the whole item, where its part was chosen",
        {f"{_READ}/Parameters": {"id.$": "$"}},
        "PassStateExited Read output/id",
        words="Parameters as defined is",
    ),
    Row("loop", "as it was", {}, IDENTICAL),
    Row(
        "loop",
        "one round more",
        {"More?/Choices/0/NumericLessThan": 7},
        "SucceedStateEntered Done type",
        "rule 1 of 'More?' matches: 6 < 7",
    ),
    Row("loop", "as many rounds by another limit", {"More?/Choices/0/NumericLessThan": 5}, IDENTICAL),
    Row(
        "loop",
        "other steps",
        {"Again/Assign/i.$": "States.MathAdd($i, 3)"},
        "PassStateExited Again assignedVariables/i",
        "Assign as defined",
    ),
)
