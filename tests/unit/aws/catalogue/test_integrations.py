"""The catalogue of integrations: which there are, which call and pattern is lacking, and what it reads for that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sfdebug.aws.catalogue.integrations import OPTIMIZED, Lack, unrecognized_optimized, unrecognized_sdk
from sfdebug.aws.catalogue.models import operation_names, sdk_services
from sfdebug.aws.catalogue.names import api_of, sdk_field_names, sdk_service


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("executionArn", ("ExecutionArn",)),
        ("DBInstanceIdentifier", ("DbInstanceIdentifier",)),
        ("SSEKMSKeyId", ("SsekmsKeyId",)),
        ("EC2InstanceId", ("Ec2InstanceId",)),
        ("ETag", ("ETag",)),
        ("S3Key", ("S3Key",)),
        ("ACL", ("Acl",)),
        ("ChecksumCRC32", ("ChecksumCRC32", "ChecksumCrc32")),
        ("SourceDBSnapshotIdentifier", ("SourceDBSnapshotIdentifier", "SourceDbSnapshotIdentifier")),
        ("equals", ("EqualsValue",)),
        ("default", ("Default", "DefaultValue")),
        ("NULL", ("Nul", "Null")),
        ("BOOL", ("Bool",)),
        ("L", ("L",)),
    ],
)
def test_arguments_are_called_as_in_the_sdk_for_java(member: str, expected: tuple[str, ...]) -> None:
    assert sdk_field_names(member) == expected


@pytest.mark.parametrize(
    ("service", "action", "lack"),
    [
        ("lambda", "invoke", None),
        ("lambda", "invoke.waitForTaskToken", None),
        ("lambda", "invoke.sync", Lack.PATTERN),
        ("states", "startExecution.sync:2", None),
        ("batch", "submitJob.sync", None),
        ("batch", "submitJob.waitForTaskToken", Lack.PATTERN),
        ("batch", "describeJobs", Lack.CALL),
        ("dynamodb", "query", Lack.CALL),  # recorded: CreateStateMachine refuses it
        ("athena", "getQueryResults.sync", Lack.PATTERN),
        ("ecs", "RunTask", Lack.CALL),
        ("eks", "runJob.sync", None),
        ("emr-serverless", "cancelJobRun.sync", None),
        ("bedrockagentcore", "invokeHarness.sync", Lack.PATTERN),
        ("dynamo", "getItem", Lack.SERVICE),
        ("s3", "getObject", Lack.SERVICE),
    ],
)
def test_optimized_integrations(service: str, action: str, lack: Lack | None) -> None:
    found = unrecognized_optimized(service, action)
    assert (found.lack if found else None) is lack


@pytest.mark.parametrize(
    ("service", "action", "lack"),
    [
        ("sts", "getCallerIdentity", None),
        ("cloudwatchlogs", "putLogEvents", None),
        ("logs", "putLogEvents", Lack.SERVICE),
        ("sfn", "startSyncExecution", None),
        ("stepfunctions", "startExecution", Lack.SERVICE),
        ("eventbridge", "putEvents.waitForTaskToken", None),
        ("elasticloadbalancingv2", "describeRules", None),
        ("elbv2", "describeRules", Lack.SERVICE),
        ("databasemigration", "startReplicationTask", None),
        ("cognito-idp", "adminGetUser", Lack.SERVICE),
        ("cognitoidentityprovider", "adminGetUser", None),
        ("rds", "describeDBInstances", None),
        ("rds", "describeDbInstances", Lack.CALL),
        ("rds", "DescribeDBInstances", Lack.CALL),
        ("s3", "selectObjectContent", Lack.CALL),
        ("kinesis", "subscribeToShard", Lack.CALL),
        ("lambda", "invokeAsync", Lack.CALL),
        ("bedrockruntime", "converseStream", Lack.CALL),
        ("apigatewaymanagementapi", "postToConnection", Lack.SERVICE),
        ("bedrock-agentcore", "invokeAgentRuntime", Lack.SERVICE),
        ("sqs", "sendMessage.sync", Lack.PATTERN),
        ("lookoutvision", "startModel", None),  # botocore has no model of it any more
    ],
)
def test_integrations_of_the_sdk(service: str, action: str, lack: Lack | None) -> None:
    found = unrecognized_sdk(service, action)
    assert (found.lack if found else None) is lack


@pytest.mark.parametrize("service", sorted(set(OPTIMIZED) - {"apigateway", "eks", "http", "lambda"}))
def test_the_optimized_calls_are_those_of_an_api(service: str) -> None:
    for call in OPTIMIZED[service]:
        if service.startswith(("bedrockagentcore", "bedrock-agentcore")):
            continue
        api = api_of(service, call)
        assert api is not None
        assert api.operation.lower() in {name.lower() for name in operation_names(api.service)}, call


def test_every_service_of_botocore_has_one_name() -> None:
    names = sdk_services()
    assert len(set(names)) == len(names)
    assert all("-" not in name for name in names)
    assert {sdk_service(name).replace("-", "") for name in names} >= {"logs", "stepfunctions", "dynamodb"}


def test_loading_a_definition_reads_no_model(root: Path) -> None:
    """The catalogue costs nothing until somebody asks what AWS would say."""
    probe = (
        "import sys\n"
        "from sfdebug.asl.load import definition_from\n"
        "task = {'Type': 'Task', 'Resource': 'arn:aws:states:::aws-sdk:nowhere:nothing', 'End': True}\n"
        "definition_from({'StartAt': 'A', 'States': {'A': task}})\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('botocore', 'boto3')])\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout == "[]\n"
