"""JSON and JSON Lines files as items, and the JSON Pointer (RFC 6901) of ItemsPointer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, cast

from sfdebug import json_pointer
from sfdebug.engine.items.dataset import ItemReaderError, Items, items_of
from sfdebug.engine.items.unpacking import unpacked
from sfdebug.files import MAX_VALUES, has_too_many_values
from sfdebug.values import Json

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,17}")


def text_of(content: bytes, name: str) -> str:
    """`content`, unpacked, as text without a byte order mark. Raises ItemReaderError when it is not UTF-8."""
    try:
        return unpacked(content, name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ItemReaderError(f"{name}: byte {error.start} is not UTF-8.") from error


def json_items(
    content: bytes, name: str, pointer: str | None = None, most: int | None = None, *, over_objects: bool = True
) -> Items:
    """The items of a JSON file: of its whole value, or of the one that `pointer` leads to.

    Raises ItemReaderError when the file is not JSON, or the value is neither an array nor an object.
    """
    value = parse_json(text_of(content, name), name)
    return items_of(value if pointer is None else _pointed(value, pointer), name, most, over_objects=over_objects)


def json_lines(content: bytes, name: str) -> Iterator[Json]:
    """The values of a JSON Lines file; empty lines are passed over. Raises ItemReaderError at a bad one."""
    for number, line in enumerate(text_of(content, name).split("\n"), 1):
        if line.strip():
            yield parse_json(line, f"{name}, line {number}")


def parse_json(text: str, name: str) -> Json:
    """`text` as JSON. Raises ItemReaderError, which names it `name`, when it is not, or holds too many values."""
    if has_too_many_values(text):
        raise ItemReaderError(f"{name} has more than {MAX_VALUES:,} values, the most that sfdebug reads.")
    try:
        return cast("Json", json.loads(text, parse_constant=_not_json))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ItemReaderError(f"{name} is not JSON: {error.msg} ({place}).") from error
    except ValueError as error:
        raise ItemReaderError(f"{name} is not JSON: {error}.") from error
    except RecursionError as error:
        raise ItemReaderError(f"{name} is nested too deeply.") from error


def _not_json(constant: str) -> Json:
    raise ValueError(f"it has the value {constant}")


def _pointed(value: Json, pointer: str) -> Json:
    """The value that an RFC 6901 pointer leads to."""
    if pointer and not pointer.startswith("/"):
        raise ItemReaderError(f"ItemsPointer '{pointer}' is no JSON Pointer: it must begin with a slash.")
    for name in json_pointer.parse(pointer):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            raise ItemReaderError(f"ItemsPointer '{pointer}' leads nowhere: there is no '{name}'.")
    return value
