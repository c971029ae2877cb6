"""`Fn::ForEach`: resources that a template writes once and CloudFormation makes several times.

Source: AWS docs, "Fn::ForEach" of AWS::LanguageExtensions: an identifier, a collection, and what is made of each item;
`${Identifier}` stands in keys and texts, `&{Identifier}` where only letters and digits may stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Document, Pointer

PREFIX: Final = "Fn::ForEach::"
MAX_MADE: Final = 2_000
MAX_DEPTH: Final = 5
_SECTIONS: Final = ("Resources", "Outputs", "Conditions")
_NOT_ALLOWED: Final = re.compile(r"[^A-Za-z0-9]")

Mounts = dict["Pointer", "tuple[Document, Pointer]"]


def unrolled(document: Document, parameters: Mapping[str, Json]) -> tuple[dict[str, Json], Mounts]:
    """A template with its loops written out, and where what was made of them stands."""
    template = document.value if isinstance(document.value, dict) else {}
    mounts: Mounts = {}
    for name in _SECTIONS:
        section = template.get(name)
        if isinstance(section, dict) and any(key.startswith(PREFIX) for key in section):
            found: dict[str, Json] = {}
            places: dict[str, Pointer] = {}
            _unroll(section, (name,), parameters, {}, found, places, 0)
            template = {**template, name: found}
            mounts |= {(name, key): (document, place) for key, place in places.items() if place != (name, key)}
    return template, mounts


def _unroll(
    section: Mapping[str, Json],
    at: Pointer,
    parameters: Mapping[str, Json],
    names: Mapping[str, str],
    found: dict[str, Json],
    places: dict[str, Pointer],
    depth: int,
) -> None:
    for key, value in section.items():
        loop = _loop(value, parameters, names) if key.startswith(PREFIX) and depth < MAX_DEPTH else None
        if loop is None:
            made = _named(key, names)
            if len(found) < MAX_MADE:
                found[made] = _filled(value, names, 0)
                places[made] = (*at, key)
            continue
        name, items, body = loop
        for item in items:
            _unroll(body, (*at, key, 2), parameters, {**names, name: item}, found, places, depth + 1)


def _loop(
    value: Json, parameters: Mapping[str, Json], names: Mapping[str, str]
) -> tuple[str, list[str], dict[str, Json]] | None:
    """The identifier, the items and the body of a loop; None for one that cannot be read."""
    if not isinstance(value, list) or len(value) != 3:
        return None
    name, collection, body = value
    if isinstance(collection, dict) and len(collection) == 1 and isinstance(collection.get("Ref"), str):
        collection = parameters.get(str(collection["Ref"]))
    if not isinstance(name, str) or not isinstance(collection, list) or not isinstance(body, dict):
        return None
    return name, [_named(str(item), names) for item in collection if isinstance(item, str | int)], body


def _named(text: str, names: Mapping[str, str]) -> str:
    for name, item in names.items():
        text = text.replace(f"${{{name}}}", item).replace(f"&{{{name}}}", _NOT_ALLOWED.sub("", item))
    return text


def _filled(value: Json, names: Mapping[str, str], depth: int) -> Json:
    """What is made for one item: its name in texts and in Ref."""
    if not names or depth > 100:
        return value
    if isinstance(value, str):
        return _named(value, names)
    if isinstance(value, list):
        return [_filled(item, names, depth + 1) for item in value]
    if isinstance(value, dict):
        if len(value) == 1 and value.get("Ref") in names:
            return names[str(value["Ref"])]
        return {_named(key, names): _filled(item, names, depth + 1) for key, item in value.items()}
    return value
