"""Checks that every kind of object in a definition shares: its fields are known, allowed, and of the right shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.fields import EXCLUSIVE, INSTEAD
from sfdebug.asl.problems import quote
from sfdebug.asl.shapes import wrong_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sfdebug.asl.definition import QueryLanguage
    from sfdebug.asl.fields import Field, Fields
    from sfdebug.asl.reader import Reader
    from sfdebug.asl.source import Pointer
    from sfdebug.values import Json


def check_fields(
    reader: Reader, pointer: Pointer, value: Mapping[str, Json], fields: Fields, language: QueryLanguage, owner: str
) -> None:
    """Note unknown and misplaced fields of an object, and what is wrong with the values of the others.

    `owner` is what the object is, with its article ("a Wait state").
    """
    for name, item in value.items():
        here = (*pointer, name)
        field = fields.get(name)
        if field is None:
            otherwise = f"take it out; {owner} may have {_names(fields)}"
            what = f"{owner} has no field {quote(name)}"
            reader.error(here, what, reader.suggest(name, fields, otherwise), key=True)
        elif field.language is not None and field.language is not language:
            _wrong_language(reader, here, name, field, language)
        else:
            field.shape(reader, here, item, language)


def _names(fields: Iterable[str]) -> str:
    return ", ".join(sorted(fields))


def _wrong_language(reader: Reader, pointer: Pointer, name: str, field: Field, language: QueryLanguage) -> None:
    what = f"{quote(name)} is a field of {field.language} states, and the query language here is {language}"
    instead = INSTEAD.get(name)
    fix = f"use {instead}" if instead else "take it out"
    reader.error(pointer, what, f'{fix}, or give the state "QueryLanguage": "{field.language}"', key=True)


def check_exclusive(reader: Reader, pointer: Pointer, value: Mapping[str, Json]) -> None:
    """Note fields that stand together and must not."""
    for group in EXCLUSIVE:
        present = [name for name in value if name in group]
        for name in present[1:]:
            what = f"{quote(name)} and {quote(present[0])} exclude each other"
            reader.error((*pointer, name), what, "keep one of them", key=True)


def require(reader: Reader, pointer: Pointer, value: Mapping[str, Json], names: Iterable[str], owner: str) -> None:
    """Note required fields that are missing; `owner` names the object with its article."""
    for name in names:
        if name not in value:
            close = next((other for other in value if other.casefold() == name.casefold()), None)
            fix = f"write {quote(name)} instead of {quote(close)}" if close else f"add {quote(name)}"
            reader.error(pointer, f"{owner} needs {quote(name)}, which is missing", fix, key=True)


def as_object(reader: Reader, pointer: Pointer, value: Json, owner: str) -> dict[str, Json] | None:
    """`value` if it is an object; otherwise the problem is noted and None is the answer."""
    if isinstance(value, dict):
        return value
    wrong_kind(reader, pointer, value, owner)
    return None


def as_entries(reader: Reader, pointer: Pointer, value: Json, plural: str) -> list[tuple[Pointer, dict[str, Json]]]:
    """The objects in an array, each with its pointer; what is not an object, or not an array, is noted."""
    if not isinstance(value, list):
        wrong_kind(reader, pointer, value, f"an array of {plural}")
        return []
    found = []
    for index, item in enumerate(value):
        entry = as_object(reader, (*pointer, index), item, "an object")
        if entry is not None:
            found.append(((*pointer, index), entry))
    return found


def text_or_none(value: Json) -> str | None:
    """`value` if it is a string that is not empty."""
    return value if isinstance(value, str) and value else None
