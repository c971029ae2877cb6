"""What the role of a state machine allows, as its project says: policies in a template, and what SAM makes of its own.

Sources: IAM User Guide, "IAM JSON policy elements reference"; SAM Developer Guide, "AWS SAM policy templates".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.permissions.model import Condition, Place

if TYPE_CHECKING:
    from sfdebug.projects.model import ProjectMachine, ProjectResource
    from sfdebug.projects.project import Project
    from sfdebug.values import Json

_ROLE: Final = "AWS::IAM::Role"
_PROVIDER_ROLE: Final = "aws_iam_role"
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


def is_unknown(text: str) -> bool:
    """Whether a part of an action or a resource is known at deployment only."""
    return _PLACEHOLDER.search(text) is not None


class Grant(Struct, frozen=True):
    """A statement that allows: patterns of actions and of resources, and what in the project says so.

    `is_given`: SAM decides which actions stand in it. `condition` is what it hangs on.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    source: str
    is_given: bool = False
    condition: Condition | None = None

    def allows(self, action: str, resource: str) -> bool:
        """Whether it allows an action on a resource; one with a `*` only where it allows all that this stands for."""
        return any(names_action(each, action) for each in self.actions) and any(
            takes_all(each, resource) for each in self.resources
        )

    def holds(self, needed: Condition | None) -> bool | None:
        """Whether its condition holds for a call that is known to fulfil `needed`; None where nobody knows."""
        if not self.condition:
            return True
        facts = {key: value for each in (needed or {}).values() for key, value in each.items()}
        answers = [
            _fulfils(operator, facts.get(key), value)
            for operator, keys in self.condition.items()
            for key, value in (keys.items() if isinstance(keys, Mapping) else [("", None)])
        ]
        return False if False in answers else None if None in answers else True


