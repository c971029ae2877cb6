"""Keys that a machine's role must be allowed to use: its own, and those that encrypt what its Tasks call.

Sources: Amazon SQS and Amazon SNS Developer Guides, "Key management"; Amazon S3 User Guide, "Using server-side
encryption with AWS KMS keys"; AWS Step Functions Developer Guide, "Data at rest encryption". A DynamoDB table made its
key's grants when it was created: reading and writing need kms:Decrypt of the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.reader import has_placeholder
from sfdebug.errors import Problem
from sfdebug.permissions.model import NeededPermissions, Permission, Place
from sfdebug.projects.model import ResourceKind

if TYPE_CHECKING:
    from sfdebug.projects.model import ProjectMachine, ProjectResource
    from sfdebug.projects.project import Project
    from sfdebug.values import Json

_DECRYPT: Final = "kms:Decrypt"
_GENERATE: Final = "kms:GenerateDataKey"
_NAMES: Final = frozenset(
    {
        *("KmsKeyId", "KmsMasterKeyId", "KMSMasterKeyID", "KMSMasterKeyId"),
        *("kms_key_arn", "kms_key_id", "kms_master_key_id"),
    }
)
"""What templates and Terraform's provider call a key."""
_SETTINGS: Final[Mapping[ResourceKind, tuple[str, ...]]] = {
    ResourceKind.QUEUE: ("KmsMasterKeyId", "kms_master_key_id"),
    ResourceKind.TOPIC: ("KmsMasterKeyId", "kms_master_key_id"),
    ResourceKind.TABLE: ("SSESpecification", "server_side_encryption"),
    ResourceKind.BUCKET: ("BucketEncryption", "server_side_encryption_configuration"),
    ResourceKind.MACHINE: ("EncryptionConfiguration", "encryption_configuration"),
}
"""Where a resource says how it is encrypted."""
_BUCKET_RULES: Final = "aws_s3_bucket_server_side_encryption_configuration"
_ALIAS: Final = "alias/"
_ANY_KEY: Final = "key/*"
_AWS_OWNED: Final = "alias/aws/"
"""AWS's own keys need nothing of the caller's role."""


def with_keys(project: Project, machine: ProjectMachine, needed: NeededPermissions) -> NeededPermissions:
    """What a machine needs, with what it needs of keys, as far as its project says which key encrypts what."""
    place, found, problems = Place.of_arn(machine.arn), [], []
    for permission in needed.own:
        for arn in permission.resources:
            resource = next((each for each in project.resources if _is_in(arn, each)), None)
            actions = _actions(permission.actions)
            if resource is None or not actions:
                continue
            for key in _keys_of(project, resource):
                found.append(_permission(project, place, key, actions, permission.states))
                problems += _open_end(resource, key, found[-1])
    own = project.resource_of(machine)
    for key in _keys_of(project, own) if own is not None else ():
        found.append(_permission(project, place, key, (_DECRYPT, _GENERATE), ()))
        problems += _open_end(own, key, found[-1]) if own is not None else ()
    kept = tuple(permission for permission in found if permission.resources)
    return replace(
        needed,
        permissions=(*needed.permissions, *kept),
        open_ends=(*needed.open_ends, *dict.fromkeys(problems)),
    )


def _is_in(arn: str, resource: ProjectResource) -> bool:
    """Whether a called ARN is that of a resource, or of something in a bucket."""
    if resource.kind not in _SETTINGS or not resource.arn:
        return False
    return arn == resource.arn or (resource.kind is ResourceKind.BUCKET and arn.startswith(f"{resource.arn}/"))


def _actions(called: tuple[str, ...]) -> tuple[str, ...]:
    """What calls need of the key that encrypts what they call."""
    found: dict[str, None] = {}
    for action in called:
        service, _, name = action.partition(":")
        if name.startswith(("SendMessage", "Publish")) and service in ("sqs", "sns"):
            found |= {_GENERATE: None, _DECRYPT: None}
        elif action in ("s3:PutObject",):
            found[_GENERATE] = None
        elif name.startswith(("ReceiveMessage", "GetObject")) or action == "s3:AbortMultipartUpload":
            found[_DECRYPT] = None  # what is uploaded in parts is read again
        elif service == "dynamodb":
            found[_DECRYPT] = None
    return tuple(sorted(found))


def _keys_of(project: Project, resource: ProjectResource) -> tuple[str, ...]:
    """The keys that a resource says it is encrypted with."""
    found: dict[str, None] = {}
    for name in _SETTINGS.get(resource.kind, ()):
        setting = resource.properties.get(name)
        found |= dict.fromkeys([setting] if isinstance(setting, str) else _named(setting))
    if resource.kind is ResourceKind.BUCKET:
        for each in project.resources:
            if each.type == _BUCKET_RULES and each.properties.get("bucket") in (resource.name, resource.arn):
                found |= dict.fromkeys(_named(each.properties.get("rule")))
    return tuple(key for key in found if key)


def _named(value: Json) -> Iterator[str]:
    """The keys in a setting; of one that is turned off none."""
    if isinstance(value, dict):
        if value.get("enabled") is False or value.get("SSEEnabled") is False:
            return
        for name, each in value.items():
            if name in _NAMES and isinstance(each, str):
                yield each
            else:
                yield from _named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)


def _permission(
    project: Project, place: Place, key: str, actions: tuple[str, ...], states: tuple[str, ...]
) -> Permission:
    arn = _arn(project, place, key)
    return Permission(actions, (arn,) if arn else (), states=states, is_open=arn.endswith(_ANY_KEY))


def _arn(project: Project, place: Place, key: str) -> str:
    """The key's ARN, whatever names it; "" for one of AWS's own. Policies take no alias as a resource."""
    at = key.find(_ALIAS)
    if at >= 0:
        alias = key[at:]
        if alias.startswith(_AWS_OWNED):
            return ""
        key = next(filter(None, (_target(each, alias) for each in project.resources)), "${Unknown}")
    if has_placeholder(key):
        return place.arn(f"kms:R:A:{_ANY_KEY}")
    return key if key.startswith("arn:") else place.arn(f"kms:R:A:key/{key}")


def _target(resource: ProjectResource, alias: str) -> str:
    """The key that an alias of the project stands for, "" where it is another."""
    given = resource.properties
    for name, target in (("AliasName", "TargetKeyId"), ("name", "target_key_id")):
        key = given.get(target)
        if given.get(name) == alias and isinstance(key, str):
            return key
    return ""


def _open_end(resource: ProjectResource, key: str, permission: Permission) -> list[Problem]:
    if not permission.is_open:
        return []
    what = f"which key '{key}' of '{resource.shown}' is, is not known: * stands in its place"
    return [Problem(resource.file, resource.line, 0, what, "write the key's ARN in place of the *", severity="warning")]
