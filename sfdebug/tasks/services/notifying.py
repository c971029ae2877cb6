"""Whom a bucket of the project tells of its objects: EventBridge, queues, topics.

Source: CloudFormation, AWS::S3::Bucket NotificationConfiguration; Terraform AWS provider, aws_s3_bucket_notification;
CDK, whose resource of its own has the words of the API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sfdebug.projects.model import ResourceKind
from sfdebug.tasks.services.provider import properties_of

if TYPE_CHECKING:
    from sfdebug.aws.service_calls import ServiceClients
    from sfdebug.projects.model import ProjectResource

TERRAFORM: Final = "aws_s3_bucket_notification"
CDK: Final = "Custom::S3BucketNotifications"
"""What Terraform and CDK have beside a bucket."""

_TARGETS: Final = {"Queue": "QueueConfigurations", "Topic": "TopicConfigurations"}
"""What is told on this machine; functions are not."""


def notifies(resource: ProjectResource) -> bool:
    """Whether a resource says whom a bucket tells of its objects."""
    if resource.type in (TERRAFORM, CDK):
        return True
    return resource.kind is ResourceKind.BUCKET and bool(properties_of(resource).get("NotificationConfiguration"))


def notify(resource: ProjectResource, clients: ServiceClients) -> None:
    """Have its bucket tell them."""
    given = properties_of(resource)
    if resource.type == TERRAFORM:
        name, wanted = str(given.get("Bucket")), _of_terraform(given)
    elif resource.type == CDK:
        name, wanted = str(given.get("BucketName")), _of_api(given.get("NotificationConfiguration"))
    else:
        name, wanted = resource.name, _of_template(given["NotificationConfiguration"])
    if wanted:
        clients.client("s3").put_bucket_notification_configuration(
            Bucket=name.lower(), NotificationConfiguration=wanted
        )


def _of_template(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        return {}
    found: dict[str, Any] = {}
    bridge = given.get("EventBridgeConfiguration")
    if isinstance(bridge, Mapping) and bridge.get("EventBridgeEnabled", True) not in (False, "false"):
        found["EventBridgeConfiguration"] = {}
    for kind, name in _TARGETS.items():
        listed = [
            {
                f"{kind}Arn": each.get(kind),
                "Events": [each.get("Event")],
                **_filter(_rules(each.get("Filter"))),
            }
            for each in _objects(given.get(name))
        ]
        if listed:
            found[name] = listed
    return found


def _of_api(given: Any) -> dict[str, Any]:
    known = ("EventBridgeConfiguration", *_TARGETS.values())
    return {name: given[name] for name in known if name in given} if isinstance(given, Mapping) else {}


def _of_terraform(given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if given.get("Eventbridge") is True:
        found["EventBridgeConfiguration"] = {}
    for kind, name in _TARGETS.items():
        listed = [
            {
                f"{kind}Arn": each.get(f"{kind.lower()}_arn"),
                "Events": each.get("events"),
                **_filter([("prefix", each.get("filter_prefix")), ("suffix", each.get("filter_suffix"))]),
            }
            for each in _objects(given.get(kind))
        ]
        if listed:
            found[name] = listed
    return found


def _rules(given: Any) -> list[tuple[Any, Any]]:
    key = given.get("S3Key") if isinstance(given, Mapping) else None
    rules = key.get("Rules") if isinstance(key, Mapping) else None
    return [(each.get("Name"), each.get("Value")) for each in _objects(rules)]


def _filter(rules: list[tuple[Any, Any]]) -> dict[str, Any]:
    named = [{"Name": str(name), "Value": str(value)} for name, value in rules if value]
    return {"Filter": {"Key": {"FilterRules": named}}} if named else {}


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    return (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, Mapping))
