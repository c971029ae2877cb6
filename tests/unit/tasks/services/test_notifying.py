"""Whom buckets tell of their objects, read of what templates, Terraform and CDK say."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sfdebug.aws.service_calls import ServiceClients
from sfdebug.projects.model import ProjectResource, ResourceKind
from sfdebug.tasks.services.notifying import notifies, notify

QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
FILTERED = {
    "Events": ["s3:ObjectCreated:*"],
    "QueueArn": QUEUE,
    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}},
}


class Clients:
    """Remembers what a bucket was told."""

    def __init__(self) -> None:
        self.put: list[tuple[str, Any]] = []

    def client(self, service: str) -> Clients:
        """Itself, for S3."""
        assert service == "s3"
        return self

    def put_bucket_notification_configuration(self, **given: Any) -> None:
        """Remember it."""
        self.put.append((given["Bucket"], given["NotificationConfiguration"]))


def told(kind: ResourceKind, type: str, **properties: Any) -> list[tuple[str, Any]]:
    resource = ProjectResource(kind, type, "B", "Photos", properties=properties)
    clients = Clients()
    if notifies(resource):
        notify(resource, cast("ServiceClients", clients))
    return clients.put


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"EventBridgeConfiguration": {}}, {"EventBridgeConfiguration": {}}),
        ({"EventBridgeConfiguration": {"EventBridgeEnabled": True}}, {"EventBridgeConfiguration": {}}),
        (
            {
                "EventBridgeConfiguration": {"EventBridgeEnabled": False},
                "QueueConfigurations": [
                    {
                        "Event": "s3:ObjectCreated:*",
                        "Queue": QUEUE,
                        "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}},
                    }
                ],
                "TopicConfigurations": [{"Event": "s3:ObjectRemoved:*", "Topic": "arn:topic"}],
                "LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Function": "arn:function"}],
            },
            {
                "QueueConfigurations": [FILTERED],
                "TopicConfigurations": [{"TopicArn": "arn:topic", "Events": ["s3:ObjectRemoved:*"]}],
            },
        ),
    ],
)
def test_a_bucket_of_a_template(given: Any, wanted: Any) -> None:
    assert told(ResourceKind.BUCKET, "AWS::S3::Bucket", NotificationConfiguration=given) == [("photos", wanted)]


def test_what_terraform_and_cdk_have_beside_a_bucket() -> None:
    queue = {"queue_arn": QUEUE, "events": ["s3:ObjectCreated:*"], "filter_prefix": "in/", "filter_suffix": ""}
    terraform = told(ResourceKind.OTHER, "aws_s3_bucket_notification", bucket="Photos", eventbridge=True, queue=[queue])
    assert terraform == [("photos", {"EventBridgeConfiguration": {}, "QueueConfigurations": [FILTERED]})]
    configuration: Any = {"EventBridgeConfiguration": {}, "LambdaFunctionConfigurations": [{}]}
    cdk = told(
        ResourceKind.OTHER,
        "Custom::S3BucketNotifications",
        BucketName="photos",
        NotificationConfiguration=configuration,
    )
    assert cdk == [("photos", {"EventBridgeConfiguration": {}})]


def test_buckets_that_tell_nobody() -> None:
    assert told(ResourceKind.BUCKET, "AWS::S3::Bucket") == []
    assert told(ResourceKind.BUCKET, "AWS::S3::Bucket", NotificationConfiguration="${Unknown}") == []
    assert told(ResourceKind.OTHER, "aws_s3_bucket_notification", bucket="photos") == []
