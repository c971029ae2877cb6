"""Resources as the AWS provider of Terraform or Pulumi knows them: their arguments and attributes, by address.

Source: Terraform AWS provider, aws_sfn_state_machine, aws_lambda_function, aws_cloudwatch_event_target and others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.eventbridge.events import bus_name
from sfdebug.limits import ExecutionType
from sfdebug.projects.deployment import DeploymentPlace, partition_of
from sfdebug.projects.functions import code_at
from sfdebug.projects.intrinsics.values import text_of
from sfdebug.projects.model import (
    DEFAULT_FUNCTION_MEMORY,
    DEFAULT_FUNCTION_TIMEOUT,
    CodeKind,
    MachineTrigger,
    ProjectFunction,
    ProjectMachine,
    ProjectResource,
)
from sfdebug.projects.provider_types import FUNCTION, MACHINE, provider_type
from sfdebug.projects.triggers.making import DeclaredAt, pipe_trigger, rule_trigger, schedule_trigger, started_machine
from sfdebug.projects.triggers.provider import provider_pipe, provider_rule, provider_schedule

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Document, Pointer
    from sfdebug.values import Json

_ARN: Final = re.compile(r"arn:[\w-]+:(?:states|lambda|sqs|sns|dynamodb|events):([\w-]+):(\d{12}):")
_PREFIX: Final = "_prefix"


class Provisioned(Struct, frozen=True, eq=False):
    """A resource: its address, what people call it, its attributes, and where in a file it stands."""

    address: str
    shown: str
    type: str
    attributes: Mapping[str, Json]
    document: Document
    pointer: Pointer = ()
    folder: str | None = None

    def text(self, name: str) -> str:
        """An attribute as a text, "" when it has none."""
        return text_of(self.attributes.get(name)) or ""

    def block(self, name: str) -> Mapping[str, Json]:
        """A nested block: states write it as a list of one."""
        return block(self.attributes.get(name))


def block(value: Json) -> Mapping[str, Json]:
    """The object that a block is, empty when there is none."""
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, dict) else {}


def computed(kind: str, attributes: Mapping[str, Json], name: str, place: DeploymentPlace) -> dict[str, Json]:
    """The attributes that the provider computes for a resource of this name, as far as its type says them."""
    known = provider_type(kind)
    arn, url = place.filled(known.known.arn, name), place.filled(known.known.url, name)
    found: dict[str, Json] = {"arn": arn, "id": {"arn": arn, "url": url}.get(known.id, name)}
    if known.name:
        found[known.name] = name
    if url:
        found["url"] = url
    if kind == FUNCTION:
        invoke = f"arn:{partition_of(place.region)[0]}:apigateway:{place.region}:lambda:path/2015-03-31/functions"
        found |= {"qualified_arn": f"{arn}:$LATEST", "version": "$LATEST", "invoke_arn": f"{invoke}/{arn}/invocations"}
    if kind == "aws_dynamodb_table":
        found["stream_arn"] = f"{arn}/stream/2024-01-01T00:00:00.000"
    if kind == "aws_s3_bucket":
        found["bucket_regional_domain_name"] = f"{name}.s3.{place.region}.{partition_of(place.region)[1]}"
    return {**found, **{key: value for key, value in attributes.items() if value is not None}}


def given_name(kind: str, attributes: Mapping[str, Json]) -> str:
    """The name that the arguments of a resource say, "" when the provider makes one."""
    field = provider_type(kind).name
    name = text_of(attributes.get(field)) if field else None
    return name or text_of(attributes.get(f"{field}{_PREFIX}")) or ""


def resource_of(provisioned: Provisioned) -> ProjectResource:
    """The resource of the project."""
    known = provider_type(provisioned.type)
    name = (provisioned.text(known.name) if known.name else "") or provisioned.text("id") or provisioned.shown
    url = provisioned.text("url") or (provisioned.text("id") if known.id == "url" else "")
    return ProjectResource(
        kind=known.known.kind,
        type=provisioned.type,
        logical_id=provisioned.address,
        name=name,
        arn=provisioned.text("arn"),
        url=url,
        properties=provisioned.attributes,
        construct_path=provisioned.shown,
        file=provisioned.document.source.name,
        line=provisioned.document.key_span(provisioned.pointer).line,
    )


def functions_of(found: Sequence[Provisioned], folder: Path) -> tuple[ProjectFunction, ...]:
    """The functions among resources. `folder` is what relative paths start from."""
    return tuple(_function(each, folder) for each in found if each.type == FUNCTION)


def _function(provisioned: Provisioned, folder: Path) -> ProjectFunction:
    variables = block(provisioned.block("environment").get("variables"))
    kind, where, source = _code(provisioned, folder)
    layers, architectures = provisioned.attributes.get("layers"), provisioned.attributes.get("architectures")
    name = provisioned.text("function_name") or provisioned.text("name") or provisioned.shown
    return ProjectFunction(
        logical_id=provisioned.address,
        name=provisioned.shown,
        physical_name=name,
        arn=provisioned.text("arn"),
        handler=provisioned.text("handler"),
        runtime=provisioned.text("runtime"),
        folder=where,
        code=kind,
        source=source,
        environment={key: text_of(value) or "" for key, value in variables.items()},
        timeout=_number(provisioned.text("timeout"), DEFAULT_FUNCTION_TIMEOUT),
        memory=_number(provisioned.text("memory_size"), DEFAULT_FUNCTION_MEMORY),
        layers=tuple(each for each in layers if isinstance(each, str)) if isinstance(layers, list) else (),
        architecture=str(architectures[0]) if isinstance(architectures, list) and architectures else "x86_64",
        file=provisioned.document.source.name,
        line=provisioned.document.key_span(provisioned.pointer).line,
    )


def _number(text: str, otherwise: int) -> int:
    return int(text[:9]) if text.isdecimal() else otherwise


def _code(provisioned: Provisioned, folder: Path) -> tuple[CodeKind, str | None, str]:
    if provisioned.text("package_type") == "Image" or provisioned.text("image_uri"):
        return CodeKind.IMAGE, None, provisioned.text("image_uri")
    if provisioned.folder is not None:
        return code_at(folder / provisioned.folder)
    archive = _archived(provisioned.attributes.get("code")) or provisioned.text("filename")
    if archive:
        return code_at(folder / archive)
    bucket, key = provisioned.text("s3_bucket"), provisioned.text("s3_key")
    return (CodeKind.BUCKET, None, f"s3://{bucket}/{key}") if bucket or key else (CodeKind.NONE, None, "")


def _archived(code: Json) -> str:
    """The folder of an archive of Pulumi's: its path, or that of what lies at its root."""
    if not isinstance(code, dict):
        return ""
    path, assets = code.get("path"), code.get("assets")
    if isinstance(path, str):
        return path
    return _archived(assets.get(".", next(iter(assets.values()), None))) if isinstance(assets, dict) else ""


