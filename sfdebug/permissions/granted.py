"""What the role of a state machine allows, as its project says: policies in a template, and what SAM makes of its own.

Sources: IAM User Guide, "IAM JSON policy elements reference"; SAM Developer Guide, "AWS SAM policy templates".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.permissions.model import Place

if TYPE_CHECKING:
    from sfdebug.projects.model import ProjectMachine, ProjectResource
    from sfdebug.projects.project import Project
    from sfdebug.values import Json

_ROLE: Final = "AWS::IAM::Role"
_POLICIES: Final = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
_SAM: Final = "AWS::Serverless::StateMachine"
_TABLE: Final = ("dynamodb:R:A:table/{TableName}", "dynamodb:R:A:table/{TableName}/index/*")
_BUCKET: Final = ("s3:::{BucketName}", "s3:::{BucketName}/*")
_READ_ITEMS: Final = "dynamodb:BatchGetItem dynamodb:DescribeTable dynamodb:GetItem dynamodb:Query dynamodb:Scan"
_READ_OBJECTS: Final = (
    "s3:GetBucketLocation s3:GetLifecycleConfiguration s3:GetObject s3:GetObjectVersion s3:ListBucket"
)
_WRITE_OBJECTS: Final = "s3:PutLifecycleConfiguration s3:PutObject s3:PutObjectAcl"

_TEMPLATES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "AWSSecretsManagerGetSecretValuePolicy": ("secretsmanager:GetSecretValue", ("{SecretArn}",)),
    "DynamoDBCrudPolicy": (
        f"{_READ_ITEMS} dynamodb:BatchWriteItem dynamodb:ConditionCheckItem dynamodb:DeleteItem dynamodb:PutItem "
        "dynamodb:UpdateItem",
        _TABLE,
    ),
    "DynamoDBReadPolicy": (_READ_ITEMS, _TABLE),
    "DynamoDBWritePolicy": ("dynamodb:BatchWriteItem dynamodb:PutItem dynamodb:UpdateItem", _TABLE),
    "EventBridgePutEventsPolicy": ("events:PutEvents", ("events:R:A:event-bus/{EventBusName}",)),
    "LambdaInvokePolicy": ("lambda:InvokeFunction", ("lambda:R:A:function:{FunctionName}*",)),
    "S3CrudPolicy": (f"{_READ_OBJECTS} {_WRITE_OBJECTS} s3:DeleteObject", _BUCKET),
    "S3ReadPolicy": (_READ_OBJECTS, _BUCKET),
    "S3WritePolicy": (_WRITE_OBJECTS, _BUCKET),
    "SNSPublishMessagePolicy": ("sns:Publish", ("sns:R:A:{TopicName}",)),
    "SQSSendMessagePolicy": ("sqs:SendMessage*", ("sqs:R:A:{QueueName}",)),
    "StepFunctionsExecutionPolicy": ("states:StartExecution", ("states:R:A:stateMachine:{StateMachineName}",)),
}
"""What SAM's own policies allow, by name; the others of its eighty are not known here."""


UNKNOWN: Final = "${Unknown}"
_PLACEHOLDER: Final = re.compile(r"\$\{(?!aws:|\*\}|\?\}|\$\})")
"""What is known at deployment only; the variables of IAM's own are not meant."""


