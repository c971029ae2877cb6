"""Functions that make texts, and take them apart: Fn::Sub, Fn::Join, Fn::Split, Fn::Base64, Fn::ToJsonString."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Final

from sfdebug.projects.intrinsics.references import attribute, implied, is_implied, ref
from sfdebug.projects.intrinsics.values import text_of
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.text.source import Pointer
    from sfdebug.projects.intrinsics.resolver import Resolver
    from sfdebug.values import Json, Value

SUB_NAME: Final = re.compile(r"\$\{(!?)([^{}]*)\}")
"""A `${Name}` in the text of a Fn::Sub; `${!Name}` is written as `${Name}`."""


def sub(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::Sub gives."""
    parts = sub_parts(argument, at)
    if parts is None:
        return resolver.wrong(at, "Fn::Sub", "a text, or a list of a text and an object of names")
    text, names, here = parts
    return resolver.bounded(SUB_NAME.sub(lambda match: sub_value(resolver, match, names, here), text), at)


def sub_parts(argument: Json, at: Pointer) -> tuple[str, dict[str, Json], Pointer] | None:
    """The text of a Fn::Sub, its own names, and where the text stands; None when it is wrong."""
    if isinstance(argument, str):
        return argument, {}, at
    if isinstance(argument, list) and argument and isinstance(argument[0], str):
        names = argument[1] if len(argument) > 1 else {}
        if isinstance(names, dict):
            return argument[0], names, (*at, 0)
    return None


def sub_value(resolver: Resolver, match: re.Match[str], names: Mapping[str, Json], at: Pointer) -> str:
    """What stands for one `${Name}` of a Fn::Sub."""
    name = match[2].strip()
    if match[1]:
        return f"${{{match[2]}}}"
    if name in names:
        return resolver.text(names[name], (*at[:-1], 1, name))
    noted = resolver.assumptions.noted.get(name)
    if noted is not None and noted.value == match[0]:  # a placeholder that was put in before
        resolver.assumptions.touch((name,))
        return match[0]
    value = _named(resolver, name, at)
    if value is MISSING:
        return ""
    text = text_of(value)
    return ",".join(map(str, value)) if isinstance(value, list) else text if text is not None else match[0]


def _named(resolver: Resolver, name: str, at: Pointer) -> Value:
    """What a name in a Fn::Sub refers to: `Name` as Ref has it, `Name.Attribute` as Fn::GetAtt."""
    owner, dot, made = name.partition(".")
    if not dot or name in resolver.template.section("Parameters"):
        return ref(resolver, name, at)
    return implied(resolver, name, at) if is_implied(resolver, owner, made) else attribute(resolver, owner, made, at)


def join(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::Join gives."""
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
        return resolver.wrong(at, "Fn::Join", "a delimiter and a list")
    items = resolver.resolve(argument[1], (*at, 1))
    if isinstance(items, str):  # a parameter that is a list, whose value nobody knows
        return items
    if not isinstance(items, list):
        return resolver.wrong(at, "Fn::Join", "a delimiter and a list")
    texts = [resolver.text(item, (*at, 1)) for item in items]
    return resolver.bounded(argument[0].join(texts), at)


def split(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::Split gives."""
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str) or not argument[0]:
        return resolver.wrong(at, "Fn::Split", "a delimiter and a text")
    return list(resolver.text(argument[1], (*at, 1)).split(argument[0]))


def in_base64(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::Base64 gives."""
    return base64.b64encode(resolver.text(argument, at).encode()).decode()


def to_json(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::ToJsonString gives."""
    value = resolver.resolve(argument, at)
    return "" if value is MISSING else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
