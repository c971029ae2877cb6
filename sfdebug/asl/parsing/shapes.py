"""Shapes of field values: each checks one value and notes what is wrong with it, by the state's query language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final, TypeAlias

from sfdebug.asl.definition import QueryLanguage
from sfdebug.asl.findings import AwsVerdict, listed
from sfdebug.asl.parsing.syntax import (
    JSONPATH,
    check_path,
    check_path_or_intrinsic,
    check_reference_path,
    check_template,
    is_path,
    not_reference,
)
from sfdebug.asl.reader import DefinitionReader, has_placeholder, is_half_open, is_jsonata
from sfdebug.asl.text.problems import quote
from sfdebug.asl.text.source import Pointer
from sfdebug.expressions.intrinsics.functions import FUNCTIONS
from sfdebug.expressions.timestamps import parse_offset_date_time
from sfdebug.values import Json, kind

Shape: TypeAlias = Callable[[DefinitionReader, Pointer, Json, QueryLanguage], None]

_MAX_LABEL_LENGTH: Final = 40
"""Longest Label of a Distributed Map, in characters. Recorded: "Label cannot exceed 40 characters"."""

_MAX_VARIABLE_LENGTH: Final = 80
"""Longest name of a variable. AWS docs: "Passing data between states with variables"."""

_LABEL: Final = "INVALID_LABEL_NAME"
_NAME: Final = "INVALID_VARIABLE_NAME"
_RESERVED: Final = "RESERVED_VARIABLE_NAME"
_INTEGER: Final = AwsVerdict("Expected value of type Integer")
_RFC3339: Final = AwsVerdict("String does not match RFC3339 timestamp")
_PATH_FIX: Final = 'write a string such as "$.name"'
_NOT_IN_LABEL: Final = frozenset(' \t\n?*<>{}[]:;,\\|^~$#%&`"/')
_CALLED: Final = re.compile(r"\s*(States\.\w+)\s*\(")
_EXAMPLE_TIME: Final = "2030-01-31T12:00:00Z"


def anything(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """Any JSON value."""


def text(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A string."""
    if not isinstance(value, str):
        wrong_kind(reader, pointer, value, "a string", expects="STRING")


