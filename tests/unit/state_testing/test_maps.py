"""TestState of Maps: items, limits, tolerated failures, and the data of an ItemReader."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.state_testing.test_flow import RETRY, call, failing, inspected

PROCESSOR: dict[str, Any] = {"StartAt": "Inner", "States": {"Inner": {"Type": "Fail"}}}
DISTRIBUTED: dict[str, Any] = {**PROCESSOR, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
MAP: dict[str, Any] = {"Type": "Map", "ItemsPath": "$.all", "ItemProcessor": PROCESSOR, "End": True}
JSONATA_MAP: dict[str, Any] = {
    "Type": "Map",
    "QueryLanguage": "JSONata",
    "Items": "{% $states.input.all %}",
    "ItemProcessor": DISTRIBUTED,
    "End": True,
}
READING_MAP: dict[str, Any] = {
    "Type": "Map",
    "ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket.$": "$.bucket", "Key": "k"},
    },
    "ItemProcessor": DISTRIBUTED,
    "End": True,
}
INPUT = '{"all": [1, 2]}'
RESULT = {"result": '["a", "b"]'}


def test_a_map_of_either_mode_is_shown_alike() -> None:
    expected = {
        "input": {"all": [1, 2]},
        "afterInputPath": {"all": [1, 2]},
        "afterItemsPath": [1, 2],
        "afterResultSelector": ["a", "b"],
        "afterResultPath": ["a", "b"],
        "maxConcurrency": 0,
    }
    for processor in (PROCESSOR, DISTRIBUTED):
        response = call({**MAP, "ItemProcessor": processor}, input=INPUT, mock=RESULT)
        assert response == {"output": ["a", "b"], "inspectionData": expected, "status": "SUCCEEDED"}


def test_items_are_the_input_without_a_path() -> None:
    state = {name: value for name, value in MAP.items() if name != "ItemsPath"}
    assert inspected(state, input="[1]", mock=RESULT)["afterItemsPath"] == [1]


def test_the_fields_of_older_maps() -> None:
    state = {name: value for name, value in MAP.items() if name != "ItemProcessor"}
    state |= {"Iterator": PROCESSOR, "Parameters": {"n.$": "$$.Map.Item.Value"}}
    assert inspected(state, input=INPUT, mock=RESULT)["afterItemSelector"] == [{"n": 1}, {"n": 2}]


def test_item_selector_and_batcher() -> None:
    state = {
        **MAP,
        "ItemProcessor": DISTRIBUTED,
        "ItemSelector": {"n.$": "$$.Map.Item.Value"},
        "ItemBatcher": {"MaxItemsPerBatch": 2},
    }
    data = inspected(state, input=INPUT, mock=RESULT)
    assert data["afterItemsPath"] == [1, 2]
    assert data["afterItemSelector"] == [{"n": 1}, {"n": 2}]
    assert data["afterItemBatcher"] == [{"Items": [{"n": 1}, {"n": 2}]}]


def test_jsonata_shows_the_selected_items_only() -> None:
    assert inspected(JSONATA_MAP, input=INPUT, mock=RESULT) == {"input": {"all": [1, 2]}, "maxConcurrency": 0}
    state = {**JSONATA_MAP, "ItemSelector": "{% $states.context.Map.Item.Value * 10 %}"}
    assert inspected(state, input=INPUT, mock=RESULT)["afterItemSelector"] == [10, 20]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"MaxConcurrency": 3}, {"maxConcurrency": 3}),
        ({"MaxConcurrency": "{% $count($states.input.all) %}"}, {"maxConcurrency": 2}),
        ({"ToleratedFailureCount": 4}, {"maxConcurrency": 0, "toleratedFailureCount": 4}),
        ({"ToleratedFailurePercentage": "{% 12.5 %}"}, {"maxConcurrency": 0, "toleratedFailurePercentage": 12.5}),
    ],
)
def test_limits(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    data = inspected({**JSONATA_MAP, **fields}, input=INPUT, mock=RESULT)
    assert data == {"input": {"all": [1, 2]}, **expected}


def test_a_percentage_is_a_float() -> None:
    data = inspected({**JSONATA_MAP, "ToleratedFailurePercentage": 5}, input=INPUT, mock=RESULT)
    assert isinstance(data["toleratedFailurePercentage"], float)


@pytest.mark.parametrize(
    ("fields", "failed", "status"),
    [
        ({}, 2, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, None, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, 1, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, 2, "FAILED"),
        ({"ToleratedFailurePercentage": 50}, 1, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 49.9}, 1, "FAILED"),
        ({"ToleratedFailureCount": 5, "ToleratedFailurePercentage": 50}, 2, "FAILED"),
    ],
)
def test_tolerated_failures(fields: dict[str, Any], failed: int | None, status: str) -> None:
    configuration = {} if failed is None else {"mapIterationFailureCount": failed}
    state = {**MAP, "ItemProcessor": DISTRIBUTED, **fields}
    response = call(state, input=INPUT, mock=RESULT, stateConfiguration=configuration)
    assert response["status"] == status
    if status == "FAILED":
        assert response["error"] == "States.ExceedToleratedFailureThreshold"
        assert response["cause"] == "The specified tolerated failure threshold was exceeded"


def test_too_many_failures_are_retried_and_caught() -> None:
    threshold = ["States.ExceedToleratedFailureThreshold"]
    state = {**MAP, "ItemProcessor": DISTRIBUTED, "ToleratedFailureCount": 0}
    given: dict[str, Any] = {"input": INPUT, "mock": RESULT, "stateConfiguration": {"mapIterationFailureCount": 1}}
    assert call({**state, "Retry": [{**RETRY, "ErrorEquals": threshold}]}, **given)["status"] == "RETRIABLE"
    caught = call({**state, "Catch": [{"ErrorEquals": threshold, "Next": "Fix"}]}, **given)
    assert caught["status"] == "CAUGHT_ERROR"
    assert caught["nextState"] == "Fix"


def test_a_mocked_error_goes_before_the_threshold() -> None:
    state = {**MAP, "ItemProcessor": DISTRIBUTED, "ToleratedFailureCount": 0}
    configuration = {"mapIterationFailureCount": 1, "errorCausedByState": "Inner"}
    response = call(state, input=INPUT, mock=failing(), stateConfiguration=configuration)
    assert response["error"] == "Broken"
    assert set(response["inspectionData"]) == {
        "input",
        "afterInputPath",
        "afterItemsPath",
        "maxConcurrency",
        "toleratedFailureCount",
    }


def test_items_that_are_no_array() -> None:
    response = call({**MAP, "ItemsPath": "$$.Execution.Input"}, input='{"all": 1}', mock=RESULT)
    assert response == {
        "error": "States.Runtime",
        "cause": 'Reference path "$.Execution.Input" must point to array.',
        "inspectionData": {"input": {"all": 1}, "afterInputPath": {"all": 1}},
        "status": "FAILED",
    }


def test_an_item_selector_that_fails() -> None:
    state = {**MAP, "ItemSelector": {"n.$": "$.no"}}
    response = call(state, input=INPUT, mock=RESULT)
    assert response["status"] == "FAILED"
    assert "'$.no'" in response["cause"]


# ItemReader


def test_a_reader_without_data() -> None:
    assert inspected(READING_MAP, input='{"bucket": "b"}', mock=RESULT) == {
        "input": {"bucket": "b"},
        "afterInputPath": {"bucket": "b"},
        "afterResultSelector": ["a", "b"],
        "afterResultPath": ["a", "b"],
        "maxConcurrency": 0,
    }


def test_the_data_of_a_reader_becomes_items() -> None:
    state = {**READING_MAP, "ItemSelector": {"n.$": "$$.Map.Item.Value"}, "ToleratedFailurePercentage": 50}
    configuration = {"mapItemReaderData": "[1, 2]", "mapIterationFailureCount": 1}
    response = call(state, input='{"bucket": "b"}', mock=RESULT, stateConfiguration=configuration)
    assert response["status"] == "SUCCEEDED"
    assert response["inspectionData"]["afterItemSelector"] == [{"n": 1}, {"n": 2}]
    configuration["mapIterationFailureCount"] = 2
    assert call(state, input='{"bucket": "b"}', mock=RESULT, stateConfiguration=configuration)["status"] == "FAILED"


def test_data_that_cannot_be_read() -> None:
    configuration = {"mapItemReaderData": "no JSON"}
    response = call(READING_MAP, input='{"bucket": "b"}', mock=RESULT, stateConfiguration=configuration)
    assert response["error"] == "States.ItemReaderFailed"


def test_a_pointer_into_the_data() -> None:
    reader = {**READING_MAP["ItemReader"], "ReaderConfig": {"InputType": "JSON", "ItemsPointer": "/deep/list"}}
    configuration = {"mapItemReaderData": '{"deep": {"list": [1, 2]}}'}
    state = {**READING_MAP, "ItemReader": reader}
    data = inspected(state, input='{"bucket": "b"}', mock=RESULT, stateConfiguration=configuration)
    assert data["afterItemsPointer"] == [1, 2]
