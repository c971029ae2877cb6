"""Rules that wait for objects in a bucket of the project which does not tell EventBridge of any: they never fire.

Source: Amazon S3 User Guide, "Enabling Amazon EventBridge": a bucket sends nothing until it is told to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.projects.intrinsics.values import text_of
from sfdebug.projects.model import ResourceKind, TriggerSource
from sfdebug.projects.triggers.making import as_json, object_in

if TYPE_CHECKING:
    from sfdebug.projects.model import MachineTrigger, ProjectMachine, ProjectResource
    from sfdebug.values import Json

_BESIDE: Final = {"aws_s3_bucket_notification": "bucket", "Custom::S3BucketNotifications": "BucketName"}
"""What Terraform and CDK have beside a bucket, and where that names it."""


def with_quiet_buckets(
    machines: Sequence[ProjectMachine], resources: Sequence[ProjectResource]
) -> tuple[ProjectMachine, ...]:
    """The machines, with what is wrong with rules that wait for such a bucket."""
    buckets = {one.name for one in resources if one.kind is ResourceKind.BUCKET}
    quiet = buckets - set(_telling(resources)) if buckets else buckets
    if not quiet:
        return tuple(machines)
    return tuple(
        replace(machine, triggers=tuple(_checked(trigger, quiet) for trigger in machine.triggers))
        if any(trigger.source is TriggerSource.EVENTS for trigger in machine.triggers)
        else machine
        for machine in machines
    )


def _checked(trigger: MachineTrigger, quiet: set[str]) -> MachineTrigger:
    named = _named_buckets(as_json(trigger.settings.get("EventPattern")))
    if trigger.problem or not named or not named <= quiet:
        return trigger
    name = min(named)
    problem = f"the bucket {name} tells EventBridge of nothing: its NotificationConfiguration would have to say so"
    return replace(trigger, problem=problem)


def _named_buckets(pattern: Json) -> set[str]:
    """The buckets that a pattern of S3's events names; none where it waits for others, too."""
    source = object_in(pattern).get("source")
    if source != ["aws.s3"]:
        return set()
    names = object_in(object_in(object_in(pattern).get("detail")).get("bucket")).get("name")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return set()
    return {name for name in names if isinstance(name, str)}


def _telling(resources: Sequence[ProjectResource]) -> Iterator[str]:
    """The names of buckets that tell EventBridge of their objects."""
    for one in resources:
        given = one.properties
        if one.type in _BESIDE:
            if given.get("eventbridge") is True or _is_on(given.get("NotificationConfiguration")):
                yield text_of(given.get(_BESIDE[one.type])) or ""
        elif one.kind is ResourceKind.BUCKET and _is_on(given.get("NotificationConfiguration")):
            yield one.name


def _is_on(configuration: Json | Mapping[str, Json]) -> bool:
    found = configuration.get("EventBridgeConfiguration") if isinstance(configuration, Mapping) else None
    return isinstance(found, dict) and found.get("EventBridgeEnabled", True) not in (False, "false")
