"""The functions that a JSONPath may end with: `.length()`, `.sum()`, `.keys()` and the rest of Jayway's.

Which of them AWS accepts in which field is not documented; what they give is what Jayway gives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from sfdebug.expressions.errors import ExpressionError, PathSyntaxError
from sfdebug.expressions.jsonpath.lexer import FunctionName
from sfdebug.values import Json

_NOTHING: Final = "Aggregation function attempted to calculate value using empty array"


def _length(value: Json) -> Json:
    return len(value) if isinstance(value, (dict, list)) else None


def _keys(value: Json) -> Json:
    return list(value) if isinstance(value, dict) else None


def _numbers(value: Json) -> list[float]:
    items = value if isinstance(value, list) else []
    numbers = [float(item) for item in items if isinstance(item, (int, float)) and not isinstance(item, bool)]
    if not numbers:
        raise ExpressionError(_NOTHING)
    return numbers


def _aggregate(compute: Callable[[Sequence[float]], float]) -> Callable[[Json], Json]:
    return lambda value: compute(_numbers(value))


def _average(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def _deviation(numbers: Sequence[float]) -> float:
    squares = sum(number * number for number in numbers)
    return math.sqrt(max(0.0, squares / len(numbers) - _average(numbers) ** 2))


def _item(index: int) -> Callable[[Json], Json]:
    def item(value: Json) -> Json:
        if not isinstance(value, list):
            raise ExpressionError(_NOTHING)
        if not -len(value) <= index < len(value):
            raise ExpressionError(f"Index {index} out of bounds for length {len(value)}")
        return value[index]

    return item


_FUNCTIONS: Final[Mapping[str, Callable[[Json], Json]]] = {
    "length": _length,
    "size": _length,
    "keys": _keys,
    "sum": _aggregate(sum),
    "min": _aggregate(min),
    "max": _aggregate(max),
    "avg": _aggregate(_average),
    "stddev": _aggregate(_deviation),
    "first": _item(0),
    "last": _item(-1),
}
AFTER_SCAN: Final = frozenset({"length", "size", "sum", "min", "max", "avg", "stddev"})
"""The functions that may follow `$..`: they take all that it finds as one array. (Jayway gives the others the root.)"""


def compile_function(text: str, call: FunctionName) -> Callable[[Json], Json]:
    """What computes the function. Raises PathSyntaxError for one that is unknown, or arguments it does not take."""
    name, argument = str(call), call.argument
    if name == "index":
        if not argument.lstrip("-").isdecimal() or len(argument) > 11:
            raise PathSyntaxError(text, call.offset, "index takes one whole number", fix="Write .index(0).")
        return _item(int(argument))
    if name not in _FUNCTIONS:
        close = get_close_matches(name, _FUNCTIONS, 1, 0.6)
        fix = f"Did you mean {close[0]}()?" if close else f"The functions are: {', '.join(_FUNCTIONS)}, index."
        raise PathSyntaxError(text, call.offset, f"there is no function {name}()", fix=fix)
    if argument:
        what = f"arguments of {name}() are not supported here"
        raise PathSyntaxError(text, call.offset, what, fix=f"Write the path first: $.numbers.{name}().")
    return _FUNCTIONS[name]
