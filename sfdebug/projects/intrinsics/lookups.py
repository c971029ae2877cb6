"""Functions that look something up: in a list, in the Mappings, in the account, in other stacks, in a macro."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.projects.intrinsics.pseudo import region
from sfdebug.projects.intrinsics.values import text_of
from sfdebug.projects.model import AssumedBasis
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.projects.intrinsics.resolver import Resolver
    from sfdebug.values import Json, Value


def select(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::Select gives."""
    if not isinstance(argument, list) or len(argument) != 2:
        return resolver.wrong(at, "Fn::Select", "an index and a list")
    index, items = resolver.resolve(argument[0], (*at, 0)), resolver.resolve(argument[1], (*at, 1))
    number = text_of(index) if index is not MISSING else None
    if number is None or not number.isdecimal() or not isinstance(items, list):
        return resolver.unknown("Select", "its index or its list is only known at deployment", at)
    if int(number[:9]) < len(items):
        return items[int(number[:9])]
    if any(isinstance(item, str) and "${" in item for item in items):
        return resolver.unknown("Select", "its list is only known at deployment", at)
    return resolver.wrong(at, "Fn::Select", f"an index of its list, which has {len(items)}")


def length(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::Length gives."""
    items = resolver.resolve(argument, at)
    return len(items) if isinstance(items, list) else resolver.wrong(at, "Fn::Length", "a list")


def find_in_map(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::FindInMap gives."""
    if not isinstance(argument, list) or len(argument) < 3:
        return resolver.wrong(at, "Fn::FindInMap", "a map and two keys")
    names = [resolver.text(part, (*at, index)) for index, part in enumerate(argument[:3])]
    value: Json = resolver.template.section("Mappings")
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return _not_in_map(resolver, argument[3] if len(argument) > 3 else None, names, at)
        value = value[name]
    return [text_of(item) or "" for item in value] if isinstance(value, list) else text_of(value) or ""


def _not_in_map(resolver: Resolver, options: Json, names: list[str], at: Pointer) -> Value:
    """What Fn::FindInMap gives for what the Mappings do not have: its default, if it has one."""
    if isinstance(options, dict) and "DefaultValue" in options:
        return resolver.resolve(options["DefaultValue"], (*at, 3, "DefaultValue"))
    path = ".".join(names)
    resolver.template.note(at, f"the Mappings have no {path}", "add it, or give a parameter that chooses another")
    return resolver.unknown(f"FindInMap:{path}", "the Mappings do not have it", at)


def zones(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::GetAZs gives: three stand-ins."""
    of = resolver.text(argument, at) or region(resolver)
    why = "a stand-in: an account has its own zones"
    resolver.assumptions.note("Fn::GetAZs", f"{of}a, {of}b, {of}c", AssumedBasis.UNKNOWN, why)
    return [f"{of}{letter}" for letter in "abc"]


def import_value(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::ImportValue gives: the export of another stack of the project, if there is one."""
    name = resolver.text(argument, at)
    found = resolver.exports.get(name, MISSING)
    if found is not MISSING:
        return found
    return resolver.unknown(f"ImportValue:{name}", "another stack exports it", at)


def transform(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::Transform gives: nobody knows but the macro."""
    name = argument.get("Name") if isinstance(argument, dict) else None
    return resolver.unknown(f"Transform:{name}", "a macro gives it at deployment", at)