def machine_of(provisioned: Provisioned, triggers: tuple[MachineTrigger, ...]) -> ProjectMachine:
    """What is said of a state machine besides its definition."""
    tags = provisioned.attributes.get("tags")
    resource = resource_of(provisioned)
    kind = provisioned.text("type").upper()
    return ProjectMachine(
        logical_id=provisioned.address,
        name=provisioned.shown,
        physical_name=resource.name if not resource.name.startswith("arn:") else resource.name.rpartition(":")[2],
        arn=resource.arn or provisioned.text("id"),
        type=ExecutionType.EXPRESS if kind == ExecutionType.EXPRESS else ExecutionType.STANDARD,
        triggers=triggers,
        file=resource.file,
        line=resource.line,
        role=provisioned.text("role_arn"),
        tags={key: text_of(value) or "" for key, value in tags.items()} if isinstance(tags, dict) else {},
        logging=text_of(provisioned.block("logging_configuration").get("level")) or "",
        tracing=provisioned.block("tracing_configuration").get("enabled") in (True, "true"),
    )


def is_machine(provisioned: Provisioned) -> bool:
    """Whether a resource is a state machine."""
    return provisioned.type == MACHINE


def triggers_of(found: Sequence[Provisioned]) -> dict[str, tuple[MachineTrigger, ...]]:
    """What rules, schedules and pipes start, by the machine's ARN."""
    rules = {_rule_key(each, "name"): each for each in found if each.type == "aws_cloudwatch_event_rule"}
    triggers: dict[str, tuple[MachineTrigger, ...]] = {}
    for each in found:
        for arn, trigger in _started(each, rules):
            triggers[arn] = (*triggers.get(arn, ()), trigger)
    return triggers


def _rule_key(each: Provisioned, name: str) -> tuple[str, str]:
    """The bus and the name of a rule; that of one whose name is made is what people call it."""
    return bus_name(each.text("event_bus_name")), each.text(name) or (each.shown if name == "name" else "")


def _started(each: Provisioned, rules: Mapping[tuple[str, str], Provisioned]) -> Iterator[tuple[str, MachineTrigger]]:
    if each.type == "aws_cloudwatch_event_target":
        rule = rules.get(_rule_key(each, "rule"))
        declared = each if rule is None else rule
        properties, target = provider_rule({} if rule is None else rule.attributes, each.attributes)
        arn = "" if rule is None else rule.text("arn")
        yield each.text("arn"), rule_trigger("EventBridgeRule", declared.shown, arn, properties, target, _at(declared))
    elif each.type == "aws_scheduler_schedule":
        properties, target = provider_schedule(each.attributes)
        trigger = schedule_trigger("ScheduleV2", each.shown, each.text("arn"), properties, target, _at(each))
        yield started_machine(target), trigger
    elif each.type == "aws_pipes_pipe":
        yield each.text("target"), pipe_trigger(each.shown, each.text("arn"), provider_pipe(each.attributes), _at(each))


def _at(each: Provisioned) -> DeclaredAt:
    span = each.document.key_span(each.pointer)
    return DeclaredAt(each.document.source.name, span.line, span.column)


def place_in(found: Sequence[Provisioned]) -> tuple[str | None, str | None]:
    """The region and account in the ARNs of resources."""
    for each in found:
        match = _ARN.match(each.text("arn") or each.text("id"))
        if match:
            return match[1], match[2]
    return None, None


def short(address: str) -> str:
    """What people call a resource: its name behind the modules that it is in, without types."""
    parts = re.split(r"\.(?![^\[]*\])", address)
    modules = []
    while len(parts) > 2 and parts[0] == "module":
        modules.append(parts[1])
        parts = parts[2:]
    return "/".join([*modules, parts[-1]])
