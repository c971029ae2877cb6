"""Shapes of field values: each checks one value and notes what is wrong with it, by the state's query language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final, TypeAlias

from sfdebug.asl.definition import QueryLanguage
from sfdebug.asl.problems import quote
from sfdebug.asl.reader import Reader, has_placeholder, is_jsonata, kind
from sfdebug.asl.source import Pointer
from sfdebug.asl.syntax import check_path, check_path_or_intrinsic, check_reference_path, check_template
from sfdebug.expressions.timestamps import parse_timestamp
from sfdebug.values import Json

Shape: TypeAlias = Callable[[Reader, Pointer, Json, QueryLanguage], None]

MAX_LABEL_LENGTH: Final = 40
"""Longest Label of a Distributed Map, in characters. Recorded: "Label cannot exceed 40 characters"."""

_NOT_IN_LABEL: Final = frozenset(' \t\n?*<>{}[]:;,\\|^~$#%&`"/')
_EXAMPLE_TIME: Final = "2030-01-31T12:00:00Z"


def anything(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """Any JSON value."""


def text(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A string."""
    if not isinstance(value, str):
        wrong_kind(reader, pointer, value, "a string")


def boolean(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """true or false."""
    if isinstance(value, bool):
        return
    if has_placeholder(value):
        reader.placeholder(pointer, "true or false")
        return
    hint = f"write {value} without quotes" if value in ("true", "false") else "write true or false"
    wrong_kind(reader, pointer, value, "true or false", hint)


def an_object(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An object."""
    if not isinstance(value, dict):
        wrong_kind(reader, pointer, value, "an object")


def path_or_null(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A path, or null for "nothing". Source: specification, "Filters" (InputPath, OutputPath)."""
    if value is not None:
        path(reader, pointer, value, language)


def path(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A path."""
    if isinstance(value, str):
        check_path(reader, pointer, value)
    else:
        wrong_kind(reader, pointer, value, "a path", 'write a string such as "$.name"')


def path_or_intrinsic(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A path or a call of an intrinsic function. Source: specification, "Fail State" (ErrorPath, CausePath)."""
    if isinstance(value, str):
        check_path_or_intrinsic(reader, pointer, value)
    else:
        wrong_kind(reader, pointer, value, "a path", 'write a string such as "$.name"')


def reference_path_or_null(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A Reference Path, or null for "keep nothing". Source: specification, "ResultPath"."""
    if value is None:
        return
    if isinstance(value, str):
        check_reference_path(reader, pointer, value)
    else:
        wrong_kind(reader, pointer, value, "a path or null", 'write a string such as "$.result"')


def template(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A payload template: an object or an array. Source: specification, "Payload Template"."""
    if has_placeholder(value):
        reader.placeholder(pointer, "an object")
    elif isinstance(value, str) and value.startswith("$"):
        fix = f'to pass on what the path selects, write "InputPath": "{value}" instead, or {{"name.$": "{value}"}}'
        wrong_kind(reader, pointer, value, "an object", fix)
    elif isinstance(value, (dict, list)):
        check_template(reader, pointer, value)
    else:
        wrong_kind(reader, pointer, value, "an object")


def selector(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """What a Map gives to each iteration: a payload template, or any JSON with JSONata expressions in it."""
    if language is QueryLanguage.JSONPATH:
        template(reader, pointer, value, language)


def settings(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An object with settings of its own (ItemReader, ItemBatcher, ResultWriter), which hold payload templates."""
    if not isinstance(value, dict):
        wrong_kind(reader, pointer, value, "an object")
    elif language is QueryLanguage.JSONPATH:
        check_template(reader, pointer, value)


def credentials(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An object with a RoleArn. Source: AWS docs, "Task state" (Credentials); recorded: {} is rejected."""
    object_or_jsonata(reader, pointer, value, language)
    if not isinstance(value, dict):
        return
    if "RoleArn" not in value and "RoleArn.$" not in value:
        reader.error(pointer, "'RoleArn' is missing from 'Credentials'", 'write "RoleArn": "arn:aws:iam::…"', key=True)
    if language is QueryLanguage.JSONPATH:
        check_template(reader, pointer, value)


def label(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """The Label of a Distributed Map. Source: AWS docs, "Distributed Map" (Label); recorded rejections."""
    if not isinstance(value, str):
        wrong_kind(reader, pointer, value, "a string")
        return
    if len(value) > MAX_LABEL_LENGTH:
        what = f"'Label' has {len(value)} characters: at most {MAX_LABEL_LENGTH} are allowed"
        reader.error(pointer, what, "shorten it")
    wrong = next((char for char in value if char in _NOT_IN_LABEL or unicodedata.category(char) == "Cc"), None)
    if wrong is not None and not has_placeholder(value):
        fix = "use letters, digits, - and _"
        reader.error(pointer, f"'Label' holds the character {quote(wrong)}, which is not allowed", fix)


def assignments(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An object of variable names with their values. Source: AWS docs, "Passing data between states with variables"."""
    if not isinstance(value, dict):
        wrong_kind(reader, pointer, value, "an object")
    elif language is QueryLanguage.JSONPATH:
        check_template(reader, pointer, value)


def object_or_jsonata(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An object, or a JSONata expression."""
    if not (isinstance(value, dict) or is_jsonata(value) or has_placeholder(value)):
        wrong_kind(reader, pointer, value, "an object or a JSONata expression")


def items(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An array, or a JSONata expression that gives one (or an object, whose members are the items)."""
    if not (isinstance(value, (list, dict)) or is_jsonata(value) or has_placeholder(value)):
        wrong_kind(reader, pointer, value, "an array or a JSONata expression")


def integer(minimum: int, maximum: int | None = None) -> Shape:
    """A whole number in a range; in a JSONata state also an expression that gives one."""

    def check(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
        _number(reader, pointer, value, language, "a whole number")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return
        if isinstance(value, float):
            reader.error(pointer, f"{_name(pointer)} must be a whole number, not {value}", f"write {int(value)}")
        else:
            _range(reader, pointer, value, minimum, maximum)

    return check


def number(minimum: float, maximum: float | None = None) -> Shape:
    """A number in a range; in a JSONata state also an expression that gives one."""

    def check(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
        _number(reader, pointer, value, language, "a number")
        if not isinstance(value, bool) and isinstance(value, (int, float)):
            _range(reader, pointer, value, minimum, maximum)

    return check


def timestamp(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An RFC 3339 timestamp with T and Z or an offset. Source: specification, "Timestamps"."""
    if not isinstance(value, str):
        wrong_kind(reader, pointer, value, "a timestamp", f'write a string such as "{_EXAMPLE_TIME}"')
    elif has_placeholder(value):
        reader.placeholder(pointer, "a timestamp")
    elif is_jsonata(value):
        if language is QueryLanguage.JSONPATH:
            _no_jsonata(reader, pointer)
    elif parse_timestamp(value) is None:
        what = f"{quote(value)} is not a timestamp"
        reader.error(pointer, what, f"write date, T, time, and Z or an offset: {_EXAMPLE_TIME}")


def one_of(*values: str) -> Shape:
    """One of a few words."""

    def check(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
        known = " or ".join(values)
        if not isinstance(value, str):
            wrong_kind(reader, pointer, value, known)
        elif has_placeholder(value):
            reader.placeholder(pointer, known)
        elif value not in values:
            what = f"{_name(pointer)} must be {known}, not {quote(value)}"
            reader.error(pointer, what, reader.suggest(value, values, f"write {known}"))

    return check


def wrong_kind(reader: Reader, pointer: Pointer, value: Json, wanted: str, fix: str = "") -> None:
    """Note that a value is of another JSON type than is wanted."""
    reader.error(pointer, f"{_name(pointer)} must be {wanted}, not {kind(value)}", fix or f"write {wanted}")


def _number(reader: Reader, pointer: Pointer, value: Json, language: QueryLanguage, wanted: str) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return
    if has_placeholder(value):
        reader.placeholder(pointer, wanted)
    elif is_jsonata(value):
        if language is QueryLanguage.JSONPATH:
            _no_jsonata(reader, pointer)
    else:
        hint = f"write {value} without quotes" if isinstance(value, str) and value.strip().isdigit() else ""
        if isinstance(value, str) and value.startswith("$"):
            hint = f'to read it from the input, use "{pointer[-1]}Path": {quote(value)}'
        wrong_kind(reader, pointer, value, wanted, hint)


def _range(reader: Reader, pointer: Pointer, value: float, minimum: float, maximum: float | None) -> None:
    if value < minimum:
        reader.error(pointer, f"{_name(pointer)} must be at least {minimum}, not {value}", f"write {minimum} or more")
    elif maximum is not None and value > maximum:
        reader.error(pointer, f"{_name(pointer)} must be at most {maximum}, not {value}", f"write {maximum} or less")


def _no_jsonata(reader: Reader, pointer: Pointer) -> None:
    fix = 'give the state "QueryLanguage": "JSONata"'
    reader.error(pointer, f"{_name(pointer)} holds a JSONata expression, and the query language here is JSONPath", fix)


def _name(pointer: Pointer) -> str:
    last = pointer[-1] if pointer else "the definition"
    return f"item {last}" if isinstance(last, int) else quote(last)
