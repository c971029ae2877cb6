"""The names, ARNs and URLs that resources will have: as they say, or as CloudFormation would make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.projects.deployment import partition_of
from sfdebug.projects.intrinsics.pseudo import account, region
from sfdebug.projects.model import AssumedBasis
from sfdebug.projects.resource_types import name_properties, type_named

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.projects.intrinsics.resolver import Resolver

_DERIVED: Final = "{derived}"


def name_of(resolver: Resolver, resource: str) -> str:
    """The physical name of a resource; its logical id where CloudFormation makes one at deployment."""
    logical_id = resolver.template.logical_id(resource)
    if logical_id in resolver.known_names:
        name, touched = resolver.known_names[logical_id]
        resolver.assumptions.touch(touched)
        return name
    at: Pointer = ("Resources", logical_id)
    if logical_id in resolver.naming:
        chain = " → ".join((*resolver.naming[resolver.naming.index(logical_id) :], logical_id))
        what, fix = f"a cycle of references: {chain}", "CloudFormation refuses it: break it"
        resolver.template.note(at, what, fix, severity="error", key=True)
        return logical_id
    resolver.naming.append(logical_id)
    try:
        with resolver.assumptions.watching() as used:
            why = "CloudFormation makes its name at deployment"
            name = _given_name(resolver, logical_id) or generated(resolver, logical_id, why, at)
    finally:
        resolver.naming.pop()
    resolver.known_names[logical_id] = (name, tuple(used))
    return name


def _given_name(resolver: Resolver, logical_id: str) -> str:
    properties = resolver.template.properties(logical_id)
    kind = resolver.template.resource_type(logical_id)
    for field in name_properties(kind, type_named(kind)):
        if field in properties:
            value = resolver.resolve(properties[field], ("Resources", logical_id, "Properties", field))
            if isinstance(value, str) and value:
                return value
    return ""


def generated(resolver: Resolver, name: str, why: str, at: Pointer) -> str:
    """The name of a resource that is named at deployment: its logical id, which is noted."""
    name = f"{resolver.place.name_prefix}{name}"
    why = f"{why}; its logical id stands in"
    return resolver.assumptions.note(name, name, AssumedBasis.GENERATED_NAME, why, at=resolver.template.placed(at))


def arn_of(resolver: Resolver, logical_id: str) -> str:
    """The ARN of a resource, "" for a type that has none."""
    return filled(resolver, type_named(resolver.template.resource_type(logical_id)).arn, logical_id)


def url_of(resolver: Resolver, logical_id: str) -> str:
    """The URL of a queue, "" for all else."""
    return filled(resolver, type_named(resolver.template.resource_type(logical_id)).url, logical_id)


def filled(resolver: Resolver, form: str, logical_id: str) -> str:
    """What a form of a resource's type gives for one resource."""
    if not form:
        return ""
    if form == _DERIVED:
        return _derived(resolver, logical_id)
    partition, suffix = partition_of(resolver.place.region)
    parts = {"partition": partition, "suffix": suffix}
    if "{region}" in form:
        parts["region"] = region(resolver)
    if "{account}" in form:
        parts["account"] = account(resolver)
    return form.format(name=name_of(resolver, logical_id), **parts)


def _derived(resolver: Resolver, logical_id: str) -> str:
    """The ARN of a version or an alias: that of what it is one of, with a number or a name behind it."""
    if logical_id in resolver.naming:
        return name_of(resolver, logical_id)  # which notes the cycle
    resolver.naming.append(logical_id)
    try:
        at = ("Resources", logical_id, "Properties")
        kind = resolver.template.resource_type(logical_id).rpartition("::")[2]
        if kind == "StateMachineAlias":
            owner = _aliased_machine(resolver, logical_id, at)
        else:
            owner = _versioned(resolver, kind, logical_id, at)
        name = resolver.template.properties(logical_id).get("Name", "alias")
        return f"{owner}:{resolver.text(name, (*at, 'Name')) if kind.endswith('Alias') else '1'}"
    finally:
        resolver.naming.pop()


def _aliased_machine(resolver: Resolver, logical_id: str, at: Pointer) -> str:
    """The ARN of the machine to whose version an alias leads first."""
    routes = resolver.template.properties(logical_id).get("RoutingConfiguration")
    route = routes[0] if isinstance(routes, list) and routes else None
    version = route.get("StateMachineVersionArn") if isinstance(route, dict) else None
    return resolver.text(version, (*at, "RoutingConfiguration")).rpartition(":")[0] if version else ""


def _versioned(resolver: Resolver, kind: str, logical_id: str, at: Pointer) -> str:
    """The ARN of the machine or function that a version, or the alias of a function, is one of."""
    properties = resolver.template.properties(logical_id)
    field = "StateMachineArn" if kind == "StateMachineVersion" else "FunctionName"
    owner = resolver.text(properties[field], (*at, field)) if field in properties else ""
    if field == "StateMachineArn" or owner.startswith("arn:"):
        return owner
    partition, _ = partition_of(resolver.place.region)
    return f"arn:{partition}:lambda:{region(resolver)}:{account(resolver)}:function:{owner}"
