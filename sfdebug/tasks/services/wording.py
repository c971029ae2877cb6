"""How Step Functions names what services refuse: the optimized integrations in the words of the SDK for Java 1, the
AWS SDK integrations in those of the SDK for Java 2.

Source: recorded executions, where there are any; of the other services the SDKs' own class names, and the Developer
Guide's page of each service.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.aws.catalogue.names import sdk_field_names

if TYPE_CHECKING:
    from sfdebug.aws.service_calls import ServiceFaultError


class OptimizedNames(Struct, frozen=True):
    """Of an optimized integration: what its errors begin with, what its SDK calls the service and its general error."""

    prefix: str
    service: str
    general: str


_NAMES: Final = {
    "athena": OptimizedNames("Athena", "AmazonAthena", "AmazonAthenaException"),
    "batch": OptimizedNames("Batch", "AWSBatch", "AWSBatchException"),
    "bedrock": OptimizedNames("Bedrock", "BedrockRuntime", "BedrockRuntimeException"),
    "codebuild": OptimizedNames("CodeBuild", "AWSCodeBuild", "AWSCodeBuildException"),
    "databrew": OptimizedNames("DataBrew", "AWSGlueDataBrew", "AWSGlueDataBrewException"),
    "dynamodb": OptimizedNames("DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDBException"),
    "ecs": OptimizedNames("ECS", "AmazonECS", "AmazonECSException"),
    "eks": OptimizedNames("EKS", "AmazonEKS", "AmazonEKSException"),
    "elasticmapreduce": OptimizedNames("ElasticMapReduce", "AmazonElasticMapReduce", "AmazonElasticMapReduceException"),
    "emr-containers": OptimizedNames("EMRContainers", "AmazonEMRContainers", "AmazonEMRContainersException"),
    "emr-serverless": OptimizedNames("EMRServerless", "AWSEMRServerless", "AWSEMRServerlessException"),
    "events": OptimizedNames("EventBridge", "AmazonEventBridge", "AmazonEventBridgeException"),
    "glue": OptimizedNames("Glue", "AWSGlue", "AWSGlueException"),
    "lambda": OptimizedNames("Lambda", "AWSLambda", "AWSLambdaException"),
    "mediaconvert": OptimizedNames("MediaConvert", "AWSMediaConvert", "AWSMediaConvertException"),
    "sagemaker": OptimizedNames("SageMaker", "AmazonSageMaker", "AmazonSageMakerException"),
    "sns": OptimizedNames("SNS", "AmazonSNS", "AmazonSNSException"),
    "sqs": OptimizedNames("SQS", "AmazonSQS", "AmazonSQSException"),
    "states": OptimizedNames("StepFunctions", "AWSStepFunctions", "AWSStepFunctionsException"),
}


class FailureWords(Struct, frozen=True):
    """The Error and the Cause of a Task."""

    error: str
    cause: str


def optimized_failure(service: str, fault: ServiceFaultError) -> FailureWords:
    """What a call of an optimized integration fails with."""
    names = _NAMES.get(service) or OptimizedNames(service.title(), service, f"{service.title()}Exception")
    name = _exception_name(fault.shape) if fault.shape else names.general
    cause = (
        f"{fault.message} (Service: {names.service}; Status Code: {fault.status}; Error Code: {fault.code}; "
        f"Request ID: {fault.request_id}; Proxy: null)"
    )
    return FailureWords(f"{names.prefix}.{name}", cause)


def sdk_failure(service_id: str, fault: ServiceFaultError) -> FailureWords:
    """What a call of an AWS SDK integration fails with; `service_id` is the one of the service's model."""
    prefix = sdk_prefix(service_id)
    name = _exception_name(fault.newer_shape) if fault.newer_shape else f"{prefix}Exception"
    parts = [f"Service: {prefix}", f"Status Code: {fault.status}", f"Request ID: {fault.request_id}"]
    if prefix == "S3":
        parts.append("Extended Request ID: local")
    return FailureWords(f"{prefix}.{name}", f"{fault.message} ({', '.join(parts)}) (SDK Attempt Count: 1)")


def sdk_prefix(service_id: str) -> str:
    """What errors of a service begin with: `DynamoDb`, `Sfn`, `SecretsManager`, as the SDK for Java 2 names classes."""
    words = _WORDS.sub(" ", re.sub(r"[^A-Za-z0-9]+", " ", service_id)).split()
    return "".join(word[:1].upper() + word[1:].lower() for word in words)


_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _exception_name(shape: str) -> str:
    """The SDKs for Java name exceptions after shapes, with "Exception" at the end, also in place of "Fault"."""
    name = sdk_field_names(shape)[-1] if not shape[:1].isupper() else shape
    if name.endswith("Exception"):
        return name
    return f"{name.removesuffix('Fault')}Exception"
