"""How Step Functions names services, operations and fields, in terms of the API models that botocore ships.

Sources: AWS Step Functions Developer Guide, "Learning to use AWS service SDK integrations" (service names are those
of the SDK for Java 2.x, fields are in PascalCase) and "Integrating services" (the optimized integrations).
"""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import Final, NamedTuple

SDK: Final = "aws-sdk:"
"""What the service of an AWS SDK integration begins with in a Resource ARN."""


class Api(NamedTuple):
    """An operation in the API models, its service as botocore calls it, and members to follow in its output."""

    service: str
    operation: str
    members: tuple[str, ...] = ()


_SDK_SERVICES: Final = {
    "applicationdiscovery": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costandusagereport": "cur",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "directory": "ds",
    "directoryservicedata": "ds-data",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntimev2": "lexv2-runtime",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "pinpointsmsvoice": "sms-voice",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
    "simpledb": "sdb",
}
"""SDK integrations whose service botocore calls by another name; the others differ by hyphens at most.

The guide's names are those of the SDK for Java: a service's id in lower case, without blanks, and without a "Service"
at its end.
"""

_OPTIMIZED_SERVICES: Final = {
    "athena": "athena",
    "batch": "batch",
    "bedrock": "bedrock",
    "codebuild": "codebuild",
    "databrew": "databrew",
    "dynamodb": "dynamodb",
    "ecs": "ecs",
    "elasticmapreduce": "emr",
    "emr-containers": "emr-containers",
    "emr-serverless": "emr-serverless",
    "events": "events",
    "glue": "glue",
    "lambda": "lambda",
    "mediaconvert": "mediaconvert",
    "sagemaker": "sagemaker",
    "sns": "sns",
    "sqs": "sqs",
    "states": "stepfunctions",
}
"""The optimized integrations that answer with an API's own output. apigateway, eks and http:invoke do not."""

_OPTIMIZED: Final = {
    ("bedrock", "invokeModel"): Api("bedrock-runtime", "InvokeModel"),
    ("elasticmapreduce", "addStep"): Api("emr", "AddJobFlowSteps"),
    ("elasticmapreduce", "createCluster"): Api("emr", "RunJobFlow"),
    ("elasticmapreduce", "terminateCluster"): Api("emr", "TerminateJobFlows"),
    ("elasticmapreduce", "cancelStep"): Api("emr", "CancelSteps"),
    ("elasticmapreduce", "modifyInstanceFleetByName"): Api("emr", "ModifyInstanceFleet"),
    ("elasticmapreduce", "modifyInstanceGroupByName"): Api("emr", "ModifyInstanceGroups"),
    ("elasticmapreduce", "setClusterTerminationProtection"): Api("emr", "SetTerminationProtection"),
}
"""Optimized integrations that are called otherwise than the operation behind them."""

_WAITING: Final = {
    ("athena", "startQueryExecution.sync"): Api("athena", "GetQueryExecution"),
    ("batch", "submitJob.sync"): Api("batch", "DescribeJobs", ("jobs",)),
    ("bedrock", "createModelCustomizationJob.sync"): Api("bedrock", "GetModelCustomizationJob"),
    ("codebuild", "startBuild.sync"): Api("codebuild", "StartBuild"),
    ("codebuild", "startBuildBatch.sync"): Api("codebuild", "StartBuildBatch"),
    ("databrew", "startJobRun.sync"): Api("databrew", "DescribeJobRun"),
    ("ecs", "runTask.sync"): Api("ecs", "DescribeTasks", ("tasks",)),
    ("elasticmapreduce", "addStep.sync"): Api("emr", "DescribeStep"),
    ("elasticmapreduce", "createCluster.sync"): Api("emr", "DescribeCluster"),
    ("elasticmapreduce", "terminateCluster.sync"): Api("emr", "DescribeCluster"),
    ("emr-containers", "deleteVirtualCluster.sync"): Api("emr-containers", "DescribeVirtualCluster"),
    ("emr-containers", "startJobRun.sync"): Api("emr-containers", "DescribeJobRun"),
    ("emr-serverless", "createApplication.sync"): Api("emr-serverless", "GetApplication"),
    ("emr-serverless", "startApplication.sync"): Api("emr-serverless", "GetApplication"),
    ("emr-serverless", "stopApplication.sync"): Api("emr-serverless", "GetApplication"),
    ("emr-serverless", "startJobRun.sync"): Api("emr-serverless", "GetJobRun"),
    ("glue", "startJobRun.sync"): Api("glue", "GetJobRun", ("JobRun",)),
    ("mediaconvert", "createJob.sync"): Api("mediaconvert", "GetJob"),
    ("sagemaker", "createHyperParameterTuningJob.sync"): Api("sagemaker", "DescribeHyperParameterTuningJob"),
    ("sagemaker", "createLabelingJob.sync"): Api("sagemaker", "DescribeLabelingJob"),
    ("sagemaker", "createProcessingJob.sync"): Api("sagemaker", "DescribeProcessingJob"),
    ("sagemaker", "createTrainingJob.sync"): Api("sagemaker", "DescribeTrainingJob"),
    ("sagemaker", "createTransformJob.sync"): Api("sagemaker", "DescribeTransformJob"),
    ("states", "startExecution.sync"): Api("stepfunctions", "DescribeExecution"),
    ("states", "startExecution.sync:2"): Api("stepfunctions", "DescribeExecution"),
}
"""What a `.sync` task answers: the operation that Step Functions asks until the job is done. Those of the states
service are recorded; of the others the Developer Guide's page of each service tells.

A mocked result is held against the API's own model, also where Step Functions parses a text of the real answer:
boto3's issue 4683 reports that TestState takes `Output` of startExecution.sync:2 as a string only.
"""


