"""Ref and Fn::GetAtt: parameters, resources and their attributes, and what SAM makes without saying so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.reader import closest
from sfdebug.asl.text.problems import quote
from sfdebug.projects.deployment import partition_of
from sfdebug.projects.intrinsics.names import arn_of, filled, generated
from sfdebug.projects.intrinsics.pseudo import account, pseudo
from sfdebug.projects.model import AssumedBasis
from sfdebug.projects.resource_types import type_named
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.projects.intrinsics.resolver import Resolver
    from sfdebug.values import Json, Value

_ALIAS: Final = re.compile(r"(\w+?)Alias(\w+)")
_SERVERLESS: Final = "AWS::Serverless::"


def ref(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Ref gives."""
    if not isinstance(argument, str):
        return resolver.wrong(at, "Ref", "a name")
    if argument.startswith("AWS::"):
        return pseudo(resolver, argument, at)
    if argument in resolver.template.section("Parameters"):
        return _parameter(resolver, argument)
    if resolver.template.resource(argument) is not None:
        known = type_named(resolver.template.resource_type(argument))
        return filled(resolver, known.ref, argument)
    return implied(resolver, argument, at)


def _parameter(resolver: Resolver, name: str) -> Json:
    value = resolver.template.parameters.get(name, MISSING)
    if value is not MISSING:
        return value
    return resolver.assumptions.note(
        name,
        f"${{{name}}}",
        AssumedBasis.PARAMETER,
        "the template gives it no value",
        option=f"--parameter {name}=…",
        at=resolver.template.placed(("Parameters", name)),
    )


def get_att(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::GetAtt gives."""
    if isinstance(argument, list) and len(argument) >= 2:
        owner, name = argument[0], ".".join(resolver.text(part, at) for part in argument[1:])
    elif isinstance(argument, str) and "." in argument:
        owner, _, name = argument.partition(".")
    else:
        return resolver.wrong(at, "Fn::GetAtt", "a resource and an attribute of it")
    if not isinstance(owner, str):
        return resolver.wrong(at, "Fn::GetAtt", "the name of a resource first")
    return attribute(resolver, owner, name, at)


def attribute(resolver: Resolver, owner: str, name: str, at: Pointer) -> Value:
    """An attribute of a resource."""
    template = resolver.template
    if template.resource(owner) is None:
        return _attribute_of_none(resolver, owner, name, at)
    known = type_named(template.resource_type(owner))
    if name == "Arn" and known.arn:
        return filled(resolver, known.arn, owner)
    if name in known.attributes:
        return filled(resolver, known.attributes[name], owner)
    why = "it is made at deployment"
    if name.startswith("Outputs."):
        found = resolver.nested_output(template.logical_id(owner), name.removeprefix("Outputs."))
        if found is not MISSING:
            return found
        why = "a nested stack gives it at deployment"
    return resolver.unknown(f"{owner}.{name}", why, at)


def _attribute_of_none(resolver: Resolver, owner: str, name: str, at: Pointer) -> str:
    """An attribute of what is no resource of the template: a role that SAM makes has an ARN."""
    if name == "Arn" and owner.endswith("Role") and resolver.template.resource_type(owner.removesuffix("Role")):
        role = implied(resolver, owner, at)
        return f"arn:{partition_of(resolver.place.region)[0]}:iam::{account(resolver)}:role/{role}"
    if owner in resolver.template.section("Parameters"):
        resolver.template.note(at, f"{quote(owner)} is a parameter: it has no attributes", "use Ref")
        return resolver.unknown(f"{owner}.{name}", "a parameter has no attributes", at)
    implied(resolver, owner, at)
    return resolver.unknown(f"{owner}.{name}", "nothing in the template has this name", at)


def is_implied(resolver: Resolver, owner: str, made: str) -> bool:
    """Whether `Owner.Made` is the alias or the version that SAM makes of a resource."""
    return made in ("Alias", "Version") and resolver.template.resource(owner) is not None


def implied(resolver: Resolver, name: str, at: Pointer) -> str:
    """A name that no parameter and no resource has: SAM makes some resources of its own."""
    template = resolver.template
    owner, _, made = name.partition(".")
    if is_implied(resolver, owner, made):
        given = template.properties(owner).get("AutoPublishAlias", "live")
        return f"{arn_of(resolver, owner)}:{resolver.text(given, at) if made == 'Alias' else '1'}"
    alias_of = _ALIAS.fullmatch(name)
    if alias_of is not None and template.resource_type(alias_of[1]).startswith(_SERVERLESS):
        return f"{arn_of(resolver, alias_of[1])}:{alias_of[2]}"
    if name in resolver.generated_names:
        return generated(resolver, name, "the framework makes this resource", at)
    if name.endswith("Role") and template.resource_type(name.removesuffix("Role")).startswith(_SERVERLESS):
        return generated(resolver, name, "SAM makes this role", at)
    if name.startswith("Serverless") and template.content.get("Transform"):
        return generated(resolver, name, "SAM makes this resource", at)
    close = closest(name, [*template.section("Parameters"), *template.section("Resources")])
    fix = f"did you mean {quote(close)}?" if close else "name a parameter or a resource of this template"
    template.note(at, f"{quote(name)} is no parameter and no resource of this template", fix)
    return resolver.unknown(name, "nothing in the template has this name", at)