class Grant(Struct, frozen=True):
    """A statement that allows: patterns of actions and of resources, and what in the project says so.

    `is_given`: SAM decides which actions stand in it.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    source: str
    is_given: bool = False

    def allows(self, action: str, resource: str) -> bool:
        """Whether it allows an action on a resource; one with a `*` only where it allows all that this stands for."""
        return any(names_action(each, action) for each in self.actions) and any(
            _matches(each, resource) for each in self.resources
        )


def names_action(pattern: str, action: str) -> bool:
    """Whether the Action of a statement stands for an action."""
    return _matches(pattern, action, fold=True)


class GrantedPermissions(Struct, frozen=True):
    """What a role allows. `unread` says what of it is not known: managed policies, what is not a plain Allow.

    `is_known`: the project says what the role is, and what of it could be read.
    """

    role: str
    grants: tuple[Grant, ...] = ()
    unread: tuple[str, ...] = ()
    is_known: bool = True


def granted_to(project: Project, machine: ProjectMachine) -> GrantedPermissions:
    """What the project says of the role of one of its machines."""
    resource = next((each for each in project.resources if each.arn == machine.arn), None)
    place = Place.of_arn(machine.arn)
    policies = resource.properties.get("Policies") if resource is not None and resource.type == _SAM else None
    if policies is not None:
        read = _Reading(place)
        for policy in policies if isinstance(policies, list) else [policies]:
            read.sam_policy(policy)
        return GrantedPermissions(f"the Policies of {machine.logical_id}", tuple(read.grants), tuple(read.unread))
    role = next((each for each in project.resources if each.type == _ROLE and each.arn == machine.role), None)
    if role is None:
        return GrantedPermissions(machine.role, is_known=False)
    return _of_role(project, role, place)


def _of_role(project: Project, role: ProjectResource, place: Place) -> GrantedPermissions:
    read = _Reading(place)
    policies = role.properties.get("Policies")
    for policy in policies if isinstance(policies, list) else []:
        if isinstance(policy, dict):
            read.document(policy.get("PolicyDocument"), _name_of(policy))
    for resource in project.resources:
        roles = resource.properties.get("Roles")
        if (
            resource.type in _POLICIES
            and isinstance(roles, list)
            and {role.name, role.logical_id} & set(map(str, roles))
        ):
            read.document(resource.properties.get("PolicyDocument"), resource.shown)
    managed = role.properties.get("ManagedPolicyArns")
    for arn in managed if isinstance(managed, list) else []:
        own = next((each for each in project.resources if each.type == _POLICIES[1] and each.arn == arn), None)
        if own is None:
            read.unread.append(f"the managed policy {arn}")
        else:
            read.document(own.properties.get("PolicyDocument"), own.shown)
    return GrantedPermissions(role.shown, tuple(read.grants), tuple(read.unread))


def _name_of(policy: Mapping[str, Json]) -> str:
    name = policy.get("PolicyName")
    return name if isinstance(name, str) else "a policy"


class _Reading:
    """Policies read so far."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.grants: list[Grant] = []
        self.unread: list[str] = []

    def sam_policy(self, policy: Json) -> None:
        """A policy in SAM's list: a document, one of SAM's templates, or the name of a managed one."""
        if isinstance(policy, dict) and "Statement" in policy:
            self.document(policy, "its Policies")
        elif isinstance(policy, dict) and len(policy) == 1:
            (name, given) = next(iter(policy.items()))
            self._template(name, given if isinstance(given, dict) else {})
        else:
            self.unread.append(f"the managed policy {policy}")

    def _template(self, name: str, given: Mapping[str, Json]) -> None:
        found = _TEMPLATES.get(name)
        if found is None:
            self.unread.append(f"SAM's {name}")
            return
        actions, shorts = found
        filled = [_filled(short, given) for short in shorts]
        resources = tuple(each if each.startswith("arn:") else self.place.arn(each) for each in filled)
        self.grants.append(Grant(tuple(actions.split()), resources, name, is_given=True))
        self._tell_unknown(resources, name)

    def document(self, document: Json, source: str) -> None:
        """The statements of a policy document."""
        statements = document.get("Statement") if isinstance(document, dict) else None
        for statement in _listed(statements):
            if not isinstance(statement, dict):
                self.unread.append(f"a statement of {source}")
            elif statement.get("Effect") != "Allow" or "Action" not in statement or "Resource" not in statement:
                kind = "Deny" if statement.get("Effect") == "Deny" else "NotAction or NotResource"
                self.unread.append(f"a statement with {kind} in {source}")
            else:
                actions, resources = (tuple(_texts(statement[each])) for each in ("Action", "Resource"))
                self.grants.append(Grant(actions, resources, source))
                self._tell_unknown(resources, source)

    def _tell_unknown(self, resources: Iterable[str], source: str) -> None:
        self.unread += [f"{each} in {source}" for each in resources if _PLACEHOLDER.search(each)]


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _texts(value: Json) -> Iterator[str]:
    for each in _listed(value):
        yield each if isinstance(each, str) else UNKNOWN


def _filled(short: str, given: Mapping[str, Json]) -> str:
    def text(match: re.Match[str]) -> str:
        value = given.get(match[1])
        return value if isinstance(value, str) else UNKNOWN

    filled = re.sub(r"\{(\w+)\}", text, short)
    arn = re.search(r"arn:[^:]*:.*$", filled)  # a Ref may be an ARN where a name is asked for
    return arn[0] if arn else filled


@lru_cache(maxsize=4096)
def _pattern(text: str, fold: bool) -> re.Pattern[str]:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", text))
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if fold else 0))


def _matches(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Whether a pattern with * and ? takes all that a text, itself perhaps with *, stands for."""
    return _pattern(pattern, fold).fullmatch(text) is not None
