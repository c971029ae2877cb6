"""Requests: AWS's words for what breaks its model, and what is taken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfdebug.server.errors import ApiRefusalError
from sfdebug.server.operations.table import OPERATIONS
from sfdebug.server.requests import operations, read_request

BROKEN = "failed to satisfy constraint: Member must"


def message(operation: str, **members: Any) -> str:
    with pytest.raises(ApiRefusalError) as caught:
        read_request(operation, json.dumps(members).encode())
    assert caught.value.type == "ValidationException"
    return caught.value.message


def test_every_operation_of_the_model_is_answered() -> None:
    assert frozenset(OPERATIONS) == operations()
    assert len(OPERATIONS) == 37


@pytest.mark.parametrize(
    ("operation", "members", "said"),
    [  # all recorded, but for the one about what is missing
        (
            "ListStateMachines",
            {"maxResults": 1001},
            f"Value '1001' at 'maxResults' {BROKEN} have value less than or equal to 1000",
        ),
        (
            "ListExecutions",
            {"stateMachineArn": "a", "statusFilter": "succeeded"},
            f"Value 'succeeded' at 'statusFilter' {BROKEN} satisfy enum value set: "
            "[SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
        ),
        (
            "CreateStateMachineAlias",
            {"name": "123", "routingConfiguration": [{"stateMachineVersionArn": "a", "weight": 100}]},
            f"Value '123' at 'name' {BROKEN} satisfy regular expression pattern: "
            r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$",
        ),
        (
            "CreateStateMachineAlias",
            {"name": "a", "routingConfiguration": [{"stateMachineVersionArn": "a", "weight": 101}]},
            f"Value '101' at 'routingConfiguration.1.member.weight' {BROKEN} have value less than or equal to 100",
        ),
        (
            "CreateStateMachineAlias",
            {"name": "a", "routingConfiguration": [{"stateMachineVersionArn": "v", "weight": 1}] * 3},
            "Value '[RoutingConfigurationListItem(stateMachineVersionArn=v, weight=1), "
            "RoutingConfigurationListItem(stateMachineVersionArn=v, weight=1), "
            f"RoutingConfigurationListItem(stateMachineVersionArn=v, weight=1)]' at 'routingConfiguration' {BROKEN} "
            "have length less than or equal to 2",
        ),
        ("DescribeExecution", {}, f"Value null at 'executionArn' {BROKEN} not be null"),
        # what the model marks as sensitive is not shown
        (
            "SendTaskFailure",
            {"taskToken": "t", "error": "e" * 257},
            f"Value at 'error' {BROKEN} have length less than or equal to 256",
        ),
        # measured on AWS by others: the size of a payload is counted in bytes
        (
            "StartExecution",
            {"stateMachineArn": "a", "input": f'"{"é" * 131_072}"'},
            f"Value at 'input' {BROKEN} have size less than or equal to 262144 bytes in UTF-8 encoding",
        ),
    ],
)
def test_what_breaks_the_model_is_told_in_aws_words(operation: str, members: dict[str, Any], said: str) -> None:
    assert message(operation, **members) == f"1 validation error detected: {said}"


def test_several_constraints_are_counted() -> None:
    told = message("ListExecutions", nextToken="", maxResults=-1)
    assert told.startswith("2 validation errors detected: Value ")
    assert told.count(BROKEN) == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "no JSON"),
        (b"[]", "no JSON object"),
        (b'{"maxResults": "many"}', "STRING_VALUE can not be converted to an Integer"),
        (b'{"maxResults": 1.5}', "NUMBER_VALUE can not be converted to an Integer"),
        (b'{"nextToken": {}}', "START_OBJECT can not be converted to a String"),
        (b'{"nextToken": [' + b"[" * 100_000, "no JSON"),
    ],
)
def test_a_body_of_another_shape_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(ApiRefusalError, match=said) as caught:
        read_request("ListActivities", body)
    assert caught.value.type == "SerializationException"


def test_unknown_members_and_nulls_are_left_out() -> None:
    assert read_request("ListActivities", b'{"maxResults": null, "other": 1, "nextToken": "x"}') == {"nextToken": "x"}
    assert read_request("ListActivities", b"") == {}
