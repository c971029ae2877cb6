"""The syntax of a definition's expressions: each is compiled once here, so that bad ones are reported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.findings import AwsVerdict
from sfdebug.asl.reader import has_placeholder, is_jsonata
from sfdebug.asl.text.problems import quote
from sfdebug.expressions.errors import ExpressionSyntaxError
from sfdebug.expressions.intrinsics.calls import compile_intrinsic
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.expressions.jsonpath.reference_path import compile_reference_path
from sfdebug.values import Json, kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.asl.reader import DefinitionReader
    from sfdebug.asl.text.source import Pointer

_SPECIFICATION = "see the States Language specification, Paths"
_JSONATA_FIX = 'for JSONata give the state "QueryLanguage": "JSONata", else write a path that begins with $'


_ROOT: Final = re.compile(r"\$(?:\$|[^\W\d]\w*)")
"""The Context object, or a variable, at the start of a path."""

JSONPATH: Final = AwsVerdict("Value must be a valid JSONPath.")
"""Reported, for the fields whose names end with Path."""

_REFERENCE: Final = "Value is not a Reference Path"


def not_reference(text: str) -> AwsVerdict:
    """What AWS says of a path that is no Reference Path. Reported."""
    return AwsVerdict(_REFERENCE if text.startswith("$") else f"{_REFERENCE}: Reference path didn't start with '$'")


def check_path(reader: DefinitionReader, pointer: Pointer, text: str, aws: AwsVerdict = JSONPATH) -> None:
    """Note what is wrong with a JSONPath. Source: specification, "Paths"."""
    _compile(reader, pointer, text, compile_path, aws)


def is_path(text: str) -> bool:
    """Whether a text is a JSONPath as it stands."""
    try:
        compile_path(text)
    except ExpressionSyntaxError:
        return False
    return not has_placeholder(text)


def check_reference_path(reader: DefinitionReader, pointer: Pointer, text: str, *, any_root: bool = False) -> None:
    """Note what is wrong with a Reference Path, which identifies one node. Source: specification, "Reference Paths".

    `any_root` lets it begin in the Context object or a variable too.
    """

    def compile_steps(path: str) -> object:
        compile_path(path)
        root = _ROOT.match(path) if any_root else None
        return compile_reference_path(path if root is None else f"${path[root.end() :]}")

    _compile(reader, pointer, text, compile_steps if any_root else compile_reference_path, not_reference(text))


def check_path_or_intrinsic(reader: DefinitionReader, pointer: Pointer, text: str, aws: AwsVerdict) -> None:
    """Note what is wrong with a value that is a path or a call of an intrinsic function; `aws` is what AWS says."""
    if is_jsonata(text):
        reader.error(pointer, "a JSONata expression in a JSONPath state", _JSONATA_FIX, aws=aws)
    elif text.startswith("$") or has_placeholder(text.split("(")[0]):
        check_path(reader, pointer, text, aws)
    elif text.lstrip().startswith("States."):
        _compile(reader, pointer, text, compile_intrinsic, aws)
        _check_arguments(reader, pointer, text)
    else:
        what = f"{quote(text)} is neither a path nor a call of an intrinsic function"
        fix = "write a path that begins with $, or a call such as States.Format('{}', $.name)"
        reader.error(pointer, what, fix, aws=aws)


def _check_arguments(reader: DefinitionReader, pointer: Pointer, text: str) -> None:
    """Warn of calls that fail whenever they are evaluated: AWS takes the definition (measured, tiny-asl-machine)."""
    try:
        call = compile_intrinsic(text).call
    except ExpressionSyntaxError:
        return
    for misuse in call.misuses():
        reader.warn(pointer, f"{misuse.why}: it fails when it runs", misuse.fix, offset=misuse.offset)


def check_template(reader: DefinitionReader, pointer: Pointer, value: Json) -> None:
    """Note what is wrong with a payload template. Source: specification, "Payload Template"."""
    if isinstance(value, dict):
        for key, item in value.items():
            here = (*pointer, key)
            if key.endswith(".$"):
                _check_computed(reader, here, key, item, value)
            else:
                check_template(reader, here, item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            check_template(reader, (*pointer, index), item)


def _check_computed(
    reader: DefinitionReader, pointer: Pointer, key: str, value: Json, template: dict[str, Json]
) -> None:
    name = key[:-2]
    # Reported: "The value for the field 'JobName.$' must be a valid JSONPath or a valid intrinsic function call".
    said = f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
    aws = AwsVerdict(said, at=pointer[:-1])
    if name in template:
        reader.error(pointer, f"{quote(name)} and {quote(key)} both give the field {quote(name)}", "keep one", key=True)
    if isinstance(value, str):
        check_path_or_intrinsic(reader, pointer, value, aws)
    else:
        what = f"{quote(key)} must hold a path or an intrinsic function, as its name ends in .$, not {kind(value)}"
        reader.error(pointer, what, "leave the .$ off the key for a fixed value", aws=aws)


def _compile(
    reader: DefinitionReader, pointer: Pointer, text: str, compile_text: Callable[[str], object], aws: AwsVerdict
) -> None:
    if is_jsonata(text):
        reader.error(pointer, "a JSONata expression in a JSONPath state", _JSONATA_FIX, aws=aws)
        return
    if has_placeholder(text) and not _is_call(text):
        reader.placeholder(pointer, "a path", aws)
        return
    try:
        compile_text(text)
    except ExpressionSyntaxError as error:
        if has_placeholder(text):
            reader.placeholder(pointer, "a whole expression", aws)
            return
        what = error.message if quote(text) in error.message else f"{quote(text)} cannot be read: {error.message}"
        reader.error(pointer, what, error.fix or _SPECIFICATION, offset=error.offset, aws=aws)


def _is_call(text: str) -> bool:
    """A placeholder inside an argument of an intrinsic function may stand: it can be text there."""
    return text.lstrip().startswith("States.")