RESULT_APIS: Final = {
    ("bedrockagentcore", "invokeHarness"): Api("bedrock-runtime", "Converse"),
    ("bedrock-agentcore", "invokeHarness"): Api("bedrock-runtime", "Converse"),
}
"""Integrations that answer in the shape of another API than the one that they call. Source: the Developer Guide's page
of Bedrock AgentCore: Output, StopReason, Usage and Metrics, as Converse has them."""


def api_of(service: str, action: str) -> Api | None:
    """The API whose output a Task with this resourceType and resource gives; None when there is no model for it.

    A `.waitForTaskToken` task gives whatever is sent with its token, so no model applies.
    """
    if action.endswith(".waitForTaskToken"):
        return None
    if service.startswith(SDK):
        if "." in action:
            return None
        return Api(sdk_service(service.removeprefix(SDK)), action)
    if "." in action:
        return _WAITING.get((service, action))
    if service not in _OPTIMIZED_SERVICES:
        return None
    return _OPTIMIZED.get((service, action)) or Api(_OPTIMIZED_SERVICES[service], action)


def sdk_equivalent(service: str) -> str:
    """What the AWS SDK integrations call the service of an optimized one: `sfn` for `states`; "" when it has none."""
    named = _OPTIMIZED_SERVICES.get(service)
    return "" if named is None else sdk_name(named)


def sdk_service(name: str) -> str:
    """What botocore calls the service of an AWS SDK integration, but for hyphens."""
    return _SDK_SERVICES.get(name, name)


def sdk_name(service: str) -> str:
    """How a Resource names the service that botocore calls `service`."""
    return _RENAMED.get(service, service.replace("-", ""))


_RENAMED: Final = {botocore: name for name, botocore in _SDK_SERVICES.items()}


def sdk_field_names(member: str) -> tuple[str, ...]:
    """The names of a member of an API among the arguments of an AWS SDK integration, the right one first.

    It is the SDK for Java's, with a capital: capitals that run together at its start are one word (measured with
    TestState: `DBInstanceIdentifier` is refused for `DbInstanceIdentifier`; recorded: `ChecksumCRC32` stays). Names
    that Java has taken get "Value" at their end (Developer Guide: `EqualsValue`), which is not known of its keywords.
    Of capitals further on (`SourceDBSnapshotIdentifier`) no measurement is known, so either way is.
    """
    run = _CAPITALS.match(member)
    length = run.end() if run is not None else 0
    if length > 1 and member[length : length + 1].islower():
        length -= 1
    name = member[:1].upper() + member[1 : max(1, length)].lower() + member[max(1, length) :]
    if name in _OTHERWISE:
        return _OTHERWISE[name]
    keyword = (f"{name}Value",) if iskeyword(name.lower()) or name in _TAKEN else ()
    return tuple(dict.fromkeys((name, _pascal(member), *keyword)))


_CAPITALS: Final = re.compile("[A-Z]+")
_OTHERWISE: Final = {"Equals": ("EqualsValue",), "Null": ("Nul", "Null")}
_TAKEN: Final = ("Default", "New", "Public", "Private", "Static", "Switch", "Case", "Package", "Enum", "Long", "Double")


def field_names(member: str) -> tuple[str, ...]:
    """The names that a member of an API has in Step Functions: with a capital, and in Java's PascalCase.

    The optimized integrations keep acronyms (`MD5OfMessageBody`), the SDK ones do not (`DbInstanceIdentifier`), but
    for some of S3's (recorded: `ChecksumCRC32`); so both are known everywhere.
    """
    capitalised = member[:1].upper() + member[1:]
    pascal = _pascal(member)
    return (capitalised,) if pascal == capitalised else (capitalised, pascal)


def _pascal(member: str) -> str:
    return "".join(word[:1].upper() + word[1:].lower() for word in _words(member))


_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])")
_ACRONYM: Final = re.compile(r"([A-Z]+)([A-Z][a-z])")
_DIGIT: Final = re.compile(r"([0-9])([a-zA-Z])")


def _words(name: str) -> list[str]:
    spaced = _CAMEL.sub(" ", re.sub(r"[^A-Za-z0-9]+", " ", name))
    return _DIGIT.sub(r"\1 \2", _ACRONYM.sub(r"\1 \2", spaced)).split()
