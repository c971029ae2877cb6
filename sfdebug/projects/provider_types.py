"""What the AWS provider of Terraform and Pulumi calls its resources, and which type of CloudFormation each is.

Source: Terraform AWS provider, "Attribute Reference" of each resource (`id`, `arn`, `url`); Pulumi's AWS provider is
made of it, with names in camel case. ARNs are made as `resource_types` makes them.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from sfdebug.projects.resource_types import ResourceType, type_named

MACHINE: Final = "aws_sfn_state_machine"
FUNCTION: Final = "aws_lambda_function"

_ARN, _NAME, _URL = "arn", "name", "url"


class ProviderType(Struct, frozen=True):
    """A type of the provider: the type of CloudFormation, the argument that holds the name, and what `id` is."""

    cloudformation: str
    name: str = "name"
    id: str = _NAME

    @property
    def known(self) -> ResourceType:
        """How the type names its resources."""
        return type_named(self.cloudformation)


PROVIDER_TYPES: Final[dict[str, ProviderType]] = {
    MACHINE: ProviderType("AWS::StepFunctions::StateMachine", "name", _ARN),
    "aws_sfn_activity": ProviderType("AWS::StepFunctions::Activity", "name", _ARN),
    FUNCTION: ProviderType("AWS::Lambda::Function", "function_name"),
    "aws_lambda_layer_version": ProviderType("AWS::Lambda::LayerVersion", "layer_name", _ARN),
    "aws_dynamodb_table": ProviderType("AWS::DynamoDB::Table"),
    "aws_sqs_queue": ProviderType("AWS::SQS::Queue", "name", _URL),
    "aws_sns_topic": ProviderType("AWS::SNS::Topic", "name", _ARN),
    "aws_sns_topic_subscription": ProviderType("AWS::SNS::Subscription", "", _ARN),
    "aws_s3_bucket": ProviderType("AWS::S3::Bucket", "bucket"),
    "aws_cloudwatch_event_bus": ProviderType("AWS::Events::EventBus"),
    "aws_cloudwatch_event_rule": ProviderType("AWS::Events::Rule"),
    "aws_cloudwatch_event_connection": ProviderType("AWS::Events::Connection"),
    "aws_cloudwatch_event_api_destination": ProviderType("AWS::Events::ApiDestination"),
    "aws_scheduler_schedule": ProviderType("AWS::Scheduler::Schedule"),
    "aws_pipes_pipe": ProviderType("AWS::Pipes::Pipe"),
    "aws_iam_role": ProviderType("AWS::IAM::Role"),
    "aws_iam_policy": ProviderType("AWS::IAM::ManagedPolicy", "name", _ARN),
    "aws_api_gateway_rest_api": ProviderType("AWS::ApiGateway::RestApi"),
    "aws_apigatewayv2_api": ProviderType("AWS::ApiGatewayV2::Api"),
    "aws_appsync_graphql_api": ProviderType("AWS::AppSync::GraphQLApi"),
    "aws_ecs_cluster": ProviderType("AWS::ECS::Cluster", "name", _ARN),
    "aws_ecs_task_definition": ProviderType("AWS::ECS::TaskDefinition", "family"),
    "aws_batch_job_queue": ProviderType("AWS::Batch::JobQueue", "name", _ARN),
    "aws_batch_job_definition": ProviderType("AWS::Batch::JobDefinition", "name", _ARN),
    "aws_glue_job": ProviderType("AWS::Glue::Job"),
    "aws_glue_crawler": ProviderType("AWS::Glue::Crawler"),
    "aws_codebuild_project": ProviderType("AWS::CodeBuild::Project", "name", _ARN),
    "aws_secretsmanager_secret": ProviderType("AWS::SecretsManager::Secret", "name", _ARN),
    "aws_ssm_parameter": ProviderType("AWS::SSM::Parameter"),
    "aws_kinesis_stream": ProviderType("AWS::Kinesis::Stream", "name", _ARN),
    "aws_kinesis_firehose_delivery_stream": ProviderType("AWS::KinesisFirehose::DeliveryStream", "name", _ARN),
    "aws_cloudwatch_log_group": ProviderType("AWS::Logs::LogGroup"),
    "aws_kms_key": ProviderType("AWS::KMS::Key", ""),
    "aws_cognito_user_pool": ProviderType("AWS::Cognito::UserPool"),
}
"""The types that state machines have to do with; `bench/projects.py` says which others are met."""

_UPPER: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PULUMI: Final = re.compile(r"aws:([\w-]+)/\w+:(\w+)")
_PULUMI_TYPES: Final = {
    ("s3", "Bucket"): "aws_s3_bucket",
    ("s3", "BucketV2"): "aws_s3_bucket",
    ("cloudwatch", "EventRule"): "aws_cloudwatch_event_rule",
    ("cloudwatch", "EventBus"): "aws_cloudwatch_event_bus",
    ("cloudwatch", "EventTarget"): "aws_cloudwatch_event_target",
    ("cloudwatch", "EventConnection"): "aws_cloudwatch_event_connection",
    ("cloudwatch", "LogGroup"): "aws_cloudwatch_log_group",
    ("apigateway", "RestApi"): "aws_api_gateway_rest_api",
    ("kinesis", "FirehoseDeliveryStream"): "aws_kinesis_firehose_delivery_stream",
}


def provider_type(name: str) -> ProviderType:
    """The type of this name; one that the table lacks is guessed from its words, and has a `name`."""
    found = PROVIDER_TYPES.get(name)
    if found is not None:
        return found
    service, _, rest = name.removeprefix("aws_").partition("_")
    return ProviderType(f"AWS::{service.capitalize()}::{rest.title().replace('_', '')}")


def snake(name: str) -> str:
    """A name in camel case as Terraform writes it."""
    return _UPPER.sub("_", name).lower()


def from_pulumi(name: str) -> str:
    """Terraform's name for a type of Pulumi: `aws:lambda/function:Function` is `aws_lambda_function`; "" for others."""
    match = _PULUMI.fullmatch(name)
    if match is None:
        return ""
    module, kind = match.groups()
    return _PULUMI_TYPES.get((module, kind)) or f"aws_{snake(module)}_{snake(kind)}"
