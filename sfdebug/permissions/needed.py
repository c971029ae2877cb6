"""What the role of a state machine must allow: all that its Tasks call, its Map Runs, its logs and traces.

Sources: `optimized`, `sdk`; AWS Step Functions Developer Guide, "IAM policies for using Distributed Map states",
"Logging", "Tracing", "Call HTTPS APIs", "Access resources in other AWS accounts".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sfdebug.asl.definition import StateType
from sfdebug.asl.reader import DefinitionReader, has_placeholder, is_jsonata
from sfdebug.asl.rules.resources import integration_of
from sfdebug.asl.text.problems import ordered, quote
from sfdebug.aws.catalogue.integrations import split_pattern
from sfdebug.aws.catalogue.names import SDK
from sfdebug.permissions.model import ANYTHING, NeededPermissions, Permission, Place
from sfdebug.permissions.optimized import NEEDS, Need
from sfdebug.permissions.resources import called_resources
from sfdebug.permissions.sdk import sdk_actions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.asl.text.source import Pointer
    from sfdebug.permissions.model import Condition
    from sfdebug.permissions.resources import Unknown
    from sfdebug.values import Json

_LAMBDA: Final = re.compile(r"arn:[^:]*:lambda:[^:]*:[^:]*:function:")
_API_HOST: Final = re.compile(r"([a-z0-9]+)\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$")
_LOGGING: Final = (
    "logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies "
    "logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery"
)
"""What the CDK grants a machine with a log (its template). The Developer Guide's policy has logs:CreateLogStream and
logs:PutLogEvents too, which the roles of the CDK do without: the delivery writes by the log group's resource policy."""

_TRACING: Final = "xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments"
_OPEN_PARAMETERS: Final = ("ecs", "runTask"), ("batch", "submitJob")


def permissions_of(
    machine: StateMachine, place: Place, *, is_logged: bool = False, is_traced: bool = False
) -> NeededPermissions:
    """What the role of a machine must allow, and what the definition does not say about that.

    Args:
        machine: The definition, as it is deployed where that is known: with its placeholders filled in.
        place: Where it is deployed, under which name; `*` for what is not known.
        is_logged: Whether its executions are logged.
        is_traced: Whether they are traced with X-Ray.

    Raises MissingModelsError when a call of the AWS SDK is named by botocore's models, which are not installed.
    """
    survey = _Survey(machine, place)
    for state in machine.walk():
        survey.visit(state)
    if is_logged:
        survey.need((), _LOGGING)
    if is_traced:
        survey.need((), _TRACING)
    problems = ordered(finding.problem for finding in survey.reader.findings if finding.problem)
    return NeededPermissions(tuple(survey.permissions), problems, tuple(survey.unplaced))


