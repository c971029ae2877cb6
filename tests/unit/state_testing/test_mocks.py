"""TestState's mocks: which states take one, and how a result is held against the API that would have given it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfdebug import test_state
from tests.unit.state_testing.test_requests import refusal

ROLE = "arn:aws:iam::123456789012:role/test"
BRANCH: dict[str, Any] = {"StartAt": "Inner", "States": {"Inner": {"Type": "Pass", "End": True}}}
PARALLEL: dict[str, Any] = {"Type": "Parallel", "Branches": [BRANCH], "End": True}
MAP: dict[str, Any] = {"Type": "Map", "ItemProcessor": BRANCH, "End": True}
WRITING_MAP: dict[str, Any] = {
    **MAP,
    "ItemProcessor": {**BRANCH, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}},
    "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}},
    "Label": "Writing",
}


ARGUMENTS: dict[str, dict[str, Any]] = {
    "aws-sdk:kms:encrypt": {"KeyId": "k", "Plaintext": "p"},
    "aws-sdk:lambda:getFunction": {"FunctionName": "f"},
    "aws-sdk:rds:createDBInstance": {"DbInstanceIdentifier": "i", "DbInstanceClass": "c", "Engine": "e"},
    "aws-sdk:s3:getObject": {"Bucket": "b", "Key": "k"},
    "aws-sdk:sfn:describeStateMachine": {"StateMachineArn": "arn"},
    "dynamodb:getItem": {"TableName": "t", "Key": {}},
    "ecs:runTask": {"TaskDefinition": "t"},
    "events:putEvents": {"Entries": []},
    "http:invoke": {"ApiEndpoint": "https://example.com", "Method": "GET"},
    "lambda:invoke": {"FunctionName": "f"},
    "sqs:sendMessage": {"QueueUrl": "q", "MessageBody": "m"},
    "states:startExecution": {"StateMachineArn": "arn"},
}
"""What each integration must be given."""


def task(resource: str) -> dict[str, Any]:
    arn = resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
    return {"Type": "Task", "Resource": arn, "Parameters": ARGUMENTS.get(resource.split(".")[0], {}), "End": True}


def mocked(resource: str, result: Any, mode: str | None = None) -> dict[str, Any]:
    mock = {"result": json.dumps(result)} | ({"fieldValidationMode": mode} if mode else {})
    return test_state(definition=task(resource), mock=mock)


def problem(resource: str, result: Any, mode: str | None = None) -> str:
    mock = {"result": json.dumps(result)} | ({"fieldValidationMode": mode} if mode else {})
    code, message = refusal(definition=task(resource), mock=mock)
    assert code == "ValidationException"
    return message


@pytest.mark.parametrize("mock", [{"result": "{}"}, {"errorOutput": {"error": "E", "cause": "C"}}])
@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "End": True},
        {"Type": "Wait", "Seconds": 1, "End": True},
        {"Type": "Succeed"},
        {"Type": "Fail"},
        {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "A"}]},
    ],
)
def test_states_that_take_no_mock(state: dict[str, Any], mock: dict[str, Any]) -> None:
    expected = f"State type '{state['Type']}' is not supported when a mock is specified"
    assert refusal(definition=state, mock=mock) == ("ValidationException", expected)


@pytest.mark.parametrize("state", [MAP, PARALLEL])
def test_containers_need_a_mock(state: dict[str, Any]) -> None:
    code, message = refusal(definition=state, roleArn=ROLE)
    assert code == "InvalidDefinition"
    assert message == (
        "TestState API does not support Map or Parallel states. "
        "Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"
    )


def test_a_task_needs_a_role_or_a_mock() -> None:
    message = "RoleArn must be specified when testing a Task state"
    assert refusal(definition=task("sqs:sendMessage")) == ("ValidationException", message)


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:us-east-1:123456789012:activity:ship",
        "ecs:runTask.sync",
        "states:startExecution.sync:2",
        "sqs:sendMessage.waitForTaskToken",
    ],
)
def test_tasks_that_wait_need_a_mock(resource: str) -> None:
    code, message = refusal(definition=task(resource), roleArn=ROLE)
    assert code == "InvalidDefinition"
    assert "without a mock" in message


@pytest.mark.parametrize("result", [{"a": 1}, "text", None])
@pytest.mark.parametrize("state", [MAP, PARALLEL])
def test_containers_give_an_array(state: dict[str, Any], result: Any) -> None:
    expected = ("ValidationException", "Mocked result must be an array.")
    assert refusal(definition=state, input="[]", mock={"result": json.dumps(result)}) == expected


@pytest.mark.parametrize("result", [[], [1, 2]])
def test_a_parallel_gives_a_result_of_each_branch(result: list[Any]) -> None:
    """Recorded: the message."""
    message = "Mocked result must contain the same number of items as number of Parallel branches."
    assert refusal(definition=PARALLEL, mock={"result": json.dumps(result)}) == ("ValidationException", message)
    two = {**PARALLEL, "Branches": [BRANCH, {"StartAt": "Other", "States": {"Other": {"Type": "Succeed"}}}]}
    assert test_state(definition=two, mock={"result": "[1, 2]"})["output"] == "[1,2]"


@pytest.mark.parametrize("state", [MAP, PARALLEL, {"Type": "Pass", "End": True}, task("sqs:sendMessage")])
def test_failed_iterations_need_a_mock(state: dict[str, Any]) -> None:
    """Recorded: the message, of a Map, before anything is said of the mock that it lacks."""
    message = "TestState does not support MapIterationFailureCount when a mock is not specified."
    configuration = {"mapIterationFailureCount": 0}
    assert refusal(definition=state, roleArn=ROLE, stateConfiguration=configuration) == ("ValidationException", message)


@pytest.mark.parametrize(
    ("failed", "mock"),
    [
        (4, {"result": "[1, 1, 1]"}),
        (4, {"errorOutput": {"error": "E"}}),
        (3, {"result": "[1, 1]"}),
    ],
)
def test_no_more_iterations_fail_than_there_are(failed: int, mock: dict[str, Any]) -> None:
    """Recorded: the message, of a fourth failure among three results."""
    message = "Map iteration failure count must be less than or equal to the number of Map iterations"
    request: dict[str, Any] = {"definition": MAP, "input": "[1, 2, 3]", "mock": mock}
    asked = {**request, "stateConfiguration": {"mapIterationFailureCount": failed}}
    assert refusal(**asked) == ("ValidationException", message)
    assert "status" in test_state(**{**request, "stateConfiguration": {"mapIterationFailureCount": 2}})


def test_a_map_that_writes_its_results_gives_an_object() -> None:
    expected = ("ValidationException", "Mocked result must be a JSON object.")
    assert refusal(definition=WRITING_MAP, mock={"result": "[]"}) == expected


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", "NaN"])
def test_a_result_that_is_no_json(text: str) -> None:
    expected = ("ValidationException", "Mocked result must be valid JSON")
    assert refusal(definition=task("sqs:sendMessage"), mock={"result": text}) == expected


def test_the_state_that_causes_an_error_is_inside() -> None:
    mock = {"errorOutput": {"error": "E"}}
    configuration = {"errorCausedByState": "Outer"}
    code, message = refusal(definition=PARALLEL, mock=mock, stateConfiguration=configuration)
    assert code == "ValidationException"
    assert "'Outer'" in message
    configuration["errorCausedByState"] = "Inner"
    assert test_state(definition=PARALLEL, mock=mock, stateConfiguration=configuration)["error"] == "E"


# results and API models


@pytest.mark.parametrize(
    ("resource", "result", "what"),
    [
        ("aws-sdk:kms:encrypt", {"CiphertextBlob": ""}, "'CiphertextBlob' is smaller than the minimum length"),
        ("aws-sdk:kms:encrypt", {"CiphertextBlob": "x" * 6145}, "'CiphertextBlob' exceeds the maximum length"),
        ("aws-sdk:kms:encrypt", {"CiphertextBlob": 1}, "'CiphertextBlob' must be a string"),
        ("aws-sdk:kms:encrypt", {"CiphertextBlob": None}, "'CiphertextBlob' must be a string"),
        ("aws-sdk:s3:getObject", {"ContentLength": "1"}, "'ContentLength' must be a number"),
        ("aws-sdk:s3:getObject", {"ContentLength": True}, "'ContentLength' must be a number"),
        ("aws-sdk:s3:getObject", {"DeleteMarker": 1}, "'DeleteMarker' must be a boolean"),
        ("aws-sdk:s3:getObject", {"LastModified": 1}, "'LastModified' must be a string"),
        ("aws-sdk:s3:getObject", {"StorageClass": "PAPER"}, "'StorageClass' is not an expected value"),
        ("aws-sdk:s3:getObject", {"Metadata": []}, "'Metadata' must be an object"),
        ("aws-sdk:s3:getObject", {"Metadata": {"key": 1}}, "'key' must be a string"),
        (
            "aws-sdk:lambda:getFunction",
            {"Configuration": {"MemorySize": 1}},
            "'MemorySize' is less than the minimum value",
        ),
        (
            "aws-sdk:lambda:getFunction",
            {"Configuration": {"MemorySize": 99_999}},
            "'MemorySize' exceeds the maximum value",
        ),
        ("aws-sdk:lambda:getFunction", {"Configuration": []}, "'Configuration' must be an object"),
        ("events:putEvents", {"Entries": {}}, "'Entries' must be an array"),
        ("events:putEvents", {"Entries": [{}, 1]}, "'Entries' must be an object"),
        ("events:putEvents", {"Entries": [{"EventId": "x"}, {"EventId": {}}]}, "'EventId' must be a string"),
        ("lambda:invoke", {"StatusCode": "200"}, "'StatusCode' must be a number"),
        ("lambda:invoke", {"Payload": {}}, "'Payload' must be a string"),
        ("dynamodb:getItem", {"Item": {"id": {"S": 1}}}, "'S' must be a string"),
        (
            "aws-sdk:rds:createDBInstance",
            {"DBInstance": {"DbInstanceStatus": 1}},
            "'DbInstanceStatus' must be a string",
        ),
    ],
)
def test_fields_that_do_not_fit(resource: str, result: Any, what: str) -> None:
    for mode in (None, "STRICT", "PRESENT"):
        assert problem(resource, result, mode) == f"Mock result schema validation error: Field {what}"
    assert json.loads(mocked(resource, result, "NONE")["output"]) == result


@pytest.mark.parametrize(
    ("resource", "result"),
    [
        ("lambda:invoke", {"Payload": "{}", "SdkHttpMetadata": {"HttpStatusCode": 200}}),
        ("lambda:invoke", {"unknown": 1, "statusCode": "also unknown: it has no capital"}),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "whatever it gives"),
        ("arn:aws:states:us-east-1:123456789012:activity:ship", [1, 2]),
        ("sqs:sendMessage.waitForTaskToken", "whatever is sent with the token"),
        ("http:invoke", {"StatusCode": "no model"}),
        ("sqs:sendMessage", {"MD5OfMessageBody": "x", "MessageId": "y"}),
        ("states:startExecution", {"ExecutionArn": "arn", "StartDate": "2025-01-01T00:00:00Z"}),
        ("aws-sdk:kms:encrypt", {"CiphertextBlob": "x" * 6144}),
        ("aws-sdk:s3:getObject", {"ContentLength": 0, "StorageClass": "GLACIER", "DeleteMarker": False}),
    ],
)
def test_results_that_fit(resource: str, result: Any) -> None:
    response = mocked(resource, result)
    assert response["status"] == "SUCCEEDED"
    assert json.loads(response["output"]) == result


def test_required_fields_are_asked_for_in_strict_mode_only() -> None:
    message = problem("states:startExecution", {"ExecutionArn": "arn"})
    assert message == "Mock result schema validation error: Required field 'StartDate' is missing"
    assert mocked("states:startExecution", {"ExecutionArn": "arn"}, "PRESENT")["status"] == "SUCCEEDED"


def test_required_fields_of_nested_objects() -> None:
    assert "'Description'" not in problem("aws-sdk:sfn:describeStateMachine", {"Name": "m"})
    nested: dict[str, Any] = {"LoggingConfiguration": {}, "EncryptionConfiguration": {}}
    complete = {
        "StateMachineArn": "arn",
        "Name": "m",
        "Definition": "{}",
        "RoleArn": "arn",
        "Type": "STANDARD",
        "CreationDate": "2025-01-01T00:00:00Z",
    }
    assert problem("aws-sdk:sfn:describeStateMachine", complete | nested).endswith("Required field 'Type' is missing")


def test_a_sync_task_answers_with_what_its_job_is_described_by() -> None:
    described = {
        "ExecutionArn": "arn",
        "StateMachineArn": "arn",
        "Status": "SUCCEEDED",
        "StartDate": "2025-01-01T00:00:00Z",
    }
    assert mocked("states:startExecution.sync", described | {"Output": "{}"})["status"] == "SUCCEEDED"
    for resource in ("states:startExecution.sync", "states:startExecution.sync:2"):
        assert problem(resource, described | {"Output": {}}).endswith("'Output' must be a string")


def test_a_result_of_an_api_is_an_object() -> None:
    assert problem("sqs:sendMessage", "sent") == "Mocked result must be a JSON object."
    assert mocked("sqs:sendMessage", "sent", "NONE")["output"] == '"sent"'
