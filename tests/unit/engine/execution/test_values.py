"""The engine's small values: logs, events, entropy, resources, payload sizes, the plan of a visit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.events import Event, details_key, timestamp, utc_text
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.settings import SeededEntropy
from sfdebug.engine.execution.visit import VisitStatus
from sfdebug.engine.faults import StateError
from sfdebug.engine.payload import check_size
from sfdebug.engine.plan import planned_stages
from sfdebug.engine.resources import Family, IntegrationPattern, parse_resource
from sfdebug.values import same
from tests.engine_runs import one, run, visit


def test_a_log_that_is_appended_to_twice_gives_two_logs() -> None:
    first = Log([1, 2])
    left, right = first.append(3), first.append(4, 5)
    assert (list(first), list(left), list(right)) == ([1, 2], [1, 2, 3], [1, 2, 4, 5])
    assert left.append(6)[-1] == 6
    assert list(left) == [1, 2, 3]
    assert right[1:] == [2, 4, 5]
    with pytest.raises(IndexError):
        first[2]


def test_events_have_the_shape_of_the_api() -> None:
    event = Event(3, 2, "PassStateExited", 50, (), "A", {"name": "A", "output": {"é": 1}})
    assert event.as_dict() == {
        "timestamp": "1970-01-01T00:00:00.050+00:00",
        "type": "PassStateExited",
        "id": 3,
        "previousEventId": 2,
        "stateExitedEventDetails": {"name": "A", "output": '{"é":1}'},
    }
    assert "lambdaFunctionStartedEventDetails" not in Event(4, 3, "LambdaFunctionStarted", 0, (), "A", {}).as_dict()


@pytest.mark.parametrize(
    ("event_type", "key"),
    [
        ("TaskStateEntered", "stateEnteredEventDetails"),
        ("MapStateExited", "stateExitedEventDetails"),
        ("MapIterationStarted", "mapIterationStartedEventDetails"),
        ("ParallelStateFailed", None),
    ],
)
def test_details_keys(event_type: str, key: str | None) -> None:
    assert details_key(event_type) == key


def test_times() -> None:
    assert timestamp(1_735_689_600_050) == "2025-01-01T00:00:00.050+00:00"
    assert utc_text(1_735_689_600_000) == "2025-01-01T00:00:00.000Z"


def test_entropy_depends_on_the_seed_and_the_count_alone() -> None:
    left, right = SeededEntropy(5, 0), SeededEntropy(5, 0)
    drawn = [left.uniform(), left.uniform()]
    assert [right.uniform(), right.uniform()] == drawn
    assert SeededEntropy(5, 1).uniform() == drawn[1] != drawn[0]
    assert SeededEntropy(5, 0).uuid() != SeededEntropy(6, 0).uuid()
    assert SeededEntropy(5, 0).uuid()[14] == "4"


PLAIN, SYNC, CALLBACK = IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.SYNC, IntegrationPattern.CALLBACK
SERVICE = Family.SERVICE


@pytest.mark.parametrize(
    ("arn", "family", "type_", "action", "pattern"),
    [
        ("arn:aws:lambda:eu-west-1:1:function:f", Family.LAMBDA, "", "", PLAIN),
        ("${FunctionArn}", Family.LAMBDA, "", "", PLAIN),
        ("arn:aws:states:eu-west-1:1:activity:a", Family.ACTIVITY, "", "", PLAIN),
        ("arn:aws:states:::lambda:invoke", SERVICE, "lambda", "invoke", PLAIN),
        ("arn:aws:states:::aws-sdk:s3:listObjects", SERVICE, "aws-sdk:s3", "listObjects", PLAIN),
        ("arn:aws:states:::states:startExecution.sync:2", SERVICE, "states", "startExecution.sync:2", SYNC),
        ("arn:aws-cn:states:::sqs:send.waitForTaskToken", SERVICE, "sqs", "send.waitForTaskToken", CALLBACK),
    ],
)
def test_resources(arn: str, family: Family, type_: str, action: str, pattern: IntegrationPattern) -> None:
    resource = parse_resource(arn)
    assert (resource.family, resource.type, resource.action, resource.pattern) == (family, type_, action, pattern)


@pytest.mark.parametrize("value", ["é" * 131_071, ["x" * 10] * 20_000, {"k": "y" * 262_130}])
def test_sizes_are_counted_in_bytes_of_json(value: Any) -> None:
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
    check_size(value, size, "A")
    with pytest.raises(StateError):
        check_size(value, size - 1, "A")


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, True, False),
        (0, False, False),
        (1, 1.0, True),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, True),
        ({"a": [1]}, {"a": [True]}, False),
        ({}, [], False),
        (None, 0, False),
        ("1", 1, False),
    ],
)
def test_deep_equality(left: Any, right: Any, expected: bool) -> None:
    assert same(left, right) is expected
    assert same(right, left) is expected


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "InputPath": "$.a", "Parameters": {"x": 1}, "ResultPath": "$.y", "OutputPath": "$"},
        {"Type": "Pass", "Result": 1},
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"x": 1},
            "ResultSelector": {"y": 1},
        },
        {"Type": "Wait", "Seconds": 1, "OutputPath": "$.a"},
        {"Type": "Map", "ItemsPath": "$.l", "ItemSelector": {"x": 1}, "ItemProcessor": one({"Type": "Succeed"})},
        {"Type": "Parallel", "Branches": [one({"Type": "Succeed"})], "ResultPath": None},
    ],
)
def test_the_plan_is_what_a_visit_goes_through(state: dict[str, Any]) -> None:
    definition = one({**state, "End": True})
    if "Branches" in state:
        state["Branches"][0] = {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}
        definition = one({**state, "End": True})
    if "ItemProcessor" in state:
        definition["States"]["A"]["ItemProcessor"] = {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}
    ended = run(definition, {"a": {}, "l": [1]})
    seen = visit(ended, "A")
    assert seen.status is VisitStatus.SUCCEEDED
    plan = planned_stages(definition_from(definition).state(("A",)))
    assert [name for name, _ in plan] == [stage.name for stage in seen.stages]
