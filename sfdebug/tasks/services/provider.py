"""What Terraform's AWS provider, and Pulumi's, which is made of it, call the properties of what is made at an endpoint,
in the words of CloudFormation.

Source: Terraform AWS provider, "Argument Reference" of each resource; CloudFormation's resource reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sfdebug.projects.model import ProjectResource

PREFIX: Final = "aws_"
TARGET: Final = "aws_cloudwatch_event_target"
"""An event target, which stands beside its rule."""
_RENAMED: Final = {
    "message_retention_seconds": "MessageRetentionPeriod",
    "visibility_timeout_seconds": "VisibilityTimeout",
    "max_message_size": "MaximumMessageSize",
    "receive_wait_time_seconds": "ReceiveMessageWaitTimeSeconds",
}
_JSON: Final = ("RedrivePolicy", "EventPattern", "FilterPolicy")
_UPPER: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def properties_of(resource: ProjectResource) -> Mapping[str, Any]:
    """The properties of a resource as CloudFormation names them."""
    if not resource.type.startswith(PREFIX):
        return resource.properties
    given = {_UPPER.sub("_", name).lower(): value for name, value in resource.properties.items()}
    found = {_RENAMED.get(name) or _pascal(name): value for name, value in given.items() if value is not None}
    for name in _JSON:
        found[name] = _parsed(found.get(name))
    found = {name: value for name, value in found.items() if value is not None}
    return {**found, **_table(given)} if resource.type == "aws_dynamodb_table" else found


def _table(given: Mapping[str, Any]) -> dict[str, Any]:
    """The keys and indexes of a table."""
    found: dict[str, Any] = {
        "AttributeDefinitions": [
            {"AttributeName": each.get("name"), "AttributeType": each.get("type")}
            for each in _blocks(given, "attribute")
        ],
        "KeySchema": _keys(given.get("hash_key"), given.get("range_key")),
    }
    for name, plural in (("global_secondary_index", "Global"), ("local_secondary_index", "Local")):
        indexes = [_index(each, given.get("hash_key")) for each in _blocks(given, name)]
        if indexes:
            found[f"{plural}SecondaryIndexes"] = indexes
    if given.get("stream_enabled"):
        found["StreamSpecification"] = {"StreamViewType": given.get("stream_view_type") or "NEW_AND_OLD_IMAGES"}
    return found


def _index(given: Mapping[str, Any], hash_key: Any) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": given.get("projection_type") or "ALL"}
    if given.get("non_key_attributes"):
        projection["NonKeyAttributes"] = given["non_key_attributes"]
    return {
        "IndexName": given.get("name"),
        "KeySchema": _keys(given.get("hash_key") or hash_key, given.get("range_key")),
        "Projection": projection,
    }


def _keys(hash_key: Any, range_key: Any) -> list[dict[str, Any]]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}] if hash_key else []
    return [*keys, {"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else keys


def _blocks(given: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The blocks of a name, which Pulumi has in the plural, with names as Terraform writes them."""
    found = given.get(name) or given.get(f"{name}s") or given.get(f"{name.removesuffix('x')}xes") or []
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, dict):
            yield {_UPPER.sub("_", key).lower(): value for key, value in each.items()}


def _pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _parsed(value: Any) -> Any:
    """A policy or a pattern, which is written as JSON in a text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
