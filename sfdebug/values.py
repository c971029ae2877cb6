"""JSON values as sfdebug holds them: the `Json` alias, the mark for "no value", and AWS's compact text.

A JSON value inside an execution is never changed in place: later values share structure with earlier ones.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, TypeAlias, TypeGuard

from msgspec import Struct

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
"""A JSON value."""


class Missing(Enum):
    """The type of `MISSING`, the mark for "there is no value here" (JSON's null is a value)."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING
"""The mark for "there is no value here"."""

MAX_NESTING: Final = 1_500
"""Deepest nesting of data that is followed: whatever walks a value needs a few levels of Python's stack for each."""

Value: TypeAlias = "Json | Missing"
"""A JSON value, or MISSING."""


def is_present(value: Value) -> TypeGuard[Json]:
    """Whether `value` is a JSON value (null included) rather than `MISSING`."""
    return value is not MISSING


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def compact(value: Json) -> str:
    """`value` as one line of JSON without blanks, the way AWS writes payloads into history events."""
    return _encode(value)


def same(left: Json, right: Json) -> bool:
    """Deep JSON equality: unlike Python's `==`, true is not 1, at any depth (1 and 1.0 are the same number)."""
    if left is right:
        return True
    if isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool) and left == right
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and left.keys() == right.keys()
            and all(same(value, right[key]) for key, value in left.items())
        )
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(same, left, right))
    return not isinstance(right, (dict, list)) and left == right


def kind(value: Json) -> str:
    """What a value is, in words with an article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, dict):
        return "an object"
    return "an array" if isinstance(value, list) else "a number"


def is_deeper(value: Any, levels: int) -> bool:
    """Whether dicts and lists are nested in `value` more than `levels` deep."""
    return nesting(value, levels) > levels


def nesting(value: Any, most: int = MAX_NESTING) -> int:
    """How deep dicts and lists are nested in `value`, `most + 1` if deeper; level by level, without recursion."""
    level = [value] if isinstance(value, dict | list) else []
    for depth in range(most + 1):
        if not level:
            return depth
        inside: dict[int, Any] = {}
        for outer in level:
            for inner in outer.values() if isinstance(outer, dict) else outer:
                if isinstance(inner, dict | list):
                    inside[id(inner)] = inner
        level = list(inside.values())
    return most + 1


def is_nested_deep(text: str, value: Json) -> bool:
    """Whether the value of a JSON text is nested deeper than is followed; most texts have too few brackets."""
    return text.count("{") + text.count("[") > MAX_NESTING and is_deeper(value, MAX_NESTING)


def why_not_json(value: Any) -> str | None:
    """What in a Python value JSON does not have ("has a tuple at $.a"), in words; None when it is all JSON.

    For values that come from users' Python code: a tuple or a datetime would surprise much later.
    """
    try:
        why = _not_json(value, "$")
    except RecursionError:
        return "is nested too deeply, or holds itself"
    return f"is nested more than {MAX_NESTING} levels deep" if why is None and is_deeper(value, MAX_NESTING) else why


def _not_json(value: Any, path: str) -> str | None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                return f"has the key {key!r} at {path}, which is no text"
            why = _not_json(item, f"{path}.{key}")
            if why is not None:
                return why
        return None
    if isinstance(value, list):
        return next((why for index, item in enumerate(value) if (why := _not_json(item, f"{path}[{index}]"))), None)
    if isinstance(value, float) and not math.isfinite(value):
        return f"has {value} at {path}, which JSON cannot hold"
    return None if value is None or isinstance(value, str | int | float) else f"has a {type(value).__name__} at {path}"


def shown_without(*hidden: str) -> Callable[[Struct], str]:
    """A `__repr__` for a frozen value that leaves out the fields that would flood it."""

    def shown(self: Struct) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name not in hidden)
        return f"{type(self).__name__}({fields})"

    return shown
