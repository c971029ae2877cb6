"""A workflow tested state by state, as AWS shows it for TestState: boto3 on the endpoint, calls in a chain, the output
of a state as the input of the next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sfdebug.hosting.host import ExecutionHost
from tests.served_api import api_served, boto3_client

RETRY = {"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 3, "BackoffRate": 3, "MaxAttempts": 2}
RENTAL: dict[str, Any] = {
    "StartAt": "Quote",
    "States": {
        "Quote": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:123456789012:function:quote",
            "ResultSelector": {"price.$": "$.body.price"},
            "ResultPath": "$.quote",
            "Retry": [RETRY],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.problem", "Next": "Refused"}],
            "Next": "IsCheap",
        },
        "IsCheap": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.quote.price", "NumericLessThan": 100, "Next": "Prepare"}],
            "Default": "AskOwner",
        },
        "AskOwner": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": "https://queue", "MessageBody": {"token.$": "$$.Task.Token"}},
            "ResultPath": "$.owner",
            "Next": "Prepare",
        },
        "Prepare": {
            "Type": "Map",
            "ItemsPath": "$.parts",
            "ToleratedFailureCount": 1,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Wash",
                "States": {"Wash": {"Type": "Pass", "End": True}},
            },
            "ResultPath": "$.prepared",
            "Catch": [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "Refused"}],
            "Next": "Book",
        },
        "Book": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}} for name in ("Calendar", "Deposit")
            ],
            "ResultSelector": {"calendar.$": "$[0]", "deposit.$": "$[1]"},
            "ResultPath": "$.booked",
            "Next": "Rented",
        },
        "Rented": {"Type": "Succeed", "OutputPath": "$.booked"},
        "Refused": {"Type": "Fail", "ErrorPath": "$.problem.Error", "CausePath": "$.problem.Cause"},
    },
}


class StateTry:
    """One try of a state of a definition; each method gives a try, so that they chain."""

    def __init__(self, client: Any, definition: Any) -> None:
        self._client = client
        self._given: dict[str, Any] = {"definition": json.dumps(definition), "inspectionLevel": "DEBUG"}
        self.answer: dict[str, Any] = {}

    def given(self, data: Any) -> StateTry:
        self._given["input"] = json.dumps(data)
        return self

    def mocked(self, result: Any) -> StateTry:
        self._given["mock"] = {"result": json.dumps(result)}
        return self

    def failing(self, error: str, cause: str, *, attempt: int = 0) -> StateTry:
        self._given["mock"] = {"errorOutput": {"error": error, "cause": cause}}
        self._given["stateConfiguration"] = {"retrierRetryCount": attempt}
        return self

    def within(self, **context: Any) -> StateTry:
        self._given["context"] = json.dumps(context)
        return self

    def tried(self, state: str) -> StateTry:
        self.answer = self._client.test_state(stateName=state, **self._given)
        return self

    def ends(self, status: str, then: str | None = None) -> StateTry:
        assert (self.answer["status"], self.answer.get("nextState")) == (status, then), self.answer
        return self

    def fails(self, error: str, cause: str) -> StateTry:
        assert (self.answer["error"], self.answer["cause"]) == (error, cause)
        return self

    def inspects(self, name: str, value: Any) -> StateTry:
        found = self.answer["inspectionData"][name]
        assert (json.loads(found) if isinstance(found, str) else found) == value
        return self

    @property
    def output(self) -> Any:
        return json.loads(self.answer["output"])

    def goes_on(self) -> StateTry:
        """The try of what follows: with this output, and nothing else of this one."""
        following = StateTry(self._client, json.loads(self._given["definition"]))
        return following.given(self.output)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with ExecutionHost() as host, api_served(host) as server:
        yield boto3_client(server)


@pytest.fixture
def rental(client: Any) -> StateTry:
    return StateTry(client, RENTAL).given({"parts": ["wheel", "frame"]})


def test_a_workflow_is_walked_from_state_to_state(rental: StateTry) -> None:
    quoted = rental.mocked({"body": {"price": 250}}).tried("Quote").ends("SUCCEEDED", "IsCheap")
    quoted.inspects("afterResultSelector", {"price": 250})
    asked = quoted.goes_on().tried("IsCheap").ends("SUCCEEDED", "AskOwner").goes_on()
    asked.within(Task={"Token": "token-7"}, Execution={"Id": "rental-1"}).mocked({"says": "yes"}).tried("AskOwner")
    asked.ends("SUCCEEDED", "Prepare").inspects(
        "afterParameters", {"QueueUrl": "https://queue", "MessageBody": {"token": "token-7"}}
    )
    prepared = asked.goes_on().mocked(["washed", "washed"]).tried("Prepare").ends("SUCCEEDED", "Book")
    prepared.inspects("toleratedFailureCount", 1)
    booked = prepared.goes_on().mocked(["monday", 50]).tried("Book").ends("SUCCEEDED", "Rented")
    rented = booked.goes_on().tried("Rented").ends("SUCCEEDED")
    assert rented.output == {"calendar": "monday", "deposit": 50}
    assert booked.output["owner"] == {"says": "yes"}


def test_retries_are_counted_and_their_end_is_caught(rental: StateTry) -> None:
    for attempt, seconds in ((0, 3), (1, 9)):
        again = rental.failing("Lambda.TooManyRequestsException", "slow down", attempt=attempt).tried("Quote")
        again.ends("RETRIABLE").fails("Lambda.TooManyRequestsException", "slow down")
        again.inspects("errorDetails", {"retryIndex": 0, "retryBackoffIntervalSeconds": seconds})
    caught = rental.failing("Lambda.TooManyRequestsException", "slow down", attempt=2).tried("Quote")
    caught.ends("CAUGHT_ERROR", "Refused").inspects("errorDetails", {"retryIndex": 0, "catchIndex": 0})
    assert caught.output["problem"] == {"Error": "Lambda.TooManyRequestsException", "Cause": "slow down"}
    refused = caught.goes_on().tried("Refused").ends("FAILED")
    refused.fails("Lambda.TooManyRequestsException", "slow down")


def test_a_map_that_tolerates_no_more_is_caught(rental: StateTry) -> None:
    rental.failing("States.ExceedToleratedFailureThreshold", "two failed").tried("Prepare")
    rental.ends("CAUGHT_ERROR", "Refused")
    assert rental.output == {"Error": "States.ExceedToleratedFailureThreshold", "Cause": "two failed"}


def test_what_the_api_refuses_is_a_typed_error(rental: StateTry) -> None:
    for state, is_mocked, said in (
        ("Quote", False, "RoleArn must be specified"),
        ("IsCheap", True, "mock"),
        ("Nowhere", True, "State not found in definition"),
    ):
        with pytest.raises(ClientError, match=said) as caught:
            (rental.mocked({}) if is_mocked else rental).tried(state)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