class Denial(Struct, frozen=True):
    """A statement that denies, whatever others allow."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    source: str

    def denies(self, action: str, resource: str) -> bool | None:
        """Whether it denies an action on a resource; None where it may, of what a * stands for."""
        if not any(names_action(each, action) for each in self.actions):
            return False
        if any(takes_all(each, resource) for each in self.resources):
            return True
        is_open = any(_PLACEHOLDER.search(each) or takes_all(resource, each) for each in self.resources)
        return None if is_open or "*" in resource else False


def _fulfils(operator: str, fact: Json, value: Json) -> bool | None:
    if operator not in ("StringEquals", "StringLike") or not isinstance(fact, str) or "*" in fact:
        return None
    texts = [*_texts(value)]
    if UNKNOWN in texts or any(_PLACEHOLDER.search(each) for each in texts):
        return None
    return any(takes_all(each, fact) if operator == "StringLike" else each == fact for each in texts)


def names_action(pattern: str, action: str) -> bool:
    """Whether the Action of a statement stands for an action."""
    return takes_all(pattern, action, fold=True)


class GrantedPermissions(Struct, frozen=True):
    """What a role allows, and denies. `unread` says what of it is not known: managed policies, a boundary, statements
    that name what they do not mean.

    `is_known`: the project says what the role is, and what of it could be read.
    """

    role: str
    grants: tuple[Grant, ...] = ()
    unread: tuple[str, ...] = ()
    is_known: bool = True
    denials: tuple[Denial, ...] = ()


def granted_to(project: Project, machine: ProjectMachine) -> GrantedPermissions:
    """What the project says of the role of one of its machines."""
    resource = project.resource_of(machine)
    place = Place.of_arn(machine.arn)
    policies = resource.properties.get("Policies") if resource is not None and resource.type == _SAM else None
    if policies is not None:
        read = _Reading(place)
        for policy in policies if isinstance(policies, list) else [policies]:
            read.sam_policy(policy)
        read.boundary(resource.properties if resource is not None else {})
        return read.granted(f"the Policies of {machine.logical_id}")
    roles = [each for each in project.resources if machine.role and each.arn == machine.role]
    role = next((each for each in roles if each.type in (_ROLE, _PROVIDER_ROLE)), None)
    if role is None:
        return GrantedPermissions(machine.role, is_known=False)
    return _of_role(project, role, place) if role.type == _ROLE else _of_provider_role(project, role, place)


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
    read.boundary(role.properties)
    return read.granted(role.shown)


def _of_provider_role(project: Project, role: ProjectResource, place: Place) -> GrantedPermissions:
    """What the resources of Terraform's and Pulumi's provider say of a role."""
    read = _Reading(place)
    names = {role.name, role.arn, role.properties.get("id")}
    inline = role.properties.get("inline_policy")
    for each in inline if isinstance(inline, list) else []:
        if isinstance(each, dict):
            read.text(each.get("policy"), f"inline_policy of {role.logical_id}")
    managed = role.properties.get("managed_policy_arns")
    attached = [*_texts(managed)]
    for resource in project.resources:
        given = resource.properties
        roles = {each for each in (given.get("role"), *_listed(given.get("roles"))) if isinstance(each, str)}
        if not roles & names:
            continue
        if resource.type == "aws_iam_role_policy":
            read.text(given.get("policy"), resource.logical_id)
        elif resource.type in ("aws_iam_role_policy_attachment", "aws_iam_policy_attachment"):
            attached += _texts(given.get("policy_arn"))
    for arn in dict.fromkeys(attached):
        own = next((each for each in project.resources if each.type == "aws_iam_policy" and each.arn == arn), None)
        if own is None:
            read.unread.append(f"the managed policy {arn}")
        else:
            read.text(own.properties.get("policy"), own.logical_id)
    read.boundary(role.properties)
    return read.granted(role.logical_id)


def _name_of(policy: Mapping[str, Json]) -> str:
    name = policy.get("PolicyName")
    return name if isinstance(name, str) else "a policy"


class _Reading:
    """Policies read so far."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.grants: list[Grant] = []
        self.denials: list[Denial] = []
        self.unread: list[str] = []

    def granted(self, role: str) -> GrantedPermissions:
        """All that was read."""
        return GrantedPermissions(role, tuple(self.grants), tuple(self.unread), denials=tuple(self.denials))

    def boundary(self, properties: Mapping[str, Json]) -> None:
        """What a boundary takes away again is not looked at."""
        named = properties.get("PermissionsBoundary") or properties.get("permissions_boundary")
        if named is not None:
            self.unread.append(f"the permissions boundary {named}, which may take some of it away")

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

    def text(self, text: Json, source: str) -> None:
        """A policy that is written as a text in JSON."""
        try:
            document = json.loads(text) if isinstance(text, str) else text
        except ValueError:
            document = None
        if isinstance(document, dict):
            self.document(document, source)
        else:
            self.unread.append(f"the policy of {source}, which is not known")

    def document(self, document: Json, source: str) -> None:
        """The statements of a policy document."""
        statements = document.get("Statement") if isinstance(document, dict) else None
        for statement in _listed(statements):
            if not isinstance(statement, dict):
                self.unread.append(f"a statement of {source}")
            else:
                self._statement(statement, source)

    def _statement(self, statement: Mapping[str, Json], source: str) -> None:
        effect, condition = statement.get("Effect"), statement.get("Condition")
        if effect not in ("Allow", "Deny"):
            self.unread.append(f"a statement of {source} that neither allows nor denies")
        elif "Action" not in statement or "Resource" not in statement:
            self.unread.append(f"a statement with NotAction or NotResource in {source}")
        elif condition is not None and (effect == "Deny" or not isinstance(condition, dict)):
            self.unread.append(f"a statement with {effect} and a Condition in {source}")
        else:
            actions, resources = (tuple(_texts(statement[each])) for each in ("Action", "Resource"))
            if effect == "Deny":
                self.denials.append(Denial(actions, resources, source))
            else:
                hangs_on = condition if isinstance(condition, dict) else None
                self.grants.append(Grant(actions, resources, source, condition=hangs_on))  # type: ignore[arg-type]
            self._tell_unknown(dict.fromkeys((*actions, *resources)), source)

    def _tell_unknown(self, texts: Iterable[str], source: str) -> None:
        self.unread += [f"{each} in {source}" for each in texts if is_unknown(each)]


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


def takes_all(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Whether a pattern with * and ? takes all that a text, itself perhaps with *, stands for."""
    return _pattern(pattern, fold).fullmatch(text) is not None
