"""What CloudFormation's resource types are called, and what `Ref` and `Fn::GetAtt` give for them.

Source: AWS docs, CloudFormation template reference, "Return values" of each type; SAM's types become those that they
stand for. A type that is not in the table gets its name from the usual properties, and an ARN of the usual form.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from sfdebug.projects.model import ResourceKind


class ResourceType(Struct, frozen=True):
    """How a type names its resources.

    `name_property` holds the physical name; `arn` and `ref` are made with {name}, {partition}, {region}, {account} and
    {suffix} (the domain that URLs end with), or {derived} from the resource that they are a version of; `attributes`
    are further values of GetAtt, made alike.
    """

    kind: ResourceKind
    name_property: str
    arn: str = ""
    ref: str = "{name}"
    attributes: dict[str, str] = {}
    url: str = ""


def _arn(service: str, path: str) -> str:
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{path}"


def _type(
    kind: ResourceKind,
    name_property: str,
    arn: str = "",
    ref: str = "{name}",
    url: str = "",
    **attributes: str,
) -> ResourceType:
    ref = arn if ref == "arn" else ref
    return ResourceType(kind, name_property, arn, ref, attributes, url)


_K: Final = ResourceKind
_FUNCTION: Final = _type(_K.FUNCTION, "FunctionName", _arn("lambda", "function:{name}"))
_MACHINE_ARN: Final = _arn("states", "stateMachine:{name}")
_TABLE_ARN: Final = _arn("dynamodb", "table/{name}")
_TABLE: Final = _type(
    _K.TABLE, "TableName", _TABLE_ARN, StreamArn=f"{_TABLE_ARN}/stream/2024-01-01T00:00:00.000", TableId="{name}"
)
_QUEUE_URL: Final = "https://sqs.{region}.{suffix}/{account}/{name}"
_API: Final = _type(_K.API, "Name", "arn:{partition}:apigateway:{region}::/restapis/{name}", RootResourceId="root")

TYPES: Final[dict[str, ResourceType]] = {
    "AWS::Lambda::Function": _FUNCTION,
    "AWS::Serverless::Function": _FUNCTION,
    "AWS::Lambda::LayerVersion": _type(_K.LAYER, "LayerName", _arn("lambda", "layer:{name}:1"), "arn"),
    "AWS::Serverless::LayerVersion": _type(_K.LAYER, "LayerName", _arn("lambda", "layer:{name}:1"), "arn"),
    "AWS::StepFunctions::StateMachine": _type(_K.MACHINE, "StateMachineName", _MACHINE_ARN, "arn", Name="{name}"),
    "AWS::Serverless::StateMachine": _type(_K.MACHINE, "Name", _MACHINE_ARN, "arn", Name="{name}"),
    "AWS::StepFunctions::Activity": _type(_K.ACTIVITY, "Name", _arn("states", "activity:{name}"), "arn", Name="{name}"),
    "AWS::Lambda::Version": _type(_K.OTHER, "", "{derived}", "arn", Version="1", FunctionArn="{derived}"),
    "AWS::Lambda::Alias": _type(_K.OTHER, "", "{derived}", "arn", AliasArn="{derived}"),
    "AWS::StepFunctions::StateMachineVersion": _type(_K.OTHER, "", "{derived}", "arn"),
    "AWS::StepFunctions::StateMachineAlias": _type(_K.OTHER, "", "{derived}", "arn"),
    "AWS::DynamoDB::Table": _TABLE,
    "AWS::DynamoDB::GlobalTable": _TABLE,
    "AWS::Serverless::SimpleTable": _TABLE,
    "AWS::SQS::Queue": _type(
        _K.QUEUE,
        "QueueName",
        _arn("sqs", "{name}"),
        _QUEUE_URL,
        _QUEUE_URL,
        QueueName="{name}",
        QueueUrl=_QUEUE_URL,
    ),
    "AWS::SNS::Topic": _type(
        _K.TOPIC, "TopicName", _arn("sns", "{name}"), "arn", TopicArn=_arn("sns", "{name}"), TopicName="{name}"
    ),
    "AWS::SNS::Subscription": _type(_K.SUBSCRIPTION, "", _arn("sns", "{name}"), "arn"),
    "AWS::S3::Bucket": _type(
        _K.BUCKET,
        "BucketName",
        "arn:{partition}:s3:::{name}",
        DomainName="{name}.s3.{suffix}",
        RegionalDomainName="{name}.s3.{region}.{suffix}",
        WebsiteURL="http://{name}.s3-website-{region}.{suffix}",
    ),
    "AWS::Events::EventBus": _type(_K.BUS, "Name", _arn("events", "event-bus/{name}"), Name="{name}"),
    "AWS::Events::Rule": _type(_K.RULE, "Name", _arn("events", "rule/{name}")),
    "AWS::Scheduler::Schedule": _type(_K.SCHEDULE, "Name", _arn("scheduler", "schedule/default/{name}")),
    "AWS::Events::Connection": _type(_K.CONNECTION, "Name", _arn("events", "connection/{name}/stand-in")),
    "AWS::Events::ApiDestination": _type(_K.CONNECTION, "Name", _arn("events", "api-destination/{name}/stand-in")),
    "AWS::IAM::Role": _type(_K.ROLE, "RoleName", "arn:{partition}:iam::{account}:role/{name}", RoleId="AROA{name}"),
    "AWS::IAM::User": _type(_K.ROLE, "UserName", "arn:{partition}:iam::{account}:user/{name}"),
    "AWS::IAM::ManagedPolicy": _type(
        _K.OTHER, "ManagedPolicyName", "arn:{partition}:iam::{account}:policy/{name}", "arn"
    ),
    "AWS::ApiGateway::RestApi": _API,
    "AWS::Serverless::Api": _API,
    "AWS::ApiGatewayV2::Api": _type(_K.API, "Name", ApiEndpoint="https://{name}.execute-api.{region}.{suffix}"),
    "AWS::Serverless::HttpApi": _type(_K.API, "Name", ApiEndpoint="https://{name}.execute-api.{region}.{suffix}"),
    "AWS::AppSync::GraphQLApi": _type(_K.API, "Name", _arn("appsync", "apis/{name}"), "arn", ApiId="{name}"),
    "AWS::ECS::Cluster": _type(_K.CLUSTER, "ClusterName", _arn("ecs", "cluster/{name}")),
    "AWS::ECS::TaskDefinition": _type(_K.JOB, "Family", _arn("ecs", "task-definition/{name}:1"), "arn"),
    "AWS::Batch::JobQueue": _type(_K.JOB, "JobQueueName", _arn("batch", "job-queue/{name}"), "arn"),
    "AWS::Batch::JobDefinition": _type(_K.JOB, "JobDefinitionName", _arn("batch", "job-definition/{name}:1"), "arn"),
    "AWS::Glue::Job": _type(_K.JOB, "Name", _arn("glue", "job/{name}")),
    "AWS::Glue::Crawler": _type(_K.JOB, "Name", _arn("glue", "crawler/{name}")),
    "AWS::CodeBuild::Project": _type(_K.JOB, "Name", _arn("codebuild", "project/{name}")),
    "AWS::SecretsManager::Secret": _type(
        _K.SECRET, "Name", _arn("secretsmanager", "secret:{name}"), "arn", Id="{name}"
    ),
    "AWS::SSM::Parameter": _type(_K.PARAMETER, "Name", _arn("ssm", "parameter/{name}")),
    "AWS::Kinesis::Stream": _type(_K.STREAM, "Name", _arn("kinesis", "stream/{name}")),
    "AWS::KinesisFirehose::DeliveryStream": _type(
        _K.STREAM, "DeliveryStreamName", _arn("firehose", "deliverystream/{name}")
    ),
    "AWS::Logs::LogGroup": _type(_K.OTHER, "LogGroupName", _arn("logs", "log-group:{name}:*")),
    "AWS::KMS::Key": _type(_K.OTHER, "", _arn("kms", "key/{name}"), KeyId="{name}"),
    "AWS::Cognito::UserPool": _type(
        _K.OTHER, "UserPoolName", _arn("cognito-idp", "userpool/{name}"), UserPoolId="{name}"
    ),
}

_NAME_PROPERTIES: Final = ("Name", "{last}Name", "Id")


def type_named(name: str) -> ResourceType:
    """The type of this name. One that the table lacks has the usual name property and an ARN of the usual form."""
    known = TYPES.get(name)
    if known is not None:
        return known
    parts = name.split("::")
    service = parts[1].lower() if len(parts) > 1 else "custom"
    last = parts[-1]
    service, last = (word.replace("{", "{{").replace("}", "}}") for word in (service, last.lower()))
    return ResourceType(ResourceKind.OTHER, "", _arn(service, f"{last}/{{name}}"))


def name_properties(type_name: str, known: ResourceType) -> tuple[str, ...]:
    """The properties that can hold a resource's physical name, the type's own first."""
    if known.name_property or type_name in TYPES:
        return (known.name_property,) if known.name_property else ()
    return tuple(each.format(last=type_name.split("::")[-1]) for each in _NAME_PROPERTIES[:2])
