"""Executions, their histories, Map Runs, tokens and activities through the API. The sentences are recorded ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api_calls import PASS, PLACE, WAIT, HandApi

START = 1_795_000_000.0
ACTIVITY = f"{PLACE}:activity:work"
WAITING = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody.$": "$$.Task.Token"},
    "End": True,
}


SENT = {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody": "b"}


def waiting(api: HandApi) -> str:
    """The ARN of a machine that waits for its task token."""
    return api.create(definition=json.dumps({"StartAt": "T", "States": {"T": WAITING}}))


def token_of(api: HandApi, execution: str) -> str:
    """The token that an execution waits for."""
    events = api("GetExecutionHistory", executionArn=execution)["events"]
    scheduled = next(event for event in events if event["type"] == "TaskScheduled")
    token: str = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])["MessageBody"]
    return token


def test_an_execution_is_started_described_listed() -> None:
    api = HandApi()
    arn = api.create()
    started = api("StartExecution", stateMachineArn=arn, name="run", input='{"n":1}', traceHeader="Root=1")
    assert started == {"executionArn": f"{PLACE}:execution:M:run", "startDate": START}
    described = api("DescribeExecution", executionArn=started["executionArn"])
    assert described == {
        "executionArn": f"{PLACE}:execution:M:run",
        "stateMachineArn": arn,
        "name": "run",
        "status": "SUCCEEDED",
        "startDate": START,
        "stopDate": described["stopDate"],
        "input": '{"n":1}',
        "inputDetails": {"included": True},
        "output": '{"n":1}',
        "outputDetails": {"included": True},
        "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
        "traceHeader": "Root=1",
    }
    bare = api("DescribeExecution", executionArn=started["executionArn"], includedData="METADATA_ONLY")
    assert not {"input", "output", "inputDetails", "outputDetails"} & bare.keys()
    machine = api("DescribeStateMachineForExecution", executionArn=started["executionArn"])
    assert (machine["stateMachineArn"], machine["definition"], machine["updateDate"]) == (arn, PASS, START)
    (listed,) = api("ListExecutions", stateMachineArn=arn)["executions"]
    assert listed == {name: described[name] for name in listed}
    assert listed.keys() == {
        "executionArn",
        "stateMachineArn",
        "name",
        "status",
        "startDate",
        "stopDate",
        "redriveCount",
    }
    assert api("ListExecutions", stateMachineArn=arn, statusFilter="RUNNING") == {"executions": []}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Invalid execution input."),
        ("1 2", "Invalid execution input."),
        (
            "not some JSON",
            "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or "
            "'false')",
        ),
        ("{'not': 'json'}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
    ],
)
def test_an_input_that_is_no_json_is_refused_in_jacksons_words(text: str, said: str) -> None:
    api = HandApi()
    type, message = api.refused("StartExecution", stateMachineArn=api.create(), input=text)
    assert (type, message) == ("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{said}'")


@pytest.mark.parametrize("text", ["2", '"text"', "null", "[]"])
def test_any_json_value_is_an_input(text: str) -> None:
    api = HandApi()
    execution = api.start(api.create(), input=text)
    assert api("DescribeExecution", executionArn=execution)["output"] == text


def test_a_name_is_used_once() -> None:
    api = HandApi()
    arn = waiting(api)
    first = api("StartExecution", stateMachineArn=arn, name="n", input="{}")
    assert api("StartExecution", stateMachineArn=arn, name="n", input="{}")["executionArn"] == first["executionArn"]
    assert api.refused("StartExecution", stateMachineArn=arn, name="n", input="1") == (
        "ExecutionAlreadyExists",
        f"Execution Already Exists: '{PLACE}:execution:M:n'",
    )
    assert api.refused("StartExecution", stateMachineArn=arn, name="a/b")[0] == "InvalidName"


def test_an_execution_is_stopped_once() -> None:
    api = HandApi(is_working=False)
    execution = api.start(api.create(definition=WAIT))
    stopped = api("StopExecution", executionArn=execution, error="E", cause="c")
    described = api("DescribeExecution", executionArn=execution)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "E", "c")
    assert described["stopDate"] == stopped["stopDate"]
    api.host.hand_clock.wall += 9000
    assert api("StopExecution", executionArn=execution) == stopped
    events = api("GetExecutionHistory", executionArn=execution)["events"]
    assert events[-1]["type"] == "ExecutionAborted"
    assert events[-1]["executionAbortedEventDetails"] == {"error": "E", "cause": "c"}


def test_what_is_no_standard_execution_is_refused() -> None:
    api = HandApi()
    arn = api.create(type="EXPRESS")
    execution = api.start(arn)
    assert execution.startswith(f"{PLACE}:express:M:")
    wrong = ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
    for operation in ("DescribeExecution", "StopExecution", "GetExecutionHistory"):
        assert api.refused(operation, executionArn=execution) == wrong
    assert api.refused("ListExecutions", stateMachineArn=arn) == (
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
    )
    unknown = f"{PLACE}:execution:M:none"
    assert api.refused("DescribeExecution", executionArn=unknown) == (
        "ExecutionDoesNotExist",
        f"Execution Does Not Exist: '{unknown}'",
    )
    assert api.refused("StartSyncExecution", stateMachineArn=api.create("S"))[0] == "StateMachineTypeNotSupported"
    assert api.refused("ListExecutions")[0] == "ValidationException"


def test_history_goes_in_pages_both_ways() -> None:
    api = HandApi()
    execution = api.start(api.create(), input='{"secret":1}')
    whole = api("GetExecutionHistory", executionArn=execution)
    assert [event["id"] for event in whole["events"]] == [1, 2, 3, 4]
    assert "nextToken" not in whole
    first = whole["events"][0]
    assert first["timestamp"] == START
    assert first["executionStartedEventDetails"]["input"] == '{"secret":1}'
    page = api("GetExecutionHistory", executionArn=execution, maxResults=3, reverseOrder=True)
    assert [event["id"] for event in page["events"]] == [4, 3, 2]
    again = {"executionArn": execution, "maxResults": 3, "reverseOrder": True, "nextToken": page["nextToken"]}
    last = api("GetExecutionHistory", **again)
    assert ([event["id"] for event in last["events"]], "nextToken" in last) == ([1], False)
    del again["reverseOrder"]
    assert api.refused("GetExecutionHistory", **again) == ("InvalidToken", "Invalid Token: 'Invalid token'")
    bare = json.dumps(api("GetExecutionHistory", executionArn=execution, includeExecutionData=False))
    assert "secret" not in bare
    assert '"name": "A"' in bare


@pytest.mark.parametrize("token", ["x", "eyJhIjogMX0=", "W10=", "WzEsIDJd", "é"])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    assert HandApi().refused("ListActivities", nextToken=token) == ("InvalidToken", "Invalid Token: 'Invalid token'")


def test_tokens_are_answered_once() -> None:
    api = HandApi()
    arn = waiting(api)
    execution = api.start(arn)
    token = token_of(api, execution)
    assert api("SendTaskHeartbeat", taskToken=token) == {}
    assert api.refused("SendTaskSuccess", taskToken=token, output="{")[0] == "InvalidOutput"
    assert api("SendTaskSuccess", taskToken=token, output='{"ok":true}') == {}
    assert api("DescribeExecution", executionArn=execution)["output"] == '{"ok":true}'
    late = ("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
    assert api.refused("SendTaskSuccess", taskToken=token, output="1") == late
    assert api.refused("SendTaskHeartbeat", taskToken="none") == ("InvalidToken", "Invalid Token: 'Invalid token'")
    failing = api.start(arn)
    api("SendTaskFailure", taskToken=token_of(api, failing), error="E", cause="c")
    described = api("DescribeExecution", executionArn=failing)
    assert (described["status"], described["error"], described["cause"]) == ("FAILED", "E", "c")
    assert "redriveStatusReason" not in described
    redriven = api("RedriveExecution", executionArn=failing)
    assert api("DescribeExecution", executionArn=failing)["redriveDate"] == redriven["redriveDate"]
    assert api.refused("RedriveExecution", executionArn=execution) == (
        "ExecutionNotRedrivable",
        "Execution is SUCCEEDED and cannot be redriven",
    )


def test_activities_are_made_and_worked_for() -> None:
    api = HandApi()
    created = api("CreateActivity", name="work", tags=[{"key": "k", "value": "v"}])
    assert created == {"activityArn": ACTIVITY, "creationDate": START}
    assert api("CreateActivity", name="work") == created
    assert api("DescribeActivity", activityArn=ACTIVITY) == {
        **created,
        "name": "work",
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }
    assert api("ListActivities") == {"activities": [{**created, "name": "work"}]}
    assert api("ListTagsForResource", resourceArn=ACTIVITY)["tags"] == [{"key": "k", "value": "v"}]
    task: dict[str, Any] = {"Type": "Task", "Resource": ACTIVITY, "End": True}
    execution = api.start(api.create(definition=json.dumps({"StartAt": "T", "States": {"T": task}})), input="[7]")
    given = api("GetActivityTask", activityArn=ACTIVITY, workerName="me")
    assert given["input"] == "[7]"
    api("SendTaskSuccess", taskToken=given["taskToken"], output="8")
    assert api("DescribeExecution", executionArn=execution)["output"] == "8"
    types = [event["type"] for event in api("GetExecutionHistory", executionArn=execution)["events"]]
    assert types[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert api("GetActivityTask", activityArn=ACTIVITY) == {}  # nobody waits for the answer
    api("DeleteActivity", activityArn=ACTIVITY)
    gone = ("ActivityDoesNotExist", f"Activity Does Not Exist: '{ACTIVITY}'")
    assert api.refused("DescribeActivity", activityArn=ACTIVITY) == gone
    assert api.refused("GetActivityTask", activityArn=ACTIVITY) == gone
    assert api.refused("CreateActivity", name="a:b") == ("InvalidName", "Invalid Name: 'a:b'")


def test_map_runs_are_described_with_their_children() -> None:
    api = HandApi()
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P",
        "States": {"P": {"Type": "Pass", "End": True}},
    }
    state = {"Type": "Map", "Label": "Each", "ItemProcessor": processor, "MaxConcurrency": 2, "End": True}
    arn = api.create(definition=json.dumps({"StartAt": "All", "States": {"All": state}}))
    execution = api.start(arn, input="[1,2,3]")
    (run,) = api("ListMapRuns", executionArn=execution)["mapRuns"]
    assert run["executionArn"] == execution
    assert run["stateMachineArn"] == f"{arn}/Each"
    described = api("DescribeMapRun", mapRunArn=run["mapRunArn"])
    assert (described["status"], described["maxConcurrency"]) == ("SUCCEEDED", 2)
    assert described["executionCounts"]["succeeded"] == described["itemCounts"]["total"] == 3
    children = api("ListExecutions", mapRunArn=run["mapRunArn"])["executions"]
    assert len(children) == 3
    child = api("DescribeExecution", executionArn=children[0]["executionArn"])
    assert child["mapRunArn"] == run["mapRunArn"]
    assert child["status"] == "SUCCEEDED"
    machine = api("DescribeStateMachineForExecution", executionArn=children[0]["executionArn"])
    assert (machine["label"], machine["mapRunArn"]) == ("Each", run["mapRunArn"])
    unknown = f"{PLACE}:mapRun:M/Each:none"
    for operation in ("DescribeMapRun", "UpdateMapRun"):
        assert api.refused(operation, mapRunArn=unknown) == ("ResourceNotFound", f"Resource not found: '{unknown}'")


def test_a_definition_and_a_state_are_judged_without_an_execution() -> None:
    api = HandApi()
    assert api("ValidateStateMachineDefinition", definition=PASS) == {
        "result": "OK",
        "diagnostics": [],
        "truncated": False,
    }
    (told,) = api("ValidateStateMachineDefinition", definition="/etc/hostname")["diagnostics"]
    assert told["code"] == "INVALID_JSON_DESCRIPTION"  # a text, never a path
    state = json.dumps({"Type": "Pass", "Result": [1], "End": True})
    assert api("TestState", definition=state) == {"output": "[1]", "status": "SUCCEEDED"}
    task = json.dumps({**WAITING, "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": SENT})
    assert api.refused("TestState", definition=task) == (
        "ValidationException",
        "RoleArn must be specified when testing a Task state",
    )
    role = "arn:aws:iam::123456789012:role/r"
    assert api.refused("TestState", definition=task, roleArn=role)[0] == "ValidationException"
    assert api.refused("TestState", definition="/etc/hostname")[0] == "InvalidDefinition"


def test_the_input_stays_as_it_was_written_up_to_the_first_state() -> None:
    """Recorded: white space and all, in ExecutionStarted and where the first state is entered; not beyond."""
    api = HandApi()
    written = '{\n    "n": 1\n}'
    arn = api("StartExecution", stateMachineArn=api.create(), input=written)["executionArn"]
    events = api("GetExecutionHistory", executionArn=arn)["events"]
    assert events[0]["executionStartedEventDetails"]["input"] == written
    assert events[1]["stateEnteredEventDetails"]["input"] == written
    assert events[2]["stateExitedEventDetails"]["output"] == '{"n":1}'
    (last,) = api("GetExecutionHistory", executionArn=arn, reverseOrder=True, maxResults=1)["events"]
    assert last["executionSucceededEventDetails"]["output"] == '{"n":1}'
    bare = api("GetExecutionHistory", executionArn=arn, includeExecutionData=False)["events"]
    assert not any("input" in details for event in bare for details in event.values() if isinstance(details, dict))


def test_the_same_name_with_another_input_is_another_execution() -> None:
    api = HandApi(is_working=False)
    machine = api.create(definition=WAIT)
    first = api.start(machine, name="run", input='{"n": 1}')
    assert api.start(machine, name="run", input='{"n":1}') == first
    assert api.refused("StartExecution", stateMachineArn=machine, name="run", input='{"n": true}') == (
        "ExecutionAlreadyExists",
        f"Execution Already Exists: '{first}'",
    )


def test_the_same_activity_once_more_is_the_same_unless_it_is_encrypted_otherwise() -> None:
    """AWS API, CreateActivity: tags do not count, and the encryption cannot be changed."""
    api = HandApi()
    first = api("CreateActivity", name="work", tags=[{"key": "a", "value": "1"}])
    assert api("CreateActivity", name="work") == first
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}
    assert api.refused("CreateActivity", name="work", encryptionConfiguration=key)[0] == "ActivityAlreadyExists"


def test_what_waits_for_a_redrive_is_listed_of_map_runs_alone() -> None:
    api = HandApi()
    members = {"stateMachineArn": api.create(), "statusFilter": "PENDING_REDRIVE"}
    assert api.refused("ListExecutions", **members)[0] == "ValidationException"


def test_a_start_asks_for_the_machine_before_the_name_and_the_input() -> None:
    """Measured on AWS by others."""
    api = HandApi()
    unknown = f"{PLACE}:stateMachine:none"
    refused = api.refused("StartExecution", stateMachineArn=unknown, name="a b", input="{")
    assert refused == ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{unknown}'")
    assert api.refused("StartExecution", stateMachineArn=api.create(), name="a b", input="{")[0] == "InvalidName"


def test_an_arn_that_was_not_filled_in_is_told_in_aws_words() -> None:
    arn = "arn:aws:states:us-east-1:${AWS::AccountId}:stateMachine:M"
    refused = HandApi().refused("StartExecution", stateMachineArn=arn)
    assert refused == ("InvalidArn", f"Invalid Arn: 'Resource type can not be empty: {arn}'")


def test_a_child_execution_is_stopped_and_redriven_with_what_started_it() -> None:
    """It is one that is there: what cannot be done to it alone says so."""
    api = HandApi()

    def children(state: dict[str, Any]) -> tuple[str, str, float | None]:
        processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "S"}
        each = {"Type": "Map", "ItemProcessor": {**processor, "States": {"S": state}}, "End": True}
        parent = api.start(api.create(state["Type"], json.dumps({"StartAt": "M", "States": {"M": each}})), input="[1]")
        (run,) = api("ListMapRuns", executionArn=parent)["mapRuns"]
        (child,) = api("ListExecutions", mapRunArn=run["mapRunArn"])["executions"]
        return parent, child["executionArn"], child.get("stopDate")

    parent, running, _ = children(WAITING)
    type, message = api.refused("StopExecution", executionArn=running)
    assert (type, parent in message) == ("ValidationException", True)
    assert api("DescribeExecution", executionArn=running)["status"] == "RUNNING"
    parent, failed, stopped = children({"Type": "Fail"})
    assert api("StopExecution", executionArn=failed) == {"stopDate": stopped}
    type, message = api.refused("RedriveExecution", executionArn=failed)
    assert (type, parent in message) == ("ExecutionNotRedrivable", True)
    _, succeeded, _ = children({"Type": "Succeed"})
    assert api.refused("RedriveExecution", executionArn=succeeded) == (
        "ExecutionNotRedrivable",
        "Execution is SUCCEEDED and cannot be redriven",
    )
