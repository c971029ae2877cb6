"""Reading fields of objects, the most frequent of all paths: `$states.input.order.total`, `price`.

Through plain objects (exactly `dict`, see `jsonata_values`) a path is a chain of look-ups; where it meets anything
else, such as an array, the general evaluation of the path goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sfdebug.expressions.jsonata.frames import Evaluator, Frame
from sfdebug.values import MISSING

Resume: TypeAlias = Callable[[Any, int, Frame], Any]
"""The rest of a path: from a value that was reached, the number of fields that led there, and the frame."""


def fields_reader(first: Evaluator, keys: list[str], resume: Resume) -> Evaluator:
    """What reads the fields `keys`, one inside the other, of what `first` gives."""
    if len(keys) == 1:
        return _one(first, keys[0], resume)
    return _two(first, keys[0], keys[1], resume) if len(keys) == 2 else _several(first, keys, resume)


def context_fields_reader(keys: list[str], resume: Resume, general: Evaluator) -> Evaluator:
    """The same of `$`; `general` is the whole path, for a `$` that is an array."""
    if len(keys) == 1:
        key = keys[0]
        return lambda input, frame: input.get(key, MISSING) if type(input) is dict else general(input, frame)
    deep = _several(lambda input, frame: input, keys, resume)
    return lambda input, frame: deep(input, frame) if type(input) is dict else general(input, frame)


def _one(first: Evaluator, key: str, resume: Resume) -> Evaluator:
    def read(input: Any, frame: Frame) -> Any:
        value = first(input, frame)
        return value.get(key, MISSING) if type(value) is dict else resume(value, 0, frame)

    return read


def _two(first: Evaluator, key: str, second: str, resume: Resume) -> Evaluator:
    def read(input: Any, frame: Frame) -> Any:
        value = first(input, frame)
        if type(value) is not dict:
            return resume(value, 0, frame)
        value = value.get(key, MISSING)
        return value.get(second, MISSING) if type(value) is dict else resume(value, 1, frame)

    return read


def _several(first: Evaluator, keys: list[str], resume: Resume) -> Evaluator:
    def read(input: Any, frame: Frame) -> Any:
        value = first(input, frame)
        for position, key in enumerate(keys):
            if type(value) is not dict:
                return resume(value, position, frame)
            value = value.get(key, MISSING)
        return value

    return read


def fields_then(first: Evaluator, keys: list[str], resume: Resume) -> Evaluator:
    """The fields `keys` of what `first` gives, and then the rest of the path."""
    count = len(keys)

    def read(input: Any, frame: Frame) -> Any:
        value = first(input, frame)
        for position, key in enumerate(keys):
            if type(value) is not dict:
                return resume(value, position, frame)
            value = value.get(key, MISSING)
        return resume(value, count, frame)

    return read
