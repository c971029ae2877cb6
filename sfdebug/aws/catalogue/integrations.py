"""Which service integrations Step Functions has: the optimized ones by name, the AWS SDK ones by botocore's models.

Sources: AWS Step Functions Developer Guide, "Integrating optimized services" with the page of each service (its calls
and patterns), and "Learning to use AWS service SDK integrations" (services, and calls that it leaves out).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from sfdebug.aws.catalogue.models import operation, operation_names, sdk_services
from sfdebug.aws.catalogue.names import sdk_service
from sfdebug.aws.catalogue.retired import RETIRED

CALLBACK: Final = ".waitForTaskToken"
PATTERNS: Final = (".sync", ".sync:2", CALLBACK)

_CALL: Final = ("",)
_JOB: Final = ("", ".sync")
_TOKEN: Final = ("", CALLBACK)
_BOTH: Final = ("", ".sync", CALLBACK)


def _calls(patterns: tuple[str, ...], names: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(names.split(), patterns)


OPTIMIZED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "apigateway": _calls(_TOKEN, "invoke"),
    "athena": _calls(_JOB, "startQueryExecution")
    | _calls(_CALL, "stopQueryExecution getQueryExecution getQueryResults"),
    "batch": _calls(_JOB, "submitJob"),
    "bedrock": _calls(_TOKEN, "invokeModel") | _calls(_JOB, "createModelCustomizationJob"),
    # The guide writes the first name; definitions with the second are about too.
    "bedrockagentcore": _calls(_CALL, "invokeHarness"),
    "bedrock-agentcore": _calls(_CALL, "invokeHarness"),
    "codebuild": _calls(_JOB, "startBuild startBuildBatch")
    | _calls(_CALL, "stopBuild batchDeleteBuilds batchGetReports stopBuildBatch retryBuildBatch deleteBuildBatch"),
    "databrew": _calls(_JOB, "startJobRun"),
    "dynamodb": _calls(_CALL, "getItem putItem updateItem deleteItem"),
    "ecs": _calls(_BOTH, "runTask"),
    "eks": _calls(_BOTH, "runJob")
    | _calls(_TOKEN, "call")
    | _calls(_JOB, "createCluster deleteCluster createNodegroup deleteNodegroup")
    | _calls(_JOB, "createFargateProfile deleteFargateProfile"),
    "elasticmapreduce": _calls(_JOB, "createCluster terminateCluster addStep")
    | _calls(_CALL, "cancelStep setClusterTerminationProtection modifyInstanceFleetByName modifyInstanceGroupByName"),
    "emr-containers": _calls(_JOB, "startJobRun deleteVirtualCluster") | _calls(_CALL, "createVirtualCluster"),
    "emr-serverless": _calls(_JOB, "createApplication startApplication stopApplication deleteApplication")
    | _calls(_JOB, "startJobRun cancelJobRun"),
    "events": _calls(_TOKEN, "putEvents"),
    "glue": _calls(_JOB, "startJobRun"),
    "http": _calls(_CALL, "invoke"),
    "lambda": _calls(_TOKEN, "invoke"),
    "mediaconvert": _calls(_JOB, "createJob"),
    "sagemaker": _calls(_JOB, "createHyperParameterTuningJob createLabelingJob createProcessingJob createTrainingJob")
    | _calls(_JOB, "createTransformJob")
    | _calls(_CALL, "createEndpoint createEndpointConfig createModel updateEndpoint"),
    "sns": _calls(_TOKEN, "publish"),
    "sqs": _calls(_TOKEN, "sendMessage"),
    "states": {"startExecution": ("", ".sync", ".sync:2", CALLBACK)},
}
"""The optimized integrations: the calls of each service, and the patterns of each call ("" answers the request)."""

_SDK_PATTERNS: Final = ("", CALLBACK)

_LEFT_OUT: Final = frozenset(
    {
        ("comprehendmedical", "detectEntities"),
        ("efs", "createTags"),
        ("emr", "describeJobFlows"),
        ("iotdeviceadvisor", "listTestCases"),
        ("lambda", "invokeAsync"),
        ("mediapackage", "rotateChannelCredentials"),
        ("rdsdata", "executeSql"),
        ("shield", "deleteSubscription"),
    }
)
"""Calls that the Developer Guide leaves out; those that stream events, which it leaves out too, the models know."""

_NO_INTEGRATION: Final = frozenset({"apigatewaymanagementapi"})
"""Services with an endpoint of each customer's own, of which AWS was reported to say that they are not recognized."""


class Lack(StrEnum):
    """What of a Resource Step Functions does not have."""

    SERVICE = "service"
    CALL = "call"
    PATTERN = "pattern"


class Unrecognized(NamedTuple):
    """Why an integration is none: what is lacking, its name in the Resource, and the names that there are."""

    lack: Lack
    name: str
    known: tuple[str, ...]


def split_pattern(action: str) -> tuple[str, str]:
    """A call and its pattern: ("runTask", ".sync") for "runTask.sync"."""
    call, dot, pattern = action.partition(".")
    return call, dot + pattern


def unrecognized_optimized(service: str, action: str) -> Unrecognized | None:
    """Why Step Functions has no such optimized integration; None when it has."""
    calls = OPTIMIZED.get(service)
    if calls is None:
        return Unrecognized(Lack.SERVICE, service, tuple(OPTIMIZED))
    call, pattern = split_pattern(action)
    if call not in calls:
        return Unrecognized(Lack.CALL, call, tuple(calls))
    if pattern not in calls[call]:
        return Unrecognized(Lack.PATTERN, pattern, calls[call])
    return None


def unrecognized_sdk(service: str, action: str) -> Unrecognized | None:
    """Why Step Functions has no such AWS SDK integration; None when it has. `service` stands without "aws-sdk:".

    Reads the model of that one service. Raises MissingModelsError when botocore is not installed.
    """
    call, pattern = split_pattern(action)
    if pattern not in _SDK_PATTERNS:
        return Unrecognized(Lack.PATTERN, pattern, _SDK_PATTERNS)
    if service in RETIRED:  # of those without a model nothing can be said; that they are gone is advice
        return None
    if service in _NO_INTEGRATION or service not in sdk_services():
        return Unrecognized(
            Lack.SERVICE, service, tuple(name for name in sdk_services() if name not in _NO_INTEGRATION)
        )
    model = sdk_service(service)
    calls = tuple(name[:1].lower() + name[1:] for name in operation_names(model))
    if call not in calls or (service, call) in _LEFT_OUT:
        return Unrecognized(Lack.CALL, call, calls)
    found = operation(model, call)
    if found is not None and (found.has_event_stream_input or found.has_event_stream_output):
        return Unrecognized(Lack.CALL, call, calls)
    return None
