"""The syntax of a definition's expressions: each is compiled once here, so that bad ones are told with their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.problems import quote
from sfdebug.asl.reader import has_placeholder, is_jsonata, kind
from sfdebug.expressions.errors import ExpressionSyntaxError
from sfdebug.expressions.intrinsics import compile_intrinsic
from sfdebug.expressions.jsonpath import compile_path
from sfdebug.expressions.reference_path import compile_reference_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.asl.reader import Reader
    from sfdebug.asl.source import Pointer
    from sfdebug.values import Json

_JSONATA_FIX = 'for JSONata give the state "QueryLanguage": "JSONata", else write a path that begins with $'


def check_path(reader: Reader, pointer: Pointer, text: str) -> None:
    """Note what is wrong with a JSONPath. Source: specification, "Paths"."""
    _compile(reader, pointer, text, compile_path)


def check_reference_path(reader: Reader, pointer: Pointer, text: str) -> None:
    """Note what is wrong with a Reference Path, which leads to one place. Source: specification, "Reference Paths"."""
    _compile(reader, pointer, text, compile_reference_path)


def check_path_or_intrinsic(reader: Reader, pointer: Pointer, text: str) -> None:
    """Note what is wrong with a value that is a path or a call of an intrinsic function."""
    if is_jsonata(text):
        reader.error(pointer, "a JSONata expression in a JSONPath state", _JSONATA_FIX)
    elif text.startswith("$") or has_placeholder(text.split("(")[0]):
        check_path(reader, pointer, text)
    elif text.lstrip().startswith("States."):
        _compile(reader, pointer, text, compile_intrinsic)
    else:
        what = f"{quote(text)} is neither a path nor a call of an intrinsic function"
        reader.error(pointer, what, "write a path that begins with $, or a call such as States.Format('{}', $.name)")


def check_template(reader: Reader, pointer: Pointer, value: Json) -> None:
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


def _check_computed(reader: Reader, pointer: Pointer, key: str, value: Json, template: dict[str, Json]) -> None:
    name = key[:-2]
    if name in template:
        reader.error(pointer, f"{quote(name)} and {quote(key)} both give the field {quote(name)}", "keep one", key=True)
    if isinstance(value, str):
        check_path_or_intrinsic(reader, pointer, value)
    else:
        what = f"{quote(key)} must hold a path or an intrinsic function, as its name ends in .$, not {kind(value)}"
        reader.error(pointer, what, "leave the .$ off the key for a fixed value")


def _compile(reader: Reader, pointer: Pointer, text: str, compile_text: Callable[[str], object]) -> None:
    if is_jsonata(text):
        reader.error(pointer, "a JSONata expression in a JSONPath state", _JSONATA_FIX)
        return
    if has_placeholder(text) and not _is_call(text):
        reader.placeholder(pointer, "a path")
        return
    try:
        compile_text(text)
    except ExpressionSyntaxError as error:
        if has_placeholder(text):
            reader.placeholder(pointer, "a whole expression")
            return
        what = error.message if quote(text) in error.message else f"{quote(text)} cannot be read: {error.message}"
        reader.error(pointer, what, error.fix or "see the States Language specification, Paths", offset=error.offset)


def _is_call(text: str) -> bool:
    """A placeholder inside an argument of an intrinsic function may stand: it can be text there."""
    return text.lstrip().startswith("States.")
