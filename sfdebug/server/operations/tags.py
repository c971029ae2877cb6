"""Tags of state machines and activities. Source: AWS API, TagResource, UntagResource, ListTagsForResource."""

from __future__ import annotations

from sfdebug.server.arns import ResourceArnKind, read_arn
from sfdebug.server.call import ApiCall
from sfdebug.server.errors import resource_not_found
from sfdebug.server.operations.machines import tags_of
from sfdebug.values import Json


def tag_resource(call: ApiCall) -> dict[str, Json]:
    """TagResource."""
    call.host.tags.add(_resource(call), tags_of(call.members["tags"]))
    return {}


def untag_resource(call: ApiCall) -> dict[str, Json]:
    """UntagResource."""
    call.host.tags.remove(_resource(call), call.members["tagKeys"])
    return {}


def list_tags_for_resource(call: ApiCall) -> dict[str, Json]:
    """ListTagsForResource."""
    tags = call.host.tags.of(_resource(call))
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


def _resource(call: ApiCall) -> str:
    """What has tags: a machine or an activity. Recorded: a version has none."""
    arn = read_arn(call.members["resourceArn"], ResourceArnKind.STATE_MACHINE, ResourceArnKind.ACTIVITY)
    if arn.rest:
        raise resource_not_found(arn.text)
    return arn.text
