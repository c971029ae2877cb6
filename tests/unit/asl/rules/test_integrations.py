"""Tasks held against AWS's catalogue: what is refused of their Resources and arguments, in what words, where."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug import test_state, validate
from sfdebug.asl.load import definition_from
from sfdebug.asl.rules.integrations import integration_findings
from tests.unit.state_testing.test_requests import refusal

STATES = "arn:aws:states:::"
SENT = {"QueueUrl": "q", "MessageBody": "m"}


def task(call: str, arguments: Any = None, language: str = "JSONata") -> dict[str, Any]:
    state: dict[str, Any] = {
        "Type": "Task",
        "Resource": call if call.startswith("arn:") else STATES + call,
        "End": True,
    }
    if arguments is not None:
        state["Arguments" if language == "JSONata" else "Parameters"] = arguments
    return {"QueryLanguage": language, "StartAt": "A", "States": {"A": state}}


def told(definition: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(each["message"], each.get("location")) for each in validate(definition)["diagnostics"]]


def fixes(definition: dict[str, Any]) -> list[str]:
    machine = definition_from(definition)
    found = [finding.problem for finding in integration_findings(machine)]
    return [problem.fix for problem in (*machine.warnings, *found) if problem is not None]


@pytest.mark.parametrize(
    "call", ["aws-sdk:nowhere:get", "aws-sdk:s3:readObject", "dynamodb:scan", "lambda:invoke.sync"]
)
def test_integrations_that_there_are_not(call: str) -> None:
    """Reported for services; recorded for a call (dynamodb:query)."""
    message = (
        f"The resource provided {STATES}{call} is not recognized. The value is not a valid resource ARN, or the "
        "resource is not available in this region."
    )
    assert told(task(call)) == [(message, "/States/A/Resource")]


@pytest.mark.parametrize("resource", ["arn:aws:sqs:us-east-1:111111111111:q", "arn:aws:states:::stateMachine:m"])
def test_arns_that_no_task_calls(resource: str) -> None:
    ((message, location),) = told(task(resource, {}))
    assert message.startswith(f"The resource provided {resource} is not recognized.")
    assert location == "/States/A/Resource"


@pytest.mark.parametrize(
    ("call", "fix"),
    [
        ("aws-sdk:logs:putLogEvents", "it is called 'cloudwatchlogs' here: the integrations take the names of the SDK "
         "for Java"),
        ("aws-sdk:nowhere:nothing", "its name is that of the SDK for Java, such as aws-sdk:cloudwatchlogs"),
        ("aws-sdk:secretmanager:getSecretValue", "did you mean 'secretsmanager'?"),
        ("aws-sdk:s3:getObjects", "did you mean 'getObject'?"),
        ("dynamodb:scan", "it has getItem, putItem, updateItem, deleteItem; other calls of the service: "
         "aws-sdk:dynamodb:scan"),
        ("bedrockagentcore:invokeHarness.waitForTaskToken", "leave .waitForTaskToken off"),
        ("s3:getObject", "for a service that has none of its own: arn:aws:states:::aws-sdk:s3:getObject"),
        ("dynamo:getItem", "did you mean 'dynamodb'?"),
        ("athena:getQueryExecution.sync", "leave .sync off"),
        ("batch:submitJob.waitForTaskToken", "it may have .sync"),
    ],
)  # fmt: skip
def test_what_to_write_instead(call: str, fix: str) -> None:
    assert fixes(task(call, {})) == [fix]


@pytest.mark.parametrize("language", ["JSONata", "JSONPath"])
@pytest.mark.parametrize("call", ["aws-sdk:s3:listBuckets", "lambda:invoke", "http:invoke", "sqs:sendMessage"])
def test_an_integration_is_given_something(call: str, language: str) -> None:
    """Measured: badmintoncryer/cdk-preflight; iwamot/sfnx, docs/design.md."""
    field = "Arguments" if language == "JSONata" else "Parameters"
    expected = (f"{field} field is required for resource ARN: {STATES}{call}", "/States/A")
    assert told(task(call, language=language)) == [expected]


@pytest.mark.parametrize(
    "resource",
    ["arn:aws:lambda:us-east-1:111111111111:function:f", "arn:aws:states:us-east-1:111111111111:activity:a"],
)
def test_functions_and_activities_need_nothing(resource: str) -> None:
    assert told(task(resource)) == []


@pytest.mark.parametrize(
    ("call", "arguments", "missing"),
    [
        ("sqs:sendMessage", {"QueueUrl": "q"}, "MessageBody"),
        ("sqs:sendMessage.waitForTaskToken", {"MessageBody": "m"}, "QueueUrl"),
        ("sns:publish", {"TopicArn": "t"}, "Message"),
        ("ecs:runTask.sync", {"Cluster": "c"}, "TaskDefinition"),
        ("elasticmapreduce:addStep", {"ClusterId": "c"}, "Step"),
        ("bedrockagentcore:invokeHarness", {"HarnessArn": "h"}, "Messages"),
        ("aws-sdk:rds:startDBInstance", {}, "DbInstanceIdentifier"),
        ("aws-sdk:emrserverless:startJobRun", {"ApplicationId": "a", "ExecutionRoleArn": "r"}, "ClientToken"),
    ],
)
def test_what_an_integration_needs(call: str, arguments: Any, missing: str) -> None:
    """Measured, with the tokens that an SDK itself would make up."""
    assert told(task(call, arguments)) == [
        (f"The field '{missing}' is required but was missing", "/States/A/Arguments")
    ]
    assert told(task(call, {**arguments, f"{missing}.$": "$.x"}, "JSONPath")) == []


def test_an_optimized_integration_makes_up_its_token() -> None:
    assert told(task("emr-serverless:startJobRun.sync", {"ApplicationId": "a", "ExecutionRoleArn": "r"})) == []


@pytest.mark.parametrize(
    ("call", "arguments", "name", "meant", "place"),
    [
        ("aws-sdk:rds:describeDBInstances", {"DBInstanceIdentifier": "i"}, "DBInstanceIdentifier",
         "DbInstanceIdentifier", ""),
        ("aws-sdk:sfn:describeExecution", {"executionArn": "e", "ExecutionArn": "e"}, "executionArn",
         "ExecutionArn", ""),
        ("aws-sdk:ec2:describeInstances", {"Filters": [{"name": "n"}]}, "name", "Name", "/Filters[0]"),
        ("aws-sdk:dynamodb:putItem", {"TableName": "t", "Item": {"a": {"L": [{"BOOL": True}]}}}, "BOOL", "Bool",
         "/Item/a/L[0]"),
        ("ecs:runTask", {"TaskDefinition": "t", "NetworkConfiguration": {"awsVpcConfiguration": {}}},
         "awsVpcConfiguration", "AwsvpcConfiguration", "/NetworkConfiguration"),
        ("sqs:sendMessage", {**SENT, "delaySeconds": 1}, "delaySeconds", "DelaySeconds", ""),
        ("bedrockagentcore:invokeHarness", {"HarnessArn": "h", "Messages": [], "runtimeSessionId": "s"},
         "runtimeSessionId", "RuntimeSessionId", ""),
    ],
)  # fmt: skip
def test_names_that_are_spelled_otherwise(call: str, arguments: Any, name: str, meant: str, place: str) -> None:
    message = f'The field "{name}" is not supported by Step Functions. Did you mean "{meant}"?'
    assert told(task(call, arguments)) == [(message, f"/States/A/Arguments{place}")]
    assert meant in fixes(task(call, arguments))[0]
    code, refused = refusal(definition=task(call, arguments)["States"]["A"] | {"QueryLanguage": "JSONata"}, mock=MOCK)
    assert code == "InvalidDefinition"
    assert meant in refused


MOCK = {"errorOutput": {"error": "E"}}


@pytest.mark.parametrize(
    ("call", "arguments", "name"),
    [
        ("lambda:invoke", {"FunctionName": "f", "Timeout": 3}, "Timeout"),
        ("ecs:runTask.sync", {"TaskDefinition": "t", "StartedBy": "me"}, "StartedBy"),
        ("http:invoke", {"ApiEndpoint": "e", "Method": "GET", "Url": "u"}, "Url"),
        ("aws-sdk:s3:listBuckets", {"Region": "r"}, "Region"),
    ],
)
def test_names_that_an_integration_does_not_have(call: str, arguments: Any, name: str) -> None:
    message = f'The field "{name}" is not supported by Step Functions'
    for language in ("JSONata", "JSONPath"):
        field = "Arguments" if language == "JSONata" else "Parameters"
        assert told(task(call, arguments, language)) == [(message, f"/States/A/{field}")]


def test_a_computed_field_that_there_is_not_fails_only_when_it_runs() -> None:
    """Reported: AWS takes the definition, and fails its execution as the Task starts."""
    definition = task(
        "lambda:invoke.waitForTaskToken", {"FunctionName": "f", "TaskToken.$": "$$.Task.Token"}, "JSONPath"
    )
    assert validate(definition)["result"] == "OK"
    (finding,) = integration_findings(definition_from(definition))
    assert finding.verdict is not None
    assert finding.verdict.severity == "ERROR"
    assert finding.verdict.own


@pytest.mark.parametrize(
    ("call", "arguments", "name"),
    [
        ("lambda:invoke", {"FunctionName": "f", "Payload": 1}, "Payload"),
        ("lambda:invoke", {"FunctionName": "f", "Payload": True}, "Payload"),
        ("lambda:invoke.waitForTaskToken", {"FunctionName": "f", "Payload": 0.5}, "Payload"),
        ("events:putEvents", {"Entries": {}}, "Entries"),
        ("dynamodb:putItem", {"TableName": "t", "Item": {"n": {"N": 1}}}, "N"),
        ("aws-sdk:ec2:describeInstances", {"InstanceIds": "i-1"}, "InstanceIds"),
        ("aws-sdk:sqs:sendMessage", {**SENT, "MessageAttributes": []}, "MessageAttributes"),
    ],
)
def test_literals_of_another_type(call: str, arguments: Any, name: str) -> None:
    """Measured for a function's Payload; the words were recorded for a Task that starts."""
    ((message, _),) = told(task(call, arguments))
    assert message == f"The value of the field '{name}' has an invalid format"


