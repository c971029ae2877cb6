"""Checks that every kind of object in a definition shares: its fields are known, allowed, and of the right shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.findings import not_supported, only_one, other_language, required
from sfdebug.asl.parsing.fields import EXCLUSIVE, INSTEAD
from sfdebug.asl.parsing.shapes import wrong_kind
from sfdebug.asl.text.problems import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sfdebug.asl.definition import QueryLanguage
    from sfdebug.asl.findings import AwsVerdict
    from sfdebug.asl.parsing.fields import FieldRule, FieldTable
    from sfdebug.asl.reader import DefinitionReader
    from sfdebug.asl.text.source import Pointer
    from sfdebug.values import Json


def check_fields(
    reader: DefinitionReader,
    pointer: Pointer,
    value: Mapping[str, Json],
    fields: FieldTable,
    language: QueryLanguage,
    owner: str,
    *,
    any_language: bool = False,
) -> None:
    """Note unknown and misplaced fields of an object, and what is wrong with the values of the others.

    `owner` is what the object is, with its article ("a Wait state"). `any_language` leaves out which query language a
    field belongs to.
    """
    for name, item in value.items():
        here = (*pointer, name)
        field = fields.get(name)
        if field is None:
            what = f"{owner} has no field {quote(name)}"
            fix = _meant(reader, name, fields, language, owner)
            reader.error(here, what, fix, key=True, aws=not_supported(name, pointer))
        elif field.language is not None and field.language is not language:
            if not any_language:
                _wrong_language(reader, here, name, field, language)
        else:
            field.shape(reader, here, item, language)


def _meant(reader: DefinitionReader, name: str, fields: FieldTable, language: QueryLanguage, owner: str) -> str:
    """What to do about an unknown field: the one that was most likely meant, or what the object may have."""
    allowed = [known for known, field in fields.items() if field.language in (None, language)]
    otherwise = f"take it out; {owner} may have {', '.join(sorted(allowed))}"
    fix = reader.suggest(name, allowed)
    other = "" if fix else reader.suggest(name, fields)
    if other:
        return f"{other} The query language here is {language}"
    return fix or otherwise


def _wrong_language(
    reader: DefinitionReader, pointer: Pointer, name: str, field: FieldRule, language: QueryLanguage
) -> None:
    what = f"{quote(name)} is a field of {field.language} states, and the query language here is {language}"
    instead = INSTEAD.get(name)
    fix = f"use {instead}" if instead else "take it out"
    fix = f'{fix}, or give the state "QueryLanguage": "{field.language}"'
    reader.error(pointer, what, fix, key=True, aws=other_language(name, language, pointer[:-1]))


def check_exclusive(reader: DefinitionReader, pointer: Pointer, value: Mapping[str, Json]) -> None:
    """Note fields that stand together and must not."""
    for group in EXCLUSIVE:
        present = [name for name in value if name in group]
        for name in present[1:]:
            what = f"{quote(name)} and {quote(present[0])} exclude each other"
            aws = only_one(group, pointer) if name == present[1] else None
            reader.error((*pointer, name), what, "keep one of them", key=True, aws=aws)


def require(
    reader: DefinitionReader,
    pointer: Pointer,
    value: Mapping[str, Json],
    names: Iterable[str],
    owner: str,
    *,
    said: AwsVerdict | None = None,
) -> None:
    """Note required fields that are missing; `owner` names the object with its article.

    `said` is what AWS says of them, when it says something of its own.
    """
    missing = [name for name in names if name not in value]
    for name in missing:
        close = next((other for other in value if other.casefold() == name.casefold()), None)
        fix = f"write {quote(name)} instead of {quote(close)}" if close else f"add {quote(name)}"
        aws = said or required(missing) if name == missing[0] else None
        reader.error(pointer, f"{owner} needs {quote(name)}, which is missing", fix, key=True, aws=aws)


def as_object(reader: DefinitionReader, pointer: Pointer, value: Json, owner: str) -> dict[str, Json] | None:
    """`value` if it is an object; otherwise the problem is noted and None is the answer."""
    if isinstance(value, dict):
        return value
    wrong_kind(reader, pointer, value, owner, expects="OBJECT")
    return None


def as_entries(
    reader: DefinitionReader, pointer: Pointer, value: Json, plural: str
) -> list[tuple[Pointer, dict[str, Json]]]:
    """The objects in an array, each with its pointer; what is not an object, or not an array, is noted."""
    if not isinstance(value, list):
        wrong_kind(reader, pointer, value, f"an array of {plural}", expects="ARRAY")
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