def boolean(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """true or false."""
    if isinstance(value, bool):
        return
    if has_placeholder(value):
        reader.placeholder(pointer, "true or false", expected("BOOLEAN"))
        return
    hint = f"write {value} without quotes" if value in ("true", "false") else "write true or false"
    wrong_kind(reader, pointer, value, "true or false", hint, expects="BOOLEAN")


def an_object(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An object."""
    if not isinstance(value, dict):
        wrong_kind(reader, pointer, value, "an object", expects="OBJECT")


def path_or_null(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A path, or null for "nothing". Source: specification, "Filters" (InputPath, OutputPath)."""
    if value is not None:
        path(reader, pointer, value, language)


def path(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A path."""
    if isinstance(value, str):
        check_path(reader, pointer, value)
    else:
        wrong_kind(reader, pointer, value, "a path", _PATH_FIX, expects="STRING")


def single_path(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A Reference Path, into the Context object or a variable too. Source: specification, "Wait State", "Timeouts"."""
    if isinstance(value, str) and is_path(value):
        check_reference_path(reader, pointer, value, any_root=True)
    else:
        path(reader, pointer, value, language)


def reference(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A path of a Choice rule, which AWS calls a Reference Path and reads as any path."""
    if isinstance(value, str):
        check_path(reader, pointer, value, not_reference(value))
    else:
        wrong_kind(reader, pointer, value, "a path", _PATH_FIX, expects="STRING")


def number_path(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A path to a number of a Map: a Reference Path, or a variable. Reported: AWS refuses the Context object here."""
    if not isinstance(value, str):
        wrong_kind(reader, pointer, value, "a path", _PATH_FIX, expects="STRING")
    elif value.startswith("$$"):
        what = f"{_name(pointer)} cannot read the Context object"
        fix = "pass the number on in the state's input, or assign it to a variable"
        reader.error(pointer, what, fix, aws=not_reference(value))
    elif value[1:2].isidentifier():
        check_path(reader, pointer, value, not_reference(value))
    else:
        check_reference_path(reader, pointer, value)


def items_path(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A Reference Path to a Map's items, in its input, the Context object (recorded) or a variable."""
    if isinstance(value, str):
        check_reference_path(reader, pointer, value, any_root=True)
    else:
        wrong_kind(reader, pointer, value, "a path", _PATH_FIX, expects="STRING")


def text_path(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A path, or a call of an intrinsic function that gives a string: ErrorPath and CausePath.

    Source: AWS docs, "Fail workflow state", which lists the functions; an item of an array can be any value.
    """
    if not isinstance(value, str):
        wrong_kind(reader, pointer, value, "a path", _PATH_FIX, expects="STRING")
        return
    check_path_or_intrinsic(reader, pointer, value, JSONPATH)
    called = _CALLED.match(value)
    function = None if called is None else FUNCTIONS.get(called[1])
    if called is not None and function is not None and not function.gives_text:
        what = f"{_name(pointer)} must give a string, which {quote(called[1])} does not"
        fix = f"use one of {', '.join(name for name, known in FUNCTIONS.items() if known.gives_text)}"
        reader.error(pointer, what, fix, aws=JSONPATH)


def reference_path_or_null(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A Reference Path, or null for "keep nothing". Source: specification, "ResultPath"."""
    if value is None:
        return
    if isinstance(value, str):
        check_reference_path(reader, pointer, value)
    else:
        wrong_kind(reader, pointer, value, "a path or null", 'write a string such as "$.result"', expects="STRING")


def template(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """A payload template: an object or an array. Source: specification, "Payload Template"."""
    if has_placeholder(value):
        reader.placeholder(pointer, "an object", expected("OBJECT"))
    elif isinstance(value, str) and value.startswith("$"):
        fix = f'to pass on what the path selects, write "InputPath": "{value}" instead, or {{"name.$": "{value}"}}'
        wrong_kind(reader, pointer, value, "an object", fix, expects="OBJECT")
    elif isinstance(value, (dict, list)):
        check_template(reader, pointer, value)
    else:
        wrong_kind(reader, pointer, value, "an object", expects="OBJECT")


def selector(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """What a Map gives to each iteration: a payload template, or any JSON with JSONata expressions in it."""
    if language is QueryLanguage.JSONPATH:
        template(reader, pointer, value, language)


def settings(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An object with settings of its own (ItemReader, ItemBatcher, ResultWriter), which hold payload templates."""
    if not isinstance(value, dict):
        wrong_kind(reader, pointer, value, "an object", expects="OBJECT")
    elif language is QueryLanguage.JSONPATH:
        check_template(reader, pointer, value)


def credentials(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An object with a RoleArn. Source: AWS docs, "Task state" (Credentials); recorded: {} is rejected."""
    _object_or_jsonata(reader, pointer, value, language)
    if not isinstance(value, dict):
        return
    if "RoleArn" not in value and "RoleArn.$" not in value:
        aws = AwsVerdict("The field 'RoleArn' is required but was missing")  # recorded
        what = "'RoleArn' is missing from 'Credentials'"
        reader.error(pointer, what, 'write "RoleArn": "arn:aws:iam::…"', key=True, aws=aws)
    if language is QueryLanguage.JSONPATH:
        check_template(reader, pointer, value)


def label(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """The Label of a Distributed Map. Source: AWS docs, "Distributed Map" (Label); recorded rejections."""
    if not isinstance(value, str):
        wrong_kind(reader, pointer, value, "a string", expects="STRING")
        return
    if not value:
        said = "Label cannot be empty"  # recorded, of CreateStateMachine
        reader.error(
            pointer, "'Label' is empty", "name it, or leave it out", aws=AwsVerdict(said, _LABEL, refusal=said)
        )
    if len(value) > _MAX_LABEL_LENGTH:
        what = f"'Label' has {len(value)} characters: at most {_MAX_LABEL_LENGTH} are allowed"
        said = f"Label name '{value}' exceeds the {_MAX_LABEL_LENGTH}-character limit allowed by the service"
        refusal = f"Label cannot exceed {_MAX_LABEL_LENGTH} characters"
        reader.error(pointer, what, "shorten it", aws=AwsVerdict(said, _LABEL, refusal=refusal))
    wrong = next((char for char in value if char in _NOT_IN_LABEL or unicodedata.category(char) == "Cc"), None)
    if wrong is not None and not has_placeholder(value):
        fix = "use letters, digits, - and _"
        what = f"'Label' holds the character {quote(wrong)}, which is not allowed"
        said = f"Label contains invalid character: {wrong!r}"
        reader.error(pointer, what, fix, aws=AwsVerdict(said, _LABEL, refusal=said))


def assignments(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An object of variable names with their values. Source: AWS docs, "Passing data between states with variables"."""
    if not isinstance(value, dict):
        wrong_kind(reader, pointer, value, "an object", expects="OBJECT")
        return
    for name in value:
        _variable_name(reader, (*pointer, name), name)
    if language is QueryLanguage.JSONPATH:
        check_template(reader, pointer, value)


def _variable_name(reader: DefinitionReader, pointer: Pointer, key: str) -> None:
    """Source: AWS docs, "Passing data between states with variables": Unicode identifiers of up to 80 characters."""
    name = key.removesuffix(".$")
    if name == "states":
        said = "Cannot assign to reserved variable '$states'."
        fix = "take another name"
        reader.error(
            pointer, "'states' is the variable that AWS sets itself", fix, key=True, aws=AwsVerdict(said, _RESERVED)
        )
    elif name.startswith("$") and _is_variable(name[1:]):
        what = f"{quote(name)} is written with a $, which only reading a variable takes"
        fix = f"write {quote(name[1:])}"
        reader.error(pointer, what, fix, key=True, aws=AwsVerdict(_invalid_name(name), _NAME))
    elif not _is_variable(name):
        what = f"{quote(name)} cannot be the name of a variable"
        fix = f"use letters, digits and _, a letter first, at most {_MAX_VARIABLE_LENGTH}"
        reader.error(pointer, what, fix, key=True, aws=AwsVerdict(_invalid_name(name), _NAME))


def _is_variable(name: str) -> bool:
    return name.isidentifier() and name[0] != "_" and len(name) <= _MAX_VARIABLE_LENGTH


def _invalid_name(name: str) -> str:
    return f"Invalid variable name '{name}': the variable name contains invalid characters."


def _object_or_jsonata(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An object, or a JSONata expression."""
    if not (isinstance(value, dict) or _is_expression(value) or has_placeholder(value)):
        wrong_kind(reader, pointer, value, "an object or a JSONata expression", expects="OBJECT")


def items(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An array, or a JSONata expression that gives one (or an object, whose members are the items)."""
    if not (isinstance(value, (list, dict)) or _is_expression(value) or has_placeholder(value)):
        wrong_kind(reader, pointer, value, "an array or a JSONata expression", expects="ARRAY")


def _is_expression(value: Json) -> bool:
    """Whether `check_expressions` reports what is wrong with it."""
    return is_jsonata(value) or is_half_open(value)


def integer(minimum: int, maximum: int | None = None) -> Shape:
    """A whole number in a range; in a JSONata state also an expression that gives one."""

    def check(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
        _number(reader, pointer, value, language, "a whole number", _INTEGER)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return
        if isinstance(value, float):
            what = f"{_name(pointer)} must be a whole number, not {value}"
            reader.error(pointer, what, f"write {int(value)}", aws=_INTEGER)
        else:
            _range(reader, pointer, value, minimum, maximum)

    return check


def number(minimum: float, maximum: float | None = None) -> Shape:
    """A number in a range; in a JSONata state also an expression that gives one."""

    def check(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
        _number(reader, pointer, value, language, "a number", expected("NUMBER"))
        if not isinstance(value, bool) and isinstance(value, (int, float)):
            # Reported: the bounds of numbers that may have a fraction are written with one.
            _range(reader, pointer, value, float(minimum), None if maximum is None else float(maximum))

    return check


def timestamp(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
    """An RFC 3339 timestamp with T and Z or an offset. Source: specification, "Timestamps"."""
    if not isinstance(value, str):
        wrong_kind(reader, pointer, value, "a timestamp", f'write a string such as "{_EXAMPLE_TIME}"', expects="STRING")
    elif has_placeholder(value):
        reader.placeholder(pointer, "a timestamp", _RFC3339)
    elif is_jsonata(value):
        if language is QueryLanguage.JSONPATH:
            _no_jsonata(reader, pointer, _RFC3339)
    elif language is QueryLanguage.JSONATA and is_half_open(value):
        return
    elif parse_offset_date_time(value) is None:
        what = f"{quote(value)} is not a timestamp"
        fix = f"write date, T, time, and Z or an offset: {_EXAMPLE_TIME}"
        if value.startswith("$"):
            fix = _from_input(pointer, value, language)
        reader.error(pointer, what, fix, aws=_RFC3339)


def one_of(*values: str) -> Shape:
    """One of a few words."""

    aws = AwsVerdict(f"Value should be one of the following: {listed(values)}")

    def check(reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage) -> None:
        known = " or ".join(values)
        if not isinstance(value, str):
            wrong_kind(reader, pointer, value, known, expects="STRING")
        elif has_placeholder(value):
            reader.placeholder(pointer, known, aws)
        elif value not in values:
            what = f"{_name(pointer)} must be {known}, not {quote(value)}"
            reader.error(pointer, what, reader.suggest(value, values, f"write {known}"), aws=aws)

    return check


def wrong_kind(
    reader: DefinitionReader, pointer: Pointer, value: Json, wanted: str, fix: str = "", *, expects: str
) -> None:
    """Note that a value is of another JSON type than is wanted; `expects` is AWS's word for that type."""
    what = f"{_name(pointer)} must be {wanted}, not {kind(value)}"
    reader.error(pointer, what, fix or f"write {wanted}", aws=expected(expects))


def expected(kind: str) -> AwsVerdict:
    """A value of the wrong JSON type. Reported: "Expected value of type [STRING]"."""
    return AwsVerdict(f"Expected value of type [{kind}]")


def _number(
    reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage, wanted: str, aws: AwsVerdict
) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return
    if has_placeholder(value):
        reader.placeholder(pointer, wanted, aws)
    elif is_jsonata(value):
        if language is QueryLanguage.JSONPATH:
            _no_jsonata(reader, pointer, aws)
    elif language is QueryLanguage.JSONPATH or not is_half_open(value):
        hint = f"write {value} without quotes" if isinstance(value, str) and value.strip().isdigit() else ""
        if isinstance(value, str) and value.startswith("$"):
            hint = _from_input(pointer, value, language)
        reader.error(
            pointer, f"{_name(pointer)} must be {wanted}, not {kind(value)}", hint or f"write {wanted}", aws=aws
        )


def _range(reader: DefinitionReader, pointer: Pointer, value: float, minimum: float, maximum: float | None) -> None:
    if value < minimum:
        aws = AwsVerdict(f"Minimum value is {minimum}")  # reported
        what = f"{_name(pointer)} must be at least {_bound(minimum)}, not {value}"
        reader.error(pointer, what, f"write {_bound(minimum)} or more", aws=aws)
    elif maximum is not None and value > maximum:
        aws = AwsVerdict(f"Maximum value is {maximum}")  # reported
        what = f"{_name(pointer)} must be at most {_bound(maximum)}, not {value}"
        reader.error(pointer, what, f"write {_bound(maximum)} or less", aws=aws)


def _bound(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _from_input(pointer: Pointer, path: str, language: QueryLanguage) -> str:
    """What to write instead of a path in a field that takes none."""
    if language is QueryLanguage.JSONPATH:
        return f'to read it from the input, use "{pointer[-1]}Path": "{path}"'
    inner = path.removeprefix("$").removeprefix(".")
    return f'to read it from the input, write "{{% $states.input.{inner} %}}"' if inner else "write {% $states.input %}"


def _no_jsonata(reader: DefinitionReader, pointer: Pointer, aws: AwsVerdict) -> None:
    what = f"{_name(pointer)} holds a JSONata expression, and the query language here is JSONPath"
    reader.error(pointer, what, 'give the state "QueryLanguage": "JSONata"', aws=aws)


def _name(pointer: Pointer) -> str:
    last = pointer[-1] if pointer else "the definition"
    return f"item {last}" if isinstance(last, int) else quote(last)