@pytest.mark.parametrize(
    ("call", "arguments", "language"),
    [
        ("lambda:invoke", {"FunctionName": "f", "Payload": None}, "JSONata"),
        ("lambda:invoke", {"FunctionName": "f", "Payload": {"a": 1}, "LogType": "Tail"}, "JSONata"),
        ("lambda:invoke", {"FunctionName": "{% $f %}", "Payload": "{% 1 %}"}, "JSONata"),
        ("lambda:invoke", "{% $merge([$x]) %}", "JSONata"),
        ("events:putEvents", {"Entries": "{% $e %}"}, "JSONata"),
        ("events:putEvents", {"Entries": [{"Detail": {"any": {"Thing": 1}}}]}, "JSONata"),
        ("aws-sdk:ec2:stopInstances", {"InstanceIds.$": "$.ids", "Force": "true"}, "JSONPath"),
        ("aws-sdk:s3:putObject", {"Bucket": "${Bucket}", "Key": "k", "Body": {"a": 1}}, "JSONPath"),
        ("aws-sdk:dynamodb:putItem", {"TableName": "t", "Item": {"a": {"S.$": "$.a"}, "B": {"Bool": True}}},
         "JSONPath"),
        ("dynamodb:updateItem", {"TableName": "t", "Key": {"a": {"S": "x"}}, "ExpressionAttributeValues.$": "$.v"},
         "JSONPath"),
        ("apigateway:invoke", {"ApiEndpoint": "e", "Method": "GET", "Path": "/", "AuthType": "IAM_ROLE"}, "JSONPath"),
        ("batch:submitJob.sync",
         {"JobName": "n", "JobQueue": "q", "JobDefinition": "d", "RetryStrategy": {"attempts": 5}}, "JSONPath"),
        ("eks:createCluster.sync", {"Name": "n", "RoleArn": "r", "ResourcesVpcConfig": {"SubnetIds": []}}, "JSONPath"),
        ("aws-sdk:lookoutvision:startModel", {"ProjectName": "p"}, "JSONata"),
    ],
)  # fmt: skip
def test_what_an_integration_takes(call: str, arguments: Any, language: str) -> None:
    assert told(task(call, arguments, language)) == []


def test_a_placeholder_for_the_partition_is_no_obstacle() -> None:
    resource = "arn:${AWS::Partition}:states:::sqs:sendMessage"
    assert fixes(task(resource, {"QueueUrl": "q"}, "JSONPath")) == ["add 'MessageBody'"]
    assert fixes(task("arn:aws:states:::${Call}", None, "JSONPath")) == []


def test_a_state_is_tested_as_it_would_be_created() -> None:
    state = task("sqs:sendMessage", SENT, "JSONPath")["States"]["A"]
    assert test_state(definition=state, mock={"errorOutput": {"error": "E"}})["error"] == "E"
    del state["Parameters"]["QueueUrl"]
    assert refusal(definition=state, mock={"result": "{}"}) == (
        "InvalidDefinition",
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The field 'QueueUrl' is required but was missing "
        "at /States/StateName/Parameters'",
    )
