"""The API models: which one a Resource leads to, what they say of a field, and what happens without botocore."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sfdebug.aws.catalogue import names
from sfdebug.aws.catalogue.models import ApiShape, ShapeKind, result_shape
from sfdebug.aws.catalogue.names import Api, api_of, field_names


def shape_of(service: str, action: str, *path: str) -> ApiShape:
    shape = result_shape(service, action)
    assert shape is not None
    for name in path:
        inner = shape.element if name == "*" else shape.field(name)
        assert inner is not None, name
        shape = inner
    return shape


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("executionArn", ("ExecutionArn",)),
        ("DBInstanceIdentifier", ("DBInstanceIdentifier", "DbInstanceIdentifier")),
        ("SSEKMSKeyId", ("SSEKMSKeyId", "SsekmsKeyId")),
        ("ETag", ("ETag",)),
        ("vpcId", ("VpcId",)),
        ("MD5OfMessageBody", ("MD5OfMessageBody", "Md5OfMessageBody")),
        ("BOOL", ("BOOL", "Bool")),
    ],
)
def test_fields_have_a_capital_and_java_s_acronyms(member: str, expected: tuple[str, ...]) -> None:
    assert field_names(member) == expected


@pytest.mark.parametrize(
    ("service", "action", "expected"),
    [
        ("sqs", "sendMessage", Api("sqs", "sendMessage")),
        ("states", "startExecution", Api("stepfunctions", "startExecution")),
        ("states", "startExecution.sync", Api("stepfunctions", "DescribeExecution")),
        ("aws-sdk:sfn", "startExecution", Api("stepfunctions", "startExecution")),
        ("aws-sdk:cloudwatchlogs", "putLogEvents", Api("logs", "putLogEvents")),
        ("sqs", "sendMessage.waitForTaskToken", None),
        ("aws-sdk:sqs", "sendMessage.waitForTaskToken", None),
        ("apigateway", "invoke", None),
        ("http", "invoke", None),
        ("eks", "runJob.sync", None),
    ],
)
def test_a_resource_leads_to_an_api(service: str, action: str, expected: Api | None) -> None:
    assert api_of(service, action) == expected


@pytest.mark.parametrize("resource", sorted({**names._WAITING, **names._OPTIMIZED}))
def test_the_table_names_apis_that_exist(resource: tuple[str, str]) -> None:
    api = api_of(*resource)
    assert api is not None
    from botocore.loaders import Loader

    operations = Loader().load_service_model(api.service, "service-2")["operations"]
    assert api.operation in operations
    if operations[api.operation].get("output"):
        assert result_shape(*resource) is not None


@pytest.mark.parametrize("name", sorted(names._SDK_SERVICES.values()))
def test_the_services_of_the_sdk_are_known_to_botocore(name: str) -> None:
    from botocore.loaders import Loader

    assert name in Loader().list_available_services("service-2")


def test_services_differ_by_hyphens() -> None:
    assert result_shape("aws-sdk:emrserverless", "getJobRun") is not None


@pytest.mark.parametrize(("service", "action"), [("aws-sdk:nosuchservice", "get"), ("aws-sdk:sqs", "noSuchCall")])
def test_what_botocore_does_not_know_has_no_shape(service: str, action: str) -> None:
    assert result_shape(service, action) is None


def test_an_operation_without_an_answer_has_no_shape() -> None:
    assert result_shape("aws-sdk:ec2", "deleteSubnet") is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (("aws-sdk:kms", "encrypt", "CiphertextBlob"), ShapeKind.STRING),
        (("states", "startExecution", "StartDate"), ShapeKind.STRING),
        (("events", "putEvents", "Entries"), ShapeKind.ARRAY),
        (("events", "putEvents", "Entries", "*"), ShapeKind.OBJECT),
        (("dynamodb", "getItem", "Item"), ShapeKind.MAP),
        (("bedrockagentcore", "invokeHarness", "Usage", "TotalTokens"), ShapeKind.NUMBER),
        (("dynamodb", "getItem", "Item", "any key", "BOOL"), ShapeKind.BOOLEAN),
        (("dynamodb", "putItem", "ConsumedCapacity", "CapacityUnits"), ShapeKind.NUMBER),
        (("states", "startExecution.sync", "Output"), ShapeKind.STRING),
        (("states", "startExecution.sync:2", "Output"), ShapeKind.STRING),
        (("lambda", "invoke", "Payload"), ShapeKind.STRING),
        (("ecs", "runTask.sync", "Containers", "*", "ContainerArn"), ShapeKind.STRING),
        (("glue", "startJobRun.sync", "Attempt"), ShapeKind.NUMBER),
    ],
)
def test_kinds(path: tuple[str, ...], kind: ShapeKind) -> None:
    assert shape_of(*path).kind is kind


def test_bounds_and_enums() -> None:
    memory = shape_of("aws-sdk:lambda", "getFunction", "Configuration", "MemorySize")
    assert memory.minimum == 128
    assert memory.maximum == 10_240
    assert "GLACIER" in shape_of("aws-sdk:s3", "getObject", "StorageClass").enum
    assert shape_of("aws-sdk:s3", "getObject", "ContentLength").enum == ()


def test_required_fields_by_their_names_in_step_functions() -> None:
    assert shape_of("states", "startExecution").required == (("ExecutionArn",), ("StartDate",))
    assert shape_of("events", "putEvents", "Entries").required == ()


@pytest.mark.parametrize("field", ["SdkHttpMetadata", "statusCode", ""])
def test_fields_that_the_model_does_not_know(field: str) -> None:
    assert shape_of("lambda", "invoke").field(field) is None


def test_without_botocore_it_says_what_to_do(root: Path) -> None:
    probe = (
        "import sys\n"
        "sys.modules['botocore'] = None\n"
        "from sfdebug.errors import SfdebugError\n"
        "from sfdebug.aws.catalogue.models import result_shape\n"
        "assert result_shape('http', 'invoke') is None\n"
        "try:\n    result_shape('sqs', 'sendMessage')\n"
        "except SfdebugError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=root, check=True)
    assert "Install boto3" in done.stdout
    assert '"fieldValidationMode": "NONE"' in done.stdout
