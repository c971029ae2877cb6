"""JSON values as sfdebug holds them: the `Json` alias, the mark for "no value", and AWS's compact text.

A JSON value inside an execution is never changed in place: later values share structure with earlier ones.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from enum import Enum
from itertools import chain
from json.encoder import encode_basestring
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

_NAMES: Final[frozenset[type]] = frozenset({str})
_FIXED: Final[frozenset[type]] = frozenset({str, int, bool, type(None)})
"""Types of values that JSON has whatever they are, and that nothing can change."""

_SCALARS: Final = _FIXED | {float}
_INSIDE: Final[frozenset[type]] = frozenset({dict, list})

_USUAL_NESTING: Final = 100
"""Levels that a look at the types of a value goes down: deeper ones are rare, and are measured."""


def is_present(value: Value) -> TypeGuard[Json]:
    """Whether `value` is a JSON value (null included) rather than `MISSING`."""
    return value is not MISSING


_encoder = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))


def _pieces_of() -> Callable[[Any, int], Iterable[str]]:
    """What writes a value in pieces. `JSONEncoder` makes one for each value, which takes longer than most values do."""
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return lambda value, level: _encoder.iterencode(value)
    pieces: Callable[[Any, int], Iterable[str]] = make(
        None, _encoder.default, encode_basestring, None, ":", ",", False, False, True
    )
    return pieces


_pieces = _pieces_of()


def compact(value: Json) -> str:
    """`value` as one line of JSON without blanks, the way AWS writes payloads into history events."""
    if isinstance(value, str):
        return encode_basestring(value)
    return repr(value) if type(value) is int else "".join(_pieces(value, 0))


def same(left: Json, right: Json) -> bool:
    """Deep JSON equality: unlike Python's `==`, true is not 1, at any depth (1 and 1.0 are the same number)."""
    if left is right:
        return True
    if isinstance(left, dict):
        if not isinstance(right, dict) or len(left) != len(right):
            return False
        pairs: Iterable[tuple[Any, Any]] = [(value, right.get(key, MISSING)) for key, value in left.items()]
    elif isinstance(left, list):
        if not isinstance(right, list) or len(left) != len(right):
            return False
        pairs = zip(left, right, strict=True)
    elif isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool) and left == right
    else:
        return not isinstance(right, (dict, list)) and left == right
    for one, other in pairs:
        if one is other:
            continue
        kind = type(one)
        if not (one == other if kind is type(other) and kind in _SCALARS else same(one, other)):
            return False
    return True


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
    level: list[Any] = [value] if isinstance(value, (dict, list)) else []
    for depth in range(most + 1):
        if not level:
            return depth
        inside: dict[int, Any] = {}
        for outer in level:
            for inner in outer.values() if isinstance(outer, dict) else outer:
                if type(inner) not in _FIXED and isinstance(inner, (dict, list)):
                    inside[id(inner)] = inner
        level = list(inside.values())
    return most + 1


def is_nested_deep(text: str, value: Json) -> bool:
    """Whether the value of a JSON text is nested deeper than is followed; most texts have too few brackets."""
    return text.count("{") + text.count("[") > MAX_NESTING and is_deeper(value, MAX_NESTING)


def copied(value: Json) -> Json:
    """A copy of `value` that shares nothing with it that can be changed."""
    kind = type(value)
    if isinstance(value, dict) and kind is dict:
        return {name: item if type(item) in _FIXED else copied(item) for name, item in value.items()}
    if isinstance(value, list) and kind is list:
        return [item if type(item) in _FIXED else copied(item) for item in value]
    return value if kind is float or kind in _FIXED else deepcopy(value)


def why_not_json(value: Any) -> str | None:
    """What in a Python value JSON does not have ("has a tuple at $.a"), in words; None when it is all JSON.

    For values that come from users' Python code: a tuple or a datetime would surprise much later.
    """
    # Where a fault is costs more to keep track of than the looking, so it is looked for only when there is one.
    return None if _is_usual(value) else _found_fault(value)


def _is_usual(value: Any) -> bool:
    """Whether a value is JSON, of no classes but Python's own, and nested no deeper than usual: level by level."""
    level = [value]
    for _ in range(_USUAL_NESTING):
        objects = [each for each in level if type(each) is dict]
        arrays = [each for each in level if type(each) is list]
        if len(objects) + len(arrays) < len(level) and not all(map(_is_usual_item, level)):
            return False
        if not _NAMES.issuperset(map(type, chain.from_iterable(objects))):
            return False
        items = chain(chain.from_iterable(map(dict.values, objects)), chain.from_iterable(arrays))
        # Once each, however often they are shared.
        level = [*{id(item): item for item in items if type(item) not in _FIXED}.values()]
        if not level:
            return True
    return False


def _is_usual_item(value: Any) -> bool:
    kind = type(value)
    return kind in _INSIDE or kind in _FIXED or (kind is float and math.isfinite(value))


def _found_fault(value: Any) -> str | None:
    if is_deeper(value, MAX_NESTING):  # first: what holds itself behind much else would be walked for minutes
        return f"is nested more than {MAX_NESTING} levels deep, or holds itself"
    try:
        return _not_json(value, "$")
    except RecursionError:
        return "is nested too deeply"


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