class _Survey:
    """The walk over the states, with what was found."""

    def __init__(self, machine: StateMachine, place: Place) -> None:
        self.reader = DefinitionReader(machine.document)
        self.place = place
        self.permissions: list[Permission] = []
        self.unplaced: dict[str, None] = {}

    def need(
        self,
        states: tuple[str, ...],
        actions: str,
        resources: Iterable[str] = (ANYTHING,),
        *,
        condition: Condition | None = None,
        role: str = "",
        is_open: bool = False,
    ) -> None:
        """Note some actions on resources."""
        needed = Permission(tuple(actions.split()), tuple(resources), condition, states, role, is_open)
        self.permissions.append(needed)

    def visit(self, state: State) -> None:
        """Note what a state needs."""
        if state.type is StateType.TASK:
            self._task(state)
        elif state.is_distributed:
            self._map_run(state)

    # Tasks

    def _task(self, state: State) -> None:
        role = self._assumed(state)
        resource, here = state.resource, (*state.pointer, "Resource")
        if _LAMBDA.match(resource) and not has_placeholder(resource):
            self.need((state.name,), "lambda:InvokeFunction", (resource,), role=role)
            return
        integration = integration_of(resource)
        if integration is None:
            if has_placeholder(resource):
                what = f"what {quote(state.name)} calls is a placeholder: {resource}"
                self.reader.warn(here, what, "say what stands for it, with --substitute NAME=VALUE", aws=None)
            return  # an activity needs nothing of the machine's role
        call, pattern = split_pattern(integration.action)
        if integration.is_sdk:
            self._sdk(state, integration.service.removeprefix(SDK), call, role)
        elif (integration.service, call) in NEEDS:
            for need in NEEDS[integration.service, call]:
                if not need.patterns or pattern in need.patterns:
                    self._need_of(state, need, role)
            if (integration.service, call) in _OPEN_PARAMETERS[:1]:
                what = f"the roles of the task definition that {quote(state.name)} runs must be passed on, too"
                fix = "allow iam:PassRole on its TaskRoleArn and ExecutionRoleArn"
                self.reader.warn(here, what, fix)
        else:
            self._special(state, integration.service, call, role)

    def _assumed(self, state: State) -> str:
        """The role that a Task assumes for its call, "" for none; the machine's own must be allowed to."""
        credentials = state.fields.get("Credentials")
        if credentials is None:
            return ""
        found = called_resources("iam::A:role/{RoleArn}", credentials, self.place)
        self._tell_unknown(state, "Credentials", found.unknown)
        self.need((state.name,), "sts:AssumeRole", found.arns, is_open=bool(found.unknown))
        return found.arns[0]

    def _need_of(self, state: State, need: Need, role: str) -> None:
        found = called_resources(need.resource, state.arguments, self.place)
        if found.is_absent and need.is_optional:
            return
        self._tell_unknown(state, state.arguments_field, found.unknown)
        condition = {"StringEquals": {"iam:PassedToService": need.passed_to}} if need.passed_to else None
        is_open = bool(found.unknown)
        self.need((state.name,), need.actions, found.arns, condition=condition, role=role, is_open=is_open)

    def _tell_unknown(self, state: State, field: str, unknown: Iterable[Unknown]) -> None:
        for one in unknown:
            pointer = _pointer_of((*state.pointer, field), one.argument, state)
            how = f" ({one.text})" if one.text else ""
            if has_placeholder(one.text):
                why, fix = f"is a placeholder{how}", "say what stands for it, with --substitute NAME=VALUE"
            else:
                why, fix = f"is only known when it runs{how}", "write what it can be in place of the *"
            self.reader.warn(pointer, f"{one.argument} of {quote(state.name)} {why}: * stands in its place", fix)

    def _sdk(self, state: State, service: str, call: str, role: str) -> None:
        found = sdk_actions(service, call)
        here = (*state.pointer, "Resource")
        if found is None:
            what = f"no API model has {quote(f'{service}:{call}')}: which actions it needs is not known"
            self.reader.warn(here, what, "look it up in the Service Authorization Reference")
            return
        called = [called_resources(resource, state.arguments, self.place) for resource in found.resources]
        chosen = next((one for one in called if not one.is_absent), None)
        if chosen is None:
            self.need((state.name,), " ".join(found.actions), role=role, is_open=True)
            self.unplaced |= dict.fromkeys(found.actions)
        else:
            self._tell_unknown(state, state.arguments_field, chosen.unknown)
            is_open = bool(chosen.unknown)
            self.need((state.name,), " ".join(found.actions), chosen.arns, role=role, is_open=is_open)
        if found.is_derived:
            what = f"the action of {quote(f'{service}:{call}')} is taken to be {' and '.join(found.actions)}"
            self.reader.warn(here, what, "compare it with the Service Authorization Reference")

    def _special(self, state: State, service: str, call: str, role: str) -> None:
        given = state.arguments if isinstance(state.arguments, dict) else {}
        if service == "sns":
            is_to_phone = bool({"PhoneNumber", "PhoneNumber.$"} & given.keys())
            which = "TargetArn" if "TargetArn" in given else "TopicArn"
            self._need_of(state, Need("sns:Publish", ANYTHING if is_to_phone else f"sns:R:A:{{{which}}}"), role)
        elif service == "apigateway":
            self._api(state, given, role)
        elif service == "http":
            self._http(state, given, role)
        elif service == "eks":
            what = f"{quote(state.name)} is judged by the cluster's own access rules, beside IAM"
            self.reader.warn((*state.pointer, "Resource"), what, "give the role an access entry in the cluster")
        else:
            what = f"which actions {quote(f'{service}:{call}')} needs is not known"
            self.reader.warn((*state.pointer, "Resource"), what, "look it up in AWS's page of this integration")

    def _api(self, state: State, given: Mapping[str, Json], role: str) -> None:
        """execute-api:Invoke, where the call is signed with the role. Source: AWS docs, "Call API Gateway"."""
        signed = called_resources("execute-api:R:A:{AuthType|NO_AUTH}", state.arguments, self.place)
        if signed.unknown:
            text = next((f" ({one.text})" for one in signed.unknown if one.text), "")
            what = f"AuthType of {quote(state.name)} is only known when it runs{text}: where it is NO_AUTH, "
            here = _pointer_of((*state.pointer, state.arguments_field), "AuthType", state)
            self.reader.warn(here, f"{what}execute-api:Invoke is not needed", "write which of the types it is")
        elif signed.arns[0].endswith(":NO_AUTH"):
            return
        found = called_resources("execute-api:R:A:{ApiEndpoint}", state.arguments, self.place)
        self._tell_unknown(state, state.arguments_field, found.unknown)
        host = given.get("ApiEndpoint")
        match = _API_HOST.match(host) if isinstance(host, str) else None
        api, region = (match[1], match[2]) if match else (ANYTHING, "R")
        if match is None and not found.unknown and not found.is_absent:
            what = f"ApiEndpoint of {quote(state.name)} does not say which API it is: * stands in its place"
            here = _pointer_of((*state.pointer, state.arguments_field), "ApiEndpoint", state)
            self.reader.warn(here, what, "write the id of the API in place of the *")
        is_open = self._tell_parts_of_api(state) or bool(signed.unknown or found.unknown)
        method, stage, path = (_plain(given.get(each), ANYTHING) for each in ("Method", "Stage", "Path"))
        short = f"execute-api:{region}:A:{api}/{stage}/{method}/{path.lstrip('/')}"
        self.need((state.name,), "execute-api:Invoke", (self.place.arn(short),), role=role, is_open=is_open)

    def _tell_parts_of_api(self, state: State) -> bool:
        """Tell which parts of a call's ARN are not written down; whether some are only known when it runs."""
        is_open = False
        for part in ("Stage", "Method", "Path"):
            called = called_resources(f"execute-api:R:A:{{{part}}}", state.arguments, self.place)
            self._tell_unknown(state, state.arguments_field, called.unknown)
            if called.is_absent:
                what = f"{quote(state.name)} has no {part}: * stands in its place"
                here = (*state.pointer, state.arguments_field)
                self.reader.warn(here, what, f"write {part} there, or what it is in place of the *")
            is_open = is_open or bool(called.unknown)
        return is_open

    def _http(self, state: State, given: Mapping[str, Json], role: str) -> None:
        """Source: AWS docs, "Call HTTPS APIs in Step Functions workflows", "IAM permissions to run an HTTP Task"."""
        endpoint, method = _plain(given.get("ApiEndpoint"), ANYTHING), _plain(given.get("Method"), ANYTHING)
        condition = {"StringLike": {"states:HTTPEndpoint": endpoint, "states:HTTPMethod": method}}
        own = self.place.arn(f"states:R:A:stateMachine:{self.place.machine}")
        self.need((state.name,), "states:InvokeHTTPEndpoint", (own,), condition=condition, role=role)
        name = "InvocationConfig.ConnectionArn" if "InvocationConfig" in given else "Authentication.ConnectionArn"
        self._need_of(state, Need("events:RetrieveConnectionCredentials", f"events:R:A:connection/{{{name}}}"), role)
        secret = self.place.arn("secretsmanager:R:A:secret:events!connection/*")
        self.need((state.name,), "secretsmanager:DescribeSecret secretsmanager:GetSecretValue", (secret,), role=role)
        if not urlsplit(endpoint).netloc and endpoint == ANYTHING:
            here = (*state.pointer, state.arguments_field)
            what = f"the address that {quote(state.name)} calls is only known when it runs: any is allowed"
            self.reader.warn(here, what, "write the part of it that stays the same in place of the *")

    # Map Runs

    def _map_run(self, state: State) -> None:
        """Source: AWS docs, "IAM policies for using Distributed Map states"."""
        name, place = (state.name,), self.place
        self.need(name, "states:StartExecution", (place.arn(f"states:R:A:stateMachine:{place.machine}"),))
        children = place.arn(f"states:R:A:execution:{place.machine}/*")
        self.need(name, "states:DescribeExecution states:RedriveExecution states:StopExecution", (children,))
        reader = state.fields.get("ItemReader")
        if isinstance(reader, dict):
            self._dataset(state, reader)
        writer = state.fields.get("ResultWriter")
        if isinstance(writer, dict) and (given := _given(writer)):
            found = called_resources("s3:::{Bucket}/{Prefix|}", given, place)
            self._tell_unknown(state, "ResultWriter", found.unknown)
            actions = "s3:AbortMultipartUpload s3:GetObject s3:ListMultipartUploadParts s3:PutObject"
            self.need(name, actions, [f"{arn.rstrip('/*')}/*" for arn in found.arns], is_open=bool(found.unknown))

    def _dataset(self, state: State, reader: dict[str, Json]) -> None:
        resource, given = reader.get("Resource"), _given(reader)
        config = reader.get("ReaderConfig")
        is_manifest = isinstance(config, dict) and config.get("InputType") == "MANIFEST"
        is_list = isinstance(resource, str) and resource.endswith("listObjectsV2")
        template = "s3:::{Bucket}" if is_list else "s3:::{Bucket}/*" if is_manifest else "s3:::{Bucket}/{Key}"
        found = called_resources(template, given, self.place)
        self._tell_unknown(state, "ItemReader", found.unknown)
        action, is_open = "s3:ListBucket" if is_list else "s3:GetObject", bool(found.unknown)
        self.need((state.name,), action, found.arns, is_open=is_open)
        if is_list and isinstance(config, dict) and "Transformation" in config:
            objects = called_resources("s3:::{Bucket}/*", given, self.place)
            self.need((state.name,), "s3:GetObject", objects.arns, is_open=bool(objects.unknown))
        if is_manifest:
            what = f"the files that the manifest of {quote(state.name)} lists may lie in another bucket"
            self.reader.warn((*state.pointer, "ItemReader"), what, "allow s3:GetObject there, too")


def _given(field: dict[str, Json]) -> Json:
    return field.get("Arguments", field.get("Parameters"))


def _plain(value: Json, otherwise: str) -> str:
    """A text that is written out."""
    is_written = isinstance(value, str) and not is_jsonata(value) and not has_placeholder(value)
    return value if is_written and isinstance(value, str) else otherwise


def _pointer_of(field: Pointer, argument: str, state: State) -> Pointer:
    """Where an argument stands, or the field where it is computed as a whole, or lies deeper."""
    value, first = state.fields.get(str(field[-1])), argument.partition(".")[0]
    found = next((key for key in (first, f"{first}.$") if isinstance(value, dict) and key in value), None)
    return field if found is None else (*field, found)
